package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

func TestEnroll(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s, other := h.sequence("Trial", task("call")), h.sequence("Other", task("call"))
		anna := h.user("Anna")
		recs := h.records(3)
		first := h.enroll(s, anna.ID, recs[0], recs[1])
		again := h.enroll(s, anna.ID, recs[1], recs[2], recs[1])
		if first[0] == 0 || first[1] == 0 || again[0] != 0 || again[1] == 0 || again[2] != 0 {
			t.Fatalf("connected %v and then %v: a record that is on the sequence gives 0", first, again)
		}
		if id := h.enroll(other, 0, recs[0])[0]; id == 0 {
			t.Error("a record cannot be on two sequences")
		}
		e := h.enrollment(first[0])
		if e.Assignee != anna.ID || e.ConnectedBy != anna.ID || !e.ConnectedAt.Equal(monday) || !e.State.DueAt.Equal(monday) {
			t.Errorf("the new enrollment is %+v", e)
		}
		h.history(first[0], "connected")
		h.play(1, step.Paused{}, first[0])
		if id := h.enroll(s, anna.ID, recs[0])[0]; id != 0 {
			t.Error("a paused enrollment does not count as live")
		}
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, first[0])
		if id := h.enroll(s, anna.ID, recs[0])[0]; id == 0 || id == first[0] {
			t.Errorf("after its end a record gives %d, want a new enrollment", id)
		}
	})
}

func TestDue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", pause("rest", "1h"), task("call"))
		var ids []ident.Enrollment
		for range 5 { // each is due a minute after the one before
			ids = append(ids, h.connected(s, 0, 1)...)
			h.due(10, 1)
			h.pass(time.Minute)
		}
		checkNextDue(h, monday.Add(time.Hour))
		h.due(10, 0)
		h.play(1, step.Paused{}, ids[1])
		h.pass(time.Hour - 2*time.Minute) // 10:03: the first four are due, and the second is paused
		h.due(2, 2)
		for i, want := range []string{
			"active in call#2 for person", "paused in rest#1 for time", "active in call#2 for person",
			"active in rest#1 for time", "active in rest#1 for time",
		} {
			h.stands(ids[i], want)
		}
		h.due(2, 1)
		h.due(2, 0)
		checkNextDue(h, monday.Add(time.Hour+4*time.Minute))
		h.pass(time.Hour)
		h.due(2, 1)
		checkNextDue(h, time.Time{})
		h.play(1, step.Resumed{}, ids[1]) // its time has passed meanwhile
		h.due(2, 1)
		h.stands(ids[1], "active in call#2 for person")
		for i, id := range ids {
			if a := h.activities(id); len(a) != 1 || a[0].State != store.ActivityOpen || a[0].Token != h.token(id) {
				t.Errorf("activities of enrollment %d: %+v", i, a)
			}
		}
	})
}

func checkNextDue(h *house, want time.Time) {
	h.Helper()
	if next, err := h.db.NextDue(context.Background()); err != nil || !next.Equal(want) {
		h.Errorf("next due at %s, %v, want %s", next, err, want)
	}
}

// TestDueInBatches drains more than one batch, as the engine does.
func TestDueInBatches(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", mail("intro"), task("call"))
		ids := h.connected(s, h.user("Anna").ID, 1203)
		var sizes []int
		for {
			n, err := h.db.Due(context.Background(), 500)
			h.must(err)
			sizes = append(sizes, n)
			if n < 500 {
				break
			}
		}
		if want := []int{500, 500, 203}; !slices.Equal(sizes, want) {
			t.Errorf("batches of %v, want %v", sizes, want)
		}
		load, err := h.db.Load(context.Background())
		h.must(err)
		if load.Messages[store.MessageQueued] != int64(len(ids)) {
			t.Errorf("%d messages are queued, want %d", load.Messages[store.MessageQueued], len(ids))
		}
		got := h.messages(ids[7])
		if len(got) != 1 || !strings.Contains(got[0].RFCID, ids[7].String()) || !strings.HasSuffix(got[0].RFCID, "@test.local") {
			t.Errorf("messages %+v, want one with a Message-ID from %s at the mailbox's domain", got, ids[7])
		}
	})
}

func TestSignal(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", mail("intro"), pause("rest", "1h"), task("call"))
		ids := h.connected(s, h.user("Anna").ID, 3)
		h.due(10, 3)
		waiting, paused, ended := ids[0], ids[1], ids[2]
		sent := func(id ident.Enrollment) step.Event {
			return step.MailSent{Token: step.Token{Enrollment: id, Step: "intro", Visit: 1}}
		}

		h.signal(waiting, sent(waiting))
		drain(h.db.DueSignal())
		checkNextDue(h, monday)
		h.due(10, 1)
		h.pass(20 * time.Minute)
		h.signal(waiting, sent(waiting)) // late and twice: it changes nothing
		h.due(10, 1)
		h.stands(waiting, "active in rest#2 for time")
		checkNextDue(h, monday.Add(time.Hour))

		h.play(1, step.Paused{}, paused)
		h.signal(paused, sent(paused))
		h.due(10, 0)
		h.stands(paused, "paused in intro#1 for mail")
		h.play(1, step.Resumed{}, paused)
		h.stands(paused, "active in rest#2 for time")
		h.history(paused, "connected", "paused intro", "step intro sent", "resumed rest")

		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, ended)
		drain(h.db.DueSignal())
		h.signal(ended, sent(ended))
		select {
		case <-h.db.DueSignal():
			t.Error("an event of a finished enrollment woke the engine")
		default:
		}
		h.due(10, 0)
		h.history(ended, "connected", "exit intro disconnected")
	})
}

func drain(c <-chan struct{}) {
	select {
	case <-c:
	default:
	}
}

// TestSignalKinds brings every event that waits for the engine through the database.
func TestSignalKinds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", mail("intro"), task("call"))
		ids := h.connected(s, h.user("Anna").ID, 3)
		h.due(10, 3)
		h.signal(ids[0], step.MailSent{Token: h.token(ids[0])})
		h.signal(ids[1], step.MailRefused{Token: h.token(ids[1]), Reason: "No thanks."})
		h.signal(ids[2], step.MailFailed{Token: h.token(ids[2]), Reason: "No such user."})
		h.due(10, 3)
		h.history(ids[0], "connected", "step intro sent")
		h.history(ids[1], "connected", "step intro skipped No thanks.")
		h.history(ids[2], "connected", "handed intro handed_over No such user.")
		h.signal(ids[0], step.ActivityDone{Token: h.token(ids[0]), Outcome: "sent"})
		h.signal(ids[1], step.Replied{}) // this sequence goes on after a reply
		h.due(10, 2)
		h.stands(ids[0], "finished completed")
		h.stands(ids[1], "active in call#2 for person")
		err := h.db.Write(context.Background(), func(tx *store.Tx) error {
			return tx.Signal(store.SignalledEvent{Enrollment: ids[1], Event: step.Paused{}})
		})
		if err == nil {
			t.Error("an event that cannot be stored was taken")
		}
	})
}
