package store_test

import (
	"maps"
	"testing"

	"cadenza/internal/record"
	"cadenza/internal/store"
)

func TestUserSettings(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna, ben := h.user("Anna").ID, h.user("Ben").ID
		said := func() (a, b string) {
			h.read(func(tx *store.Tx) (err error) {
				if a, err = tx.AfterDone(anna); err != nil {
					return err
				}
				b, err = tx.AfterDone(ben)
				return err
			})
			return a, b
		}
		if a, b := said(); a != "" || b != "" {
			t.Errorf("before anybody chose: %q, %q", a, b)
		}
		for _, value := range []string{"ask", "stay"} {
			h.write(func(tx *store.Tx) error { return tx.SaveAfterDone(anna, value) })
			if a, b := said(); a != value || b != "" {
				t.Errorf("%q for Anna and %q for Ben, want %q and nothing", a, b, value)
			}
		}
	})
}

func TestRecordViews(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna, ben := h.user("Anna").ID, h.user("Ben").ID
		for _, want := range []map[record.Kind]string{{record.Lead: "focused"}, {record.Lead: "table", record.Account: "focused"}, {}} {
			h.write(func(tx *store.Tx) error { return tx.SaveRecordViews(anna, want) })
			h.read(func(tx *store.Tx) error {
				got, err := tx.RecordViews(anna)
				if !maps.Equal(got, want) {
					t.Errorf("Anna looks at %v, want %v", got, want)
				}
				if others, err := tx.RecordViews(ben); err != nil || len(others) > 0 {
					t.Errorf("Ben, who switched nothing, looks at %v, %v", others, err)
				}
				return err
			})
		}
	})
}
