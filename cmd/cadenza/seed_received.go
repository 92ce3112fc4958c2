package main

import (
	"context"
	"fmt"
	"time"

	"cadenza/internal/message"
	"cadenza/internal/store"
)

// answers are mails that came in: an automatic reply, which moves no sequence.
func (d *demo) answers(ctx context.Context) error {
	page, err := d.house.app.ListMessages(ctx, systemActor, store.MessageQuery{State: store.MessageSent, Channel: message.EmailChannel, Limit: 50})
	if err != nil {
		return err
	}
	back := d.clock.now().AddDate(0, 0, 8).Format("2 January 2006")
	for _, m := range page.Rows {
		if m.Enrollment != 0 && m.User != 0 {
			return d.answer(ctx, m, "Auto-Submitted: auto-replied\r\nIn-Reply-To: <"+m.RFCID+">", "<p>I am out of the office and will be back on "+back+".</p>")
		}
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
