package action

import (
	"context"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// keepDeleted is how long a deleted activity can be brought back, as with notes.
const keepDeleted = 30 * 24 * time.Hour

// ActivityChange is what may change in an activity of the record alone. What is nil stays.
type ActivityChange struct {
	Name, Description *string
	DueAt             *time.Time
	// Of a meeting. Whoever moves its beginning and says nothing of its end moves both.
	EndsAt *time.Time
	Place  *string
	People *[]string
}

// EditActivity changes an open activity that no sequence gave: those that were made by hand, and those to answer a reply.
func (a *App) EditActivity(ctx context.Context, actor access.Actor, id ident.Activity, c ActivityChange) (store.Activity, error) {
	return a.changeActivity(ctx, actor, id, func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		if err := OfRecord(*act); err != nil {
			return nil, err
		}
		in := NewActivity{Kind: act.Kind, Name: act.Name, Description: act.Description, DueAt: act.DueAt}
		if c.Name != nil {
			in.Name = strings.Join(strings.Fields(clean(*c.Name)), " ")
		}
		if c.Description != nil {
			in.Description = strings.TrimSpace(clean(*c.Description))
		}
		if c.DueAt != nil && !c.DueAt.Equal(act.DueAt) {
			if c.DueAt.Sub(tx.Now) > maxSnooze {
				return nil, fault.Field("due_at", "range", "Choose a time within one year.")
			}
			if err := begunLongAgo(act.Kind, *c.DueAt, tx.Now); err != nil {
				return nil, err
			}
			in.DueAt = *c.DueAt
		}
		c.meeting(*act, &in)
		if err := fault.Of(in.problems()...); err != nil {
			return nil, err
		}
		act.Name, act.Description, act.DueAt = in.Name, in.Description, in.DueAt
		in.put(act)
		return nil, tx.RenameActivity(*act)
	})
}

// meeting puts what the change says of a meeting, and what stays of it, into the input that is checked.
func (c ActivityChange) meeting(act store.Activity, in *NewActivity) {
	in.Place, in.People = act.Place, act.People
	if act.Length != 0 {
		in.EndsAt = in.DueAt.Add(act.Length)
	}
	if c.EndsAt != nil {
		in.EndsAt = *c.EndsAt
	}
	if c.Place != nil {
		in.Place = *c.Place
	}
	if c.People != nil {
		in.People = *c.People
	}
	in.trim()
}

// DeleteActivity takes an activity that no sequence gave off the work list. It can be brought back for 30 days.
func (a *App) DeleteActivity(ctx context.Context, actor access.Actor, id ident.Activity) (store.Activity, error) {
	return a.changeActivity(ctx, actor, id, func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		if err := OfRecord(*act); err != nil {
			return nil, err
		}
		act.State, act.DoneBy, act.DoneAt = store.ActivityCancelled, actor.ID, tx.Now
		return nil, nil
	})
}

// RestoreActivity brings a deleted activity back. One that is open stays as it is.
func (a *App) RestoreActivity(ctx context.Context, actor access.Actor, id ident.Activity) (store.Activity, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return store.Activity{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Activity, error) {
		act, err := tx.LockActivity(id)
		if err != nil {
			return act, err
		}
		if err := mayOn(actor, access.DoActivities, act.Assignee); err != nil {
			return store.Activity{}, err
		}
		switch {
		case act.State == store.ActivityOpen:
			return act, nil
		case act.State != store.ActivityCancelled || act.Enrollment != 0:
			return store.Activity{}, fault.New(fault.Conflict, "%q was not deleted, so there is nothing to bring back.", act.Name)
		case tx.Now.Sub(act.DoneAt) > keepDeleted:
			return store.Activity{}, fault.New(fault.Conflict, "%q was deleted more than 30 days ago.", act.Name).WithHint("Add it again.")
		}
		act.State, act.DoneBy, act.DoneAt = store.ActivityOpen, 0, time.Time{}
		if err := tx.SaveActivity(act); err != nil {
			return store.Activity{}, err
		}
		return tx.GetActivity(id)
	})
}

// OfRecord refuses the activity of a step: its words and its end belong to the sequence.
func OfRecord(act store.Activity) error {
	if act.Enrollment != 0 {
		return fault.New(fault.Conflict, "%q belongs to a step of %q.", act.Name, act.SequenceName).WithHint("Skip it, or change the sequence.")
	}
	return nil
}
