package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

func TestNextActivities(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		leads := h.records(3)
		add := func(rec ident.Record, name string, due time.Duration, state store.ActivityState) {
			h.write(func(tx *store.Tx) error {
				id, err := tx.InsertActivity(store.Activity{Record: rec, Kind: "task", Name: name, DueAt: monday.Add(due)}, 0)
				if err != nil {
					return err
				}
				a, err := tx.GetActivity(id)
				if err != nil {
					return err
				}
				a.State = state
				return tx.SaveActivity(a)
			})
		}
		add(leads[0], "third", 3*time.Hour, store.ActivityOpen)
		add(leads[0], "first", -time.Hour, store.ActivityOpen)
		add(leads[0], "second", time.Hour, store.ActivitySending)
		add(leads[0], "done", -2*time.Hour, store.ActivityCompleted)
		add(leads[0], "held", -3*time.Hour, store.ActivityHeld)
		add(leads[1], "done", -time.Hour, store.ActivitySkipped)
		add(leads[2], "only", time.Minute, store.ActivityOpen)

		for ask, want := range map[int]map[ident.Record][]string{
			0: {},
			1: {leads[0]: {"first"}, leads[2]: {"only"}},
			2: {leads[0]: {"first", "second"}, leads[2]: {"only"}},
		} {
			h.read(func(tx *store.Tx) error {
				page, err := tx.ListRecords(store.RecordQuery{Kind: record.Lead, Activities: ask})
				if len(page.Rows) != len(leads) {
					t.Fatalf("%d records, want %d: those without activities, too", len(page.Rows), len(leads))
				}
				for _, r := range page.Rows {
					var got []string
					for _, a := range r.Next {
						got = append(got, a.Name)
					}
					if !slices.Equal(got, want[r.ID]) {
						t.Errorf("asked for %d: %s has %v next, want %v", ask, r.Name(), got, want[r.ID])
					}
				}
				return err
			})
		}
	})
}

func TestRecordPageHolds250(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.records(252)
		for ask, want := range map[int]int{0: 50, 100: 100, 250: 250, 1000: 250} {
			h.read(func(tx *store.Tx) error {
				page, err := tx.ListRecords(store.RecordQuery{Kind: record.Lead, Limit: ask, Activities: 2})
				if len(page.Rows) != want || page.Total != 252 {
					t.Errorf("limit %d: %d of %d records, want %d of 252", ask, len(page.Rows), page.Total, want)
				}
				return err
			})
		}
	})
}

// BenchmarkNextActivities measures what the next activities add to a page of records, among a million records and a million activities: ten for each that
// has any, three of them open (the page has 100 ms in all, they 20).
func BenchmarkNextActivities(b *testing.B) {
	const records, activities = 1_000_000, 1_000_000
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			h := newHouse(b, d.open)
			ctx := context.Background()
			counting := func(n int) string {
				return fmt.Sprintf("with recursive n (i) as (select cast(1 as bigint) union all select i + 1 from n where i < %d) ", n)
			}
			h.must(h.db.Exec(ctx, `insert into records (id, kind, name, sort_name, company, email, phone, status, open, fields, search, rev, created_at, updated_at) `+counting(records)+
				`select i, 'lead', 'Schmidt ' || i, 'schmidt ' || i, 'Company', 'a@example.com', '', 'open', true, '{}', 'schmidt ' || i, 1, 1, 1 from n`))
			h.must(h.db.Exec(ctx, `insert into activities (record_id, step, visit, kind, name, description, template, trouble, state, proposed_at, due_at, snoozes,
				outcome, note, duration, created_at, rev) `+counting(activities)+`select 1 + (i * 7919) % 100000, '', 0, 'task', 'Call', '', '', '', case when i % 3 = 0 then 1 else 4 end,
				(i * 7919) % 1000000, (i * 7919) % 1000000, 0, '', '', 0, 1, 1 from n`))
			h.must(h.db.Exec(ctx, "analyze"))
			for _, size := range []int{50, 250} {
				for _, each := range []int{0, 2} {
					b.Run(fmt.Sprintf("%d records, %d each", size, each), func(b *testing.B) {
						for b.Loop() {
							if err := h.db.Read(ctx, func(tx *store.Tx) error {
								page, err := tx.ListRecords(store.RecordQuery{Kind: record.Lead, Limit: size, Activities: each})
								if err == nil && (len(page.Rows) != size || len(page.Rows[0].Next) != each) {
									b.Fatalf("%d records, the first with %d activities", len(page.Rows), len(page.Rows[0].Next))
								}
								return err
							}); err != nil {
								b.Fatal(err)
							}
						}
					})
				}
			}
		})
	}
}
