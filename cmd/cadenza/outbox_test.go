package main

import (
	"testing"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// offer queues an email that Anna wrote to Marta.
func (d *desk) offer() store.Message {
	d.t.Helper()
	m, err := d.h.app.SendEmail(d.t.Context(), d.anna, d.emails()[0], action.Draft{To: "marta@buyer.test", Subject: "Our offer", HTML: "<p>Dear Marta, here it is.</p>"})
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

// gate claims what waits, as a server does, and answers with a verdict.
func (d *desk) gate(answer func(*store.MailCandidate, time.Time) store.Verdict) {
	d.t.Helper()
	pass, _, err := d.h.db.ClaimMail(d.t.Context(), "test", 10, answer)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, c := range pass {
		r := store.MailResult{Message: c.Message, Kind: store.Unknown, Reason: "The connection broke off."}
		if err := d.h.db.FinishMail(d.t.Context(), []store.MailResult{r}); err != nil {
			d.t.Fatal(err)
		}
	}
}

// breakOff sends what waits, and lets the connection break in the middle of it.
func breakOff(c *store.MailCandidate, now time.Time) store.Verdict {
	m := c.Message
	m.Sender, m.AttemptAt = c.Mailbox.Address, now
	return store.Verdict{Kind: store.Pass, Message: m}
}

func TestOutboxOnTheCommandLine(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, address(t, t.TempDir()))
			d.says(exitOK, "outbox list", "0 listed")
			d.says(exitOK, "outbox list --json", "[]")
			m := d.offer()
			id := m.ID.String()
			d.says(exitOK, "outbox list", id, "queued", "marta@buyer.test", "Our offer", "    It is next.", "1 listed")

			opens := time.Now().Add(24 * time.Hour).Truncate(time.Minute)
			d.gate(func(*store.MailCandidate, time.Time) store.Verdict {
				return store.Verdict{Kind: store.Later, At: opens, Blocker: store.BlockWindow, Reason: "The window opens tomorrow."}
			})
			at := opens.UTC().Format("2006-01-02 15:04")
			d.says(exitOK, "outbox list", at, "    The window opens tomorrow. [window]")
			d.says(exitOK, "outbox list --as anna@example.com", opens.In(zoneNamed("Europe/Berlin")).Format("2006-01-02 15:04"))
			d.says(exitOK, "outbox list --json", `"blocker": "window"`, `"reason": "The window opens tomorrow."`, `"opens_at": "`+opens.UTC().Format("2006-01-02T15:04"))
			d.says(exitOK, "outbox show "+id, "state        queued", "why          The window opens tomorrow. [window]", "goes out     "+at, "subject      Our offer", "Dear Marta, here it is.")
			d.says(exitOK, "outbox show "+id+" --json", `"blocker": "window"`, `"html": "<p>Dear Marta, here it is.`)
			d.narrowed(id)

			d.says(exitFailed, "outbox settle "+id+" sent", "The message is queued; only one whose sending was cut off can be settled.")
			d.says(exitOK, "outbox take-back "+id+" --as anna@example.com", "The email is taken back.", "cadenza draft show anna@example.com "+m.Activity.String())
			d.says(exitOK, "draft show anna@example.com "+m.Activity.String(), "Subject: Our offer")
			d.says(exitFailed, "outbox withdraw "+id+" --as anna@example.com", "The email is withdrawn; only one that waits can be moved or taken back.")
			d.says(exitOK, "outbox list --state withdrawn", id, "    Taken back by Anna.")
		})
	}
}

// narrowed asks for a list by each of its flags, and for what there is not.
func (d *desk) narrowed(id string) {
	d.t.Helper()
	for _, flags := range []string{
		"--state queued", "--state all", "--user anna@example.com", "--user " + d.anna.ID.String(), "--record marta@buyer.test", "--search offer", "--channel email", "--limit 1",
	} {
		d.says(exitOK, "outbox list "+flags, id, "1 listed")
	}
	for _, flags := range []string{"--state sent", "--state bounced", "--record sam@buyer.test", "--search bill", "--channel text"} {
		d.says(exitOK, "outbox list "+flags, "0 listed")
	}
	d.says(exitMisused, "outbox list --state lost", "--state must be one of")
	d.says(exitMisused, "outbox list --channel fax", "--channel must be one of")
	d.says(exitFailed, "outbox list --user nobody@example.com", "There is no user nobody@example.com.")
	d.says(exitFailed, "outbox list --record nobody@buyer.test", "There is no record nobody@buyer.test.")
	d.says(exitFailed, "outbox list --limit 0", "- --limit: Ask for at least one message.")
	d.says(exitFailed, "outbox list --as nobody@example.com", "There is no active user nobody@example.com")
	d.says(exitFailed, "outbox show nonsense", "- <message>: There is no message nonsense. See cadenza outbox list.")
	d.says(exitFailed, "outbox show "+ident.Message(4711).String(), "There is no such message")
	d.says(exitMisused, "outbox settle "+id+" failed", "must be one of")
	d.says(exitFailed, "outbox settle nonsense sent", "- <message>: ")
	d.says(exitMisused, "outbox take-back "+id, "--as")
}

// TestSettleOnTheCommandLine takes a person's word for what a crash left in doubt, which doctor tells of.
func TestSettleOnTheCommandLine(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, address(t, t.TempDir()))
			d.says(exitOK, "user create ben@example.com --name Ben")
			id := d.offer().ID.String()
			d.gate(breakOff)
			d.says(exitFailed, "doctor", "1 messages may or may not have been sent.", "with cadenza outbox settle; cadenza outbox list --state unknown lists them.")
			d.says(exitOK, "outbox list --state unknown", id, "    The connection broke off.", "1 listed")
			d.says(exitOK, "outbox show "+id, "to do        cadenza outbox settle "+id+" sent, or again")
			d.says(exitFailed, "outbox settle "+id+" again --as ben@example.com", "may not")
			d.says(exitOK, "outbox settle "+id+" again", "It is queued again.")
			d.says(exitOK, "outbox list", id, "queued", "1 listed")
			d.gate(breakOff)
			d.says(exitOK, "outbox settle "+id+" sent --as anna@example.com --json", `"state": "sent"`)
			d.says(exitOK, "outbox list --state sent", id, "1 listed")
		})
	}
}
