package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// TestWhyNothing asks of records with which nothing happens.
func TestWhyNothing(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Olga", "Sato", "email", "")
		const idle = "not_connected since 2 09:00: It is on no sequence"
		same(t, "on its own", h.why(rec), "idle "+idle+` and was on none before, so nothing comes by itself. Anna Berg, sales managers and sequence managers can connect it. []
obstacle no_address since -: It has no valid email address. Anna Berg, admins and sales managers can add one. [record]`)
		once := define("Once", task("first"))
		once.Options.Reentry = "never"
		seq, _ := h.active(h.manager, once), h.active(h.manager, define("Mails", mail("m", "intro")))
		secret := h.active(h.manager, define("Secret", task("first")))
		if _, err := h.app.ShareSequence(h.ctx, h.manager, secret, SharingInput{Sharing: access.Private}); err != nil {
			t.Fatal(err)
		}
		e := h.connect(h.anna, seq, rec)
		if said := h.why(rec); !strings.Contains(said, "chance Mails:   [The record has no email address.") {
			t.Errorf("without an address: %s", said)
		}
		if err := h.disconnect(e); err != nil {
			t.Fatal(err)
		}
		h.later(time.Hour)
		if _, err := h.app.UpdateRecord(h.ctx, h.anna, rec, RecordChange{Values: record.Values{"email": "olga@sato.test"}}); err != nil {
			t.Fatal(err)
		}
		h.write(func(tx *store.Tx) error {
			_, err := tx.Suppress(store.Suppression{Channel: message.EmailChannel, Address: "olga@sato.test", Source: store.FromPerson})
			return err
		})
		const ended = `ended Once 2 09:00 Disconnected by Anna Berg. `
		said := h.why(rec)
		if !strings.HasPrefix(said, "idle "+idle+` any more, so nothing comes by itself. The last one, “Once”, ended: disconnected by Anna Berg. Anna Berg, sales managers and sequence managers can connect it. []
`+ended+`The sequence takes each record once. Whoever edits it can change that, with a new version.
obstacle suppressed since 2 10:00: Emails do not go to it: The address is suppressed. An admin or a sales manager can take it off the list of suppressions. [suppressions]
chance Mails:   [The address is suppressed. `) {
			t.Errorf("suppressed: %s", said)
		}
		same(t, "sequences", lastLine(said), "chance Once: finished_before It was on this sequence before, and the sequence takes each record once. [] []")
		w, err := h.app.WhyOf(h.ctx, h.manager, rec, 0)
		if err != nil || w.Chances[0].Sequences[0].ID != secret || w.Chances[0].Place.Path() != "/records/"+rec.String()+"/connect" || w.Obstacles[0].Place.Path() != "/suppressions?q=olga%40sato.test" {
			t.Errorf("to the manager: %+v, %v", w.Chances, err)
		}
		if w.Ended[0].Place != placeOf("sequence", seq) {
			t.Errorf("the manager is led to %v", w.Ended[0].Place)
		}
		if _, err := h.app.ShareSequence(h.ctx, h.manager, seq, SharingInput{Sharing: access.Private}); err != nil {
			t.Fatal(err)
		}
		if w, err = h.app.WhyOf(h.ctx, h.anna, rec, 0); err != nil || len(w.Chances) != 1 || w.Ended[0].Place != (Place{}) {
			t.Errorf("anna is led to %v, %v", w.Ended[0].Place, err)
		}
		if _, err = h.app.UpdateRecord(h.ctx, h.anna, rec, RecordChange{Values: record.Values{"do_not_email": "true", "status": "disqualified"}}); err != nil {
			t.Fatal(err)
		}
		same(t, "closed", h.why(rec), "idle "+idle+` any more, so nothing comes by itself. The last one, “Once”, ended: disconnected by Anna Berg.  []
`+ended+`The sequence takes each record once. Whoever edits it can change that, with a new version.
obstacle record_closed since -: The record is closed: its status is disqualified. Anna Berg, admins and sales managers can reopen it. [record]
obstacle do_not_contact since -: Emails do not go to it: The record must not be emailed. Anna Berg, admins and sales managers can change that on the record. [record]
chance Mails: record_closed It is closed: its status is disqualified. [] [record]`)
		if _, err := h.app.WhyOf(h.ctx, access.Actor{}, rec, 0); err == nil {
			t.Error("somebody without a role is answered")
		}
	})
}

func lastLine(text string) string { return text[strings.LastIndex(text, "\n")+1:] }

// TestWhyByHand follows a scheduled email that a person wrote, and one that fails, on a record with more sequences than are told of.
func TestWhyByHand(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Cara", "Cole", "email", "cara@customer.test")
		e := h.connect(h.anna, h.active(h.manager, define("Trial", write("w", ""))), rec)
		act, m := h.scheduled(h.db.Now().Add(20 * time.Hour))
		if err := h.disconnect(h.connect(h.anna, h.active(h.manager, define("Other", task("b"))), rec)); err != nil {
			t.Fatal(err)
		}
		asked := func() (Cause, Why) {
			t.Helper()
			c, err := h.app.CauseOf(h.ctx, h.anna, m.ID)
			if err != nil {
				t.Fatal(err)
			}
			w, err := h.app.WhyOf(h.ctx, h.anna, rec, 0)
			if err != nil {
				t.Fatal(err)
			}
			return c, w
		}
		c, w := asked()
		same(t, "scheduled", fmt.Sprint(c.Hold.Code, " to ", at(c.Hold.Until), " ", c.Hold.Change, " ", c.Hold.Place.Kind), "scheduled to 3 05:00 You can give it another time, or take it back. message")
		if len(w.Waiting) != 0 {
			t.Errorf("what its sequence tells is told again: %+v", w.Waiting)
		}
		if _, err := h.app.RescheduleMessage(h.ctx, h.anna, m.ID, time.Time{}); err != nil {
			t.Fatal(err)
		}
		later := store.Verdict{Kind: store.Later, Blocker: store.BlockPaused, Reason: "The mailbox of Anna Berg is paused.", At: h.db.Now()}
		for range 2 * whyHolds {
			if _, _, err := h.db.ClaimMail(h.ctx, "test", 1, func(*store.MailCandidate, time.Time) store.Verdict { return later }); err != nil {
				t.Fatal(err)
			}
			h.later(time.Hour)
			later.At = h.db.Now()
			if later.Blocker == store.BlockPaused {
				later.Blocker, later.Reason = store.BlockGap, "The mailbox keeps a gap between its emails."
			} else {
				later.Blocker, later.Reason = store.BlockPaused, "The mailbox of Anna Berg is paused."
			}
		}
		c, _ = asked()
		same(t, "held", fmt.Sprint(c.Hold.Code, " from ", at(c.Hold.Since), " ", c.Hold.Place.Path()), "gap from 3 04:00 /mailboxes/"+h.anna.ID.String())
		h.deliver(store.Rejected, "550 No such user.")
		c, w = asked()
		var said []string
		for _, r := range c.Reasons {
			said = append(said, at(r.At)+" to "+at(r.Until)+" "+r.Text)
		}
		if len(said) != whyHolds+4 || said[4] != "2 10:00 to 2 21:00 It waited 11 times more in between." {
			t.Errorf("%d reasons: %q", len(said), said)
		}
		same(t, "failed", lastLine(strings.Join(said, "\n")), "3 05:00 to - It is failed. 550 No such user.")
		same(t, "its remedy", fmt.Sprint(c.Hold.Code, " ", c.Hold.Text, " ", c.Hold.Change, c.Hold.Place == placeOf("activity", act.ID)), "trouble 550 No such user. You can mend that and try again, do it by hand, or skip it.true")
		if len(w.Waiting) != 0 || len(w.Live) != 1 || w.Live[0].Holds[0].Place != c.Hold.Place {
			t.Errorf("the record: %+v", w.Waiting)
		}
		if err := h.disconnect(e); err != nil {
			t.Fatal(err)
		}
		c, _ = asked()
		if c.Hold != nil {
			t.Errorf("nobody waits for it any more: %+v", c.Hold)
		}
		for i := range whyChances {
			h.active(h.manager, define(fmt.Sprintf("Way %02d", i), task("a")))
		}
		if _, w = asked(); w.MoreChances != 2 || len(w.Chances) != 1 || len(w.Chances[0].Sequences) != whyChances || w.Chances[0].Sequences[1].Name != "Trial" {
			t.Errorf("of many sequences: %d more than %d", w.MoreChances, len(w.Chances))
		}
	})
}
