package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// MessageRow is an email in a list.
type MessageRow struct {
	ID         string     `json:"id"`
	State      string     `json:"state" enum:"queued,held,sending,sent,failed,withdrawn,unknown" doc:"unknown: its sending was cut off, a person says what became of it."`
	Record     *ref       `json:"record,omitempty"`
	RecordKind string     `json:"record_kind,omitempty"`
	User       string     `json:"user,omitempty" doc:"The id of the user who sends it."`
	Enrollment string     `json:"enrollment,omitempty"`
	Step       string     `json:"step,omitempty"`
	Activity   string     `json:"activity,omitempty"`
	Template   string     `json:"template,omitempty" doc:"The template's key."`
	MessageID  string     `json:"message_id" doc:"Its Message-ID header, without angle brackets."`
	Sender     string     `json:"sender,omitempty"`
	Recipient  string     `json:"recipient,omitempty"`
	CC         string     `json:"cc,omitempty"`
	Subject    string     `json:"subject,omitempty"`
	Reason     string     `json:"reason,omitempty" doc:"Why it waits, failed or was withdrawn."`
	Attempts   int        `json:"attempts"`
	NextAt     *time.Time `json:"next_at,omitempty" doc:"When it is tried next."`
	AttemptAt  *time.Time `json:"attempt_at,omitempty" doc:"When it was tried last."`
	CreatedAt  time.Time  `json:"created_at"`
	SentAt     *time.Time `json:"sent_at,omitempty"`
}

func messageRowOf(m store.Message) MessageRow {
	row := MessageRow{
		ID: m.ID.String(), State: m.State.String(), Record: refTo(m.Record, m.RecordName), RecordKind: string(m.RecordKind), User: m.User.String(),
		Enrollment: m.Enrollment.String(), Step: m.Token.Step, Activity: m.Activity.String(), Template: m.Template, MessageID: m.RFCID, Sender: m.Sender,
		Recipient: m.Recipient, CC: m.CC, Subject: m.Subject, Reason: m.Reason, Attempts: m.Attempts, AttemptAt: moment(m.AttemptAt),
		CreatedAt: m.CreatedAt.UTC(), SentAt: moment(m.SentAt),
	}
	if m.State == store.MessageQueued {
		row.NextAt = moment(m.NextAt)
	}
	return row
}

// messageShape is an email with its text.
type messageShape struct {
	MessageRow
	HTML string `json:"html,omitempty" doc:"Absent until it is built, shortly before it is sent."`
	Text string `json:"text,omitempty"`
}

func messageOf(m store.Message) messageShape {
	return messageShape{MessageRow: messageRowOf(m), HTML: m.HTML, Text: m.Text}
}

type messageQuery struct {
	Paging
	State  string           `query:"state" enum:"queued,held,sending,sent,failed,withdrawn,unknown"`
	Record id[ident.Record] `query:"record"`
	User   id[ident.User]   `query:"user" doc:"Only those that this user sends."`
	Search string           `query:"search" doc:"Words that recipient or subject must hold."`
}

type settling struct {
	Sent bool `json:"sent" doc:"true: it arrived; false: it is to be sent again."`
}

type messageCounts struct {
	Counts map[string]int `json:"counts" doc:"Messages by state, each counted up to 10,000."`
}

func (d *door) messages() {
	handle(d, get("/messages", "list-messages", "List outgoing emails, newest first"), func(ctx context.Context, actor access.Actor, in *messageQuery) (page[MessageRow], error) {
		q := store.MessageQuery{Record: in.Record.Key, User: in.User.Key, Search: in.Search, Cursor: in.Cursor, Limit: in.Limit}
		for _, state := range store.MessageStates() {
			if state.String() == in.State {
				q.State = state
			}
		}
		p, err := d.app.ListMessages(ctx, actor, q)
		return pageOf(p, messageRowOf), err
	})
	handle(d, get("/messages/counts", "count-messages", "Count outgoing emails by state"), func(ctx context.Context, actor access.Actor, _ *none) (messageCounts, error) {
		counts, err := d.app.MessageCounts(ctx, actor)
		out := messageCounts{Counts: map[string]int{}}
		for _, state := range store.MessageStates() {
			out.Counts[state.String()] = counts[state]
		}
		return out, err
	})
	handle(d, get("/messages/{id}", "get-message", "Get an outgoing email with its text"), func(ctx context.Context, actor access.Actor, in *One[ident.Message]) (messageShape, error) {
		m, err := d.app.GetMessage(ctx, actor, in.ID.Key)
		return messageOf(m), err
	})
	handle(d, post("/messages/{id}/settle", "settle-message", "Say what became of an email whose sending was cut off"),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Message, settling]) (messageShape, error) {
			m, err := d.app.SettleMessage(ctx, actor, in.ID.Key, in.Body.Sent)
			return messageOf(m), err
		})
}
