package action

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// SendingHeld gives since when sending is held because the database was restored from a backup; zero when it is not.
func (a *App) SendingHeld(ctx context.Context, actor access.Actor) (time.Time, error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return time.Time{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (time.Time, error) { return tx.SendingHeld() })
}

// ReleaseForecast says what letting messages go would do.
func (a *App) ReleaseForecast(ctx context.Context, actor access.Actor) (store.ReleaseForecast, error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return store.ReleaseForecast{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.ReleaseForecast, error) { return tx.ReleaseForecast() })
}

// ReleaseSending lets messages go again after a restore. What is in doubt goes on waiting for a person.
func (a *App) ReleaseSending(ctx context.Context, actor access.Actor) error {
	if err := may(actor, access.ManageMessages); err != nil {
		return err
	}
	_, err := change(ctx, a, func(tx *store.Tx) (time.Time, error) {
		held, err := tx.SendingHeld()
		if err != nil {
			return held, err
		}
		if held.IsZero() {
			return held, fault.New(fault.Conflict, "Sending is not held.").WithHint("There is nothing to release.")
		}
		if err := tx.ReleaseSending(); err != nil {
			return held, err
		}
		return held, tx.Audit(actor.ID, "release sending", "database", 0, "")
	})
	return err
}
