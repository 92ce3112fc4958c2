package main

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

const digestReaders = 60

// TestDigestCrash kills the server with kill -9 while it writes and sends the digests of one morning, and starts it again: each
// reader gets one, and what was on the wire is listed as unknown. It is on SQLite, where a lease ends with its process; how
// another node takes over the lease is TestChoresOnce of action.
func TestDigestCrash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := &crash{
		t: t, site: site{database: database{DB: databases(t)["sqlite"](t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir},
		sink: testmail.StartSink(t, testmail.SinkOptions{CountOnly: true}),
	}
	c.prepareSome(0)
	c.readers(digestReaders)
	for _, written := range []int{1, digestReaders / 2, digestReaders} {
		p := c.start()
		c.until("digests are written", func() bool { return len(c.digests()) >= written })
		p.kill()
		t.Logf("killed with %d of %d digests written, %d arrived", len(c.digests()), digestReaders, c.sink.Count())
	}
	c.finish()
	c.compare()
	counts := c.digests()
	for user, n := range counts {
		if n != 1 {
			t.Errorf("user %s has %d digests", user, n)
		}
	}
	if len(counts) != digestReaders {
		t.Errorf("%d users have a digest, want %d", len(counts), digestReaders)
	}
}

// readers makes users with a mailbox and an activity who want a digest now, whatever the day and the hour.
func (c *crash) readers(many int) {
	c.t.Helper()
	zone := "Etc/GMT+6" // west of Greenwich, despite its sign
	if time.Now().UTC().Hour() < 12 {
		zone = "Etc/GMT-6"
	}
	always, err := action.SameHours([7]bool{true, true, true, true, true, true, true}, "00:00", "24:00")
	c.must(err)
	ctx, app := context.Background(), c.house.app
	for i := range many {
		u, err := app.CreateUser(ctx, access.System(), action.NewUser{
			Name: fmt.Sprint("Reader ", i), Email: fmt.Sprintf("reader%d@test.local", i), Password: "a long password", Zone: zone, Role: access.Seller,
		})
		c.must(err)
		c.mailboxOf(u)
		_, err = app.SaveWorkingTime(ctx, access.System(), action.WorkingTime{User: u.ID, Own: true, Hours: always})
		c.must(err)
		c.must(c.house.db.Write(ctx, func(tx *store.Tx) error {
			r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Owner: u.ID, Values: record.Values{"last_name": fmt.Sprint("Lead", i), "status": "open"}})
			if err != nil {
				return err
			}
			if _, err = tx.InsertActivity(store.Activity{Record: r.ID, Kind: "task", Name: "Ring them up", Assignee: u.ID, DueAt: tx.Now}, u.ID); err != nil {
				return err
			}
			return tx.SaveDigestHour(u.ID, 1)
		}))
	}
}

func (c *crash) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// digests counts the digests of each user.
func (c *crash) digests() map[ident.User]int {
	counts := map[ident.User]int{}
	for _, m := range c.messages() {
		if m.IsDigest() {
			counts[m.User]++
		}
	}
	return counts
}
