package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// See notes that an activity was opened by its assignee; others leave no trace.
func (a *App) See(ctx context.Context, actor access.Actor, act store.Activity) error {
	if !act.SeenAt.IsZero() || act.Assignee != actor.ID || act.State != store.ActivityOpen {
		return nil
	}
	return a.db.Write(ctx, func(tx *store.Tx) error { return tx.SeeActivity(act.ID, true) })
}

// Unsee has one's own activity count as not opened.
func (a *App) Unsee(ctx context.Context, actor access.Actor, id ident.Activity) (store.Activity, error) {
	return a.changeActivity(ctx, actor, id, func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		if act.Assignee != actor.ID {
			return nil, fault.New(fault.Conflict, "%q is assigned to %s.", act.Name, act.AssigneeName).WithHint("Only one's own activities count as opened or not.")
		}
		return nil, tx.SeeActivity(id, false)
	})
}

// Follow has the actor follow a record, or not any more.
func (a *App) Follow(ctx context.Context, actor access.Actor, id ident.Record, on bool) error {
	if err := may(actor, access.ReadRecords); err != nil {
		return err
	}
	if actor.ID == 0 {
		return fault.New(fault.Conflict, "Only a user can follow a record.")
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.GetRecord(id); err != nil {
			return err
		}
		return tx.Follow(actor.ID, id, on)
	})
}

// Follows tells whether the actor follows a record.
func (a *App) Follows(ctx context.Context, actor access.Actor, id ident.Record) (bool, error) {
	return look(ctx, a, func(tx *store.Tx) (bool, error) {
		followed, err := tx.FollowedOf(actor.ID, []ident.Record{id})
		return followed[id], err
	})
}
