package action

import (
	"context"
	"slices"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// AfterDone is what a user wants to see when an activity is completed or skipped.
type AfterDone string

// What comes after a completed activity; NextActivity is the default.
const (
	NextActivity AfterDone = "next"
	StayOnRecord AfterDone = "stay"
	AskWhatNext  AfterDone = "ask"
)

// AfterDones lists the choices, the default first.
func AfterDones() []AfterDone { return []AfterDone{NextActivity, StayOnRecord, AskWhatNext} }

// OwnSettings are what users choose for themselves.
type OwnSettings struct {
	AfterDone AfterDone
}

// GetOwnSettings gives the actor's own settings.
func (a *App) GetOwnSettings(ctx context.Context, actor access.Actor) (OwnSettings, error) {
	return look(ctx, a, func(tx *store.Tx) (OwnSettings, error) {
		chosen, err := tx.AfterDone(actor.ID)
		if chosen == "" {
			chosen = string(NextActivity)
		}
		return OwnSettings{AfterDone: AfterDone(chosen)}, err
	})
}

// SaveOwnSettings changes the actor's own settings.
func (a *App) SaveOwnSettings(ctx context.Context, actor access.Actor, s OwnSettings) (OwnSettings, error) {
	if actor.ID == 0 {
		return OwnSettings{}, fault.New(fault.Forbidden, "The server itself has no settings of its own.").WithHint("Act as a user.")
	}
	if !slices.Contains(AfterDones(), s.AfterDone) {
		return OwnSettings{}, fault.Field("after_done", "unknown", "What comes after a completed activity must be next, stay or ask.")
	}
	return s, a.db.Write(ctx, func(tx *store.Tx) error { return tx.SaveAfterDone(actor.ID, string(s.AfterDone)) })
}
