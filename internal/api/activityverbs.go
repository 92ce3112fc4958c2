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
	Outcome  string `json:"outcome,omitempty" doc:"Required for a phone call, and only there: the key of an outcome that the organisation offers, see GET /settings/call-outcomes."`
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

type composing struct {
	Template string `json:"template,omitempty" doc:"The key of another template than that of the step."`
	Thread   string `json:"thread,omitempty" enum:"reply,new" doc:"Whether it answers the emails before it or begins a thread of its own; what its step says when absent."`
}

// draftShape is an email before it is sent.
type draftShape struct {
	To       string   `json:"to"`
	CC       string   `json:"cc,omitempty"`
	Subject  string   `json:"subject"`
	HTML     string   `json:"html"`
	Missing  []string `json:"missing" doc:"The merge fields that have no value for this record."`
	Template string   `json:"template,omitempty"`
	Files    []string `json:"files" doc:"The ids of the files that go with it."`
	From     string   `json:"from,omitempty" doc:"The address that sends it; absent while there is no mailbox."`
	Warning  string   `json:"warning,omitempty" doc:"Why it cannot be sent as things stand."`
	Follow   bool     `json:"follow" doc:"Whether its opens and clicks will be seen."`
	Thread   string   `json:"thread,omitempty" enum:"reply,new" doc:"Absent when there is nothing to answer."`
	Answers  []ref    `json:"answers" doc:"The emails that it can answer by its step's setting, oldest first: their ids and subjects."`
	Reply    *ref     `json:"reply,omitempty" doc:"The received mail that waits for an answer: its id and subject. An email under its subject goes into its thread."`
}

type newEmail struct {
	To       string            `json:"to" doc:"One address."`
	CC       string            `json:"cc,omitempty" doc:"Addresses with commas between them."`
	Subject  string            `json:"subject,omitempty" doc:"Required unless it answers an email: then it has the subject of that, with Re: before it."`
	Thread   string            `json:"thread,omitempty" enum:"reply,new" doc:"reply: it answers the emails before it, through the mailbox of the first; new: it begins a thread of its own. What its step says when absent."`
	HTML     string            `json:"html"`
	Template string            `json:"template,omitempty" doc:"The key of the template that it started from."`
	Files    *[]id[ident.File] `json:"files,omitempty" doc:"The ids of the files that go with it; those of the template when absent, [] for none."`
	Follow   *bool             `json:"follow,omitempty" doc:"Whether its opens and clicks are seen, as far as settings and recipients allow; true when absent."`
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
	handle(d, with(post("/activities/{id}/draft", "compose-email", "Fill the template of an email activity for its record"), "Nothing is saved or sent."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, *composing]) (draftShape, error) {
			m, err := d.app.ComposeDraft(ctx, actor, in.ID.Key, optional(in.Body).Template, action.Thread(optional(in.Body).Thread))
			return draftShape{
				Thread: string(m.Thread), Reply: replyOf(m.Reply), Answers: each(m.Before, func(b store.Message) ref { return ref{ID: b.ID.String(), Name: b.Subject} }),
				To: m.To, CC: m.CC, Subject: m.Subject, HTML: m.HTML, Missing: texts(m.Missing), Template: m.Template, Files: outwardFiles(m.Files), From: m.From, Warning: m.Warning, Follow: m.Follow && m.Unfollowed == "",
			}, err
		})
	handle(d, with(post("/activities/{id}/send", "send-email", "Queue the email of an activity"),
		"The activity is completed when a server has taken the email, and opens again when none does."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, newEmail]) (messageShape, error) {
			b := in.Body
			draft := action.Draft{To: b.To, CC: b.CC, Subject: b.Subject, HTML: b.HTML, Template: b.Template, Thread: action.Thread(b.Thread), Follow: b.Follow == nil || *b.Follow}
			if b.Files != nil {
				draft.Files = fileIDs(*b.Files)
			}
			m, err := d.app.SendEmail(ctx, actor, in.ID.Key, draft)
			return messageOf(m), err
		})
}

// replyOf names the received mail that an email answers; nil for none.
func replyOf(r store.Received) *ref {
	if r.ID == 0 {
		return nil
	}
	return &ref{ID: r.ID.String(), Name: r.Subject}
}

// changed passes an action's answer on in its outward form.
func changed(a store.Activity, err error) (activityShape, error) { return activityOf(a), err }
