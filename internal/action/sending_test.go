package action

import (
	"testing"

	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// TestSendingRevisions holds in both databases that a change of older rules of sending, opt-out or limits is refused and changes nothing.
func TestSendingRevisions(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		read, err := h.app.GetSending(h.ctx, h.anna)
		if err != nil {
			t.Fatal(err)
		}
		next := read
		next.Limits.Day, next.Windows, next.Days[1] = 40, true, DayWindow{"08:00", "00:00"}
		saved, err := h.app.SaveSending(h.ctx, h.admin, next)
		if err != nil || saved.Limits.Rev != read.Limits.Rev+1 || saved.Days[1].To != "24:00" {
			t.Fatalf("saved %+v, %v", saved, err)
		}
		_, err = h.app.SaveSending(h.ctx, h.admin, read)
		refused(t, "over somebody's rules", err, fault.Stale, "the rules of sending")
		if kept, err := h.app.GetSending(h.ctx, h.anna); kept != saved || err != nil {
			t.Errorf("kept %+v, %v, want %+v", kept, err, saved)
		}

		old, err := h.app.GetOptOut(h.ctx, h.anna)
		if err != nil {
			t.Fatal(err)
		}
		words := old
		words.Words.Title = "Bye"
		if _, err := h.app.SaveOptOut(h.ctx, h.admin, words); err != nil {
			t.Fatal(err)
		}
		_, err = h.app.SaveOptOut(h.ctx, h.admin, old)
		refused(t, "over somebody's words", err, fault.Stale, "how customers opt out")
		kept, err := h.app.GetOptOut(h.ctx, h.anna)
		same(t, "words", kept.Words.Title, "Bye")
		if err != nil || kept.Rev != old.Rev+1 {
			t.Errorf("revision %d, %v", kept.Rev, err)
		}
	})
}

// TestNumberedLimits holds that limits which a mailbox gives itself again after it had none are told from those before.
func TestNumberedLimits(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		first := numbered(&store.SendLimits{Day: 1}, nil, h.db.Now())
		second := numbered(&store.SendLimits{Day: 2}, first, h.db.Now())
		h.later(1e9)
		again := numbered(&store.SendLimits{Day: 1}, nil, h.db.Now())
		if first.Rev <= 1 || second.Rev != first.Rev+1 || again.Rev <= second.Rev || numbered(nil, again, h.db.Now()) != nil {
			t.Errorf("revisions %d, %d, %d", first.Rev, second.Rev, again.Rev)
		}
	})
}
