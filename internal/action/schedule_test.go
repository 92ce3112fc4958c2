package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// scheduled sends Anna's only email with a time.
func (h *house) scheduled(at time.Time) (store.Activity, store.Message) {
	h.t.Helper()
	act := h.work(h.anna)
	m, err := h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", Subject: "Hello", HTML: "<p>News</p>", CC: "boss@customer.test", BCC: "log@home.test", At: at})
	if err != nil {
		h.t.Fatal(err)
	}
	return act, m
}

func (h *house) activityState(id ident.Activity) string {
	h.t.Helper()
	a, err := h.app.GetActivity(h.ctx, h.admin, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return fmt.Sprint(a.State, " due ", a.DueAt.Sub(h.db.Now()))
}

func TestScheduleEmail(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", write("w", ""), task("b")))
		e := h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		act := h.work(h.anna)
		for name, at := range map[string]time.Time{"past": h.db.Now(), "range": h.db.Now().AddDate(2, 0, 0)} {
			_, err := h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", Subject: "Hello", HTML: "<p>x</p>", At: at})
			refused(t, name, err, fault.Invalid, "at: Choose a time")
		}
		_, m := h.scheduled(h.db.Now().Add(20 * time.Hour))
		same(t, "pending, and due when it goes", h.activityState(act.ID), "sending due 20h0m0s")
		overdue, _, err := h.app.WorkCounts(h.ctx, h.anna, h.anna.ID, h.db.Now().Add(time.Hour))
		same(t, "overdue", fmt.Sprint(overdue, err), "0 <nil>")
		view, err := h.app.UpNext(h.ctx, h.anna, act.Record)
		same(t, "up next", fmt.Sprint(view.Tracks[0].Waiting, " ", view.Tracks[0].Until.Equal(m.ScheduledAt), err), "The email is scheduled. The activity is completed when it is sent. true <nil>")
		_, err = h.app.Complete(h.ctx, h.anna, act.ID, Done{})
		refused(t, "complete it meanwhile", err, fault.Conflict, "is scheduled and goes out on 3 March at 06:00", "Take it back first")
		same(t, "nothing goes before its time", h.deliver(store.Delivered, ""), 0)

		_, err = h.app.RescheduleMessage(h.ctx, h.bob, m.ID, h.db.Now().Add(time.Hour))
		refused(t, "another's", err, fault.Forbidden)
		_, err = h.app.RescheduleMessage(h.ctx, h.anna, m.ID, h.db.Now().Add(-time.Hour))
		refused(t, "into the past", err, fault.Invalid, "at: Choose a time that is still to come")
		m, err = h.app.RescheduleMessage(h.ctx, h.anna, m.ID, h.db.Now().Add(2*time.Hour))
		same(t, "moved", fmt.Sprint(m.ScheduledAt.Sub(h.db.Now()), m.State, err), "2h0m0s queued <nil>")
		same(t, "its activity moves along", h.activityState(act.ID), "sending due 2h0m0s")

		h.later(2 * time.Hour)
		same(t, "goes at its time", h.deliver(store.Delivered, ""), 1)
		same(t, "completed when it is sent", strings.Fields(h.activityState(act.ID))[0], "completed")
		same(t, "the flow goes on", h.enrollment(e), "active b person")
		_, err = h.app.TakeBackMessage(h.ctx, h.anna, m.ID)
		refused(t, "take back what is sent", err, fault.Conflict, "The email is sent")
	})
}

func TestSendScheduledNow(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.connect(h.anna, h.active(h.manager, define("Trial", write("w", ""))), h.lead(h.anna, "Cara", "Cole"))
		_, m := h.scheduled(h.db.Now().Add(20 * time.Hour))
		if _, err := h.app.RescheduleMessage(h.ctx, h.anna, m.ID, time.Time{}); err != nil {
			t.Fatal(err)
		}
		same(t, "sent at once", h.deliver(store.Delivered, ""), 1)
	})
}

func TestTakeBack(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.connect(h.anna, h.active(h.manager, define("Trial", write("w", ""))), h.lead(h.anna, "Cara", "Cole"))
		h.later(time.Hour)
		act, m := h.scheduled(h.db.Now().Add(20 * time.Hour))
		if _, err := h.app.RescheduleMessage(h.ctx, h.anna, m.ID, h.db.Now().Add(30*time.Hour)); err != nil {
			t.Fatal(err)
		}
		got, err := h.app.TakeBackMessage(h.ctx, h.anna, m.ID)
		same(t, "taken back", fmt.Sprint(got.State, " ", got.Reason, err), "withdrawn Taken back by Anna Berg.<nil>")
		same(t, "due as it was", h.activityState(act.ID), "open due -1h0m0s")
		d, err := h.app.OpenMailDraft(h.ctx, h.anna, act.ID)
		same(t, "the text is there", fmt.Sprint(d.To, " ", d.CC, " ", d.BCC, " ", d.Subject, " ", d.HTML, " ", d.Unsigned, d.Rev, err), "cara@customer.test boss@customer.test log@home.test Hello <p>News</p> false 1 <nil>")
		h.later(40 * time.Hour)
		same(t, "it does not go", h.deliver(store.Delivered, ""), 0)

		t.Log("written anew, it is another message")
		next, err := h.app.SendEmail(h.ctx, h.anna, act.ID, d)
		if err != nil || next.RFCID == m.RFCID {
			t.Fatalf("%s after %s, %v", next.RFCID, m.RFCID, err)
		}
		same(t, "and goes", h.deliver(store.Delivered, ""), 1)
	})
}

// TestScheduledMailOfPausedSequence holds that what is scheduled waits for its sequence, and is withdrawn with its end.
func TestScheduledMailOfPausedSequence(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		e := h.connect(h.anna, h.active(h.manager, define("Trial", write("w", ""), task("b"))), h.lead(h.anna, "Cara", "Cole"))
		act, m := h.scheduled(h.db.Now().Add(2 * time.Hour))
		state := func(want string) {
			t.Helper()
			got, err := h.app.GetMessage(h.ctx, h.anna, m.ID)
			same(t, "message", fmt.Sprint(got.State, err), want+" <nil>")
		}
		if _, err := h.app.PauseEnrollment(h.ctx, h.anna, e); err != nil {
			t.Fatal(err)
		}
		state("held")
		h.later(3 * time.Hour)
		same(t, "held back", h.deliver(store.Delivered, ""), 0)
		if _, err := h.app.ResumeEnrollment(h.ctx, h.anna, e); err != nil {
			t.Fatal(err)
		}
		state("queued")
		m2, err := h.app.RescheduleMessage(h.ctx, h.anna, m.ID, h.db.Now().Add(time.Hour))
		same(t, "moved", fmt.Sprint(m2.State, err), "queued <nil>")
		if _, _, err := h.app.Disconnect(h.ctx, h.anna, []ident.Enrollment{e}); err != nil {
			t.Fatal(err)
		}
		state("withdrawn")
		same(t, "activity", strings.Fields(h.activityState(act.ID))[0], "cancelled")
	})
}

func TestTakeBackWhilePaused(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		e := h.connect(h.anna, h.active(h.manager, define("Trial", write("w", ""))), h.lead(h.anna, "Cara", "Cole"))
		act, m := h.scheduled(h.db.Now().Add(2 * time.Hour))
		if _, err := h.app.PauseEnrollment(h.ctx, h.anna, e); err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.TakeBackMessage(h.ctx, h.anna, m.ID); err != nil {
			t.Fatal(err)
		}
		same(t, "activity", h.activityState(act.ID), "held due 0s")
		if _, err := h.app.ResumeEnrollment(h.ctx, h.anna, e); err != nil {
			t.Fatal(err)
		}
		same(t, "activity", h.activityState(act.ID), "open due 0s")
	})
}

func TestTakeBackAutomated(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.connect(h.anna, h.active(h.manager, define("Trial", mail("m", "intro"))), h.lead(h.anna, "Cara", "Cole"))
		page, err := h.app.ListMessages(h.ctx, h.anna, store.MessageQuery{})
		if err != nil || len(page.Rows) != 1 {
			t.Fatal(page.Rows, err)
		}
		_, err = h.app.TakeBackMessage(h.ctx, h.anna, page.Rows[0].ID)
		refused(t, "an automated one", err, fault.Conflict, "Only an email that a person wrote")
	})
}
