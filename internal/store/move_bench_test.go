package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/portion"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// BenchmarkMove measures the move of 50,000 records to another step of a new version and its undo, by batches of a fixed size and by
// portions, as they are carried out. "longest" is the longest batch, which on SQLite is how long an interactive write may have to wait.
func BenchmarkMove(b *testing.B) {
	for _, d := range databases {
		for _, kind := range []struct {
			name  string
			steps []step.Step
		}{{"task", []step.Step{task("a")}}, {"wait", []step.Step{pause("a", "20d"), task("z")}}} {
			for name, p := range map[string]*portion.Portion{"250": portion.New(250, 250, 250), "portions": portion.New(100, 250, 2000)} {
				b.Run(fmt.Sprintf("%s/%s/%s", d.name, kind.name, name), func(b *testing.B) { benchmarkMove(b, newHouse(b, d.open), p, kind.steps) })
			}
		}
	}
}

func benchmarkMove(b *testing.B, h *house, p *portion.Portion, steps []step.Step) {
	const many = 50_000
	s := h.sequence("Trial", steps...)
	h.connected(s, h.user("Anna").ID, many)
	h.drainAll()
	const first = 1 // undone, all stand on it again
	number := first
	var there, back stopwatch
	for b.Loop() {
		next := fmt.Sprint("b", number)
		renamed := append([]step.Step{}, steps...)
		renamed[0].ID = next
		h.renew(s.ID, renamed...)
		run := h.begin(s.ID, flow.Mapping{{Number: first, Step: "a"}: to(next)})
		there.batches(h, p)
		h.write(func(tx *store.Tx) error {
			r, err := tx.LockMoveRun(run.ID)
			if err != nil {
				return err
			}
			return tx.BeginUndo(r)
		})
		back.batches(h, p)
		if r := h.run(run.ID); r.Undone != many {
			b.Fatalf("%d were put back, want all", r.Undone)
		}
		number++
	}
	b.ReportMetric(many*float64(b.N)/there.all.Seconds(), "moved/s")
	b.ReportMetric(float64(there.longest.Milliseconds()), "longest-ms")
	b.ReportMetric(many*float64(b.N)/back.all.Seconds(), "undone/s")
	b.ReportMetric(float64(back.longest.Milliseconds()), "longest-undo-ms")
}

// stopwatch sums up how long batches of moves took.
type stopwatch struct{ all, longest time.Duration }

// batches goes on with a move until there is nothing to do now.
func (s *stopwatch) batches(h *house, p *portion.Portion) {
	h.Helper()
	for more := true; more; {
		begin := time.Now()
		_, err := h.db.WriteSome(context.Background(), p, func(tx *store.Tx, most int) (n int, err error) {
			n, more, err = tx.ContinueMove(most)
			return n, err
		})
		h.must(err)
		took := time.Since(begin)
		s.all, s.longest = s.all+took, max(s.longest, took)
	}
}
