package action

import (
	"context"

	"cadenza/internal/access"
)

// Settings are those of the organisation.
type Settings struct {
	Organisation string
	Zone         string
	// Days are the working days, Sunday first.
	Days [7]bool
	// From and To are the working hours, as "08:00".
	From, To string
}

// GetSettings gives the settings.
func (a *App) GetSettings(ctx context.Context, actor access.Actor) (Settings, error) {
	return Settings{}, errUnbuilt
}

// SaveSettings changes the settings.
func (a *App) SaveSettings(ctx context.Context, actor access.Actor, s Settings) (Settings, error) {
	return Settings{}, errUnbuilt
}
