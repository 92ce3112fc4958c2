package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// heldBy is what the gate said of a message, in lines.
func (h *house) heldBy(id ident.Message) (lines []string) {
	h.Helper()
	h.read(func(tx *store.Tx) error {
		all, err := tx.HoldsOf([]ident.Message{id})
		for _, l := range all[id] {
			until := "-"
			if !l.Until.IsZero() {
				until = l.Until.Format("15:04")
			}
			lines = append(lines, fmt.Sprint(l.At.Format("15:04"), " ", until, " ", l.Blocker, " ", l.Reason))
		}
		return err
	})
	return lines
}

// TestHoldsOf holds that what the gate says of a message is kept when it is something new, also after the message is out, and goes with the history of its
// enrollment, with its record, or with its age.
func TestHoldsOf(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		id := h.queued()
		m := h.messages(id)[0]
		later := func(b store.Blocker, reason string) {
			t.Helper()
			h.verdict(1, func(*store.MailCandidate) store.Verdict {
				return store.Verdict{Kind: store.Later, Blocker: b, Reason: reason, At: h.now().Add(time.Hour)}
			})
			h.pass(time.Hour)
		}
		later(store.BlockWindow, "It is night.")
		later(store.BlockWindow, "It is still night.") // nothing new
		later(store.BlockDayCap, "Enough for today.")
		h.finish(store.Retry, h.verdict(1, passing)[0].Message, "Busy.")
		h.pass(15 * time.Minute)
		h.finish(store.Delivered, h.verdict(1, passing)[0].Message, "")
		want := []string{"09:00 10:00 window It is night.", "11:00 12:00 day_cap Enough for today.", "12:00 12:15 refused_for_now Busy."}
		if got := h.heldBy(m.ID); !slices.Equal(got, want) {
			t.Errorf("held by %q, want %q", got, want)
		}
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, id)

		// One by hand, of a record that stays, and one of a record that is deleted.
		records := h.records(2)
		var byHand [2]ident.Message
		h.write(func(tx *store.Tx) (err error) {
			for i, r := range records {
				act, err := tx.InsertActivity(store.Activity{Record: r, Kind: "email", Name: "Write", DueAt: tx.Now, State: store.ActivitySending}, 0)
				if err != nil {
					return err
				}
				if byHand[i], err = tx.InsertMessage(store.Message{Record: r, Activity: act, RFCID: fmt.Sprint(i, "@holds.test"), Recipient: "lead@buyer.test", HTML: "<p>Hello</p>"}); err != nil {
					return err
				}
			}
			return nil
		})
		h.verdict(2, func(*store.MailCandidate) store.Verdict {
			return store.Verdict{Kind: store.Later, Blocker: store.BlockGap, Reason: "One at a time.", At: h.now()}
		})
		for _, c := range h.verdict(2, passing) {
			h.finish(store.Delivered, c.Message, "")
		}
		h.write(func(tx *store.Tx) error { return tx.DeleteRecord(records[1]) })
		if stays, goes := h.heldBy(byHand[0]), h.heldBy(byHand[1]); len(stays) != 1 || len(goes) != 0 {
			t.Errorf("after a record is deleted: %q and %q", stays, goes)
		}
		h.write(func(tx *store.Tx) error { return tx.SaveHistoryMonths(1) })
		h.count(4, "select count(*) from message_holds")
		h.pass(32 * 24 * time.Hour)
		if n, err := h.db.DropHistory(context.Background()); n != 1 || err != nil {
			t.Errorf("dropped the history of %d, %v", n, err)
		}
		h.count(0, "select count(*) from message_holds")
	})
}
