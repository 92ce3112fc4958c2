package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// BenchmarkDue measures one batch of the engine: each enrollment leaves a wait and enters another, or
// opens an activity; "mixed" are two sequences by turns, so that no two enrollments beside each other move alike. "longest" is the
// longest batch of the run, which on SQLite is how long an interactive write may have to wait (design, section 2: 100 ms).
func BenchmarkDue(b *testing.B) {
	const many = 4000
	for _, d := range databases {
		for _, kind := range []string{"wait", "mixed", "task"} {
			for _, size := range []int{500, 1000, 2000} {
				b.Run(fmt.Sprintf("%s/%s/%d", d.name, kind, size), func(b *testing.B) {
					h := newHouse(b, d.open)
					h.connectedBy(kind, h.user("Anna").ID, many)
					h.drainAll()
					b.ReportAllocs()
					longest, rounds := time.Duration(0), many/size
					for b.Loop() {
						if rounds++; rounds*size > many { // all have moved
							b.StopTimer()
							h.nextRound()
							rounds = 1
							b.StartTimer()
						}
						begin := time.Now()
						if n, err := h.db.Due(context.Background(), size); n != size || err != nil {
							b.Fatalf("played %d, %v, want %d", n, err, size)
						}
						longest = max(longest, time.Since(begin))
					}
					b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "advances/s")
					b.ReportMetric(float64(longest.Milliseconds()), "longest-ms")
				})
			}
		}
	}
}

// steps gives a wait and what follows it: another wait, or an activity.
func steps(kind string) []step.Step {
	if kind == "task" {
		return []step.Step{pause("w", "1h"), task("t")}
	}
	return []step.Step{pause("w", "1h"), pause("v", "1h"), task("t")}
}

// connectedBy connects n leads, or half of them by turns to two sequences.
func (h *house) connectedBy(kind string, assignee ident.User, n int) {
	h.Helper()
	s := h.sequence("Trial", steps(kind)...)
	if kind != "mixed" {
		h.connected(s, assignee, n)
		return
	}
	other := h.sequence("Other", pause("w", "1h"), pause("u", "1h"), task("t"))
	var list []store.NewEnrollment
	for _, r := range h.records(n / 2) {
		for _, s := range []store.Sequence{s, other} {
			list = append(list, store.NewEnrollment{Sequence: s.ID, Version: s.Version, Record: r, Assignee: assignee, ConnectedBy: assignee})
		}
	}
	h.write(func(tx *store.Tx) error { _, err := tx.Enroll(list); return err })
}

func (h *house) drainAll() {
	h.Helper()
	for {
		n, err := h.db.Due(context.Background(), 2000)
		h.must(err)
		if n == 0 {
			return
		}
	}
}

// nextRound puts all enrollments back to the first wait, past all rules, and lets its time come.
func (h *house) nextRound() {
	h.Helper()
	due := h.now().Add(time.Hour).UnixMicro()
	h.must(h.db.Exec(context.Background(), fmt.Sprintf(
		`update enrollment_states set step = 'w', visit = visit + 1, wait = 1, due_at = %d, timer_at = %d, done = 0, auto_moves = 0`, due, due)))
	h.pass(time.Hour)
}
