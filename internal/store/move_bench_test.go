package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// BenchmarkMove measures the move of 100,000 records to another step of a new version, in batches of 250. "longest" is the longest
// batch, which on SQLite is how long an interactive write may have to wait.
func BenchmarkMove(b *testing.B) {
	const many = 100_000
	for _, d := range databases {
		for kind, steps := range map[string][]step.Step{"task": {task("a")}, "wait": {pause("a", "20d"), task("z")}} {
			b.Run(fmt.Sprintf("%s/%s", d.name, kind), func(b *testing.B) {
				h := newHouse(b, d.open)
				s := h.sequence("Trial", steps...)
				h.connected(s, h.user("Anna").ID, many)
				h.drainAll()
				from, number := "a", 1
				longest := time.Duration(0)
				for b.Loop() {
					b.StopTimer()
					next := fmt.Sprint("b", number)
					renamed := append([]step.Step{}, steps...)
					renamed[0].ID = next
					h.renew(s.ID, renamed...)
					h.begin(s.ID, flow.Mapping{{Number: number, Step: from}: to(next)})
					from, number = next, number+1
					b.StartTimer()
					for more := true; more; {
						begin := time.Now()
						err := h.db.Write(context.Background(), func(tx *store.Tx) (err error) {
							_, more, err = tx.ContinueMove(250)
							return err
						})
						if err != nil {
							b.Fatal(err)
						}
						longest = max(longest, time.Since(begin))
					}
				}
				b.ReportMetric(many*float64(b.N)/b.Elapsed().Seconds(), "records/s")
				b.ReportMetric(float64(longest.Milliseconds()), "longest-ms")
			})
		}
	}
}
