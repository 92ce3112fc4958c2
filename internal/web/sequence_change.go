package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/web/ui"
)

func (s *Server) showCopySequence(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	return s.askCopy(w, r, 0, seq, "Copy of "+seq.Name, problems{})
}

func (s *Server) askCopy(w http.ResponseWriter, r *http.Request, status int, seq action.SequenceView, name string, p problems) error {
	return s.askAbout(w, r, status, seq, "copy-sequence", "Copy this sequence", func(q question) templ.Component {
		return copyBody(q, seq, name, p)
	})
}

func (s *Server) copySequence(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	name := text(r, "name")
	made, err := s.app.CopySequence(r.Context(), actorOf(r), seq.ID, name)
	if err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.askCopy(w, r, http.StatusUnprocessableEntity, seq, name, p)
	}
	s.say(r, "This is the copy. It is inactive, and no record is connected to it.")
	return s.redirect(w, r, sequencePath(made.ID))
}

func (s *Server) showDeleteSequence(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	return s.askAbout(w, r, 0, seq, "delete-sequence", "Delete “"+seq.Name+"”?", func(q question) templ.Component {
		return deleteBody(q, seq)
	})
}

func (s *Server) deleteSequence(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	affected, err := s.app.DeleteSequence(r.Context(), actorOf(r), seq.ID)
	if err != nil {
		return err
	}
	said := "“" + seq.Name + "” is deleted."
	if affected > 0 {
		said += " " + plural(affected, "record was", "records were") + " disconnected."
	}
	s.say(r, said)
	return s.redirect(w, r, "/sequences")
}

func (s *Server) showDiscardDraft(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	if !seq.Changed || seq.VersionNumber == 0 {
		return fault.New(fault.Conflict, "The draft has no changes to discard.").WithHint("Somebody may have discarded or activated them just now.")
	}
	lost, err := s.app.Differ(r.Context(), actorOf(r), seq.ID, seq.VersionNumber, action.DraftNumber)
	if err != nil {
		return err
	}
	lost.Texts = nil // they are not the draft's
	q := question{ID: "discard-draft", Title: "Discard the draft?", Size: ui.Large, Back: sequencePath(seq.ID)}
	return s.ask(w, r, 0, q, func(q question) templ.Component { return discardBody(q, seq, lost) })
}

func (s *Server) discardDraft(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	if _, err := s.app.DiscardDraft(r.Context(), actorOf(r), seq.ID, readRev(r)); err != nil {
		return err
	}
	s.say(r, fmt.Sprintf("The draft is version %d again.", seq.VersionNumber))
	return s.redirect(w, r, sequencePath(seq.ID))
}

// readRev reads the revision that a form was made from; 0 when it is missing, which no draft has and settings do not check.
func readRev(r *http.Request) int64 {
	rev, err := strconv.ParseInt(r.FormValue("rev"), 10, 64)
	if err != nil {
		return 0
	}
	return rev
}

func (s *Server) showOptions(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	return s.askOptions(w, r, 0, seq, seq.Draft, problems{})
}

func (s *Server) askOptions(w http.ResponseWriter, r *http.Request, status int, seq action.SequenceView, def flow.Sequence, p problems) error {
	return s.askAbout(w, r, status, seq, "sequence-options", "Name and options", func(q question) templ.Component {
		return optionsBody(q, seq, def, p)
	})
}

// saveOptions changes the draft's name, description and options and leaves its steps as they are.
func (s *Server) saveOptions(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	def := seq.Draft
	def.Name, def.Description = text(r, "name"), text(r, "description")
	readExits(&def.Options.Exits, func(key string) bool { return r.FormValue(key) != "" })
	def.Options.Waits = flow.Waits(text(r, "waits"))
	def.Options.Assignee = flow.Assignee(text(r, "assignee"))
	def.Options.Reentry = flow.Reentry(text(r, "reentry"))
	if sending := text(r, "sending"); sending != "" {
		def.Options.Sending = flow.Sending(sending)
	}
	tree := plainTree(def)
	if def.Options.Sending == flow.InOwnWindows {
		tree["options"].(map[string]any)["send_windows"] = readWindows(r)
	}
	// Through the one shape, so that a form is checked like a file.
	def, shape := flow.FromTree(tree)
	p := problems{list: shape}
	if !p.any() {
		_, err = s.app.SaveDraft(r.Context(), actorOf(r), seq.ID, readRev(r), def)
		if fault.Is(err, fault.Stale) {
			return s.askStaleOptions(w, r, seq, def, err)
		}
		var shown bool
		if p, shown = refused(err); err != nil && !shown {
			return err
		}
	}
	if p.any() {
		return s.askOptions(w, r, http.StatusUnprocessableEntity, seq, def, p)
	}
	s.say(r, "Saved.")
	return s.redirect(w, r, sequencePath(seq.ID))
}

// askStaleOptions shows the entries again after somebody else saved the draft, with what saving them changes there. The steps are
// those of the other, so nothing of either is lost.
func (s *Server) askStaleOptions(w http.ResponseWriter, r *http.Request, seq action.SequenceView, def flow.Sequence, refusal error) error {
	diff, err := s.app.DraftSince(r.Context(), actorOf(r), seq.ID, def, true)
	if err != nil {
		return err
	}
	var said *fault.Error
	if !errors.As(refusal, &said) {
		return refusal
	}
	return s.askAbout(w, r, http.StatusConflict, seq, "sequence-options", "Name and options", func(q question) templ.Component {
		return staleOptionsBody(q, seq, def, said.Message, diff)
	})
}

// The choices of the options, in the words of the pages.

func waitOptions() []ui.Option {
	return []ui.Option{
		{Value: string(flow.Elapsed), Label: flow.OptionValueLabel(string(flow.Elapsed)), Hint: "Two days are 48 hours, nights and weekends included."},
		{Value: string(flow.WorkingTime), Label: flow.OptionValueLabel(string(flow.WorkingTime)), Hint: "Only working days and hours count, and nothing falls due outside of them."},
	}
}

func assigneeOptions() []ui.Option {
	return []ui.Option{
		{Value: string(flow.RecordOwner), Label: flow.OptionValueLabel(string(flow.RecordOwner))},
		{Value: string(flow.ConnectingUser), Label: flow.OptionValueLabel(string(flow.ConnectingUser))},
	}
}

func sendingOptions() []ui.Option {
	return []ui.Option{
		{Value: string(flow.InWindows), Label: flow.OptionValueLabel(string(flow.InWindows))},
		{Value: string(flow.InOwnWindows), Label: flow.OptionValueLabel(string(flow.InOwnWindows))},
		{Value: string(flow.AnyTime), Label: flow.OptionValueLabel(string(flow.AnyTime))},
	}
}

func reentryOptions() []ui.Option {
	return []ui.Option{
		{Value: string(flow.AfterFinish), Label: flow.OptionValueLabel(string(flow.AfterFinish))},
		{Value: string(flow.Never), Label: flow.OptionValueLabel(string(flow.Never))},
	}
}
