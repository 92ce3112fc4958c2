package action

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// UpNextView is what is to do for a record: one track per sequence that it is on, and the activities made by hand.
type UpNextView struct {
	Tracks []Track
	// Manual are the open activities made by hand, by due date.
	Manual []store.Activity
}

// Track is the way of a record through one sequence.
type Track struct {
	Enrollment store.Enrollment
	// Position is the current step's place from 1, Total the count of steps.
	Position, Total int
	// Current is nil before the first step.
	Current *step.Step
	// Activity is the open one of the current step, when a person has to act.
	Activity *store.Activity
	// Waiting is a sentence that says why nothing happens now and what comes then; empty when a person has to act.
	// Until is when it ends; zero when that is not known.
	Waiting string
	Until   time.Time
	// Message is the current step's mail that is not sent yet.
	Message  *store.Message
	Upcoming []step.Step
	// Done are the steps that are over, oldest first.
	Done []store.HistoryRow
}

// UpNext says where a record stands in its sequences, why, and what comes next.
func (a *App) UpNext(ctx context.Context, actor access.Actor, rec ident.Record) (UpNextView, error) {
	return UpNextView{}, errUnbuilt
}
