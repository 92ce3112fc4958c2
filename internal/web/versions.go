package web

import (
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// shownVersions is how many versions a page shows.
const shownVersions = 50

// shownMoves is how many moves of records the page of versions links to.
const shownMoves = 5

// draftValue stands for the draft where an address names a version.
const draftValue = "draft"

// history is the page of the versions of a sequence.
type history struct {
	Seq action.SequenceView
	action.VersionHistory
	// Before is the number that the page begins below, 0 for the newest.
	Before int
	// Older counts the records that stand on older versions.
	Older int
	Moves []store.MoveRun
}

func (s *Server) showVersions(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	h := history{Seq: seq}
	if n, err := strconv.Atoi(r.FormValue("before")); err == nil && n > 0 {
		h.Before = n
	}
	if h.VersionHistory, err = s.app.VersionHistory(r.Context(), actorOf(r), seq.ID, h.Before, shownVersions); err != nil {
		return err
	}
	standing, err := s.app.StandOf(r.Context(), actorOf(r), seq.ID)
	if err != nil {
		return err
	}
	h.Older = standing.Count()
	moves, err := s.app.ListMoves(r.Context(), actorOf(r), seq.ID, "", shownMoves)
	if err != nil {
		return err
	}
	h.Moves = moves.Rows
	return s.render(w, r, page{Title: seq.Name + ": versions"}, versionsPage(s.view(r), h))
}

// badges mark the version that is in force.
func (h history) badges(e action.VersionEntry) []ui.BadgeProps {
	switch {
	case e.ID != h.Seq.Version:
		return nil
	case h.Seq.Status == store.Active:
		return []ui.BadgeProps{{Text: "Active", Tone: ui.Green, Dot: true}}
	}
	return []ui.BadgeProps{{Text: "The latest", Tone: ui.Neutral}}
}

// older links to the next page of the list.
func (h history) older() string {
	return fmt.Sprintf("%s/versions?before=%d", sequencePath(h.Seq.ID), h.Next)
}

// comparison is what two versions, or one and the draft, differ in.
type comparison struct {
	Seq action.SequenceView
	action.Difference
}

func comparePath(id ident.Sequence, from, to int) string {
	return fmt.Sprintf("%s/versions/compare?from=%s&to=%s", sequencePath(id), versionValue(from), versionValue(to))
}

func versionValue(number int) string {
	if number == action.DraftNumber {
		return draftValue
	}
	return strconv.Itoa(number)
}

// readVersion reads the number of a version, or the draft.
func readVersion(value string, otherwise int) (int, error) {
	switch value {
	case "":
		return otherwise, nil
	case draftValue:
		return action.DraftNumber, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return 0, fault.New(fault.NotFound, "There is no such version.")
	}
	return n, nil
}

// versionChoices are what can be compared, the newest first.
func versionChoices(seq action.SequenceView) []ui.Option {
	list := []ui.Option{{Value: draftValue, Label: "Draft"}}
	for n := seq.VersionNumber; n > 0; n-- {
		list = append(list, ui.Option{Value: strconv.Itoa(n), Label: fmt.Sprintf("Version %d", n)})
	}
	return list
}

func (s *Server) showComparison(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	if seq.VersionNumber == 0 {
		return fault.New(fault.NotFound, "The sequence has no version yet.").WithHint("Activate it; then the draft can be compared with what was activated.")
	}
	from, err := readVersion(r.FormValue("from"), seq.VersionNumber)
	if err != nil {
		return err
	}
	to, err := readVersion(r.FormValue("to"), action.DraftNumber)
	if err != nil {
		return err
	}
	c := comparison{Seq: seq}
	if c.Difference, err = s.app.Differ(r.Context(), actorOf(r), seq.ID, from, to); err != nil {
		return err
	}
	return s.render(w, r, page{Title: seq.Name + ": versions compared"}, comparePage(c))
}

// versionOf gives one frozen version of a sequence by the request's path.
func (s *Server) versionOf(r *http.Request, seq action.SequenceView) (int, flow.Sequence, error) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || number < 1 {
		return 0, flow.Sequence{}, fault.New(fault.NotFound, "There is no such version.")
	}
	def, err := s.app.GetVersion(r.Context(), actorOf(r), seq.ID, number)
	return number, def, err
}

func (s *Server) showVersion(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	number, def, err := s.versionOf(r, seq)
	if err != nil {
		return err
	}
	names, err := s.names(r, def)
	if err != nil {
		return err
	}
	outcomes, err := s.app.Outcomes(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	title := fmt.Sprintf("%s, version %d", seq.Name, number)
	words := stepWords{def: def, templates: names, outcomes: outcomes}
	return s.render(w, r, page{Title: title}, versionPage(seq, number, readFlow(words, nil)))
}

// showRestore asks before a version becomes the draft, and says what that changes.
func (s *Server) showRestore(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	number, _, err := s.versionOf(r, seq)
	if err != nil {
		return err
	}
	diff, err := s.app.Differ(r.Context(), actorOf(r), seq.ID, action.DraftNumber, number)
	if err != nil {
		return err
	}
	diff.Texts = nil // a draft has no texts of its own
	q := question{ID: "restore-version", Title: fmt.Sprintf("Make version %d the draft?", number), Size: ui.Large, Back: versionPath(seq.ID, strconv.Itoa(number))}
	return s.ask(w, r, 0, q, func(q question) templ.Component { return restoreBody(q, seq, number, diff) })
}

// restoreVersion makes a frozen version the draft, so that it can be looked at, changed and activated anew.
func (s *Server) restoreVersion(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	number, def, err := s.versionOf(r, seq)
	if err != nil {
		return err
	}
	def.Name, def.Description = seq.Name, seq.Description
	if _, err := s.app.SaveDraft(r.Context(), actorOf(r), seq.ID, readRev(r), def); err != nil {
		return err
	}
	s.say(r, fmt.Sprintf("The draft is now version %d. Activate it to put it to work.", number))
	return s.redirect(w, r, sequencePath(seq.ID))
}

// showDraftSince tells the designer's script what differs between the draft and a definition that it holds: what others changed since
// it was read, or with mine what taking the script's own version over would change.
func (s *Server) showDraftSince(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	def, shape, err := readDefinition(body)
	if err != nil {
		return err
	}
	if err := fault.Of(shape...); err != nil {
		return err
	}
	diff, err := s.app.DraftSince(r.Context(), actorOf(r), seq.ID, def, r.URL.Query().Has("mine"))
	if err != nil {
		return err
	}
	return s.fragment(w, r, 0, draftSince(diff))
}
