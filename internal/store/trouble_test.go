package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/testpg"
)

// newFile gives a house in a SQLite file of known path.
func newFile(t *testing.T) (*house, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "house.db")
	h := newHouse(t, func(tb testing.TB, o store.Options) *store.DB { return openFile(tb, file, o) })
	return h, file
}

func openFile(tb testing.TB, file string, o store.Options) *store.DB {
	tb.Helper()
	db, err := store.Open(context.Background(), "sqlite:"+file, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	if _, err := db.Migrate(context.Background()); err != nil {
		tb.Fatal(err)
	}
	return db
}

// says wants a fault of a part that is down, with a sentence and a hint for people.
func says(t *testing.T, err error, words ...string) {
	t.Helper()
	if !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v, want a fault that the database is unavailable", err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the fault reads %q, want %q in it", err, w)
		}
	}
}

// TestReadOnlyFile holds that a file which may not be written is said so, reads go on, and all is well afterwards.
func TestReadOnlyFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h, _ := newFile(t)
	anna := h.user("Anna").ID
	h.connected(h.sequence("Mails", mail("first")), anna, 1)
	h.due(10, 1) // queues an email: a claim of none writes nothing
	ids := h.connected(h.sequence("Trial", task("call")), anna, 3)
	h.must(h.db.Exec(ctx, "pragma query_only(1)")) // what SQLite answers is the same as for a file without the right
	const words = "The database is read-only, so nothing was saved. Give the server write access"
	_, err := h.db.Due(ctx, 10)
	says(t, err, words)
	says(t, h.db.Tidy(ctx), words)
	_, _, err = h.db.ClaimMail(ctx, "test", 10, nil)
	says(t, err, words)
	h.stands(ids[0], "active in #0 for ")
	h.must(h.db.Exec(ctx, "pragma query_only(0)"))
	h.due(10, 3)
}

// TestFullDisk holds that a full disk is said so, that nothing is half written, and that freeing some space is enough.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h, _ := newFile(t)
	ids := h.connected(h.sequence("Trial", task("call")), h.user("Anna").ID, 500)
	pages, err := h.db.Count(ctx, "pragma page_count")
	h.must(err)
	h.must(h.db.Exec(ctx, fmt.Sprint("pragma max_page_count = ", pages)))
	_, err = h.db.Due(ctx, 500)
	says(t, err, "The disk is full, so nothing was saved.", "Free some space")
	h.count(0, `select count(*) from activities`)
	h.count(500, `select count(*) from history`)
	h.stands(ids[499], "active in #0 for ")
	h.must(h.db.Exec(ctx, "pragma max_page_count = 1000000"))
	h.due(500, 500)
	h.count(500, `select count(*) from activities`)
}

// TestBusyFile holds that another program's lock is waited for, and then said so.
func TestBusyFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h, file := newFile(t)
	h.must(h.db.Exec(ctx, "pragma busy_timeout(50)"))
	other, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate")
	h.must(err)
	defer func() { h.must(other.Close()) }()
	tx, err := other.Begin()
	h.must(err)
	says(t, h.db.Tidy(ctx), "The database is busy, so nothing was saved. Try again in a moment.")
	h.must(tx.Rollback())
	h.must(h.db.Tidy(ctx))
}

// TestOpenRefuses holds what people read when a database cannot be opened.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("this is no database. ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		address string
		code    fault.Code
		words   []string
	}{
		{"mysql://localhost/cadenza", fault.Invalid, []string{"The database address is not understood.", "sqlite:FILE"}},
		{"", fault.Invalid, []string{"sqlite:FILE"}},
		{"sqlite:", fault.Invalid, []string{"names no file"}},
		{"sqlite:" + dir, fault.Unavailable, []string{"cannot be opened for writing", "It is a folder"}},
		{"sqlite:" + filepath.Join(dir, "no", "such", "folder.db"), fault.Unavailable, []string{"cannot be opened for writing", "Check that its folder exists"}},
		{"sqlite:" + garbage, fault.Unavailable, []string{garbage + " is damaged, or it is no database.", "Restore the last backup"}},
		{"postgres://user:secret@127.0.0.1:port/x", fault.Invalid, []string{"The PostgreSQL address cannot be read."}},
		{"postgres://user:secret@127.0.0.1:1/x?connect_timeout=5", fault.Unavailable, []string{"PostgreSQL at 127.0.0.1 does not answer.", "Check that the server runs"}},
	} {
		db, err := store.Open(context.Background(), c.address, store.Options{})
		if err == nil {
			t.Errorf("%q was opened", c.address)
			_ = db.Close()
			continue
		}
		if fault.CodeOf(err) != c.code {
			t.Errorf("%q: %v, want %s", c.address, err, c.code)
		}
		for _, w := range c.words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: the fault reads %q, want %q in it", c.address, err, w)
			}
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the fault tells the password: %q", c.address, err)
		}
	}
}

// TestPostgresGoesAway stops and kills the server under a house: each call says so, nothing is lost, and it goes on by
// itself when the server is back.
func TestPostgresGoesAway(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	cluster := testpg.Start(t, testpg.Options{Fsync: true})
	h := newHouse(t, func(tb testing.TB, o store.Options) *store.DB {
		db, err := store.Open(ctx, cluster.Database(tb), o)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = db.Close() })
		if _, err := db.Migrate(ctx); err != nil {
			tb.Fatal(err)
		}
		return db
	})
	ids := h.connected(h.sequence("Trial", task("call"), task("book")), h.user("Anna").ID, 20)
	for i, away := range []func(testing.TB){cluster.Stop, cluster.Kill} {
		listening := make(chan error, 1)
		go func() { listening <- h.db.Listen(ctx) }()
		<-h.db.DueSignal()
		// One transaction is open when the server goes away.
		err := h.db.Write(ctx, func(tx *store.Tx) error {
			if _, err := tx.InsertRecord(record.Record{Kind: record.Lead, Values: record.Values{"last_name": "Lost"}}); err != nil {
				return err
			}
			away(t)
			_, err := tx.InsertRecord(record.Record{Kind: record.Lead, Values: record.Values{"last_name": "Lost too"}})
			return err
		})
		says(t, err, "nothing was saved", "Try again in a moment")
		if err := <-listening; err == nil {
			t.Error("listening did not notice")
		}
		for range 3 {
			_, err = h.db.Due(ctx, 10)
			says(t, err, "The database does not answer", "Try again in a moment")
			_, err = h.db.NextDue(ctx)
			says(t, err, "The database does not answer")
			says(t, h.db.FinishMail(ctx, []store.MailResult{{Kind: store.Delivered}}), "The database does not answer")
			_, err = h.db.Lead(ctx, "tidy", "one", time.Minute)
			says(t, err, "The database does not answer")
		}
		cluster.Resume(t)
		h.due(10, 10)
		h.count(0, `select count(*) from records where name like 'Lost%'`)
		h.count(int64(10*(i+1)), `select count(*) from activities`)
	}
	h.stands(ids[0], "active in call#1 for person")
}
