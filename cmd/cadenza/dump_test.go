package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"cadenza/internal/store"
	"cadenza/internal/testmail"
	"cadenza/internal/testpg"
)

const dumpedLeads = 150

// TestDumpRestored makes a backup while a server sends, lets the server go on to the end, and puts the backup back: by cadenza backup and restore on SQLite, by
// pg_dump and pg_restore into a new database on PostgreSQL. Nothing of what was sent since goes out again, before the release nor after it.
func TestDumpRestored(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		c := newDumped(t, "sqlite:"+filepath.Join(dir, "c.db"), dir)
		file := filepath.Join(dir, "backup.db")
		c.sendAround(func() { c.want(0, "the whole database", "backup", file) })
		c.want(0, "is kept as", "restore", file, "--force")
		c.sendNothingAgain()
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		server, dir := testpg.Server(t), t.TempDir()
		c := newDumped(t, server.Database(t), dir)
		file := filepath.Join(dir, "cadenza.dump")
		c.sendAround(func() { server.Dump(t, c.site.DB, file) })
		c.site.DB = server.Database(t)
		c.want(1, "no database of Cadenza", "restore", "--after")
		server.Restore(t, file, c.site.DB)
		c.until("the leases that came with the dump ran out", func() bool {
			var said bytes.Buffer
			code := run(context.Background(), c.withSite("restore", "--after"), func(string) string { return "" }, strings.NewReader(""), &said, &said)
			if code != 0 && !strings.Contains(said.String(), "Stop them, wait for 15 seconds") {
				t.Fatalf("restore --after: %s", said.String())
			}
			return code == 0
		})
		c.sendNothingAgain()
	})
}

func newDumped(t *testing.T, address, dir string) *crash {
	c := &crash{
		t: t, site: site{database: database{DB: address}, KeyFile: filepath.Join(dir, "key"), DataDir: dir},
		sink: testmail.StartSink(t, testmail.SinkOptions{CountOnly: true}),
	}
	c.prepareSome(dumpedLeads)
	return c
}

// sendAround sends everything, and makes a backup in the middle of it.
func (c *crash) sendAround(backup func()) {
	c.t.Helper()
	p := c.start()
	c.until("some emails arrived", func() bool { return c.sink.Count() >= dumpedLeads/4 })
	before := c.sink.Count()
	backup()
	p.stop(c.t)
	c.finish()
	sent := c.sink.Count()
	if sent != dumpedLeads*crashMails || before >= sent {
		c.t.Fatalf("%d emails arrived before the backup and %d in all, want %d", before, sent, dumpedLeads*crashMails)
	}
	_ = c.house.db.Close()
}

// sendNothingAgain lets a server work on what was put back, and wants no email of it.
func (c *crash) sendNothingAgain() {
	c.t.Helper()
	const sent = dumpedLeads * crashMails
	c.reopen()
	c.want(1, "Sending is held", "doctor")
	// What the engine comes to while sending is held is queued and stays so.
	c.serveUntil("all that is due was done", c.settled)
	c.wantArrived(sent)
	c.want(0, "Messages go again", "restore", "--release")
	for range crashMails {
		c.serveUntil("all that would go is in doubt", func(m map[store.MessageState]int64) bool {
			return c.settled(m) && m[store.MessageQueued]+m[store.MessageSending] == 0
		})
		c.wantArrived(sent)
		c.settle(true)
	}
	c.serveUntil("all stand at the task", func(m map[store.MessageState]int64) bool {
		load, err := c.house.db.Load(context.Background())
		return err == nil && m[store.MessageSent] == dumpedLeads*crashMails && load.OpenActivities == dumpedLeads
	})
	c.wantArrived(sent)
}

// settled tells that the engine has nothing to do.
func (c *crash) settled(map[store.MessageState]int64) bool {
	load, err := c.house.db.Load(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	return load.OldestDue.IsZero()
}

func (c *crash) wantArrived(want int) {
	c.t.Helper()
	if n := c.sink.Count(); n != want {
		c.t.Fatalf("%d emails arrived, want %d", n, want)
	}
}
