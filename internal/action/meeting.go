package action

import (
	"context"
	"fmt"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// BookMeeting says that a meeting with the customer is booked. Every sequence of the record that ends on that ends; the
// enrollments that did are given.
func (a *App) BookMeeting(ctx context.Context, actor access.Actor, rec ident.Record) ([]store.Enrollment, error) {
	if err := may(actor, access.Connect); err != nil {
		return nil, err
	}
	return change(ctx, a, func(tx *store.Tx) ([]store.Enrollment, error) {
		r, err := tx.GetRecord(rec)
		if err != nil {
			return nil, err
		}
		live, err := tx.LiveEnrollments(rec)
		if err != nil {
			return nil, err
		}
		var ends []ident.Enrollment
		for _, e := range live {
			if !mayMove(actor, r.Owner, e.Assignee) {
				return nil, refuse(actor)
			}
			v, err := tx.Version(e.Version)
			if err != nil {
				return nil, err
			}
			if v.Def.Options.ExitOnMeeting {
				ends = append(ends, e.ID)
			}
		}
		if len(ends) == 0 {
			return nil, fault.New(fault.Conflict, "%s is on no sequence that ends when a meeting is booked.", r.Name()).
				WithHint("Disconnect the record instead, or switch the option on and activate.")
		}
		if _, err := tx.Advance(ends, func(flow.Snapshot) step.Event { return step.MeetingBooked{By: actor.ID} }); err != nil {
			return nil, fmt.Errorf("end sequences: %w", err)
		}
		found, err := tx.EnrollmentsByID(ends)
		list := make([]store.Enrollment, 0, len(ends))
		for _, id := range ends {
			list = append(list, found[id])
		}
		return list, err
	})
}

// BookMeetingFor is BookMeeting for the record of an enrollment.
func (a *App) BookMeetingFor(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	e, err := a.GetEnrollment(ctx, actor, id)
	if err != nil {
		return store.Enrollment{}, err
	}
	if _, err := a.BookMeeting(ctx, actor, e.Record); err != nil {
		return store.Enrollment{}, err
	}
	return a.GetEnrollment(ctx, actor, id)
}

// tellOthers has the other enrollments of the record learn that a mail of e was answered.
func tellOthers(tx *store.Tx, actor access.Actor, e store.Enrollment) error {
	live, err := tx.LiveEnrollments(e.Record)
	if err != nil {
		return err
	}
	var events []store.SignalledEvent
	for _, other := range live {
		if other.ID != e.ID {
			events = append(events, store.SignalledEvent{Enrollment: other.ID, Event: step.Replied{By: actor.ID, Other: true}})
		}
	}
	return tx.Signal(events...)
}
