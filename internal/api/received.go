package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// ReceivedRow is a mail that came in, in a list.
type ReceivedRow struct {
	ID         string     `json:"id"`
	Class      string     `json:"class" enum:"reply,automatic,bounce,soft_bounce,complaint" doc:"A soft bounce says that one mail did not arrive or is late; a bounce, that the address takes none."`
	Message    string     `json:"message" doc:"The id of the message of ours that it is about."`
	Record     *ref       `json:"record,omitempty"`
	RecordKind string     `json:"record_kind,omitempty"`
	Enrollment string     `json:"enrollment,omitempty"`
	Sequence   string     `json:"sequence,omitempty" doc:"The name of the enrollment's sequence."`
	Status     string     `json:"enrollment_status,omitempty" enum:"active,paused,finished" doc:"What has become of the enrollment since."`
	Exit       string     `json:"exit,omitempty" doc:"Why the enrollment finished, as at enrollments."`
	User       string     `json:"user,omitempty" doc:"The id of the user whose mailbox it came to."`
	Sender     string     `json:"sender"`
	SenderName string     `json:"sender_name,omitempty"`
	Subject    string     `json:"subject"`
	Preview    string     `json:"preview,omitempty" doc:"The beginning of what is new in it, without the text that it answers."`
	Colleague  bool       `json:"colleague" doc:"Somebody else of the customer's wrote it than was written to."`
	Detail     string     `json:"detail,omitempty" doc:"What the server said, of a bounce."`
	ReturnsOn  string     `json:"returns_on,omitempty" format:"date" doc:"The day on which the writer of an automatic reply is back, if it says so."`
	Files      []string   `json:"files" doc:"The names of its files. They stay in the mailbox."`
	Truncated  bool       `json:"truncated" doc:"Only its beginning was read."`
	MessageID  string     `json:"message_id" doc:"Its Message-ID header, without angle brackets."`
	WrittenAt  *time.Time `json:"written_at,omitempty" doc:"Its own date."`
	ReceivedAt time.Time  `json:"received_at" doc:"When it was read."`
}

func receivedRowOf(v store.Received) ReceivedRow {
	row := ReceivedRow{
		ID: v.ID.String(), Class: string(v.Class), Message: v.Message.String(), Record: refTo(v.Record, v.RecordName), RecordKind: string(v.RecordKind),
		Enrollment: v.Enrollment.String(), Sequence: v.SequenceName, Status: string(v.Standing), Exit: string(v.Exit), User: v.User.String(), Sender: v.Sender, SenderName: v.SenderName, Subject: v.Subject, Preview: v.Preview(300),
		Colleague: v.Colleague, Detail: v.Detail, Files: v.Files, Truncated: v.Truncated, MessageID: v.RFCID, WrittenAt: moment(v.WrittenAt), ReceivedAt: v.CreatedAt.UTC(),
	}
	if row.Files == nil {
		row.Files = []string{}
	}
	if !v.ReturnsAt.IsZero() {
		row.ReturnsOn = v.ReturnsAt.UTC().Format(time.DateOnly)
	}
	return row
}

// receivedShape is a mail that came in, with its text.
type receivedShape struct {
	ReceivedRow
	Text string `json:"text,omitempty"`
	HTML string `json:"html,omitempty" doc:"Sanitised: without scripts, forms and pictures from elsewhere."`
}

func receivedOf(v store.Received) receivedShape {
	return receivedShape{ReceivedRow: receivedRowOf(v), Text: v.Text, HTML: v.HTML}
}

type receivedQuery struct {
	Paging
	Class   string            `query:"class" enum:"reply,automatic,bounce,soft_bounce,complaint"`
	Record  id[ident.Record]  `query:"record"`
	Message id[ident.Message] `query:"message" doc:"Only what is about this message of ours."`
	User    id[ident.User]    `query:"user" doc:"Only what came to this user's mailbox."`
}

func (d *door) received() {
	handle(d, with(get("/received", "list-received", "List mail that came in, newest first"), "Replies, automatic replies, bounces and complaints about messages of ours. Other mail is not kept."),
		func(ctx context.Context, actor access.Actor, in *receivedQuery) (page[ReceivedRow], error) {
			p, err := d.app.ListReceived(ctx, actor, store.ReceivedQuery{
				Class: message.Class(in.Class), Record: in.Record.Key, Message: in.Message.Key, User: in.User.Key, Cursor: in.Cursor, Limit: in.Limit,
			})
			return pageOf(p, receivedRowOf), err
		})
	handle(d, get("/received/{id}", "get-received", "Get a mail that came in with its text"), func(ctx context.Context, actor access.Actor, in *One[ident.Received]) (receivedShape, error) {
		v, err := d.app.GetReceived(ctx, actor, in.ID.Key)
		return receivedOf(v), err
	})
}
