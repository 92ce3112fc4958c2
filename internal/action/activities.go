package action

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Done is what a person says about an activity that is completed.
type Done struct {
	// Outcome is one of step.CallOutcomes for a phone call, and empty for everything else.
	Outcome, Note string
	// Duration of a call, in seconds.
	Duration int
}

// NewActivity is the input for an activity made by hand.
type NewActivity struct {
	Record ident.Record
	// Kind is email, phone_call or task.
	Kind, Name, Description string
	// DueAt is now when zero, Assignee is the actor when zero.
	DueAt    time.Time
	Assignee ident.User
}

// WorkList gives one page of a seller's work list, by due time.
func (a *App) WorkList(ctx context.Context, actor access.Actor, q store.WorkQuery) (store.Page[store.Activity], error) {
	return store.Page[store.Activity]{}, errUnbuilt
}

// WorkCounts counts a seller's open activities: those that were due before now, and those due from now until the end
// of the seller's today.
func (a *App) WorkCounts(ctx context.Context, actor access.Actor, user ident.User, until time.Time) (overdue, today int, err error) {
	return 0, 0, errUnbuilt
}

// GetActivity gives one activity.
func (a *App) GetActivity(ctx context.Context, actor access.Actor, id ident.Activity) (store.Activity, error) {
	return store.Activity{}, errUnbuilt
}

// CreateActivity makes an activity by hand.
func (a *App) CreateActivity(ctx context.Context, actor access.Actor, in NewActivity) (store.Activity, error) {
	return store.Activity{}, errUnbuilt
}

// Complete says that an activity was done; its sequence goes on.
func (a *App) Complete(ctx context.Context, actor access.Actor, id ident.Activity, done Done) (store.Activity, error) {
	return store.Activity{}, errUnbuilt
}

// SkipActivity leaves an activity out; its sequence goes on.
func (a *App) SkipActivity(ctx context.Context, actor access.Actor, id ident.Activity, note string) (store.Activity, error) {
	return store.Activity{}, errUnbuilt
}

// Snooze moves an activity to a later time.
func (a *App) Snooze(ctx context.Context, actor access.Actor, id ident.Activity, until time.Time) (store.Activity, error) {
	return store.Activity{}, errUnbuilt
}

// Reassign hands an activity to another user.
func (a *App) Reassign(ctx context.Context, actor access.Actor, id ident.Activity, to ident.User) (store.Activity, error) {
	return store.Activity{}, errUnbuilt
}

// Retry lets an automatic step that became this activity try again.
func (a *App) Retry(ctx context.Context, actor access.Actor, id ident.Activity) (store.Activity, error) {
	return store.Activity{}, errUnbuilt
}
