package action

import (
	"context"
	"slices"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// lockManaged gives a sequence for a change by the actor, whatever its status.
func lockManaged(tx *store.Tx, actor access.Actor, id ident.Sequence) (store.Sequence, error) {
	s, err := tx.LockSequence(id)
	if err != nil {
		return store.Sequence{}, err
	}
	return s, mayOn(actor, access.EditSequences, s.Owner)
}

func isArchived(s store.Sequence) error {
	return fault.New(fault.Conflict, "%q is archived.", s.Name).WithHint("Bring it back first.")
}

// eachManaged does something with each of several sequences, or with none: one that it cannot be done with holds up all.
func (a *App) eachManaged(ctx context.Context, actor access.Actor, ids []ident.Sequence, do func(*store.Tx, store.Sequence) (bool, error)) (done int, err error) {
	if err := may(actor, access.EditSequences); err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, fault.New(fault.Invalid, "No sequence is chosen.").WithHint("Choose one at least.")
	}
	ids = slices.Clone(ids)
	slices.Sort(ids) // so that two do not wait for each other
	return change(ctx, a, func(tx *store.Tx) (done int, err error) {
		for _, id := range slices.Compact(ids) {
			s, err := lockManaged(tx, actor, id)
			if err != nil {
				return 0, err
			}
			changed, err := do(tx, s)
			if err != nil {
				return 0, err
			}
			if changed {
				done++
			}
		}
		return done, nil
	})
}

// HandOverSequences gives sequences to another user, who is told of it, and may then change them. handed counts those that were
// somebody else's before. Records and their activities stay with whoever has them.
func (a *App) HandOverSequences(ctx context.Context, actor access.Actor, ids []ident.Sequence, to ident.User) (handed int, err error) {
	if to == 0 {
		return 0, fault.Field("to", "required", "Choose who is to have it.")
	}
	var name string
	return a.eachManaged(ctx, actor, ids, func(tx *store.Tx, s store.Sequence) (bool, error) {
		if s.Owner == to {
			return false, nil
		}
		if name == "" {
			if err := activeUser(tx, to, "to"); err != nil {
				return false, err
			}
			u, err := tx.GetUser(to)
			if err != nil {
				return false, err
			}
			name = u.Name
		}
		if err := tx.SetSequenceOwner(s.ID, to); err != nil {
			return false, err
		}
		if err := tx.Audit(actor.ID, "hand_over", "sequence", int64(s.ID), s.Name+", to "+name); err != nil {
			return false, err
		}
		s.Owner = to
		return true, tx.NotifySequence(s, actor.ID, "handed you")
	})
}

// ArchiveSequences takes inactive sequences that no record is on out of lists and choices. What they hold and what was counted stays.
func (a *App) ArchiveSequences(ctx context.Context, actor access.Actor, ids []ident.Sequence) (archived int, err error) {
	return a.eachManaged(ctx, actor, ids, func(tx *store.Tx, s store.Sequence) (bool, error) {
		switch s.Status {
		case store.Archived:
			return false, nil
		case store.Active:
			return false, fault.New(fault.Conflict, "%q is active.", s.Name).WithHint("Deactivate it first.")
		case store.Inactive:
		}
		row, err := tx.GetSequenceRow(s.ID)
		if err != nil {
			return false, err
		}
		if row.Connected > 0 {
			return false, fault.New(fault.Conflict, "%d paused records are still on %q.", row.Connected, s.Name).
				WithHint("Disconnect them first, or activate the sequence so that they go on.")
		}
		if err := tx.SetSequenceStatus(s.ID, store.Archived); err != nil {
			return false, err
		}
		return true, tx.Audit(actor.ID, "archive", "sequence", int64(s.ID), s.Name)
	})
}

// BringBackSequences makes archived sequences inactive ones again.
func (a *App) BringBackSequences(ctx context.Context, actor access.Actor, ids []ident.Sequence) (back int, err error) {
	return a.eachManaged(ctx, actor, ids, func(tx *store.Tx, s store.Sequence) (bool, error) {
		if s.Status != store.Archived {
			return false, nil
		}
		if err := tx.SetSequenceStatus(s.ID, store.Inactive); err != nil {
			return false, err
		}
		return true, tx.Audit(actor.ID, "bring_back", "sequence", int64(s.ID), s.Name)
	})
}
