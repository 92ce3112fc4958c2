package store

import (
	"context"
	"path/filepath"
	"testing"

	"cadenza/internal/testpg"
)

// TestFeedsKeepTheirNames holds that a feed of an older database names its events as before, until it is made anew.
func TestFeedsKeepTheirNames(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "old.db") },
		"postgres": func(t *testing.T) string { return testpg.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := at(t, address(t), 37, []string{
				`insert into users (id, name, email, password_hash, role, zone, active, created_at) values (4, 'Anna', 'anna@test.local', '', 'seller', 'UTC', true, 100)`,
				`insert into calendar_feeds (user_id, hash, created_at) values (4, 'old', 100)`,
			})
			ctx := context.Background()
			if _, err := db.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			err := db.Write(ctx, func(tx *Tx) error {
				old, err := tx.FeedByHash("old")
				if err != nil || !old.OldNames {
					t.Errorf("the feed that exists: %+v, %v", old, err)
				}
				if err := tx.SaveFeed(4, "new"); err != nil {
					return err
				}
				made, err := tx.FeedOf(4)
				if made.OldNames {
					t.Error("a new feed has the old names")
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
