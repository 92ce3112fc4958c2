package main

import (
	"context"
	"fmt"
	"time"

	"cadenza/internal/message"
	"cadenza/internal/store"
)

// answers are mails that came in: an automatic reply and a soft bounce, which move no sequence.
func (d *demo) answers(ctx context.Context) error {
	page, err := d.house.app.ListMessages(ctx, systemActor, store.MessageQuery{State: store.MessageSent, Channel: message.EmailChannel, Limit: 50})
	if err != nil {
		return err
	}
	back := d.clock.now().AddDate(0, 0, 8).Format("2 January 2006")
	var answered []store.Message
	for _, m := range page.Rows {
		if m.Enrollment == 0 || m.User == 0 {
			continue
		}
		if answered = append(answered, m); len(answered) == 2 {
			break
		}
	}
	for i, m := range answered {
		if i == 0 {
			err = d.answer(ctx, m, "Auto-Submitted: auto-replied\r\nIn-Reply-To: <"+m.RFCID+">", "<p>I am out of the office and will be back on "+back+".</p>")
		} else {
			err = d.softBounce(ctx, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// softBounce takes in a report (RFC 3464) that one mail did not arrive because its recipient's mailbox is full.
func (d *demo) softBounce(ctx context.Context, m store.Message) error {
	const report = "From: Mail Delivery System <mailer-daemon@demo.test>\r\nTo: %s\r\nSubject: Undelivered Mail Returned to Sender\r\nDate: %s\r\nMessage-ID: <bounce.%s@demo.test>\r\n" +
		"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nYour email could not be delivered: the recipient's mailbox is full.\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.demo.test\r\n\r\n" +
		"Final-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 5.2.2 The mailbox is full.\r\n" +
		"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <%s>\r\n\r\n--b--\r\n"
	return d.takeIn(ctx, m, fmt.Sprintf(report, m.Sender, d.clock.now().Format(time.RFC1123Z), m.ID, m.Recipient, m.RFCID))
}

// answer takes in a mail that answers one of ours, as if it had been read from the mailbox.
func (d *demo) answer(ctx context.Context, m store.Message, fields, html string) error {
	raw := fmt.Sprintf("From: %s <%s>\r\nTo: %s\r\nSubject: Re: %s\r\nDate: %s\r\nMessage-ID: <answer.%s@demo.test>\r\n%s\r\nContent-Type: text/html; charset=utf-8\r\n\r\n%s\r\n",
		m.RecordName, m.Recipient, m.Sender, m.Subject, d.clock.now().Format(time.RFC1123Z), m.ID, fields, html)
	return d.takeIn(ctx, m, raw)
}

// takeIn takes in a mail about one of ours as the reading of the mailbox does.
func (d *demo) takeIn(ctx context.Context, m store.Message, raw string) error {
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
