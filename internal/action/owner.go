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
	s, err := tx.For(actor).LockSequence(id)
	if err != nil {
		return store.Sequence{}, err
	}
	return s, mayWith(actor, access.EditSequences, s.Holding)
}

func isArchived(s store.Sequence) error {
	return fault.New(fault.Conflict, "%q is archived.", s.Name).WithHint("Bring it back first.")
}

func noSequenceChosen() error {
	return fault.New(fault.Invalid, "No sequence is chosen.").WithHint("Choose one at least.")
}

// eachManaged does something with each of several sequences, or with none: one that it cannot be done with holds up all.
func (a *App) eachManaged(ctx context.Context, actor access.Actor, ids []ident.Sequence, do func(*store.Tx, store.Sequence) (bool, error)) (done int, err error) {
	if err := may(actor, access.EditSequences); err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, noSequenceChosen()
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

// HandOverSequences gives sequences to another user or to a team, who are told of it, and may then change them. handed counts those
// that were somebody else's before. Records and their activities stay with whoever has them, and how it is shared stays, too.
func (a *App) HandOverSequences(ctx context.Context, actor access.Actor, ids []ident.Sequence, to Owner) (handed int, err error) {
	return a.handOver(ctx, actor, ids, to, func(*store.Tx, ident.Sequence) error { return nil })
}

// HandOverSequence is HandOverSequences for one, and gives a last look at it to an actor who does not see it from now on.
func (a *App) HandOverSequence(ctx context.Context, actor access.Actor, id ident.Sequence, to Owner) (view SequenceView, err error) {
	_, err = a.handOver(ctx, actor, []ident.Sequence{id}, to, func(tx *store.Tx, id ident.Sequence) error {
		row, err := tx.For(access.System()).GetSequenceRow(id)
		if err != nil {
			return err
		}
		view, err = a.viewRow(tx, actor, row)
		return err
	})
	return view, err
}

// handOver hands each over, and does something with it then.
func (a *App) handOver(ctx context.Context, actor access.Actor, ids []ident.Sequence, to Owner, then func(*store.Tx, ident.Sequence) error) (handed int, err error) {
	switch {
	case to == Owner{}:
		return 0, fault.Field("to", "required", "Choose who is to have it.")
	case to.User != 0 && to.Team != 0:
		return 0, fault.Field("team", "unexpected", "Choose a user or a team, not both.")
	}
	var name string
	return a.eachManaged(ctx, actor, ids, func(tx *store.Tx, s store.Sequence) (bool, error) {
		if s.Owner == to.User && s.OwnerTeam == to.Team {
			return false, then(tx, s.ID)
		}
		if name == "" {
			if name, err = to.named(tx); err != nil {
				return false, err
			}
		}
		if err := tx.SetSequenceOwner(s.ID, to.User, to.Team); err != nil {
			return false, err
		}
		if err := tx.Audit(actor.ID, "hand_over", "sequence", int64(s.ID), s.Name+", to "+name); err != nil {
			return false, err
		}
		s.Owner, s.OwnerTeam = to.User, to.Team
		what := "handed you"
		if to.Team != 0 {
			what = "handed " + name
		}
		if err := tx.NotifySequence(s, actor.ID, what); err != nil {
			return false, err
		}
		return true, then(tx, s.ID)
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
		row, err := tx.For(actor).GetSequenceRow(s.ID)
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
