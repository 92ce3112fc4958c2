package web

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// manyTags is the state of the question which tags are put on several sequences, or taken off.
type manyTags struct {
	IDs      []ident.Sequence
	Tree     []store.Tag
	Chosen   []ident.Tag
	TakeOff  bool
	Problems problems
}

func (m manyTags) has(t store.Tag) bool { return slices.Contains(m.Chosen, t.ID) }

// do is the value of what happens with the tags.
func (m manyTags) do() string {
	if m.TakeOff {
		return "take-off"
	}
	return "put"
}

// tagSequences asks for the tags, where the form does not say them yet, and puts them on the chosen sequences or takes them off.
func (s *Server) tagSequences(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	m := manyTags{IDs: readIDs[ident.Sequence](r.Form["id"]), Chosen: readIDs[ident.Tag](r.Form["tag"]), TakeOff: text(r, "do") == "take-off"}
	if text(r, "do") == "" && len(m.IDs) > 0 {
		return s.askManyTags(w, r, 0, m)
	}
	n, err := s.app.TagSequences(r.Context(), actorOf(r), m.IDs, m.Chosen, m.TakeOff)
	if err != nil {
		var shown bool
		if m.Problems, shown = refused(err); !shown || len(m.IDs) == 0 {
			return s.refuseSequences(w, r, err)
		}
		return s.askManyTags(w, r, http.StatusUnprocessableEntity, m)
	}
	s.say(r, "The tags of "+plural(n, "sequence", "sequences")+" changed.")
	return s.redirect(w, r, "/sequences")
}

func (s *Server) askManyTags(w http.ResponseWriter, r *http.Request, status int, m manyTags) (err error) {
	if m.Tree, err = s.app.ListTags(r.Context(), actorOf(r)); err != nil {
		return err
	}
	v, title := s.view(r), "Tags of "+plural(len(m.IDs), "sequence", "sequences")
	return s.ask(w, r, status, question{ID: "tag-sequences", Title: title, Back: "/sequences"}, func(q question) templ.Component { return manyTagsBody(v, q, m) })
}

// manySharing is the state of the question who sees several sequences.
type manySharing struct {
	IDs      []ident.Sequence
	Sharing  access.Sharing
	Team     string
	Teams    []store.Team
	Problems problems
}

// shareSequences asks who is to see the chosen sequences, where the form does not say it yet, and shares them so.
func (s *Server) shareSequences(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	m := manySharing{IDs: readIDs[ident.Sequence](r.Form["id"]), Sharing: access.Sharing(text(r, "sharing")), Team: text(r, "team")}
	if text(r, "go") == "" && len(m.IDs) > 0 {
		return s.askManySharing(w, r, 0, m)
	}
	n, err := s.app.ShareSequences(r.Context(), actorOf(r), m.IDs, readSharing(m.Sharing, m.Team))
	if err != nil {
		var shown bool
		if m.Problems, shown = refused(err); !shown || len(m.IDs) == 0 {
			return s.refuseSequences(w, r, err)
		}
		return s.askManySharing(w, r, http.StatusUnprocessableEntity, m)
	}
	s.say(r, "The sharing of "+plural(n, "sequence", "sequences")+" changed.")
	return s.redirect(w, r, "/sequences")
}

func (s *Server) askManySharing(w http.ResponseWriter, r *http.Request, status int, m manySharing) (err error) {
	if m.Teams, err = s.app.ListTeams(r.Context(), actorOf(r)); err != nil {
		return err
	}
	title := "Who sees " + plural(len(m.IDs), "sequence", "sequences") + "?"
	return s.ask(w, r, status, question{ID: "share-sequences", Title: title, Back: "/sequences"}, func(q question) templ.Component { return manySharingBody(q, m) })
}

// readSharing makes what the action takes of a form; a team that is missing is said by the action.
func readSharing(sharing access.Sharing, team string) action.SharingInput {
	in := action.SharingInput{Sharing: sharing}
	if sharing == access.SharedWithTeam {
		_ = readID(team, &in.Team)
	}
	return in
}

// doOptions are what can be done with tags and several sequences.
func doOptions() []ui.Option {
	return []ui.Option{{Value: "put", Label: "Put on"}, {Value: "take-off", Label: "Take off"}}
}
