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

// ListEnrollments gives one page of enrollments, newest first.
func (a *App) ListEnrollments(ctx context.Context, actor access.Actor, q store.EnrollmentQuery) (store.Page[store.Enrollment], error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return store.Page[store.Enrollment]{}, err
	}
	switch q.Status {
	case "", "live", string(flow.Active), string(flow.Paused), string(flow.Finished):
	default:
		return store.Page[store.Enrollment]{}, fault.Field("status", "unknown", "The status must be live, active, paused or finished.")
	}
	q.Search = clean(q.Search)
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.Enrollment], error) {
		if q.Sequence != 0 {
			if err := tx.For(actor).Must(q.Sequence); err != nil {
				return store.Page[store.Enrollment]{}, err
			}
		}
		return tx.ListEnrollments(q)
	})
}

// GetEnrollment gives one enrollment.
func (a *App) GetEnrollment(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return store.Enrollment{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Enrollment, error) { return tx.GetEnrollment(id) })
}

// EnrollmentHistory gives what happened to an enrollment, oldest first.
func (a *App) EnrollmentHistory(ctx context.Context, actor access.Actor, id ident.Enrollment) ([]store.HistoryRow, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.HistoryRow, error) {
		if _, err := tx.GetEnrollment(id); err != nil {
			return nil, err
		}
		return tx.HistoryOf(id)
	})
}

// PauseEnrollment holds an enrollment until it is resumed.
func (a *App) PauseEnrollment(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	return a.moveEnrollment(ctx, actor, id, func(_ *store.Tx, e store.Enrollment) (step.Event, error) {
		if e.State.Status == flow.Paused {
			return nil, fault.New(fault.Conflict, "%s is paused in %q already.", e.RecordName, e.SequenceName)
		}
		return step.Paused{By: actor.ID}, nil
	})
}

// ResumeEnrollment lets a paused enrollment go on.
func (a *App) ResumeEnrollment(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	return a.moveEnrollment(ctx, actor, id, func(tx *store.Tx, e store.Enrollment) (step.Event, error) {
		if e.State.Status != flow.Paused {
			return nil, fault.New(fault.Conflict, "%s is not paused in %q.", e.RecordName, e.SequenceName)
		}
		s, err := tx.For(access.System()).HoldSequence(e.Sequence)
		if err != nil {
			return nil, err
		}
		if s.Status != store.Active {
			return nil, fault.New(fault.Conflict, "%q is not active, so no record can go on in it.", s.Name).
				WithHint("Activate the sequence: its paused records go on by that.")
		}
		return step.Resumed{By: actor.ID}, nil
	})
}

// SkipWait ends the wait in which an enrollment stands.
func (a *App) SkipWait(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	return a.moveEnrollment(ctx, actor, id, func(_ *store.Tx, e store.Enrollment) (step.Event, error) {
		switch {
		case e.State.Status == flow.Paused:
			return nil, fault.New(fault.Conflict, "%s is paused in %q.", e.RecordName, e.SequenceName).WithHint("Resume it first.")
		case e.State.Wait != step.ForTime:
			return nil, fault.New(fault.Conflict, "%s does not stand in a wait of %q any more.", e.RecordName, e.SequenceName).WithHint("Load the page again.")
		}
		return step.WaitSkipped{Token: step.Token{Enrollment: e.ID, Step: e.State.Step, Visit: e.State.Visit}, By: actor.ID}, nil
	})
}

// moveEnrollment plays the event that decide gives on one live enrollment, after what is pending for it; a nil event plays
// only that.
func (a *App) moveEnrollment(ctx context.Context, actor access.Actor, id ident.Enrollment,
	decide func(*store.Tx, store.Enrollment) (step.Event, error),
) (store.Enrollment, error) {
	if err := may(actor, access.Connect); err != nil {
		return store.Enrollment{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Enrollment, error) {
		e, err := tx.LockEnrollment(id)
		if err != nil {
			return store.Enrollment{}, err
		}
		owners, err := ownersOf(tx, map[ident.Enrollment]store.Enrollment{id: e})
		if err != nil {
			return store.Enrollment{}, err
		}
		if !mayMove(actor, owners[e.Record], e.Assignee) {
			return store.Enrollment{}, refuse(actor)
		}
		if e.State.Status == flow.Finished {
			return store.Enrollment{}, fault.New(fault.Conflict, "%s is not on %q any more.", e.RecordName, e.SequenceName).WithHint("Load the page again.")
		}
		event, err := decide(tx, e)
		if err != nil {
			return store.Enrollment{}, err
		}
		if _, err := tx.Advance([]ident.Enrollment{id}, func(flow.Snapshot) step.Event { return event }); err != nil {
			return store.Enrollment{}, fmt.Errorf("move enrollment: %w", err)
		}
		return tx.GetEnrollment(id)
	})
}
