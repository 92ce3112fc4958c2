package web

import (
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// activation is what the confirmation shows: the answer of a dry run.
type activation struct {
	Seq  action.SequenceView
	Note string
	// Changed is what the new version changes; nil for the first one.
	Changed  *action.Difference
	Problems []fault.Problem
	// Refused is what was wrong with the form itself.
	Refused problems
}

// problemLinks lead to the steps concerned.
func (a activation) problemLinks() []ui.Problem {
	var list []ui.Problem
	for _, p := range a.Problems {
		link := ""
		if p.Step != "" {
			link = sequencePath(a.Seq.ID) + "#step-" + p.Step
		}
		list = append(list, ui.Problem{Text: problemText(a.Seq.Draft, p), Href: link})
	}
	return list
}

// facts say what an activation will do.
func (a activation) facts() []ui.Fact {
	seq := a.Seq
	facts := []ui.Fact{
		{Label: "Version", Value: fmt.Sprintf("%d, with %s", nextVersion(seq), plural(seq.Draft.Count(), "step", "steps"))},
		{Label: "For", Value: seq.RecordKind.Plural()},
	}
	if running := seq.Connected - seq.Paused; running > 0 {
		facts = append(facts, ui.Fact{Label: "Connected now", Value: plural(running, "record", "records") + ", each stays on its version"})
	}
	if paused := pausedBySequence(seq); paused > 0 {
		facts = append(facts, ui.Fact{Label: "Paused", Value: plural(paused, "record goes", "records go") + " on at once"})
	}
	return facts
}

func (s *Server) showActivate(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	a := activation{Seq: seq}
	after, err := s.app.Activate(r.Context(), actorOf(r), seq.ID, action.ActivateInput{Rev: seq.DraftRev, DryRun: true})
	a.Problems = after.Problems
	if err != nil {
		if a.Problems = stepProblems(err); len(a.Problems) == 0 {
			return err
		}
	}
	return s.askActivate(w, r, 0, a)
}

func (s *Server) askActivate(w http.ResponseWriter, r *http.Request, status int, a activation) error {
	q := question{ID: "activate-sequence", Title: fmt.Sprintf("Activate version %d?", nextVersion(a.Seq)), Back: sequencePath(a.Seq.ID)}
	if len(a.Problems) > 0 {
		q.Title = "Not ready to be activated"
	} else if a.Seq.VersionNumber > 0 {
		diff, err := s.app.Differ(r.Context(), actorOf(r), a.Seq.ID, a.Seq.VersionNumber, action.DraftNumber)
		if err != nil {
			return err
		}
		if !diff.Empty() {
			a.Changed, q.Size = &diff, ui.Large
		}
	}
	return s.ask(w, r, status, q, func(q question) templ.Component { return activateBody(q, a) })
}

func (s *Server) activateSequence(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	a := activation{Seq: seq, Note: text(r, "note")}
	after, err := s.app.Activate(r.Context(), actorOf(r), seq.ID, action.ActivateInput{Rev: readRev(r), Note: a.Note})
	if err != nil {
		if a.Problems = stepProblems(err); len(a.Problems) == 0 {
			return err
		}
		return s.askActivate(w, r, http.StatusUnprocessableEntity, a)
	}
	f := ui.Flash{Text: fmt.Sprintf("Version %d is active.", after.VersionNumber), Href: sequencePath(seq.ID) + "/connect", LinkText: "Connect " + lower(seq.RecordKind.Plural())}
	s.flash(r, f)
	return s.redirect(w, r, sequencePath(seq.ID))
}

// stepProblems gives the problems of a fault that is about the definition, nil for others.
func stepProblems(err error) []fault.Problem {
	if !fault.Is(err, fault.Invalid) {
		return nil
	}
	return fault.ProblemsOf(err)
}

func (s *Server) showDeactivate(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	if seq.Status != store.Active {
		return fault.New(fault.Conflict, "The sequence is not active.").WithHint("Somebody may have deactivated it just now.")
	}
	return s.askAbout(w, r, 0, seq, "deactivate-sequence", "Deactivate “"+seq.Name+"”?", func(q question) templ.Component {
		return deactivateBody(q, seq)
	})
}

func (s *Server) deactivateSequence(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	mode := action.PauseRecords
	if r.FormValue("mode") == string(action.DisconnectRecords) {
		mode = action.DisconnectRecords
	}
	affected, err := s.app.Deactivate(r.Context(), actorOf(r), seq.ID, mode)
	if err != nil {
		return err
	}
	said := "The sequence is inactive."
	if affected > 0 && mode == action.PauseRecords {
		said += " " + plural(affected, "record is", "records are") + " paused."
	} else if affected > 0 {
		said += " " + plural(affected, "record was", "records were") + " disconnected."
	}
	s.say(r, said)
	return s.redirect(w, r, sequencePath(seq.ID))
}
