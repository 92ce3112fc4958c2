package web

import (
	"net/http"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// trial is a test of a template, and what became of it.
type trial struct {
	// Message is zero when it was refused.
	Message  store.Message
	Problems problems
	// NoMailbox tells that the reader has no mailbox to send from.
	NoMailbox bool
}

// pending tells that nobody knows yet what became of it.
func (t trial) pending() bool {
	switch t.Message.State {
	case store.MessageQueued, store.MessageHeld, store.MessageSending:
		return true
	}
	return false
}

// sendTest sends what is in the editor, saved or not, to the writer or a colleague.
func (s *Server) sendTest(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	in := action.TestInput{Template: readTemplate(r), To: text(r, "test_to")}
	back := "/templates"
	if r.PathValue("id") != "" {
		t, err := s.templateOf(r)
		if err != nil {
			return err
		}
		in.Key, in.Version, back = t.Key, t.Version, templatePath(t.ID)
	}
	_ = readID(text(r, "record"), &in.Record) // without one, the first record is taken
	m, err := s.app.SendTest(r.Context(), actorOf(r), in)
	if err == nil {
		return s.showTrial(w, r, 0, trial{Message: m}, back)
	}
	var t trial
	var shown bool
	if t.Problems, shown = refused(err); !shown {
		return err
	}
	_, err = s.app.GetMailbox(r.Context(), actorOf(r), actorOf(r).ID)
	t.NoMailbox = fault.Is(err, fault.NotFound)
	return s.showTrial(w, r, http.StatusUnprocessableEntity, t, back)
}

// showTestState says what has become of a test by now.
func (s *Server) showTestState(w http.ResponseWriter, r *http.Request) error {
	m, err := s.messageOf(r)
	if err != nil {
		return err
	}
	return s.showTrial(w, r, 0, trial{Message: m.Message}, "/templates")
}

// showTrial is a part of the editor where htmx asked, and a page of its own elsewhere.
func (s *Server) showTrial(w http.ResponseWriter, r *http.Request, status int, t trial, back string) error {
	if isFragment(r) {
		return s.fragment(w, r, status, trialState(s.view(r), t))
	}
	q := question{ID: "template-test", Title: "Test of the template", Size: ui.Small, Back: back}
	return s.ask(w, r, status, q, func(q question) templ.Component { return trialState(s.view(r), t) })
}
