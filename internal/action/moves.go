package action

import (
	"context"
	"fmt"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

const (
	// maxMoveReason and maxMapping bound the input of a move.
	maxMoveReason = 500
	maxMapping    = 2000
)

// MoveInput says where the records on older versions of a sequence go.
type MoveInput struct {
	// Mapping names steps of older versions; records on steps that it does not name stay.
	Mapping flow.Mapping
	// Reason is kept in the history of each record; may be empty.
	Reason string
}

// StartMove moves the records on older versions of an active sequence to its active version, in the background: by the step on
// which each stands when its turn comes. It is refused while another move of the sequence runs.
func (a *App) StartMove(ctx context.Context, actor access.Actor, id ident.Sequence, in MoveInput) (store.MoveRun, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return store.MoveRun{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.MoveRun, error) {
		s, err := lockDraft(tx, actor, id, 0)
		if err != nil {
			return store.MoveRun{}, err
		}
		if s.Status != store.Active {
			return store.MoveRun{}, fault.New(fault.Conflict, "%q is not active.", s.Name).WithHint("Activate it first; records can be moved in the same go.")
		}
		return beginMove(tx, actor, s, in)
	})
}

// beginMove begins a move to the active version of a locked sequence.
func beginMove(tx *store.Tx, actor access.Actor, s store.Sequence, in MoveInput) (store.MoveRun, error) {
	to, err := tx.Version(s.Version)
	if err != nil {
		return store.MoveRun{}, err
	}
	if in, err = checkMove(tx, s.ID, to, in); err != nil {
		return store.MoveRun{}, err
	}
	run := store.MoveRun{Sequence: s.ID, Version: to.ID, User: actor.ID, Mapping: in.Mapping, Reason: in.Reason}
	if run.Total, err = onVersions(tx, s.ID, in.Mapping); err != nil {
		return store.MoveRun{}, err
	}
	if run.ID, err = tx.InsertMoveRun(run); err != nil {
		return store.MoveRun{}, err
	}
	if err := tx.NotifySequence(s, actor.ID, "moved the records of"); err != nil {
		return store.MoveRun{}, err
	}
	if err := tx.Audit(actor.ID, "move", "sequence", int64(s.ID), fmt.Sprintf("%s, to version %d", s.Name, to.Number)); err != nil {
		return store.MoveRun{}, err
	}
	return tx.GetMoveRun(run.ID)
}

// onVersions counts the records on the versions that a mapping takes some from.
func onVersions(tx *store.Tx, id ident.Sequence, m flow.Mapping) (int, error) {
	counted, err := tx.Standings(id)
	if err != nil {
		return 0, err
	}
	from := map[int]bool{}
	for at := range m {
		from[at.Number] = true
	}
	n := 0
	for _, c := range counted {
		v, err := tx.Version(c.Version)
		if err != nil {
			return 0, err
		}
		if from[v.Number] {
			n += c.Count
		}
	}
	return n, nil
}

// checkMove checks the input of a move to a version, and leaves out of its mapping what stays.
func checkMove(tx *store.Tx, id ident.Sequence, to *flow.Version, in MoveInput) (MoveInput, error) {
	in.Reason = clean(in.Reason)
	if utf8.RuneCountInString(in.Reason) > maxMoveReason {
		return in, fault.Field("reason", "too_long", "The reason is longer than 500 characters.")
	}
	if len(in.Mapping) > maxMapping {
		return in, fault.Field("moves", "too_many", "A move names 2,000 steps at most.")
	}
	versions := map[int]*flow.Version{}
	moving := flow.Mapping{}
	for at, dest := range in.Mapping {
		from, ok := versions[at.Number]
		if !ok {
			var err error
			if from, err = tx.VersionByNumber(id, at.Number); err != nil && !fault.Is(err, fault.NotFound) {
				return in, err
			}
			versions[at.Number] = from
		}
		if err := checkDestination(from, to, at, dest); err != nil {
			return in, err
		}
		if dest.Kind != flow.Stay {
			moving[at] = dest
		}
	}
	if len(moving) == 0 {
		return in, fault.Field("moves", "empty", "Nobody is moved: every step says that its records stay.")
	}
	in.Mapping = moving
	return in, nil
}

func checkDestination(from, to *flow.Version, at flow.VersionStep, dest flow.Destination) error {
	if from == nil {
		return fault.Field("moves", "unknown_version", fmt.Sprintf("The sequence has no version %d.", at.Number))
	}
	if from.Number == to.Number {
		return fault.Field("moves", "same_version", fmt.Sprintf("Version %d is the one to which records are moved.", at.Number))
	}
	if _, ok := from.Step(at.Step); !ok && at.Step != "" {
		return fault.Field("moves", "unknown_step", fmt.Sprintf("Version %d has no step %q.", at.Number, at.Step))
	}
	switch dest.Kind {
	case flow.Stay, flow.Finish:
		return nil
	case flow.To:
		if _, ok := to.Step(dest.Step); !ok && dest.Step != "" {
			return fault.Field("moves", "unknown_step", fmt.Sprintf("Version %d has no step %q.", to.Number, dest.Step))
		}
		return nil
	}
	return fault.Field("moves", "unknown", "A destination must be stay, to or finish.")
}

// GetMove gives a move with how far it is.
func (a *App) GetMove(ctx context.Context, actor access.Actor, id ident.MoveRun) (store.MoveRun, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return store.MoveRun{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.MoveRun, error) { return moveSeen(tx, actor, id) })
}

// moveSeen gives a move of a sequence that the actor sees.
func moveSeen(tx *store.Tx, actor access.Actor, id ident.MoveRun) (store.MoveRun, error) {
	run, err := tx.GetMoveRun(id)
	if err != nil {
		return run, err
	}
	return run, tx.For(actor).Must(run.Sequence)
}

// ListMoves gives the moves of a sequence, the newest first.
func (a *App) ListMoves(ctx context.Context, actor access.Actor, id ident.Sequence, cursor string, limit int) (store.Page[store.MoveRun], error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return store.Page[store.MoveRun]{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.MoveRun], error) {
		if err := tx.For(actor).Must(id); err != nil {
			return store.Page[store.MoveRun]{}, err
		}
		return tx.ListMoveRuns(id, cursor, limit)
	})
}

// LeftBehind gives the records that a move had to leave where they were, or that could not be put back when it was undone; each says why.
func (a *App) LeftBehind(ctx context.Context, actor access.Actor, id ident.MoveRun, cursor string, limit int) (store.Page[store.MovedRow], error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return store.Page[store.MovedRow]{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.MovedRow], error) {
		run, err := moveSeen(tx, actor, id)
		if err != nil {
			return store.Page[store.MovedRow]{}, err
		}
		state := store.MovedHeld
		if run.State == store.MoveUndoing || run.State == store.MoveUndone {
			state = store.MovedKept
		}
		return tx.MovedRows(id, state, cursor, limit)
	})
}

// UndoMove puts back, in the background, what a move did, within one hour of its end. Records that have gone on since are left as they
// are; LeftBehind says which and why.
func (a *App) UndoMove(ctx context.Context, actor access.Actor, id ident.MoveRun) (store.MoveRun, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return store.MoveRun{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.MoveRun, error) {
		run, err := tx.GetMoveRun(id)
		if err != nil {
			return run, err
		}
		s, err := lockDraft(tx, actor, run.Sequence, 0)
		if err != nil {
			return run, err
		}
		// One that is being carried out is not waited for.
		if err := mayUndo(tx, s, run); err != nil {
			return run, err
		}
		if run, err = tx.LockMoveRun(id); err != nil {
			return run, err
		}
		if err := mayUndo(tx, s, run); err != nil {
			return run, err
		}
		if err := tx.BeginUndo(run); err != nil {
			return run, err
		}
		if err := tx.NotifySequence(s, actor.ID, "put back the records of"); err != nil {
			return run, err
		}
		if err := tx.Audit(actor.ID, "undo_move", "sequence", int64(s.ID), s.Name); err != nil {
			return run, err
		}
		return tx.GetMoveRun(id)
	})
}

// mayUndo refuses to undo a move that is not over, is undone, or has been over for too long.
func mayUndo(tx *store.Tx, s store.Sequence, run store.MoveRun) error {
	switch {
	case run.State == store.MoveUndoing || run.State == store.MoveUndone:
		return fault.New(fault.Conflict, "This move was undone already.")
	case run.State != store.MoveDone:
		return fault.New(fault.Conflict, "This move is not over yet.").WithHint("Wait until it is; then it can be undone for one hour.")
	}
	switch runs, err := tx.ListMoveRuns(s.ID, "", 1); {
	case err != nil:
		return err
	case runs.Rows[0].ID != run.ID:
		return fault.New(fault.Conflict, "Records of this sequence were moved again since.").WithHint("Only the last move can be undone.")
	case !run.UndoUntil.After(tx.Now):
		return fault.New(fault.Conflict, "This move can no longer be undone.").WithHint("A move can be undone for one hour. Move the records again instead.")
	case s.Status != store.Active:
		return fault.New(fault.Conflict, "%q is not active.", s.Name).WithHint("Activate it first.")
	}
	return nil
}
