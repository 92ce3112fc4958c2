package action

import (
	"context"
	"errors"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/store"
)

// The answers of ApplySequence.
const (
	created   = "created"
	updated   = "updated"
	unchanged = "unchanged"
)

// ApplySequence brings the sequence of the definition's name to that definition: it is created, its draft is changed, or
// nothing is to do. It never activates.
func (a *App) ApplySequence(ctx context.Context, actor access.Actor, def flow.Sequence, dryRun bool) (ApplyResult, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return ApplyResult{}, err
	}
	def, err := shape(def)
	if err != nil {
		return ApplyResult{}, err
	}
	if dryRun {
		return look(ctx, a, func(tx *store.Tx) (ApplyResult, error) { return compare(tx, actor, def) })
	}
	return change(ctx, a, func(tx *store.Tx) (ApplyResult, error) {
		result, err := compare(tx, actor, def)
		switch {
		case err != nil || result.Change == unchanged:
			return result, err
		case result.Change == created:
			result.Sequence, err = insertSequence(tx, actor, def, "create")
			return result, err
		}
		s, err := lockDraft(tx, actor, result.Sequence.ID, 0)
		if err != nil {
			return ApplyResult{}, err
		}
		if _, err := saveDraft(tx, actor, s, def); err != nil {
			return ApplyResult{}, err
		}
		result.Sequence, err = tx.For(actor).GetSequence(s.ID)
		return result, err
	})
}

// compare says what applying a definition would do.
func compare(tx *store.Tx, actor access.Actor, def flow.Sequence) (ApplyResult, error) {
	problems, err := draftProblems(tx, actor, def)
	if err != nil {
		return ApplyResult{}, err
	}
	s, err := tx.For(actor).SequenceByName(def.Name)
	switch {
	case fault.Is(err, fault.NotFound):
		s = store.Sequence{Name: def.Name, Description: def.Description, RecordKind: def.Record, Status: store.Inactive, Draft: def}
		s.Owner, s.Sharing = actor.ID, access.SharedWithAll
		taken, err := nameTakenUnseen(tx, def.Name)
		if err := errors.Join(err, fault.Of(taken...)); err != nil {
			return ApplyResult{}, err
		}
		return ApplyResult{Sequence: s, Change: created, Problems: problems}, nil
	case err != nil:
		return ApplyResult{}, err
	}
	if s.Name == def.Name && s.Description == def.Description && store.SameSteps(def, s.Draft) {
		return ApplyResult{Sequence: s, Change: unchanged, Problems: problems}, nil
	}
	return ApplyResult{Sequence: s, Change: updated, Problems: problems}, mayWith(actor, access.EditSequences, s.Holding)
}
