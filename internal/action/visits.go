package action

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

const (
	// visitGap ends a visit: who looks again sooner still looks, and what was new stays marked.
	visitGap = 30 * time.Minute
	// visitStep is how exactly the end of a visit is kept, so that not every look writes.
	visitStep = time.Minute
)

// Visit notes that the actor looks at a record, and gives since when things there are new to the actor; zero at the first look. What
// the actor was told of the record counts as read by it.
func (a *App) Visit(ctx context.Context, actor access.Actor, rec ident.Record) (since time.Time, err error) {
	if err := may(actor, access.ReadRecords); err != nil || actor.ID == 0 {
		return time.Time{}, err
	}
	v, err := look(ctx, a, func(tx *store.Tx) (store.Visit, error) {
		if _, err := tx.GetRecord(rec); err != nil {
			return store.Visit{}, err
		}
		return tx.VisitOf(actor.ID, rec)
	})
	if err != nil {
		return time.Time{}, err
	}
	now := a.db.Now()
	v.Before = newSince(v, now)
	if now.Sub(v.At) < visitStep && !v.Unread {
		return v.Before, nil
	}
	return v.Before, a.db.Write(ctx, func(tx *store.Tx) error {
		v.At = tx.Now
		return tx.SaveVisit(actor.ID, rec, v)
	})
}

// newSince gives since when things are new to somebody who looks now.
func newSince(v store.Visit, now time.Time) time.Time {
	if now.Sub(v.At) > visitGap {
		return v.At
	}
	return v.Before
}

// News gives those of the records of which the actor has notifications to read.
func (a *App) News(ctx context.Context, actor access.Actor, records []ident.Record) (map[ident.Record]bool, error) {
	return look(ctx, a, func(tx *store.Tx) (map[ident.Record]bool, error) { return tx.UnreadOf(actor.ID, records) })
}
