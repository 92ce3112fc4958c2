package action

import (
	"context"
	"fmt"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// DeactivateMode says what becomes of the records on a sequence that is deactivated.
type DeactivateMode string

// The modes. Paused records go on when the sequence is activated again.
const (
	PauseRecords      DeactivateMode = "pause"
	DisconnectRecords DeactivateMode = "disconnect"
)

// ActivateInput says how a sequence is activated.
type ActivateInput struct {
	// Rev is the draft's revision that was read, 0 for any.
	Rev int64
	// Note says what is new in the version.
	Note string
	// Move begins a move of records to the version that is activated; nil for none.
	Move *MoveInput
	// DryRun changes nothing, and answers with what stands in the way.
	DryRun bool
}

// maxVersionNote bounds the note of a version (spec.md 1.2).
const maxVersionNote = 2000

// Activate freezes the draft as the next version and opens the sequence for records; those that were paused by its
// deactivation go on, each on the version that it is on. An inactive sequence whose draft is that of its last version opens
// with that version again. Its emails are made of the newest versions of their templates from now on, until the next
// activation or AdoptTemplate. Records on older versions stay there, but for those that are to be moved.
func (a *App) Activate(ctx context.Context, actor access.Actor, id ident.Sequence, in ActivateInput) (SequenceView, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return SequenceView{}, err
	}
	if utf8.RuneCountInString(in.Note) > maxVersionNote {
		return SequenceView{}, fault.Field("note", "too_long", "The note is longer than 2,000 characters.")
	}
	if in.DryRun {
		return look(ctx, a, func(tx *store.Tx) (SequenceView, error) { return a.rehearse(tx, actor, id, in) })
	}
	return change(ctx, a, func(tx *store.Tx) (SequenceView, error) {
		if err := tx.LockActivations(); err != nil {
			return SequenceView{}, err
		}
		s, err := lockDraft(tx, actor, id, in.Rev)
		if err != nil {
			return SequenceView{}, err
		}
		problems, err := activationProblems(tx, actor, s)
		if err != nil {
			return SequenceView{}, err
		}
		if err := fault.Of(problems...); err != nil {
			return SequenceView{}, err
		}
		if err := activate(tx, actor, s, clean(in.Note)); err != nil {
			return SequenceView{}, err
		}
		if in.Move != nil {
			if s, err = tx.For(actor).GetSequence(id); err != nil {
				return SequenceView{}, err
			}
			if _, err := beginMove(tx, actor, s, *in.Move); err != nil {
				return SequenceView{}, err
			}
		}
		return a.viewSequence(tx, actor, id)
	})
}

// rehearse is Activate without the change.
func (a *App) rehearse(tx *store.Tx, actor access.Actor, id ident.Sequence, in ActivateInput) (SequenceView, error) {
	view, err := a.viewSequence(tx, actor, id)
	if err != nil {
		return SequenceView{}, err
	}
	if err := mayWith(actor, access.EditSequences, view.Holding); err != nil {
		return SequenceView{}, err
	}
	if view.Status == store.Archived {
		return SequenceView{}, isArchived(view.Sequence)
	}
	if in.Rev != 0 && in.Rev != view.DraftRev {
		return SequenceView{}, staleDraft(actor, view.Sequence, tx)
	}
	if !view.Changed && view.Status == store.Active {
		return SequenceView{}, nothingNew()
	}
	if in.Move != nil {
		to, _, err := versionAhead(tx, view.Sequence)
		if err != nil {
			return SequenceView{}, err
		}
		if _, err := checkMove(tx, id, to, *in.Move); err != nil {
			return SequenceView{}, err
		}
	}
	view.Problems, err = activationProblems(tx, actor, view.Sequence)
	return view, err
}

func nothingNew() error {
	return fault.New(fault.Conflict, "The sequence is active already, and its draft has no changes.").
		WithHint("Change the draft first; the next activation makes a new version of it.")
}

// activate opens a locked sequence that has no problems.
func activate(tx *store.Tx, actor access.Actor, s store.Sequence, note string) error {
	version, number := s.Version, s.VersionNumber
	same := false
	if version != 0 {
		v, err := tx.Version(version)
		if err != nil {
			return err
		}
		same = store.SameSteps(s.Draft, v.Def)
	}
	switch {
	case same && s.Status == store.Active:
		return nothingNew()
	case !same:
		var err error
		number++
		if version, err = tx.InsertVersion(s.ID, number, s.Draft, note, actor.ID); err != nil {
			return err
		}
	}
	if err := tx.PinTemplates(version, s.Draft); err != nil {
		return err
	}
	if err := tx.SetSequenceActive(s.ID, version, number); err != nil {
		return err
	}
	if err := startTests(tx, s.ID, s.Draft); err != nil {
		return err
	}
	if s.Status != store.Active {
		if _, err := tx.AdvanceSequence(s.ID, step.Resumed{By: actor.ID}); err != nil {
			return fmt.Errorf("resume records: %w", err)
		}
	}
	if err := tx.NotifySequence(s, actor.ID, "activated"); err != nil {
		return err
	}
	return tx.Audit(actor.ID, "activate", "sequence", int64(s.ID), fmt.Sprintf("%s, version %d", s.Name, number))
}

// Deactivate closes the sequence for records. affected counts those that were paused or disconnected by it.
func (a *App) Deactivate(ctx context.Context, actor access.Actor, id ident.Sequence, mode DeactivateMode) (affected int, err error) {
	if err := may(actor, access.EditSequences); err != nil {
		return 0, err
	}
	var event step.Event
	switch mode {
	case PauseRecords, "":
		event = step.Paused{By: actor.ID}
	case DisconnectRecords:
		event = step.Stopped{Exit: step.ExitSequenceClosed, By: actor.ID}
	default:
		return 0, fault.Field("mode", "unknown", "The mode must be pause or disconnect.")
	}
	return change(ctx, a, func(tx *store.Tx) (int, error) {
		s, err := lockDraft(tx, actor, id, 0)
		if err != nil {
			return 0, err
		}
		if s.Status != store.Active {
			return 0, fault.New(fault.Conflict, "%q is not active.", s.Name)
		}
		if err := tx.SetSequenceInactive(id); err != nil {
			return 0, err
		}
		moved, err := tx.AdvanceSequence(id, event)
		if err != nil {
			return 0, fmt.Errorf("take records off: %w", err)
		}
		if err := tx.NotifySequence(s, actor.ID, "deactivated"); err != nil {
			return 0, err
		}
		return moved, tx.Audit(actor.ID, "deactivate", "sequence", int64(id), fmt.Sprintf("%s, %d records", s.Name, moved))
	})
}

// DeleteSequence deletes a sequence. The records that are on it end with sequence_closed; affected counts them.
func (a *App) DeleteSequence(ctx context.Context, actor access.Actor, id ident.Sequence) (affected int, err error) {
	if err := may(actor, access.EditSequences); err != nil {
		return 0, err
	}
	return change(ctx, a, func(tx *store.Tx) (int, error) {
		s, err := lockManaged(tx, actor, id)
		if err != nil {
			return 0, err
		}
		if err := tx.DeleteSequence(id); err != nil {
			return 0, err
		}
		moved, err := tx.AdvanceSequence(id, step.Stopped{Exit: step.ExitSequenceClosed, By: actor.ID})
		if err != nil {
			return 0, fmt.Errorf("take records off: %w", err)
		}
		if err := tx.NotifySequence(s, actor.ID, "deleted"); err != nil {
			return 0, err
		}
		return moved, tx.Audit(actor.ID, "delete", "sequence", int64(id), fmt.Sprintf("%s, %d records", s.Name, moved))
	})
}

// activationProblems lists what keeps a sequence from being activated: the problems of its draft, and the limit of active
// sequences.
func activationProblems(tx *store.Tx, actor access.Actor, s store.Sequence) ([]fault.Problem, error) {
	problems, err := sequenceProblems(tx, actor, s)
	if err != nil || s.Status == store.Active {
		return problems, err
	}
	active, err := tx.CountActiveSequences()
	if active >= flow.MaxActive {
		problems = append(problems, fault.Problem{
			Code:    "too_many_active",
			Message: fmt.Sprintf("%d sequences are active, and no more can be.", active), Hint: "Deactivate another one first.",
		})
	}
	return problems, err
}

// sequenceProblems lists the problems of a sequence's draft, those with its running A/B tests among them.
func sequenceProblems(tx *store.Tx, actor access.Actor, s store.Sequence) ([]fault.Problem, error) {
	problems, err := draftProblems(tx, actor, s.Draft)
	if err != nil {
		return nil, err
	}
	tests, err := testProblems(tx, s)
	return append(problems, tests...), err
}

// draftProblems asks flow about a definition among the templates and sequences that there are for the actor.
func draftProblems(tx *store.Tx, actor access.Actor, def flow.Sequence) ([]fault.Problem, error) {
	outcomes, failed := tx.Outcomes()
	env := flow.Env{
		Outcomes: outcomes,
		Template: func(key string) *flow.TemplateFacts {
			facts, err := templateFacts(tx, def, key)
			failed = firstError(failed, err)
			return facts
		},
		Sequence: func(name string) *flow.SequenceFacts {
			facts, err := sequenceFacts(tx.For(actor), name)
			failed = firstError(failed, err)
			return facts
		},
	}
	problems := flow.Problems(def, env)
	return problems, failed
}

func firstError(first, next error) error {
	if first != nil {
		return first
	}
	return next
}

// templateFacts gives nil for a template that does not exist.
func templateFacts(tx *store.Tx, def flow.Sequence, key string) (*flow.TemplateFacts, error) {
	t, err := tx.TemplateByKey(key)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	files, err := presentFiles(tx, t.Files.IDs())
	if err != nil {
		return nil, err
	}
	return &flow.TemplateFacts{Name: t.Name, Channel: t.Channel, Files: len(files), Unknown: unknownFields(def, t.Subject, t.HTML, t.Text)}, nil
}

// sequenceFacts gives nil for a sequence that does not exist, as far as whoever looks can tell.
func sequenceFacts(seen store.Sight, name string) (*flow.SequenceFacts, error) {
	s, err := seen.SequenceByName(name)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	facts := &flow.SequenceFacts{Active: s.Status == store.Active, Def: s.Draft}
	if s.Version != 0 {
		v, err := seen.Version(s)
		if err != nil {
			return nil, err
		}
		facts.Def = v.Def
	}
	return facts, nil
}
