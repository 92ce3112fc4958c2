package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// TestAlike moves a batch in which some moves are alike and others are not, whose keys lie close together or far apart, with one line of
// history or with several: each enrollment keeps its own chain of lines, whole and in order.
func TestAlike(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		asks := step.Step{ID: "if", Type: "condition", When: &step.When{Field: &record.Condition{Field: "email", Op: record.Equals, Values: []string{"Lead3@buyer.test"}}}}
		one, two := h.sequence("One", pause("w", "1h"), pause("v", "1h"), task("t")), h.sequence("Two", pause("w", "1h"), asks, pause("v", "1h"), task("t"))
		var ids []ident.Enrollment
		for range 4 { // runs of keys of either sequence
			records := h.records(33)
			ids = append(append(ids, h.enroll(one, 0, records...)...), h.enroll(two, 0, records...)...)
		}
		h.drainAll()
		// Those in between are not due: what is left lies far apart.
		h.must(h.db.Exec(context.Background(), fmt.Sprintf(`update enrollment_states set due_at = due_at + 60000000, timer_at = timer_at + 60000000 where id %% 40 <> 0 and id between %d and %d`,
			int64(ids[60]), int64(ids[len(ids)-60]))))
		h.signal(ids[2], step.Replied{}) // its row has been changed once more than the others'
		h.drainAll()
		for range 2 {
			h.pass(time.Hour)
			h.drainAll()
			h.pass(time.Minute)
			h.drainAll()
		}
		lines := int64(0)
		for i, id := range ids {
			want := []string{"connected", "step w waited", "step v waited"}
			switch {
			case i == 33+2: // the third lead, on the second sequence
				want = []string{"connected", "step w waited", "step if yes Email is Lead3@buyer.test", "step v waited"}
			case i/33%2 == 1:
				want = []string{"connected", "step w waited", "step if no Email is Lead3@buyer.test", "step v waited"}
			}
			lines += int64(len(want))
			h.history(id, want...)
			h.stands(id, fmt.Sprintf("active in t#%d for person", len(want)))
		}
		if n, err := h.db.Count(context.Background(), `select count(*) from history`); err != nil || n != lines {
			t.Errorf("history has %d lines, %v, want %d", n, err, lines)
		}
	})
}
