package action

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// maxSchedule is how far ahead an email may be scheduled.
const maxSchedule = 366 * 24 * time.Hour

// checkSendTime refuses a time at which nothing can be sent; the zero one is now.
func checkSendTime(at, now time.Time) error {
	switch {
	case at.IsZero():
		return nil
	case !at.After(now):
		return fault.Field("at", "past", "Choose a time that is still to come, or send it now.")
	case at.Sub(now) > maxSchedule:
		return fault.Field("at", "range", "Choose a time within one year.")
	}
	return nil
}

// schedule gives a message of an activity its time, and lets the activity be due then: until it is really sent, it is pending.
func schedule(m *store.Message, act *store.Activity, at time.Time) {
	if at.IsZero() {
		return
	}
	m.ScheduledAt, m.DueBefore, act.DueAt = at, act.DueAt, at
}

// RescheduleMessage moves an email that waits to another time; the zero one sends it now.
func (a *App) RescheduleMessage(ctx context.Context, actor access.Actor, id ident.Message, at time.Time) (store.Message, error) {
	return a.changeWaiting(ctx, actor, id, func(tx *store.Tx, m store.Message, act store.Activity) error {
		if err := checkSendTime(at, tx.Now); err != nil {
			return err
		}
		if m.DueBefore.IsZero() {
			m.DueBefore = act.DueAt
		}
		if err := tx.RescheduleMessage(m, at); err != nil {
			return err
		}
		verb := "reschedule"
		if act.DueAt = at; at.IsZero() {
			act.DueAt, verb = tx.Now, "send now"
		}
		if err := tx.SaveActivity(act); err != nil {
			return err
		}
		return tx.Audit(actor.ID, verb, "message", int64(id), "")
	})
}

// TakeBackMessage takes an email back that waits. Its activity is open again, due as it was before, and the text is kept as the
// actor's draft.
func (a *App) TakeBackMessage(ctx context.Context, actor access.Actor, id ident.Message) (store.Message, error) {
	return a.changeWaiting(ctx, actor, id, func(tx *store.Tx, m store.Message, act store.Activity) error {
		if err := tx.TakeBackMessage(id, "Taken back by "+actor.Name+"."); err != nil {
			return err
		}
		act.State, act.Message = store.ActivityOpen, 0
		if m.State == store.MessageHeld {
			act.State = store.ActivityHeld
		}
		if !m.DueBefore.IsZero() {
			act.DueAt = m.DueBefore
		}
		if err := tx.SaveActivity(act); err != nil {
			return err
		}
		if err := draftFrom(tx, actor, m); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "take back", "message", int64(id), "")
	})
}

// changeWaiting lets alter change a message of an activity that waits to be sent.
func (a *App) changeWaiting(ctx context.Context, actor access.Actor, id ident.Message, alter func(*store.Tx, store.Message, store.Activity) error) (store.Message, error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return store.Message{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Message, error) {
		m, err := tx.GetMessage(id)
		if err != nil {
			return store.Message{}, err
		}
		if m.Activity == 0 {
			return store.Message{}, fault.New(fault.Conflict, "Only an email that a person wrote can be moved or taken back.").
				WithHint("Pause the sequence or disconnect the record to keep this one from going out.")
		}
		act, err := tx.LockActivity(m.Activity)
		if err != nil {
			return store.Message{}, err
		}
		if err := mayOn(actor, access.DoActivities, act.Assignee); err != nil {
			return store.Message{}, err
		}
		if m, err = tx.LockMessage(id); err != nil {
			return store.Message{}, err
		}
		if !m.Pending() || act.Message != m.ID || act.State != store.ActivitySending {
			return store.Message{}, fault.New(fault.Conflict, "The email is %s; only one that waits can be moved or taken back.", m.State).
				WithHint("Load the page again.")
		}
		if err := alter(tx, m, act); err != nil {
			return store.Message{}, err
		}
		return tx.GetMessage(id)
	})
}

// draftFrom keeps the text of a message as a draft, in place of one that is there.
func draftFrom(tx *store.Tx, actor access.Actor, m store.Message) error {
	box, err := tx.GetMailbox(m.Mailbox)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	html, signed := strings.CutSuffix(m.HTML, store.WithSignature("", box.Signature))
	d := store.MailDraft{
		Activity: m.Activity, User: actor.ID, Recipient: m.Recipient, CC: m.CC, BCC: m.BCC, Subject: m.Subject, HTML: html, Template: m.Template, Thread: string(NewThread),
		Follow: m.Follow, Unsigned: !signed, Files: store.ListOfFiles(idsOfFiles(m.Files)),
	}
	if m.Thread {
		d.Thread = string(ReplyThread)
	}
	before, _, err := tx.MailDraft(m.Activity, actor.ID)
	if err != nil {
		return err
	}
	d.Rev = before.Rev
	if _, err := tx.SaveMailDraft(d); err != nil {
		return fmt.Errorf("keep the text: %w", err)
	}
	return nil
}
