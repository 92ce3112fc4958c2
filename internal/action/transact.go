package action

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/store"
)

// look answers from a read-only transaction.
func look[T any](ctx context.Context, a *App, fn func(tx *store.Tx) (T, error)) (answer T, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		answer, err = fn(tx)
		return err
	})
	return answer, err
}

// change carries fn out in one transaction and gives its answer.
func change[T any](ctx context.Context, a *App, fn func(tx *store.Tx) (T, error)) (answer T, err error) {
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		answer, err = fn(tx)
		return err
	})
	return answer, err
}

// sayWhen says a moment as the actor reads it: "at 14:05" on the same day, else "on 3 March at 14:05".
func sayWhen(actor access.Actor, at, now time.Time) string {
	zone, err := time.LoadLocation(actor.Zone)
	if err != nil {
		zone = time.UTC
	}
	at, now = at.In(zone), now.In(zone)
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("at 15:04")
	}
	return at.Format("on 2 January at 15:04")
}
