package web

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// handOver is the state of the question to whom sequences go.
type handOver struct {
	IDs  []ident.Sequence
	Name string // of the only one
	To   string
	// Owners are the users and teams to choose from.
	Owners   []ui.Option
	Problems problems
}

func (h handOver) title() string {
	if len(h.IDs) == 1 && h.Name != "" {
		return "Hand over “" + h.Name + "”"
	}
	return "Hand over " + plural(len(h.IDs), "sequence", "sequences")
}

func (s *Server) showHandOverSequence(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	return s.askHandOver(w, r, 0, handOver{IDs: []ident.Sequence{seq.ID}, Name: seq.Name})
}

func (s *Server) askHandOver(w http.ResponseWriter, r *http.Request, status int, h handOver) error {
	users, err := s.app.ListUsers(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	teams, err := s.app.ListTeams(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	h.Owners = teamOptions(teams, "Teams")
	for _, u := range users {
		if u.Active {
			h.Owners = append(h.Owners, ui.Option{Value: u.ID.String(), Label: u.Name, Group: "Users"})
		}
	}
	q := question{ID: "hand-over-sequence", Title: h.title(), Back: "/sequences"}
	if len(h.IDs) == 1 {
		q.Back = sequencePath(h.IDs[0])
	}
	return s.ask(w, r, status, q, func(q question) templ.Component { return handOverBody(q, h) })
}

// handOverSequences asks to whom, where the form does not say it yet.
func (s *Server) handOverSequences(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	h := handOver{IDs: readIDs[ident.Sequence](r.Form["id"]), To: text(r, "to")}
	if len(h.IDs) == 1 {
		if seq, err := s.app.GetSequence(r.Context(), actorOf(r), h.IDs[0]); err == nil {
			h.Name = seq.Name
		}
	}
	if _, answered := r.Form["to"]; !answered && len(h.IDs) > 0 {
		return s.askHandOver(w, r, 0, h)
	}
	var to action.Owner
	if readID(h.To, &to.Team) != nil {
		to.Team = 0
		_ = readID(h.To, &to.User) // nobody is said by the action
	}
	n, err := s.app.HandOverSequences(r.Context(), actorOf(r), h.IDs, to)
	if err != nil {
		if len(fault.ProblemsOf(err)) == 0 {
			return s.refuseSequences(w, r, err)
		}
		h.Problems, _ = refused(err)
		return s.askHandOver(w, r, http.StatusUnprocessableEntity, h)
	}
	s.say(r, plural(n, "sequence is", "sequences are")+" handed over.")
	return s.redirect(w, r, "/sequences")
}

func (s *Server) archiveSequences(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	n, err := s.app.ArchiveSequences(r.Context(), actorOf(r), readIDs[ident.Sequence](r.Form["id"]))
	if err != nil {
		return s.refuseSequences(w, r, err)
	}
	s.say(r, plural(n, "sequence is", "sequences are")+" archived. The Status filter finds what is archived.")
	return s.redirect(w, r, "/sequences")
}

func (s *Server) bringBackSequences(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	ids := readIDs[ident.Sequence](r.Form["id"])
	n, err := s.app.BringBackSequences(r.Context(), actorOf(r), ids)
	if err != nil {
		return s.refuseSequences(w, r, err)
	}
	s.say(r, plural(n, "sequence is", "sequences are")+" back.")
	if len(ids) == 1 {
		return s.redirect(w, r, sequencePath(ids[0]))
	}
	return s.redirect(w, r, "/sequences")
}

// refuseSequences says over the list why nothing was done with the chosen ones.
func (s *Server) refuseSequences(w http.ResponseWriter, r *http.Request, err error) error {
	if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Forbidden) {
		return err
	}
	why := err.Error()
	if f := new(fault.Error); errors.As(err, &f) {
		why = joined(" ", f.Message, f.Hint)
	}
	q := question{ID: "refused-sequences", Title: "Nothing was changed", Back: "/sequences"}
	return s.ask(w, r, http.StatusConflict, q, func(q question) templ.Component { return refusedBody(q, why) })
}

// keepingEntries are the entries of a sequence's menu about whose it is and whether it is at hand.
func keepingEntries(seq action.SequenceView) []ui.MenuEntry {
	path, id := sequencePath(seq.ID), []ui.Hidden{{Name: "id", Value: seq.ID.String()}}
	list := []ui.MenuEntry{{Label: "Tags", Icon: "tag", Href: path + "/tags", Attrs: append(asks(path+"/tags"), ui.A("data-after-save", "")...)}}
	if !seq.MayManage {
		return list
	}
	list = append(list, ui.MenuEntry{Label: "Sharing", Icon: "eye", Href: path + "/sharing", Attrs: append(asks(path+"/sharing"), ui.A("data-after-save", "")...)})
	list = append(list, ui.MenuEntry{Label: "Hand over", Icon: "user-share", Href: path + "/hand-over", Attrs: append(asks(path+"/hand-over"), ui.A("data-after-save", "")...)})
	switch seq.Status {
	case store.Archived:
		list = append(list, ui.MenuEntry{Label: "Bring back", Icon: "arrow-back-up", Action: "/sequences/bring-back", Fields: id})
	case store.Inactive:
		list = append(list, ui.MenuEntry{Label: "Archive", Icon: "archive", Action: "/sequences/archive", Fields: id})
	case store.Active:
	}
	return list
}
