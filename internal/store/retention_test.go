package store_test

import (
	"context"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestDropHistory holds that only the lines of enrollments go that ended long enough ago, and that nothing that is counted changes.
func TestDropHistory(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ids := h.connected(h.sequence("Kept", pause("rest", "1h"), task("call")), h.user("Anna").ID, 4)
		ended, late, running := ids[:2], ids[2], ids[3]
		h.play(2, step.Stopped{Exit: step.ExitDisconnected}, ended...)
		h.pass(20 * 24 * time.Hour)
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, late)
		h.pass(12 * 24 * time.Hour)
		lines := func(id ident.Enrollment) (n int) {
			t.Helper()
			h.read(func(tx *store.Tx) error {
				list, err := tx.HistoryOf(id)
				n = len(list)
				return err
			})
			return n
		}
		drop := func(want int) {
			t.Helper()
			n, err := h.db.DropHistory(context.Background())
			if err != nil || n != want {
				t.Errorf("dropped the history of %d, %v, want %d", n, err, want)
			}
		}
		drop(0) // nobody has said that it goes
		before := [2]int{lines(late), lines(running)}
		h.write(func(tx *store.Tx) error { return tx.SaveHistoryMonths(1) })
		drop(2)
		drop(0)
		if got := [4]int{lines(ended[0]), lines(ended[1]), lines(late), lines(running)}; got != [4]int{0, 0, before[0], before[1]} {
			t.Errorf("lines left %v, want none, none and %v", got, before)
		}
		h.count(int64(before[0]+before[1]), "select count(*) from history")
		h.count(3, "select count(*) from enrollments where status = 3 and finished_at is not null and exit_reason <> ''")
		// What runs goes on, on the chain that it has.
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, running)
		if got := lines(running); got <= before[1] {
			t.Errorf("the running one has %d lines after its end, had %d", got, before[1])
		}
	})
}
