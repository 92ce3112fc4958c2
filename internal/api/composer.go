package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

type composing struct {
	Template string `json:"template,omitempty" doc:"The key of another template than that of the step."`
	Thread   string `json:"thread,omitempty" enum:"reply,new" doc:"Whether it answers the emails before it or begins a thread of its own; what its step says when absent."`
}

// draftShape is an email before it is sent.
type draftShape struct {
	To        string     `json:"to"`
	CC        string     `json:"cc,omitempty"`
	BCC       string     `json:"bcc,omitempty"`
	Subject   string     `json:"subject"`
	HTML      string     `json:"html" doc:"Its text. A merge field that has no value for this record stands in its place."`
	Signature string     `json:"signature,omitempty" doc:"What is put below the text: the signature of the mailbox."`
	Signed    bool       `json:"signed" doc:"Whether the signature is put below the text."`
	Missing   []string   `json:"missing" doc:"The merge fields that have no value for this record."`
	Gaps      []gapShape `json:"gaps" doc:"The merge fields that have to be looked at before it is sent."`
	Template  string     `json:"template,omitempty"`
	Files     []string   `json:"files" doc:"The ids of the files that go with it."`
	From      string     `json:"from,omitempty" doc:"The address that sends it; absent while there is no mailbox."`
	Warning   string     `json:"warning,omitempty" doc:"Why it cannot be sent as things stand."`
	Follow    bool       `json:"follow" doc:"Whether its opens and clicks will be seen."`
	Thread    string     `json:"thread,omitempty" enum:"reply,new" doc:"Absent when there is nothing to answer."`
	Answers   []ref      `json:"answers" doc:"The emails that it can answer by its step's setting, oldest first: their ids and subjects."`
	Reply     *ref       `json:"reply,omitempty" doc:"The received mail that waits for an answer: its id and subject. An email under its subject goes into its thread."`
	Rev       int64      `json:"rev,omitempty" doc:"Of a draft that is kept: counts its savings; send it with the next one to notice those from elsewhere."`
	KeptAt    *time.Time `json:"kept_at,omitempty" doc:"When it was kept; absent for one that is not."`
}

// gapShape is a merge field that the reader of an email would stumble over.
type gapShape struct {
	In      string `json:"in" enum:"subject,html"`
	Code    string `json:"code" enum:"empty_field,unknown_field,unreadable"`
	Field   string `json:"field,omitempty" doc:"The merge field's name; absent for one that cannot be read."`
	Around  string `json:"around,omitempty" doc:"The words around its first place."`
	Problem string `json:"problem"`
	Fix     string `json:"fix" doc:"What to do about it."`
}

func gapOf(g action.MergeGap) gapShape {
	return gapShape{In: g.Field, Code: g.Code, Field: g.Name, Around: g.Around, Problem: g.Problem, Fix: g.Fix}
}

func draftOf(m action.Draft) draftShape {
	return draftShape{
		Thread: string(m.Thread), Reply: replyOf(m.Reply), Answers: each(m.Before, func(b store.Message) ref { return ref{ID: b.ID.String(), Name: b.Subject} }),
		To: m.To, CC: m.CC, BCC: m.BCC, Subject: m.Subject, HTML: m.HTML, Missing: texts(m.Missing), Template: m.Template, Files: outwardFiles(m.Files), From: m.From, Warning: m.Warning,
		Follow: m.Follow && m.Unfollowed == "", Signature: m.Signature, Signed: !m.Unsigned, Gaps: each(m.Gaps, gapOf), Rev: m.Rev, KeptAt: moment(m.KeptAt),
	}
}

// begunMail is an email that a user has begun and not sent.
type begunMail struct {
	Activity ref       `json:"activity"`
	Record   ref       `json:"record"`
	State    string    `json:"state" enum:"open,sending,held,completed,skipped,cancelled" doc:"Of the activity. A draft is kept for a month after it is over."`
	To       string    `json:"to,omitempty"`
	Subject  string    `json:"subject,omitempty"`
	KeptAt   time.Time `json:"kept_at"`
}

func begunMailOf(b action.BegunMail) begunMail {
	return begunMail{
		Activity: ref{ID: b.ID.String(), Name: b.Name}, Record: ref{ID: b.Record.String(), Name: b.RecordName}, State: b.State.String(),
		To: b.To, Subject: b.Subject, KeptAt: b.KeptAt.UTC(),
	}
}

// WrittenMail is what a person writes of an email.
type WrittenMail struct {
	CC       string            `json:"cc,omitempty" doc:"Addresses with commas between them."`
	BCC      string            `json:"bcc,omitempty" doc:"Addresses with commas between them, which the others do not see."`
	Subject  string            `json:"subject,omitempty" doc:"Required for sending unless it answers an email: then it has the subject of that, with Re: before it."`
	Thread   string            `json:"thread,omitempty" enum:"reply,new" doc:"reply: it answers the emails before it, through the mailbox of the first; new: it begins a thread of its own. What its step says when absent."`
	Template string            `json:"template,omitempty" doc:"The key of the template that it started from."`
	Files    *[]id[ident.File] `json:"files,omitempty" doc:"The ids of the files that go with it; those of the template when absent, [] for none."`
	Follow   *bool             `json:"follow,omitempty" doc:"Whether its opens and clicks are seen, as far as settings and recipients allow; true when absent."`
	Signed   *bool             `json:"signed,omitempty" doc:"Whether the signature of the mailbox is put below the text; true when absent."`
}

func (b WrittenMail) draft(to, html string) action.Draft {
	d := action.Draft{
		To: to, CC: b.CC, BCC: b.BCC, Subject: b.Subject, HTML: html, Template: b.Template, Thread: action.Thread(b.Thread),
		Follow: b.Follow == nil || *b.Follow, Unsigned: b.Signed != nil && !*b.Signed,
	}
	if b.Files != nil {
		d.Files = fileIDs(*b.Files)
	}
	return d
}

type newEmail struct {
	To   string `json:"to" doc:"One address."`
	HTML string `json:"html" doc:"Its text. Merge fields in it are filled with the record's values."`
	WrittenMail
	At          *time.Time `json:"at,omitempty" doc:"When it is sent; at once when absent. Until then its activity is pending."`
	EmptyFields bool       `json:"empty_fields,omitempty" doc:"true: merge fields without a value are left out. Otherwise such an email is refused."`
}

// keptEmail may be half written.
type keptEmail struct {
	To   string `json:"to,omitempty"`
	HTML string `json:"html,omitempty"`
	WrittenMail
	Rev int64 `json:"rev,omitempty" doc:"That of the draft which it replaces; absent for the first. Another one that was kept meanwhile is a conflict (stale), and stays."`
}

// mailCheck is what has to be looked at before an email is sent.
type mailCheck struct {
	Gaps     []gapShape       `json:"gaps"`
	Problems []addressTrouble `json:"problems" doc:"What is wrong with its addresses."`
	Warning  string           `json:"warning,omitempty" doc:"Why it cannot be sent whatever stands in it."`
}

type addressTrouble struct {
	Field   string `json:"field" enum:"to,cc,bcc"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// suggestedTime is when a record is likely to read an email.
type suggestedTime struct {
	At       *time.Time `json:"at,omitempty" doc:"Absent when nothing can be said: there is no working time."`
	Now      bool       `json:"now" doc:"Whether this moment is as good as any."`
	TimeZone string     `json:"time_zone,omitempty" doc:"The recipient's."`
	Guessed  bool       `json:"guessed" doc:"Whether the record does not say its time zone, so that it is the sender's."`
	Seen     int        `json:"seen" doc:"How many openings, clicks and answers at this hour speak for it; 0 when only working hours do."`
	Why      string     `json:"why,omitempty"`
}

type sendTime struct {
	At *time.Time `json:"at,omitempty" doc:"At most one year ahead; now when absent."`
}

func (d *door) composer() {
	handle(d, with(post("/activities/{id}/draft", "compose-email", "Fill the template of an email activity for its record"), "Nothing is saved or sent."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, *composing]) (draftShape, error) {
			m, err := d.app.ComposeDraft(ctx, actor, in.ID.Key, optional(in.Body).Template, action.Thread(optional(in.Body).Thread))
			return draftOf(m), err
		})
	handle(d, with(post("/activities/{id}/send", "send-email", "Send the email of an activity, now or at a time"),
		"The activity is completed when a server has taken the email, and opens again when none does."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, newEmail]) (messageShape, error) {
			draft := in.Body.draft(in.Body.To, in.Body.HTML)
			draft.EmptyFields = in.Body.EmptyFields
			if in.Body.At != nil {
				draft.At = *in.Body.At
			}
			m, err := d.app.SendEmail(ctx, actor, in.ID.Key, draft)
			return messageOf(m), err
		})
	handle(d, with(post("/activities/{id}/check", "check-email", "Look at an email of an activity before it is sent"), "Nothing is saved or sent."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, newEmail]) (mailCheck, error) {
			c, err := d.app.CheckMail(ctx, actor, in.ID.Key, in.Body.draft(in.Body.To, in.Body.HTML))
			return mailCheck{Gaps: each(c.Gaps, gapOf), Problems: each(c.Problems, troubleOf), Warning: c.Warning}, err
		})
	handle(d, get("/activities/{id}/draft", "get-email-draft", "Get the email that the token's user has begun for an activity"),
		func(ctx context.Context, actor access.Actor, in *One[ident.Activity]) (draftShape, error) {
			m, err := d.app.KeptMailDraft(ctx, actor, in.ID.Key)
			return draftOf(m), err
		})
	handle(d, with(get("/me/drafts", "list-email-drafts", "List the emails that the token's user has begun"), "The newest 200."),
		func(ctx context.Context, actor access.Actor, _ *none) (page[begunMail], error) {
			begun, err := d.app.BegunMails(ctx, actor)
			return list(begun, begunMailOf), err
		})
	handle(d, with(put("/activities/{id}/draft", "keep-email-draft", "Keep an email that is not sent yet"), "Of the token's user, for this activity. It may be half written, and is gone when the email is sent."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, keptEmail]) (draftShape, error) {
			draft := in.Body.draft(in.Body.To, in.Body.HTML)
			draft.Rev = in.Body.Rev
			if _, err := d.app.KeepMailDraft(ctx, actor, in.ID.Key, draft); err != nil {
				return draftShape{}, err
			}
			m, err := d.app.KeptMailDraft(ctx, actor, in.ID.Key)
			return draftOf(m), err
		})
	handleSilent(d, remove("/activities/{id}/draft", "discard-email-draft", "Discard the email that the token's user has begun"),
		func(ctx context.Context, actor access.Actor, in *One[ident.Activity]) error {
			return d.app.DiscardMailDraft(ctx, actor, in.ID.Key)
		})
	d.sendTimes()
}

func (d *door) sendTimes() {
	handle(d, with(get("/records/{id}/suggested-time", "suggest-send-time", "Say when a record is likely to read an email"),
		"By the hours at which it has opened or answered mail, within the send windows or working hours, by its own clock and holidays."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Record]) (suggestedTime, error) {
			s, ok, err := d.app.SuggestTime(ctx, actor, in.ID.Key)
			if err != nil || !ok {
				return suggestedTime{}, err
			}
			return suggestedTime{At: moment(s.At), Now: s.Now, TimeZone: s.Zone.String(), Guessed: s.Guessed, Seen: s.Seen, Why: s.Why}, nil
		})
	handle(d, with(post("/messages/{id}/reschedule", "reschedule-message", "Send an email that waits at another time, or now"), "One that a person wrote."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Message, *sendTime]) (messageShape, error) {
			var at time.Time
			if wish := optional(in.Body).At; wish != nil {
				at = *wish
			}
			m, err := d.app.RescheduleMessage(ctx, actor, in.ID.Key, at)
			return messageOf(m), err
		})
	handle(d, with(post("/messages/{id}/take_back", "take-back-message", "Take an email back that waits"),
		"One that a person wrote. Its activity is open again, and the text is kept as a draft of the token's user."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Message]) (messageShape, error) {
			m, err := d.app.TakeBackMessage(ctx, actor, in.ID.Key)
			return messageOf(m), err
		})
}

func troubleOf(p fault.Problem) addressTrouble {
	return addressTrouble{Field: p.Field, Code: p.Code, Message: p.Message}
}

// replyOf names the received mail that an email answers; nil for none.
func replyOf(r store.Received) *ref {
	if r.ID == 0 {
		return nil
	}
	return &ref{ID: r.ID.String(), Name: r.Subject}
}
