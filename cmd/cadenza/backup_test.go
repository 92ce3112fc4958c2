package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

const restoredLeads = 10

// TestRestoreSendsNothingTwice restores a backup that is older than what was sent, on each database: nothing goes out by itself, neither what the
// backup holds nor what its enrollments come to, and all of it is listed as unknown.
func TestRestoreSendsNothingTwice(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := &crash{
				t: t, site: site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir},
				sink: testmail.StartSink(t, testmail.SinkOptions{CountOnly: true}),
			}
			c.prepareSome(restoredLeads)
			sent := 0
			if kind == "sqlite" {
				file := filepath.Join(dir, "backup.db")
				c.want(0, "The key is not in it", "backup", file)
				c.want(1, "exists already", "backup", file)
				c.finish()
				sent = restoredLeads * crashMails
				c.want(1, "--force", "restore", file)
				c.want(1, "is in use", "restore", file, "--force")
				_ = c.house.db.Close()
				c.want(0, "is kept as", "restore", file, "--force")
			} else { // what was sent after a backup is nowhere in it: this is its state
				_ = c.house.db.Close()
				c.want(0, "is restored", "restore", "--after")
			}
			c.reopen()
			c.want(1, "Sending is held", "doctor")
			c.serveUntil("what would go out is queued", func(m map[store.MessageState]int64) bool { return m[store.MessageQueued] == restoredLeads })
			c.want(0, "On release 0 messages would go out, as windows and limits allow; 10 may have been sent before", "restore", "--release", "--dry-run")
			c.want(0, "         0         10  Crash", "restore", "--release", "--dry-run")
			c.want(1, "Say --release --dry-run", "restore", "--dry-run")
			c.want(1, "Sending is held", "doctor")
			c.releasedUnderWay()
			c.want(1, "Sending is not held", "restore", "--release")
			for range crashMails {
				c.serveUntil("all are in doubt", func(m map[store.MessageState]int64) bool { return m[store.MessageUnknown] == restoredLeads })
				if n := c.sink.Count(); n != sent {
					t.Fatalf("%d emails arrived, want %d", n, sent)
				}
				c.settle(true)
			}
			c.serveUntil("all stand at the task", func(m map[store.MessageState]int64) bool { return m[store.MessageSent] == restoredLeads*crashMails })
			if n := c.sink.Count(); n != sent {
				t.Errorf("%d emails arrived, want %d", n, sent)
			}
		})
	}
}

// releasedUnderWay lets messages go by a command beside a running server, and wants it to notice much earlier than by its poll of a minute.
func (c *crash) releasedUnderWay() {
	c.t.Helper()
	p := c.start()
	c.want(0, "Messages go again", "restore", "--release")
	began := time.Now()
	c.until("the server has noticed the release", func() bool {
		load, err := c.house.db.Load(context.Background())
		if err != nil {
			c.t.Fatal(err)
		}
		return load.Messages[store.MessageQueued] == 0
	})
	if took := time.Since(began); took > 30*time.Second {
		c.t.Errorf("the server noticed the release after %s", took)
	}
	p.stop(c.t)
}

// TestRestoreWhatIsNoBackup wants words for files that cannot be restored, and the database left alone.
func TestRestoreWhatIsNoBackup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := &crash{t: t, site: site{database: database{DB: "sqlite:" + filepath.Join(dir, "c.db")}, KeyFile: filepath.Join(dir, "key"), DataDir: dir}}
	file := filepath.Join(dir, "backup.db")
	c.want(1, "cannot be read", "restore", file)
	if err := os.WriteFile(file, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	c.want(1, "damaged", "restore", file)
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.want(1, "no database of Cadenza", "restore", file)
	if _, err := os.Stat(filepath.Join(dir, "c.db")); err == nil {
		t.Error("a database was left behind")
	}
}

// want runs a command on the database.
func (c *crash) want(code int, says string, args ...string) {
	c.t.Helper()
	var out bytes.Buffer
	args = c.withSite(args...)
	if got := run(context.Background(), args, func(string) string { return "" }, strings.NewReader(""), &out, &out); got != code || !strings.Contains(out.String(), says) {
		c.t.Fatalf("%s: exit %d, want %d and %q in:\n%s", args, got, code, says, out.String())
	}
}

// withSite adds to the arguments of a command where everything is.
func (c *crash) withSite(args ...string) []string {
	return append(args, "--db="+c.site.DB, "--key-file="+c.site.KeyFile, "--data-dir="+c.site.DataDir)
}

func (c *crash) reopen() {
	h, err := build(context.Background(), blueprint{site: c.site, log: quiet})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = h.db.Close() })
	c.house = h
}

// serveUntil runs a server until the messages stand so.
func (c *crash) serveUntil(what string, done func(map[store.MessageState]int64) bool) {
	c.t.Helper()
	p := c.start()
	c.until(what, twice(func() bool {
		load, err := c.house.db.Load(context.Background())
		if err != nil {
			c.t.Fatal(err)
		}
		return done(load.Messages)
	}))
	p.stop(c.t)
}

// settle says the same of every message in doubt.
func (c *crash) settle(sent bool) {
	for _, m := range c.messages() {
		if m.State == store.MessageUnknown {
			if _, err := c.house.app.SettleMessage(context.Background(), access.System(), m.ID, sent); err != nil {
				c.t.Fatal(err)
			}
		}
	}
}

// TestBackup copies a database that is open elsewhere, and wants a whole one in the file.
func TestBackup(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), t.TempDir()
	address, file := "sqlite:"+filepath.Join(dir, "c.db"), filepath.Join(dir, "backup.db")
	want := func(code int, says string, args ...string) {
		t.Helper()
		var out bytes.Buffer
		if got := run(ctx, args, func(string) string { return "" }, strings.NewReader(""), &out, &out); got != code || !strings.Contains(out.String(), says) {
			t.Fatalf("%s: exit %d, want %d and %q in:\n%s", args, got, code, says, out.String())
		}
	}
	want(1, "There is no database", "backup", file, "--db="+address)
	db, err := store.Open(ctx, address, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	version, err := db.Migrate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want(0, "The key is not in it", "backup", file, "--db="+address)
	want(1, "exists already", "backup", file, "--db="+address)
	want(0, "the whole database", "backup", file, "--db="+address, "--force")
	want(1, "pg_dump --format=custom", "backup", file, "--db=postgres://u:secret@localhost/x")
	copied, err := store.Open(ctx, "sqlite:"+file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = copied.Close() }()
	if current, _, err := copied.SchemaVersions(ctx); err != nil || current != version {
		t.Errorf("the copy has schema %d (%v), want %d", current, err, version)
	}
	if err := copied.CheckIntegrity(ctx); err != nil {
		t.Error(err)
	}
}
