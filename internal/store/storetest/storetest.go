// Package storetest opens databases for tests and holds the suite that every database must pass.
//
// Each runs a test on SQLite always and on PostgreSQL where its programs are installed; the files beside it hold the
// cases of the store's methods. It must never be imported by anything but tests, and never keep a database from one
// test to the next.
//
// Start reading at Each.
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"cadenza/internal/store"
	"cadenza/internal/testpg"
)

// Each runs the test on a fresh, migrated database of either kind, in parallel.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachAt(t, nil, test)
}

// EachAt is Each with a clock; nil is the real one.
func EachAt(t *testing.T, now func() time.Time, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	o := store.Options{Now: now}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t, o))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t, o))
	})
}

// SQLite opens a fresh, migrated SQLite database in a folder of its own.
func SQLite(tb testing.TB, o store.Options) *store.DB {
	tb.Helper()
	content, err := migrated()
	if err != nil {
		tb.Fatalf("migrate: %v", err)
	}
	file := filepath.Join(tb.TempDir(), "test.db")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return open(tb, "sqlite:"+file, o)
}

// migrated gives the file of a migrated database. It is made once and copied, because the migrations cost more than most
// tests.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "cadenza-migrated")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "test.db")
	if err := migrate("sqlite:" + file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// Postgres opens a fresh, migrated PostgreSQL database; it skips the test where PostgreSQL is not installed.
func Postgres(tb testing.TB, o store.Options) *store.DB {
	tb.Helper()
	return open(tb, testpg.DatabaseFrom(tb, "migrated", migrate), o)
}

// Nodes opens one fresh, migrated PostgreSQL database as so many nodes do, each with connections of its own. A deadlock
// between them is noticed at once.
func Nodes(tb testing.TB, n int, o store.Options) []*store.DB {
	tb.Helper()
	return NodesAt(tb, n, o, "")
}

// NodesAt is Nodes with more settings at the end of the address.
func NodesAt(tb testing.TB, n int, o store.Options, settings string) []*store.DB {
	tb.Helper()
	address := testpg.DatabaseFrom(tb, "migrated", migrate) + "&deadlock_timeout=10ms" + settings
	nodes := make([]*store.DB, n)
	for i := range nodes {
		nodes[i] = open(tb, address, o)
	}
	return nodes
}

func open(tb testing.TB, address string, o store.Options) *store.DB {
	tb.Helper()
	db, err := store.Open(context.Background(), address, o)
	if err != nil {
		tb.Fatalf("open the database: %v", err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close the database: %v", err)
		}
	})
	return db
}

func migrate(address string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, address, store.Options{})
	if err != nil {
		return err
	}
	if _, err := db.Migrate(ctx); err != nil {
		_ = db.Close()
		return err
	}
	return db.Close()
}
