package main

import (
	"context"
	"fmt"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// answers are mails that came in. None of them moves a sequence: the reply answers one that has ended.
func (d *demo) answers(ctx context.Context) error {
	page, err := d.house.app.ListMessages(ctx, systemActor, store.MessageQuery{State: store.MessageSent, Channel: message.EmailChannel, Limit: 200})
	if err != nil {
		return err
	}
	over, going := []store.Message{}, []store.Message{}
	for _, m := range page.Rows {
		if m.Enrollment == 0 || m.User == 0 {
			continue
		}
		e, err := d.house.app.GetEnrollment(ctx, systemActor, m.Enrollment)
		if err != nil {
			return err
		}
		if e.State.Status == flow.Finished {
			over = append(over, m)
		} else {
			going = append(going, m)
		}
	}
	back := d.clock.now().AddDate(0, 0, 8).Format("2 January 2006")
	if len(over) > 0 {
		if err := d.answer(ctx, over[0], "In-Reply-To: <"+over[0].RFCID+">", "<p>Thank you, Thursday at ten is fine.</p><p>Could you bring the <b>price list</b>?</p><blockquote><p>Do you have ten minutes this week?</p></blockquote>"); err != nil {
			return err
		}
	}
	if len(going) > 0 {
		return d.answer(ctx, going[0], "Auto-Submitted: auto-replied\r\nIn-Reply-To: <"+going[0].RFCID+">", "<p>I am out of the office and will be back on "+back+".</p>")
	}
	return nil
}

// answer takes in a mail that answers one of ours, as if it had been read from the mailbox.
func (d *demo) answer(ctx context.Context, m store.Message, fields, html string) error {
	raw := fmt.Sprintf("From: %s <%s>\r\nTo: %s\r\nSubject: Re: %s\r\nDate: %s\r\nMessage-ID: <answer.%s@demo.test>\r\n%s\r\nContent-Type: text/html; charset=utf-8\r\n\r\n%s\r\n",
		m.RecordName, m.Recipient, m.Sender, m.Subject, d.clock.now().Format(time.RFC1123Z), m.ID, fields, html)
	in, err := message.Parse([]byte(raw))
	if err != nil {
		return err
	}
	box, err := d.house.app.GetMailbox(ctx, systemActor, m.User)
	if err != nil {
		return err
	}
	uid := uint32(m.ID)
	_, err = d.house.db.Receive(ctx, box, store.FolderCursor{Folder: "INBOX", Validity: 1, Next: uid + 1}, store.Arrival{UID: uid, In: in, Reading: message.Classify(in)})
	return err
}
