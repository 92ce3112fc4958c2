package action

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

const (
	// batchGrace is how long all of a batch can be taken back before it begins.
	batchGrace = 20 * time.Second
	// batchUndo is how long moves and hand-overs can be put back after a batch is done.
	batchUndo = time.Hour
)

// before is what undoing a move or a hand-over puts back.
type before struct {
	Due       time.Time  `json:"due"`
	DueBefore time.Time  `json:"due_before"`
	MovedAt   time.Time  `json:"moved_at"`
	Snoozes   int        `json:"snoozes"`
	Assignee  ident.User `json:"assignee"`
	Behalf    ident.User `json:"behalf"`
}

// StartBatch puts the activities into a batch, which begins after a grace. What cannot be done is listed with its reason at once; when
// nothing can, there is no batch.
func (a *App) StartBatch(ctx context.Context, actor access.Actor, in Bulk) (store.Batch, error) {
	// The rules are asked outside of the writing transaction, which would keep others waiting; they are asked again when it is done.
	_, rows, err := a.CheckBatch(ctx, actor, in)
	if err != nil {
		return store.Batch{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Batch, error) {
		id, err := tx.InsertBatch(store.Batch{User: actor.ID, Verb: in.Verb, Arguments: encodeJSON(in), RunAt: tx.Now.Add(batchGrace)}, rows)
		if err != nil {
			return store.Batch{}, err
		}
		if err := tx.Audit(actor.ID, in.Verb, "batch", int64(id), ""); err != nil {
			return store.Batch{}, err
		}
		return tx.GetBatch(id)
	})
}

// Batches gives a page of batches, the newest first: those of a user, or everybody's for zero. Sellers see their own.
func (a *App) Batches(ctx context.Context, actor access.Actor, user ident.User, cursor string, limit int) (store.Page[store.Batch], error) {
	if err := mayOn(actor, access.DoActivities, user); err != nil {
		return store.Page[store.Batch]{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.Batch], error) { return tx.Batches(user, cursor, limit) })
}

// GetBatch gives one batch.
func (a *App) GetBatch(ctx context.Context, actor access.Actor, id ident.Batch) (store.Batch, error) {
	return look(ctx, a, func(tx *store.Tx) (store.Batch, error) { return readBatch(tx, actor, id) })
}

func readBatch(tx *store.Tx, actor access.Actor, id ident.Batch) (store.Batch, error) {
	b, err := tx.GetBatch(id)
	if err == nil {
		err = mayOn(actor, access.DoActivities, b.User)
	}
	return b, err
}

// BatchRows gives a page of what became of a batch's activities, in one state or all for zero.
func (a *App) BatchRows(ctx context.Context, actor access.Actor, id ident.Batch, state store.BatchRowState, cursor string, limit int) (store.Page[store.BatchRow], error) {
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.BatchRow], error) {
		if _, err := readBatch(tx, actor, id); err != nil {
			return store.Page[store.BatchRow]{}, err
		}
		return tx.BatchRows(id, state, cursor, limit)
	})
}

// WaitsInBatch tells whether an activity waits in a batch: it is as good as done, and nobody needs to be led to it.
func (a *App) WaitsInBatch(ctx context.Context, actor access.Actor, id ident.Activity) (bool, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return false, err
	}
	return look(ctx, a, func(tx *store.Tx) (bool, error) { return tx.WaitsInBatch(id) })
}

// UndoTime says until when a batch can be taken back, at least in part; zero when it cannot. While it runs, what waits can be.
func UndoTime(b store.Batch, now time.Time) time.Time {
	switch {
	case b.State == store.BatchWaiting && b.RunAt.After(now):
		return b.RunAt
	case b.State == store.BatchWaiting, b.State == store.BatchRunning:
		return now
	case b.State == store.BatchDone && CanUndo(b.Verb) && now.Sub(b.FinishedAt) <= batchUndo && b.Counts[store.RowDone] > 0:
		return b.FinishedAt.Add(batchUndo)
	}
	return time.Time{}
}

// UndoBatch takes a batch back: all of what waits at once, and the moves and hand-overs that are done one after the other. A running
// batch of another verb is stopped: what it has done stays done.
func (a *App) UndoBatch(ctx context.Context, actor access.Actor, id ident.Batch) (store.Batch, error) {
	return change(ctx, a, func(tx *store.Tx) (store.Batch, error) {
		if _, err := tx.LockBatch(id); err != nil {
			return store.Batch{}, err
		}
		b, err := readBatch(tx, actor, id)
		if err != nil {
			return b, err
		}
		if b.State == store.BatchUndoing || b.State == store.BatchUndone {
			return b, fault.New(fault.Conflict, "This batch was taken back already.")
		}
		if UndoTime(b, tx.Now).IsZero() {
			return b, fault.New(fault.Conflict, "This batch can no longer be taken back.").
				WithHint("Moves and hand-overs can be for an hour; what is completed, skipped or sent only before it is done.")
		}
		if _, err := tx.ReleaseBatch(id); err != nil {
			return b, err
		}
		switch done := b.Counts[store.RowDone]; {
		case done == 0:
			b.State, b.FinishedAt = store.BatchUndone, tx.Now
		case CanUndo(b.Verb):
			b.State, b.RunAt = store.BatchUndoing, tx.Now
		default:
			b.State, b.FinishedAt = store.BatchDone, tx.Now
		}
		if err := tx.MoveBatch(b); err != nil {
			return b, err
		}
		if err := tx.Audit(actor.ID, "undo", "batch", int64(id), ""); err != nil {
			return b, err
		}
		return tx.GetBatch(id)
	})
}

// doRow does what a row says, with the rights of whoever began the batch.
func doRow(tx *store.Tx, b store.Batch, row *store.BatchRow) error {
	in, err := readBulk(b, *row)
	if err != nil {
		return err
	}
	actor := access.System()
	if b.User != 0 {
		u, err := tx.GetUser(b.User)
		if err != nil {
			return err
		}
		if !u.Active {
			return fault.New(fault.Forbidden, "%s is deactivated.", u.Name)
		}
		actor = actorOf(u)
	}
	act, err := tx.LockActivity(row.Activity)
	if err != nil {
		return err
	}
	if in.Verb == BulkSnooze && !in.Until.After(tx.Now) {
		in.Until = tx.Now.Add(time.Second) // it was in the future when it was asked for; no server ran meanwhile
	}
	if !in.At.IsZero() && !in.At.After(tx.Now) {
		in.At = time.Time{}
	}
	row.Before = encodeJSON(before{Due: act.DueAt, DueBefore: act.DueBefore, MovedAt: act.MovedAt, Snoozes: act.Snoozes, Assignee: act.Assignee, Behalf: act.Behalf})
	had := act.Assignee
	act, err = alterActivity(tx, actor, act.ID, in.alter(actor, act.Kind))
	row.Rev = act.Rev
	if err != nil || act.Assignee == had {
		return err
	}
	return tx.NotifyBatch(b.ID, act, actor.ID)
}

// undoRow puts a move or a hand-over back, unless somebody has touched the activity since.
func undoRow(tx *store.Tx, b store.Batch, row *store.BatchRow) error {
	if row.Verb != BulkSnooze && row.Verb != BulkReassign {
		return fault.New(fault.Conflict, "What is completed or skipped cannot be put back.")
	}
	act, err := tx.LockActivity(row.Activity)
	if err != nil {
		return err
	}
	if act.Rev != row.Rev || act.State != store.ActivityOpen {
		return fault.New(fault.Stale, "%q was changed since.", act.Name)
	}
	var old before
	if err := json.Unmarshal([]byte(row.Before), &old); err != nil {
		return fmt.Errorf("read what was before: %w", err)
	}
	act.DueAt, act.DueBefore, act.MovedAt, act.Snoozes = old.Due, old.DueBefore, old.MovedAt, old.Snoozes
	had := act.Assignee
	act.Assignee, act.Behalf = old.Assignee, old.Behalf
	if err := tx.SaveActivity(act); err != nil || act.Assignee == had {
		return err
	}
	return tx.UnnotifyBatch(b.ID, had)
}
