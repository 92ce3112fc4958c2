package action

import (
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// messagesOf gives the messages of a record in a state, the oldest first.
func (h *house) messagesOf(rec ident.Record, state store.MessageState) (list []store.Message) {
	h.t.Helper()
	page, err := h.app.ListMessages(h.ctx, access.System(), store.MessageQuery{Record: rec, State: state, Queue: state == store.MessageQueued})
	if err != nil {
		h.t.Fatal(err)
	}
	return page.Rows
}

// foreseenEnd says what an enrollment's foreseen way ends with that nobody can foresee; "" when it comes to an end.
func (h *house) foreseenEnd(id ident.Enrollment) string {
	h.t.Helper()
	x, err := h.app.Explain(h.ctx, h.anna, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return x.End.Stuck
}

// TestHeldAfterRestore holds that what waits after a restore names the hold and who ends it, that it is known beforehand what the release lets go, and
// that nothing leaves before it.
func TestHeldAfterRestore(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		seq := h.active(h.manager, define("Way", pause("rest", "1d"), mail("m", "intro"), task("last")))
		before := h.lead(h.anna, "Olga", "Sato", "email", "olga@sato.test")
		old := h.connect(h.anna, seq, before)
		h.pass(0)
		if f, err := h.app.ReleaseForecast(h.ctx, h.anna); err != nil || !f.Since.IsZero() {
			t.Errorf("before a restore: %+v, %v", f, err)
		}
		if _, err := h.db.Mend(h.ctx); err != nil {
			t.Fatal(err)
		}
		after := h.lead(h.anna, "Tom", "Berg", "email", "tom@berg.test")
		fresh := h.connect(h.anna, seq, after)
		const held, who = "Sending is held since the database was restored on 2 March 2026, 09:00 UTC.",
			"An admin or a sales manager can let messages go on the outbox page; whoever runs the server can, with cadenza restore --release."
		const doubt = " This one may have been sent before that, and waits for a person's word after the release."
		h.pass(0)
		same(t, "foreseen while the new one waits for time", h.foreseenEnd(fresh), held)
		same(t, "foreseen while the old one does", h.foreseenEnd(old), held+doubt)
		h.pass(25 * time.Hour)
		same(t, "what holds the new one", h.heldFor(h.anna, fresh), "The email waits: "+held+" "+who)
		same(t, "what holds the old one", h.heldFor(h.anna, old),
			"The email waits: "+held+doubt+" "+who)
		x, err := h.app.Explain(h.ctx, h.anna, fresh)
		if err != nil || x.Holds[0].Code != "sending_held" || !strings.HasPrefix(x.End.Stuck, held) {
			t.Errorf("explained by %+v, %q, %v", x.Holds, x.End.Stuck, err)
		}
		for rec, o := range map[ident.Record]store.OnRelease{after: store.GoesOnRelease, before: store.DoubtOnRelease} {
			page, err := h.app.ListMessages(h.ctx, h.anna, store.MessageQuery{Queue: true, OnRelease: o})
			if err != nil || len(page.Rows) != 1 || page.Rows[0].Record != rec || page.Rows[0].Blocker != store.BlockRestored {
				t.Errorf("%s: %v, %v", o, page.Rows, err)
			}
		}
		f, err := h.app.ReleaseForecast(h.ctx, h.anna)
		if err != nil || f.Goes != 1 || f.Doubt != 1 || len(f.Sequences) != 1 || f.Sequences[0] != (store.SequenceRelease{ID: seq, Name: "Way", Goes: 1, Doubt: 1}) {
			t.Errorf("forecast: %+v, %v", f, err)
		}
		same(t, "sent while held", h.deliver(store.Delivered, ""), 0)
		refused(t, "release by a seller", h.app.ReleaseSending(h.ctx, h.anna), fault.Forbidden)
		if err := h.app.ReleaseSending(h.ctx, access.System()); err != nil {
			t.Fatal(err)
		}
		later := h.connect(h.anna, seq, h.lead(h.anna, "Ina", "Roth", "email", "ina@roth.test"))
		h.pass(0)
		same(t, "foreseen of the old one after the release", h.foreseenEnd(old),
			"The database was restored from a backup, and this may have been sent after the backup was made. Look whether it was, then say so.")
		same(t, "foreseen of a third one after the release", h.foreseenEnd(later), "")
		same(t, "sent after the release", h.deliver(store.Delivered, ""), 1)
		same(t, "sent to the new one", len(h.messagesOf(after, store.MessageSent)), 1)
		same(t, "in doubt", len(h.messagesOf(before, store.MessageUnknown)), 1)
	})
}

// TestNotSentEndsTheDoubt says of one message that it was not sent before the restore: it goes, and so does what comes after it, without a question.
// Of an enrollment whose message was sent nothing goes by itself.
func TestNotSentEndsTheDoubt(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		seq := h.active(h.manager, define("Way", pause("rest", "1d"), mail("first", "intro"), mail("second", "intro"), task("last")))
		lost, gone := h.lead(h.anna, "Olga", "Sato", "email", "olga@sato.test"), h.lead(h.anna, "Tom", "Berg", "email", "tom@berg.test")
		h.connect(h.anna, seq, lost)
		h.connect(h.anna, seq, gone)
		h.pass(0)
		if _, err := h.db.Mend(h.ctx); err != nil {
			t.Fatal(err)
		}
		if err := h.app.ReleaseSending(h.ctx, access.System()); err != nil {
			t.Fatal(err)
		}
		h.pass(25 * time.Hour)
		same(t, "what goes by itself", h.deliver(store.Delivered, ""), 0)
		for rec, sent := range map[ident.Record]bool{lost: false, gone: true} {
			doubts := h.messagesOf(rec, store.MessageUnknown)
			if len(doubts) != 1 {
				t.Fatalf("in doubt: %v", doubts)
			}
			if _, err := h.app.SettleMessage(h.ctx, h.anna, doubts[0].ID, sent); err != nil {
				t.Fatal(err)
			}
		}
		h.pass(0)
		same(t, "what goes after it was said", h.deliver(store.Delivered, ""), 1)
		same(t, "what comes after that", h.deliver(store.Delivered, ""), 1)
		same(t, "sent to whom it was lost", len(h.messagesOf(lost, store.MessageSent)), 2)
		same(t, "in doubt of whom it was not", len(h.messagesOf(gone, store.MessageUnknown)), 1)
		e, err := h.app.ListEnrollments(h.ctx, h.anna, store.EnrollmentQuery{Record: lost})
		if err != nil || len(e.Rows) != 1 || e.Rows[0].State.Wait != step.ForPerson {
			t.Errorf("stands at %+v, %v", e.Rows, err)
		}
	})
}
