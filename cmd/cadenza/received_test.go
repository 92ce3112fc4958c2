package main

import (
	"strings"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// sent lets the server take what waits.
func (d *desk) sent() {
	d.t.Helper()
	pass, _, err := d.h.db.ClaimMail(d.t.Context(), "test", 10, breakOff)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, c := range pass {
		if err := d.h.db.FinishMail(d.t.Context(), []store.MailResult{{Message: c.Message, Kind: store.Delivered}}); err != nil {
			d.t.Fatal(err)
		}
	}
}

// takesIn reads a mail about one of ours from Anna's mailbox.
func (d *desk) takesIn(m store.Message, uid uint32, in message.Incoming, reading message.Reading) {
	d.t.Helper()
	box, err := d.h.app.GetMailbox(d.t.Context(), d.anna, d.anna.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	reading.Originals = []string{m.RFCID}
	if _, err := d.h.db.Receive(d.t.Context(), box, store.FolderCursor{Folder: "INBOX", Validity: 1, Next: uid + 1}, store.Arrival{UID: uid, In: in, Reading: reading}); err != nil {
		d.t.Fatal(err)
	}
}

// receivedIDs gives the ids of what came in, newest first.
func (d *desk) receivedIDs() (ids []string) {
	d.t.Helper()
	page, err := d.h.app.ListReceived(d.t.Context(), d.anna, store.ReceivedQuery{})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, v := range page.Rows {
		ids = append(ids, v.ID.String())
	}
	return ids
}

// TestReceivedOnTheCommandLine lists and shows an automatic reply, a bounce and a reply of a colleague, with what came of each.
func TestReceivedOnTheCommandLine(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, address(t, t.TempDir()))
			d.says(exitOK, "received list", "0 listed")
			d.says(exitOK, "received list --json", "[]")
			m := d.offer()
			d.sent()
			d.takesIn(m, 1, message.Incoming{From: message.Address{Name: "Marta Lindqvist", Email: "marta@buyer.test"}, Subject: "Away", MessageID: "a@buyer.test", Text: "I am out."},
				message.Reading{Class: message.AutomaticReply, Returns: time.Date(2031, 3, 9, 0, 0, 0, 0, time.UTC)})
			d.says(exitOK, "received list", "Automatic reply", "Marta Lindqvist", "Away", "    Marta Lindqvist. A program answered: back on 9 March 2031.", "1 listed")
			d.takesIn(m, 2, message.Incoming{From: message.Address{Email: "mailer-daemon@buyer.test"}, Subject: "Undelivered", MessageID: "b@buyer.test", Text: "Full."},
				message.Reading{Class: message.SoftBounce, Failures: []message.Failure{{Address: "marta@buyer.test", Detail: "552 The mailbox is full."}}})
			d.takesIn(m, 3, message.Incoming{
				From: message.Address{Name: "Ola Nordmann", Email: "ola@buyer.test"}, Subject: "Re: Our offer", MessageID: "c@buyer.test",
				HTML:        "<p>Thursday is <b>fine</b>.\x1b[2J</p><script>alert(1)</script>",
				Attachments: []message.Attachment{{Name: "plan.pdf", Type: "application/pdf"}},
			}, message.Reading{Class: message.HumanReply})
			ids := d.receivedIDs()
			if len(ids) != 3 {
				t.Fatalf("%d came in", len(ids))
			}
			d.narrowedReceived(m, ids)
			d.says(exitOK, "received show "+ids[2], "class        Automatic reply", "from         Marta Lindqvist <marta@buyer.test>", "mailbox of   Anna", "record       Marta Lindqvist",
				"about        "+m.ID.String()+"  Our offer", "sequence     Hand", "it means     A program answered: back on 9 March 2031. It neither ends a sequence nor counts as a reply.", "I am out.")
			d.says(exitOK, "received show "+ids[1], "class        Soft bounce", "it means     One email did not arrive, or is late. The address may still take others.", "server said  552 The mailbox is full.")
			d.says(exitOK, "received show "+ids[0]+" --as anna@example.com", "it means     Somebody else of the customer's wrote it", "came of it   It goes on in “Hand”.",
				"file         plan.pdf, in the mailbox", "\nThursday is *fine*.[2J\n")
			if said := d.play(exitOK, "", append([]string{"received", "show", ids[0]}, d.site...)...); strings.Contains(said, "\x1b") || strings.Contains(said, "<p>") || strings.Contains(said, "alert") {
				t.Errorf("a mail of a stranger reaches the terminal as it is:\n%q", said)
			}
			d.says(exitOK, "received show "+ids[0]+" --json", `"class": "reply"`, `"sequence": "Hand"`, `"enrollment_status": "active"`, "<b>fine</b>")
			d.leaves(ids[0])
			d.says(exitOK, "received show "+ids[0], "came of it   It has left “Hand”: Completed.")
			d.says(exitOK, "received list", "    Marta Lindqvist. It has left “Hand”: Completed.")
			d.says(exitOK, "received list --json", `"enrollment_status": "finished"`, `"exit": "completed"`)
			d.says(exitFailed, "received show nonsense", "- <mail>: There is no mail nonsense. See cadenza received list.")
			d.says(exitFailed, "received show "+ident.Received(4711).String(), "There is no such received mail")
			d.says(exitFailed, "received show "+ids[0]+" --as nobody@example.com", "There is no active user nobody@example.com")
		})
	}
}

// leaves takes the record of a received mail off its sequence, after what is pending: its last email was sent.
func (d *desk) leaves(received string) {
	d.t.Helper()
	id, err := readID[ident.Received]("received", received, "")
	if err != nil {
		d.t.Fatal(err)
	}
	v, err := d.h.app.GetReceived(d.t.Context(), d.anna, id)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, _, err := d.h.app.Disconnect(d.t.Context(), d.anna, []ident.Enrollment{v.Enrollment}); err != nil {
		d.t.Fatal(err)
	}
}

// narrowedReceived asks for the list by each of its flags, and for what there is not.
func (d *desk) narrowedReceived(m store.Message, ids []string) {
	d.t.Helper()
	for _, flags := range []string{"", "--record marta@buyer.test", "--message " + m.ID.String(), "--user anna@example.com", "--as anna@example.com"} {
		d.says(exitOK, "received list "+flags, ids[0], ids[1], ids[2], "3 listed")
	}
	d.says(exitOK, "received list --limit 1", ids[0], "1 listed", "There is more; ask for it with --limit.")
	d.says(exitOK, "received list --class soft_bounce", ids[1], "Soft bounce", "One email did not arrive, or is late.", "1 listed")
	d.says(exitOK, "received list --class reply --json", ids[0], `"colleague": true`)
	for _, flags := range []string{"--class complaint", "--record sam@buyer.test", "--message " + ident.Message(4711).String()} {
		d.says(exitOK, "received list "+flags, "0 listed")
	}
	d.says(exitMisused, "received list --class spam", "--class must be one of")
	d.says(exitFailed, "received list --limit 0", "- --limit: Ask for at least one mail.")
	d.says(exitFailed, "received list --message nonsense", "- --message: There is no message nonsense. See cadenza outbox list.")
	d.says(exitFailed, "received list --record nobody@buyer.test", "There is no record nobody@buyer.test.")
	d.says(exitFailed, "received list --user nobody@example.com", "There is no user nobody@example.com.")
}
