package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

type completion struct {
	Outcome  string `json:"outcome,omitempty" doc:"For a phone call the key of an outcome that the organisation offers, see GET /settings/call-outcomes. For a meeting one of GET /settings/meeting-outcomes; for nothing else. Left out, the default of its kind counts, if there is one."`
	Note     string `json:"note,omitempty"`
	Duration int    `json:"duration,omitempty" doc:"Of a call, in seconds."`
}

type skipping struct {
	Note string `json:"note,omitempty"`
}

type snoozing struct {
	Until time.Time `json:"until" doc:"At most one year ahead."`
}

type handingOver struct {
	Assignee id[ident.User] `json:"assignee"`
}

func (d *door) activityVerbs() {
	handle(d, post("/activities/{id}/complete", "complete-activity", "Say that an activity was done; its sequence goes on"),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, *completion]) (activityShape, error) {
			done := optional(in.Body)
			return changed(d.app.Complete(ctx, actor, in.ID.Key, action.Done{Outcome: done.Outcome, Note: done.Note, Duration: done.Duration}))
		})
	handle(d, post("/activities/{id}/skip", "skip-activity", "Leave an activity out; its sequence goes on"),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, *skipping]) (activityShape, error) {
			return changed(d.app.SkipActivity(ctx, actor, in.ID.Key, optional(in.Body).Note))
		})
	handle(d, post("/activities/{id}/snooze", "snooze-activity", "Move an activity to a later time"),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, snoozing]) (activityShape, error) {
			return changed(d.app.Snooze(ctx, actor, in.ID.Key, in.Body.Until))
		})
	handle(d, post("/activities/{id}/reassign", "reassign-activity", "Hand an activity to another user"),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, handingOver]) (activityShape, error) {
			return changed(d.app.Reassign(ctx, actor, in.ID.Key, in.Body.Assignee.Key))
		})
	handle(d, post("/activities/{id}/retry", "retry-activity", "Let the automatic step that became this activity try again"),
		func(ctx context.Context, actor access.Actor, in *One[ident.Activity]) (activityShape, error) {
			return changed(d.app.Retry(ctx, actor, in.ID.Key))
		})
}

// changed passes an action's answer on in its outward form.
func changed(a store.Activity, err error) (activityShape, error) { return activityOf(a), err }
