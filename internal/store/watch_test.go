package store_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestLead holds that one node leads a chore at a time, until it lets the lease run out.
func TestLead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		before := h.db.Changes()
		lead := func(name, node string, want bool) {
			t.Helper()
			held, err := h.db.Lead(context.Background(), name, node, time.Minute)
			if err != nil || held != want {
				t.Errorf("%s leads %s at %s: %v, %v, want %v", node, name, h.now().Format(time.TimeOnly), held, err, want)
			}
		}
		lead("tidy", "one", true)
		lead("tidy", "two", false)
		lead("expire", "two", true)
		h.pass(40 * time.Second)
		lead("tidy", "one", true) // renewed
		h.pass(40 * time.Second)
		lead("tidy", "two", false)
		h.pass(20*time.Second + time.Microsecond)
		lead("tidy", "two", true)
		lead("tidy", "one", false)
		if h.db.Changes() != before {
			t.Error("a lease counts as a change that people see")
		}
	})
}

// TestOverhear holds that a server on an SQLite file hears within seconds of what another process wrote, and takes none of its own commits for one.
func TestOverhear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "house.db")
		server, command := openFile(t, file, store.Options{}), openFile(t, file, store.Options{})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { server.Overhear(ctx); close(done) }()
		defer func() { stop(); <-done }()
		audit := func(tx *store.Tx) error { return tx.Audit(0, "test", "database", 0, "") }
		heard := func() bool {
			select {
			case <-server.MailSignal():
				return true
			case <-time.After(3 * time.Second):
				return false
			}
		}
		if heard() {
			t.Error("it heard something before anything was written")
		}
		if err := server.Write(ctx, audit); err != nil {
			t.Fatal(err)
		}
		if heard() {
			t.Error("it took its own commit for that of another process")
		}
		if _, err := command.Mend(ctx); err != nil {
			t.Fatal(err)
		}
		if !heard() {
			t.Error("it did not hear of a restore within 3 seconds")
		}
		if err := command.Write(ctx, (*store.Tx).ReleaseSending); err != nil {
			t.Fatal(err)
		}
		if !heard() {
			t.Error("it did not hear of the release within 3 seconds")
		}
	})
}

// TestListen holds that a node hears the commits of another.
func TestListen(t *testing.T) {
	t.Parallel()
	h, nodes := newNodes(t, 2)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- nodes[1].Listen(ctx) }()
	<-nodes[1].DueSignal() // the nudge once the connection stands
	<-nodes[1].MailSignal()
	h.connected(h.sequence("Trial", mail("intro")), h.user("Anna").ID, 1)
	<-nodes[1].DueSignal()
	h.due(10, 1)
	<-nodes[1].MailSignal()
	stop()
	if err := <-done; err != nil {
		t.Errorf("listening ended with %v", err)
	}
}

func TestTidy(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		for name, until := range map[string]time.Time{"old": monday.Add(-time.Second), "new": monday.Add(time.Hour)} {
			h.must(h.db.Sessions().CommitCtx(ctx, name, []byte("x"), until))
		}
		reserve := func(key string) {
			t.Helper()
			_, err := h.db.ReserveKey(ctx, 1, key, "hash")
			h.must(err)
		}
		lead := func(node string) {
			t.Helper()
			_, err := h.db.Lead(ctx, "node:"+node, node, time.Minute)
			h.must(err)
		}
		reserve("old")
		lead("gone")
		h.pass(23 * time.Hour)
		reserve("new")
		lead("here")
		h.must(h.db.Tidy(ctx))
		h.count(2, `select count(*) from idempotency_keys`)
		h.pass(2 * time.Hour)
		lead("here")
		h.must(h.db.Tidy(ctx))
		h.count(1, `select count(*) from idempotency_keys`)
		h.count(0, `select count(*) from sessions`)
		if h.db.Dialect() == "postgres" {
			h.count(1, `select count(*) from leases where name = 'node:here'`)
			h.count(0, `select count(*) from leases where name = 'node:gone'`)
		}
	})
}

func TestLoad(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna").ID
		ids := append(h.connected(h.sequence("Trial", mail("intro"), task("call")), anna, 3), h.connected(h.sequence("Other", pause("rest", "1h"), task("call")), anna, 2)...)
		h.due(10, 5)
		h.signal(ids[0], step.MailSent{Token: h.token(ids[0])})
		h.due(10, 1)
		h.play(1, step.Paused{}, ids[1])
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, ids[2])
		load, err := h.db.Load(context.Background())
		h.must(err)
		if load.Enrollments[flow.Active] != 3 || load.Enrollments[flow.Paused] != 1 || load.OpenActivities != 1 ||
			load.Messages[store.MessageQueued] != 1 || load.Messages[store.MessageHeld] != 1 || load.Messages[store.MessageWithdrawn] != 1 ||
			!load.OldestDue.Equal(monday.Add(time.Hour)) {
			t.Errorf("load is %+v", load)
		}
	})
}

func TestIntegrity(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, h *house) { h.must(h.db.CheckIntegrity(context.Background())) })
}

// TestDamagedFile damages copies of a database: the check says so, or opening it does, and what to do.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h, file := newFile(t)
	h.connected(h.sequence("Trial", task("call")), h.user("Anna").ID, 300)
	h.must(h.db.Exec(ctx, "pragma wal_checkpoint(truncate)"))
	whole, err := os.ReadFile(file)
	h.must(err)
	const page = 4096
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	write := func(from int) {
		data := slices.Clone(whole)
		for at := from * page; at < len(data); at += page {
			copy(data[at:], bytes.Repeat([]byte{0xa5}, page))
		}
		h.must(os.WriteFile(damaged, data, 0o600))
	}
	write(1) // the schema is among it
	_, err = store.Open(ctx, "sqlite:"+damaged, store.Options{})
	says(t, err, "is damaged, or it is no database.", "Restore the last backup")
	write(len(whole)/page - 20)
	db, err := store.Open(ctx, "sqlite:"+damaged, store.Options{})
	h.must(err)
	defer func() { h.must(db.Close()) }()
	says(t, db.CheckIntegrity(ctx), "The database file is damaged", "restore the last backup: cadenza restore")
}
