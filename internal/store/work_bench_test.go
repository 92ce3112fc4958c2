package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// BenchmarkWork measures what a page of a work list reads, for sellers with 1,000 and 5,000 due activities among a million
// open ones (the page has 100 ms in all).
func BenchmarkWork(b *testing.B) {
	const sellers, all = 1000, 1_000_000
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			h := newHouse(b, d.open)
			ctx := context.Background()
			counting := func(n int) string {
				return fmt.Sprintf("with recursive n (i) as (select cast(1 as bigint) union all select i + 1 from n where i < %d) ", n)
			}
			fields := `'{"last_name":"Schmidt","company":"Company","email":"a@example.com","value":"' || (i % 90000) || '","score":"' || (i % 100) || '"}'`
			h.must(h.db.Exec(ctx, `insert into records (id, kind, name, sort_name, company, email, phone, status, open, fields, search, rev, created_at, updated_at) `+counting(100_000)+
				`select i, 'lead', 'Schmidt ' || i, 'schmidt ' || i, 'Company', 'a@example.com', '', 'open', true, `+fields+`, 'schmidt ' || i, 1, 1, 1 from n`))
			// The first seller has 1,000 due, the second 5,000; the others share the rest.
			for _, part := range []struct {
				n        int
				assignee string
			}{{1000, "1"}, {5000, "2"}, {all - 6000, fmt.Sprintf("3 + i %% %d", sellers)}} {
				h.must(h.db.Exec(ctx, `insert into activities (record_id, step, visit, kind, name, description, template, trouble, state, assignee_id, proposed_at, due_at, snoozes,
					outcome, note, duration, created_at, rev) `+counting(part.n)+`select 1 + (i * 7919) % 100000, '', 0, 'task', 'Call', '', '', '', 1, `+part.assignee+`,
					i * 1000, i * 1000, 0, '', '', 0, 1, 1 from n`))
			}
			h.must(h.db.Exec(ctx, "analyze"))
			until := time.UnixMicro(1 << 50)
			for seller, due := range map[ident.User]int{1: 1000, 2: 5000} {
				q := store.WorkQuery{Assignee: seller, Until: until}
				for name, look := range map[string]func(*store.Tx) error{
					"in order": func(tx *store.Tx) error {
						list, _, err := tx.WorkEntries(q, 5001)
						if len(list) != due {
							b.Fatalf("%d entries, want %d", len(list), due)
						}
						return err
					},
					"in order of time": func(tx *store.Tx) error {
						list, err := tx.WorkTimes(q, 5001)
						if len(list) != due {
							b.Fatalf("%d entries, want %d", len(list), due)
						}
						return err
					},
					"in order of priority": func(tx *store.Tx) error {
						list, err := tx.WorkFacts(q, 5001)
						if len(list) != due {
							b.Fatalf("%d entries, want %d", len(list), due)
						}
						return err
					},
					"by a field": func(tx *store.Tx) error {
						sorted := q
						sorted.Field = "company"
						list, _, err := tx.WorkEntries(sorted, 5001)
						if len(list) != due || list[0].Value != "Company" {
							b.Fatalf("%d entries, want %d", len(list), due)
						}
						return err
					},
					"by fields": func(tx *store.Tx) error {
						narrow := q
						narrow.Fields = []store.FieldFilter{{Kind: record.Lead, Rows: []store.FilterRow{{Condition: record.Condition{Field: "score", Op: record.Above, Values: []string{"49"}}}}}}
						list, _, err := tx.WorkEntries(narrow, 5001)
						if len(list) == 0 || len(list) >= due {
							b.Fatalf("%d entries of %d", len(list), due)
						}
						return err
					},
					"by due time": func(tx *store.Tx) error { _, err := tx.WorkList(q); return err },
					"marked":      func(tx *store.Tx) error { _, _, err := tx.WorkMark(seller, until); return err },
					"counted":     func(tx *store.Tx) error { _, _, err := tx.WorkCounts(seller, until); return err },
				} {
					b.Run(fmt.Sprintf("%d %s", due, name), func(b *testing.B) {
						for b.Loop() {
							if err := h.db.Read(ctx, look); err != nil {
								b.Fatal(err)
							}
						}
					})
				}
			}
		})
	}
}
