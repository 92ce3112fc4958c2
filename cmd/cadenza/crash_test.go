package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

// quiet is a log that nobody reads.
var quiet = slog.New(slog.DiscardHandler)

const (
	kills      = 50
	crashLeads = 5000
	crashMails = 2
	// crashConnections is how many emails are on the wire at once: what a kill may leave in doubt.
	crashConnections = 5
)

// TestCrash kills the server with kill -9 fifty times while it sends 10,000 emails, on each database, and compares what a
// counting mail server got with what the database says: no email is lost, none is sent twice by itself, and those in doubt
// are listed as unknown.
func TestCrash(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := &crash{
				t: t, site: site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir},
				sink: testmail.StartSink(t, testmail.SinkOptions{CountOnly: true}),
			}
			c.prepare()
			for round := range kills {
				c.killAfter(round)
			}
			c.finish()
			c.compare()
			c.settleRest(crashLeads*crashMails, c.finish)
			c.everyMailOnce()
		})
	}
}

type crash struct {
	t     *testing.T
	site  site
	sink  *testmail.Sink
	house *house
	// more is how much longer than two minutes to wait for anything: there is much to do.
	more time.Duration
}

// prepare makes leads on a sequence of three automated emails and a task. Nothing is sent yet: no server runs.
func (c *crash) prepare() { c.prepareSome(crashLeads) }

// prepareSome is prepare for a number of leads.
func (c *crash) prepareSome(many int) {
	ctx, t := context.Background(), c.t
	anna := c.open(nil)
	c.canMail(anna)
	h := c.house
	var steps []step.Step
	for i := range crashMails {
		steps = append(steps, step.Step{ID: fmt.Sprintf("mail%d", i), Type: "automated_email", Name: "Mail", Config: step.Config{"template": "intro"}})
	}
	steps = append(steps, step.Step{ID: "call", Type: "task", Name: "Call", Config: step.Config{}})
	applied, err := h.app.ApplySequence(ctx, access.System(), flow.Sequence{Name: "Crash", Record: record.Lead, Options: flow.DefaultOptions(), Steps: steps}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.app.Activate(ctx, access.System(), applied.Sequence.ID, action.ActivateInput{Rev: applied.Sequence.DraftRev}); err != nil {
		t.Fatal(err)
	}
	c.connectSome(anna, applied.Sequence.ID, many)
}

// open migrates the database, keeps it open with the clock now (nil for the real one), and gives the first user.
func (c *crash) open(now func() time.Time) store.User {
	ctx, t := context.Background(), c.t
	h, err := build(ctx, blueprint{site: c.site, log: quiet, cost: action.PasswordCost{Memory: 8 << 10, Rounds: 1}, now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.db.Close() })
	c.house = h
	if _, err := h.db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	anna, err := h.app.CreateUser(ctx, access.System(), action.NewUser{Name: "Anna", Email: "anna@test.local", Password: "a long password", Zone: "UTC", Role: access.Admin})
	if err != nil {
		t.Fatal(err)
	}
	return anna
}

// canMail gives a user a mailbox at the sink, and a text to send.
func (c *crash) canMail(u store.User) {
	c.t.Helper()
	c.mailboxOf(u)
	if _, err := c.house.app.CreateTemplate(context.Background(), access.System(), action.TemplateInput{Key: "intro", Name: "Intro", Subject: "Hello {{ last_name }}", HTML: "<p>Hello</p>"}); err != nil {
		c.t.Fatal(err)
	}
}

// mailboxOf gives a user a mailbox at the sink.
func (c *crash) mailboxOf(u store.User) {
	c.t.Helper()
	host, port, _ := net.SplitHostPort(c.sink.Addr())
	at, _ := strconv.Atoi(port)
	_, err := c.house.app.SaveMailbox(context.Background(), access.System(), action.MailboxInput{
		User: u.ID, Address: u.Email, SenderName: u.Name, Host: host, Port: at,
		Security: store.NoTLS, Username: u.Name, Password: "secret",
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// connectSome puts new leads of six companies on the sequence, all in one transaction.
func (c *crash) connectSome(anna store.User, sequence ident.Sequence, many int) {
	err := c.house.db.Write(context.Background(), func(tx *store.Tx) error {
		seq, err := tx.GetSequence(sequence)
		if err != nil {
			return err
		}
		var list []store.NewEnrollment
		for i := range many {
			r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Owner: anna.ID, Values: record.Values{
				"last_name": fmt.Sprint("Lead", i), "email": fmt.Sprintf("lead%d@buyer.test", i), "status": "open", "company": fmt.Sprint("Lane ", i%6),
			}})
			if err != nil {
				return err
			}
			list = append(list, store.NewEnrollment{Sequence: seq.ID, Version: seq.Version, Record: r.ID, Assignee: anna.ID})
		}
		_, err = tx.Enroll(list)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *crash) start() *process {
	return start(c.t, "listens on", "serve", "--listen=127.0.0.1:0", "--db="+c.site.DB, "--key-file="+c.site.KeyFile, "--data-dir="+c.site.DataDir, fmt.Sprint("--mailbox-workers=", crashConnections))
}

// killAfter lets a server send a few more emails, another number in each round, and kills it.
func (c *crash) killAfter(round int) {
	p := c.start()
	defer p.kill()
	until := c.sink.Count() + 1 + round*37%100
	if until >= crashLeads*crashMails {
		c.t.Errorf("nothing is left to send after %d kills", round)
		return
	}
	c.until("more emails arrive", func() bool { return c.sink.Count() >= until })
}

// finish lets a server work until nothing is queued or on the wire any more.
func (c *crash) finish() {
	p := c.start()
	c.emptied()
	p.stop(c.t)
}

// emptied waits until running servers have nothing queued or on the wire any more.
func (c *crash) emptied() {
	c.t.Helper()
	c.until("the outbox is empty", twice(func() bool {
		load, err := c.house.db.Load(context.Background())
		if err != nil {
			c.t.Fatal(err)
		}
		return load.Messages[store.MessageQueued]+load.Messages[store.MessageSending] == 0 && load.OldestDue.IsZero()
	}))
}

// twice asks a second time before it says so: the counts of a load are of several moments, and the engine may queue a message in between.
func twice(done func() bool) func() bool {
	return func() bool {
		first := done()
		return first && done()
	}
}

// until asks again and again, since the server is another process, and gives up after two minutes.
func (c *crash) until(what string, done func() bool) {
	c.t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	limit := time.NewTimer(2*time.Minute + c.more)
	defer limit.Stop()
	for !done() {
		select {
		case <-ticker.C:
		case <-limit.C:
			c.t.Fatalf("%s passed before %s", 2*time.Minute+c.more, what)
		}
	}
}

// messages gives every message of the database.
func (c *crash) messages() []store.Message {
	var all []store.Message
	for q := (store.MessageQuery{Limit: store.MaxPageSize}); ; {
		page, err := c.house.app.ListMessages(context.Background(), access.System(), q)
		if err != nil {
			c.t.Fatal(err)
		}
		all = append(all, page.Rows...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return all
		}
	}
}

// compare holds every message of the database against what arrived.
func (c *crash) compare() {
	arrived := c.sink.Counts()
	unknown := 0
	for _, m := range c.messages() {
		n := arrived[m.RFCID]
		switch m.State {
		case store.MessageSent:
			if n != 1 {
				c.t.Errorf("message %s is sent, but arrived %d times", m.ID, n)
			}
		case store.MessageUnknown:
			unknown++
			if n > 1 {
				c.t.Errorf("message %s is unknown and arrived %d times", m.ID, n)
			}
		default:
			c.t.Errorf("message %s is %s: %s", m.ID, m.State, m.Reason)
		}
		delete(arrived, m.RFCID)
	}
	if len(arrived) > 0 {
		c.t.Errorf("%d emails arrived of which the database knows nothing", len(arrived))
	}
	if most := kills * crashConnections; unknown > most {
		c.t.Errorf("%d are in doubt after %d kills with %d connections, want at most %d", unknown, kills, crashConnections, most)
	}
	c.t.Logf("%d kills, %d emails arrived, %d in doubt", kills, c.sink.Count(), unknown)
}

// settleRest settles what is unknown and lets the server go on, until nothing is unknown any more and this many emails have arrived. An email may have
// arrived and be unknown all the same, so neither is enough.
func (c *crash) settleRest(mails int, goOn func()) {
	c.t.Helper()
	const passes = 10
	for range passes {
		if c.settleUnknown() == 0 && c.sink.Count() >= mails {
			return
		}
		goOn()
	}
	c.t.Errorf("after %d passes there are still messages to settle, or only %d of %d emails have arrived", passes, c.sink.Count(), mails)
}

// settleUnknown does what a person would: looks whether each message arrived, and says so. It gives how many it settled.
func (c *crash) settleUnknown() int {
	arrived, settled := c.sink.Counts(), 0
	for _, m := range c.messages() {
		if m.State != store.MessageUnknown {
			continue
		}
		if _, err := c.house.app.SettleMessage(context.Background(), access.System(), m.ID, arrived[m.RFCID] == 1); err != nil {
			c.t.Fatal(err)
		}
		settled++
	}
	return settled
}

// everyMailOnce wants each lead to have got each email once, and to stand at the task.
func (c *crash) everyMailOnce() {
	for id, n := range c.sink.Counts() {
		if n != 1 {
			c.t.Errorf("the email %s arrived %d times", id, n)
		}
	}
	if got := len(c.sink.Counts()); got != crashLeads*crashMails {
		c.t.Errorf("%d different emails arrived, want %d", got, crashLeads*crashMails)
	}
	load, err := c.house.db.Load(context.Background())
	if err != nil || load.OpenActivities != crashLeads {
		c.t.Errorf("%d leads stand at the task (%v), want %d", load.OpenActivities, err, crashLeads)
	}
}
