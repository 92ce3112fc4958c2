package store_test

import (
	"database/sql"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cadenza/internal/store"
)

// TestRulesOfTogether: functions that run together find out and change what they would have one after the other, however many questions each
// has, and nothing stays when one of them fails.
func TestRulesOfTogether(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.must(h.db.Exec(t.Context(), `create table shelf (place bigint primary key, n bigint not null)`))
		rapid.Check(t, func(rt *rapid.T) {
			h.must(h.db.Exec(t.Context(), `delete from shelf`))
			counts := rapid.SliceOfN(rapid.IntRange(0, 4), 1, 6).Draw(rt, "questions")
			fails := rapid.IntRange(-1, len(counts)-1).Draw(rt, "fails")
			wrong := errors.New("wrong")
			var parts []func(store.Asker) error
			for place, count := range counts {
				parts = append(parts, func(a store.Asker) error {
					for n := range count {
						if err := put(a, place, n); err != nil {
							return err
						}
					}
					if place == fails {
						return wrong
					}
					return nil
				})
			}
			err := h.db.Together(t.Context(), parts...)
			var want int64
			if fails < 0 {
				for _, count := range counts {
					want += int64(count)
				}
			} else if !errors.Is(err, wrong) {
				rt.Fatalf("got %v instead of what went wrong", err)
			}
			if fails < 0 && err != nil {
				rt.Fatal(err)
			}
			if got, err := h.db.Count(t.Context(), `select coalesce(sum(n), 0) from shelf`); err != nil || got != want {
				rt.Fatalf("%d on the shelf instead of %d, %v", got, want, err)
			}
		})
	})
}

// put adds one to a place that holds n, and looks.
func put(a store.Asker, place, n int) error {
	changed, err := a.Do(`insert into shelf (place, n) values ($1, 1) on conflict (place) do update set n = shelf.n + 1`, int64(place))
	if err != nil || changed != 1 {
		return errors.Join(err, errors.New("one row is changed"))
	}
	found, err := a.Numbers(`select n from shelf where place = $1`, int64(place))
	if err != nil || !slices.Equal(found, []int64{int64(n) + 1}) {
		return errors.Join(err, errors.New("another one counts there"))
	}
	return nil
}

func TestTogetherMissesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var none error
		var order []int64
		h.must(h.db.Together(t.Context(),
			func(a store.Asker) error {
				_, none = a.Number(`select 1 where 1 = 0`)
				return nil
			},
			func(a store.Asker) (err error) {
				order, err = a.Numbers(`select 1 union all select 2 order by 1`)
				return err
			},
			func(store.Asker) error { return nil },
		))
		if !errors.Is(none, sql.ErrNoRows) || !slices.Equal(order, []int64{1, 2}) {
			t.Fatalf("no row: %v; rows: %v", none, order)
		}
	})
}

func TestTogetherFails(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.must(h.db.Exec(t.Context(), `create table shelf (place bigint primary key)`))
		ended := false
		err := h.db.Together(t.Context(),
			func(a store.Asker) error {
				_, err := a.Do(`insert into shelf (place) values (1)`)
				return err
			},
			func(a store.Asker) error {
				_, err := a.Do(`insert into shelf (place) values (1)`)
				return err
			},
			func(a store.Asker) error {
				_, err := a.Do(`insert into shelf (place) values (2)`)
				ended = err == nil
				return err
			},
		)
		if err == nil || ended {
			t.Fatalf("got %v; the third went on: %t", err, ended)
		}
		if n, err := h.db.Count(t.Context(), `select count(*) from shelf`); err != nil || n != 0 {
			t.Fatalf("%d rows stayed, %v", n, err)
		}
	})
}

// TestTogetherReadsInTime: rows that a function leaves unread while it asks on are an error, not fewer rows. One function alone runs as any other.
func TestTogetherReadsInTime(t *testing.T) {
	h := newHouse(t, databases[1].open)
	err := h.db.Together(t.Context(),
		func(store.Asker) error { return nil },
		func(a store.Asker) error {
			rest, err := a.Leave(`select 1 union all select 2`)
			if err != nil {
				return err
			}
			if _, err := a.Number(`select 3`); err != nil {
				return err
			}
			return rest()
		})
	if err == nil {
		t.Fatal("rows were lost in silence")
	}
}

// TestPanicsLetGo: a transaction that panics ends, so that whoever recovers goes on and the connection is free; in a function that runs together with others, too.
func TestPanicsLetGo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.must(h.db.Exec(t.Context(), `create table shelf (place bigint primary key)`))
		write := func(a store.Asker) error {
			_, err := a.Do(`insert into shelf (place) values (1)`)
			return err
		}
		for name, parts := range map[string][]func(store.Asker) error{
			"at once": {write, func(store.Asker) error { panic("oh") }},
			"answered": {
				func(store.Asker) error { return nil },
				func(a store.Asker) error {
					if err := write(a); err != nil {
						return err
					}
					panic("oh")
				},
			},
			"alone": {func(store.Asker) error { panic("oh") }},
		} {
			for range 20 { // more than there are connections
				if got := recovered(func() { _ = h.db.Together(t.Context(), parts...) }); got != "oh" {
					t.Fatalf("%s: recovered %v", name, got)
				}
			}
		}
		if n, err := h.db.Count(t.Context(), `select count(*) from shelf`); err != nil || n != 0 {
			t.Fatalf("%d rows stayed, %v", n, err)
		}
	})
}

func recovered(fn func()) (got any) {
	defer func() { got = recover() }()
	fn()
	return nil
}
