package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// MessageRow is an email or text message in a list.
type MessageRow struct {
	ID         string        `json:"id"`
	Channel    string        `json:"channel" enum:"email,text"`
	State      string        `json:"state" enum:"queued,held,sending,sent,failed,withdrawn,unknown" doc:"unknown: its sending was cut off, a person says what became of it."`
	Record     *ref          `json:"record,omitempty"`
	RecordKind string        `json:"record_kind,omitempty"`
	User       string        `json:"user,omitempty" doc:"The id of the user who sends it."`
	Enrollment string        `json:"enrollment,omitempty"`
	Step       string        `json:"step,omitempty"`
	Activity   string        `json:"activity,omitempty"`
	Template   string        `json:"template,omitempty" doc:"The template's key."`
	MessageID  string        `json:"message_id" doc:"Its Message-ID header, without angle brackets; of a text message the Idempotency-Key that its provider got."`
	Sender     string        `json:"sender,omitempty"`
	Recipient  string        `json:"recipient,omitempty"`
	CC         string        `json:"cc,omitempty"`
	BCC        string        `json:"bcc,omitempty" doc:"Who got it without the others knowing."`
	Subject    string        `json:"subject,omitempty"`
	Parts      int           `json:"parts,omitempty" doc:"How many parts a text message is cut into."`
	Reason     string        `json:"reason,omitempty" doc:"Why it waits, failed or was withdrawn."`
	Blocker    string        `json:"blocker,omitempty" doc:"The code of the reason."`
	OpensAt    *time.Time    `json:"opens_at,omitempty" doc:"When what holds it up is likely to pass. For one that waits for its turn it is an estimate."`
	Attempts   int           `json:"attempts"`
	Scheduled  *time.Time    `json:"scheduled_at,omitempty" doc:"When its writer wants it sent; absent for at once."`
	NextAt     *time.Time    `json:"next_at,omitempty" doc:"When it is tried next."`
	AttemptAt  *time.Time    `json:"attempt_at,omitempty" doc:"When it was tried last."`
	CreatedAt  time.Time     `json:"created_at"`
	SentAt     *time.Time    `json:"sent_at,omitempty"`
	Bounce     *bounceShape  `json:"bounce,omitempty" doc:"What came back after it was sent. Its state stays sent: the mail server had taken it."`
	Tracked    bool          `json:"tracked" doc:"Whether it went out with a pixel and links that tell of opens and clicks."`
	Opens      int           `json:"opens" doc:"Opens that count."`
	Clicks     int           `json:"clicks" doc:"Clicks on links that count."`
	Downloads  int           `json:"downloads" doc:"Downloads of its files that count."`
	FirstOpen  *time.Time    `json:"first_opened_at,omitempty"`
	Files      []messageFile `json:"files" doc:"The files that go with it: as links when it is followed, else as attachments."`
}

// bounceShape is a report that a sent email did not arrive.
type bounceShape struct {
	Kind     string    `json:"kind" enum:"hard,soft" doc:"hard: the address takes no mail and is not written to any more; soft: this one email did not arrive, or is late."`
	Reason   string    `json:"reason,omitempty" doc:"What the server said."`
	At       time.Time `json:"at" doc:"When the report was read."`
	Received string    `json:"received" doc:"The id of the report among the received mail."`
}

// The kinds of bounces.
const (
	hardBounce = "hard"
	softBounce = "soft"
)

func bounceOf(b store.Bounce) *bounceShape {
	if b.Class == "" {
		return nil
	}
	kind := softBounce
	if b.Class == message.HardBounce {
		kind = hardBounce
	}
	return &bounceShape{Kind: kind, Reason: b.Detail, At: b.At.UTC(), Received: b.Mail.String()}
}

func messageRowOf(m store.Message) MessageRow {
	row := MessageRow{
		ID: m.ID.String(), Channel: string(m.Channel), Parts: m.Parts, State: m.State.String(), Record: refTo(m.Record, m.RecordName), RecordKind: string(m.RecordKind), User: m.User.String(),
		Enrollment: m.Enrollment.String(), Step: m.Token.Step, Activity: m.Activity.String(), Template: m.Template, MessageID: m.RFCID, Sender: m.Sender,
		Recipient: m.Recipient, CC: m.CC, BCC: m.BCC, Subject: m.Subject, Reason: m.Reason, Attempts: m.Attempts, AttemptAt: moment(m.AttemptAt),
		CreatedAt: m.CreatedAt.UTC(), SentAt: moment(m.SentAt), Scheduled: moment(m.ScheduledAt),
		Tracked: m.Tracked, Opens: m.Opens, Clicks: m.Clicks, Downloads: m.Downloads, FirstOpen: moment(m.FirstOpenedAt), Files: each(m.Files, messageFileOf),
	}
	row.Blocker, row.Bounce = string(m.Blocker), bounceOf(m.Bounce)
	if m.State == store.MessageQueued {
		row.NextAt = moment(m.NextAt)
		if m.Blocker != store.NotBlocked && !m.Blocker.NeedsPerson() {
			row.OpensAt = row.NextAt
		}
	}
	return row
}

// messageShape is an email or text message with its text.
type messageShape struct {
	MessageRow
	HTML string `json:"html,omitempty" doc:"Of an email; absent until it is built, shortly before it is sent."`
	Text string `json:"text,omitempty"`
}

func messageOf(m store.Message) messageShape {
	return messageShape{MessageRow: messageRowOf(m), HTML: m.HTML, Text: m.Text}
}

type messageQuery struct {
	Paging
	State   string           `query:"state" enum:"queued,held,sending,sent,failed,withdrawn,unknown"`
	Channel string           `query:"channel" enum:"email,text"`
	Bounced string           `query:"bounced" enum:"any,hard,soft" doc:"Only sent emails that bounced, in any way or in this one."`
	Record  id[ident.Record] `query:"record"`
	User    id[ident.User]   `query:"user" doc:"Only those that this user sends."`
	Release string           `query:"on_release" enum:"goes,doubt" doc:"While sending is held after a restore: only what waits and would go out on release (goes), or would then wait for a person's word because it may have been sent before (doubt)."`
	Sort    string           `query:"sort" enum:"newest,queue" doc:"newest is the default. queue gives those that wait (state queued), in the order in which they will go, each with its reason and opens_at."`
	Search  string           `query:"search" doc:"Words that recipient or subject must hold."`
}

// classes gives how a message must have bounced; nil for any message.
func (q messageQuery) classes() []message.Class {
	switch q.Bounced {
	case "any":
		return store.Bounces()
	case hardBounce:
		return []message.Class{message.HardBounce}
	case softBounce:
		return []message.Class{message.SoftBounce}
	}
	return nil
}

type settling struct {
	Sent bool `json:"sent" doc:"true: it arrived; false: it is to be sent again."`
}

type messageCounts struct {
	Counts  map[string]int `json:"counts" doc:"Messages by state, each counted up to 10,000."`
	Bounced int            `json:"bounced" doc:"How many of those that were sent have bounced, counted up to 10,000."`
}

// hitShape is an open, a click or a download of a followed email.
type hitShape struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind" enum:"open,click,download"`
	URL       string    `json:"url,omitempty" doc:"Where the link leads that was followed."`
	File      string    `json:"file,omitempty" doc:"The name of the file that was downloaded."`
	At        time.Time `json:"at"`
	UserAgent string    `json:"user_agent,omitempty" doc:"What the program said of itself."`
	Counted   bool      `json:"counted"`
	Reason    string    `json:"reason,omitempty" enum:"header_only,scanner,prefetch,too_soon,all_links" doc:"Why it is taken for a machine's and does not count."`
	CountedBy *ref      `json:"counted_by,omitempty" doc:"The user who said that it counts."`
}

func hitOf(h store.Hit) hitShape {
	return hitShape{
		ID: h.ID.String(), Kind: h.Kind().String(), URL: h.URL, File: h.FileName, At: h.At.UTC(), UserAgent: h.Agent, Counted: h.Reason == hit.Counted,
		Reason: h.Reason.String(), CountedBy: refTo(h.CountedBy, h.CountedByName),
	}
}

// OneHit names a hit of a message.
type OneHit struct {
	ID  id[ident.Message] `path:"id"`
	Hit id[ident.Hit]     `path:"hit"`
}

func (d *door) messages() {
	handle(d, get("/messages", "list-messages", "List outgoing emails and text messages, newest first or as they wait"), func(ctx context.Context, actor access.Actor, in *messageQuery) (page[MessageRow], error) {
		q := store.MessageQuery{Channel: message.Channel(in.Channel), Record: in.Record.Key, User: in.User.Key, Search: in.Search, Cursor: in.Cursor, Limit: in.Limit, Bounced: in.classes(), OnRelease: store.OnRelease(in.Release)}
		for _, state := range store.MessageStates() {
			if state.String() == in.State {
				q.State = state
			}
		}
		if q.Queue = in.Sort == "queue"; q.Queue && in.State != "" && q.State != store.MessageQueued {
			return page[MessageRow]{}, fault.Field("sort", "state", "Only queued messages have a place in the queue. Leave state out, or sort by newest.")
		}
		if q.Bounced != nil && (q.Queue || in.State != "" && q.State != store.MessageSent) {
			return page[MessageRow]{}, fault.Field("bounced", "state", "Only sent messages can have bounced. Leave state and sort out, or bounced.")
		}
		if q.OnRelease != "" && in.State != "" && q.State != store.MessageQueued {
			return page[MessageRow]{}, fault.Field("on_release", "state", "Only queued messages wait for the release. Leave state out, or on_release.")
		}
		p, err := d.app.ListMessages(ctx, actor, q)
		return pageOf(p, messageRowOf), err
	})
	handle(d, get("/messages/counts", "count-messages", "Count outgoing emails and text messages by state"), func(ctx context.Context, actor access.Actor, _ *none) (messageCounts, error) {
		counts, err := d.app.MessageCounts(ctx, actor)
		out := messageCounts{Counts: map[string]int{}}
		for _, state := range store.MessageStates() {
			out.Counts[state.String()] = counts[state]
		}
		if err == nil {
			out.Bounced, err = d.app.CountBounced(ctx, actor)
		}
		return out, err
	})
	handle(d, get("/messages/hold", "get-hold", "Say whether sending is held because the database was restored from a backup, and what its release would let go"), func(ctx context.Context, actor access.Actor, _ *none) (sendingHeld, error) {
		f, err := d.app.ReleaseForecast(ctx, actor)
		return sendingHeld{Held: !f.Since.IsZero(), Since: moment(f.Since), Goes: f.Goes, Doubt: f.Doubt, Sequences: each(f.Sequences, sequenceReleaseOf)}, err
	})
	handle(d, post("/messages/release", "release-messages", "Let messages go again after a restore"), func(ctx context.Context, actor access.Actor, _ *none) (sendingHeld, error) {
		return sendingHeld{Sequences: []sequenceRelease{}}, d.app.ReleaseSending(ctx, actor)
	})
	handle(d, get("/messages/{id}", "get-message", "Get an outgoing email or text message with its text"), func(ctx context.Context, actor access.Actor, in *One[ident.Message]) (messageShape, error) {
		m, err := d.app.GetMessage(ctx, actor, in.ID.Key)
		return messageOf(m), err
	})
	handle(d, with(get("/messages/{id}/hits", "list-hits", "List the opens, clicks and downloads of a followed email, newest first"), "The newest 200."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Message]) (page[hitShape], error) {
			hits, err := d.app.Hits(ctx, actor, in.ID.Key)
			return list(hits, hitOf), err
		})
	handle(d, with(post("/messages/{id}/hits/{hit}/count", "count-hit", "Say that an open, click or download counts that was taken for a machine's"),
		"Its sequence hears of it as of any other."), func(ctx context.Context, actor access.Actor, in *OneHit) (hitShape, error) {
		h, err := d.app.CountHit(ctx, actor, in.ID.Key, in.Hit.Key)
		return hitOf(h), err
	})
	handle(d, post("/messages/{id}/settle", "settle-message", "Say what became of a message whose sending was cut off"),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Message, settling]) (messageShape, error) {
			m, err := d.app.SettleMessage(ctx, actor, in.ID.Key, in.Body.Sent)
			return messageOf(m), err
		})
}

// sendingHeld says whether messages go.
type sendingHeld struct {
	Held  bool       `json:"held" doc:"Whether nothing is sent until somebody releases it."`
	Since *time.Time `json:"since,omitempty" doc:"The moment of the restore."`
	Goes  int64      `json:"goes" doc:"How many messages would go out on release, as windows and limits allow. GET /messages?on_release=goes lists them."`
	Doubt int64      `json:"doubt" doc:"How many would come to wait for a person's word, because they may have been sent before the restore."`
	// Sequences is never nil.
	Sequences []sequenceRelease `json:"sequences" doc:"The same by sequence, the one with the most that goes first."`
}

// sequenceRelease is the part of one sequence in what a release lets go.
type sequenceRelease struct {
	Sequence *ref  `json:"sequence,omitempty" doc:"Absent for what people wrote."`
	Goes     int64 `json:"goes"`
	Doubt    int64 `json:"doubt"`
}

func sequenceReleaseOf(s store.SequenceRelease) sequenceRelease {
	return sequenceRelease{Sequence: refTo(s.ID, s.Name), Goes: s.Goes, Doubt: s.Doubt}
}
