package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
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

// loadMails is how many emails each lead of a load gets.
const loadMails = 2

// load is work for any number of nodes on one database, and a model of what must come of it: each lead gets each email once and then
// stands at a task, and those of a big company were set to another stage on the way.
type load struct {
	crash
	anna     store.User
	sequence ident.Sequence
	leads    int
	// feeding is held while the database is away, so that it is known what was connected.
	feeding sync.Mutex
}

// loopback is the address of this machine for itself.
const loopback = "127.0.0.1"

// newLoad migrates the database and makes everything but the leads. The mail server is at an address of this machine. With rest, a minute passes between the emails.
func newLoad(t *testing.T, s site, mail string, rest bool) *load {
	ctx := context.Background()
	h, err := build(ctx, blueprint{site: s, log: quiet, cost: action.PasswordCost{Memory: 8 << 10, Rounds: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.db.Close() })
	l := &load{crash: crash{t: t, site: s, house: h, sink: countAt(t, mail)}}
	_, err = h.db.Migrate(ctx)
	l.must(err)
	_, err = h.app.CreateTemplate(ctx, access.System(), action.TemplateInput{Key: "intro", Name: "Intro", Subject: "Hello {{ last_name }}", HTML: "<p>Hello</p>"})
	l.must(err)
	l.anna = l.seller("Anna", l.sink)
	big := &step.When{Field: &record.Condition{Field: "company_size", Op: record.AtLeast, Values: []string{"50"}}}
	steps := []step.Step{automated("mail0"), {
		ID: "big", Type: "condition", When: big, Config: step.Config{},
		Yes: []step.Step{{ID: "mark", Type: "update_field", Name: "Mark", Config: step.Config{"field": "stage", "value": "qualify"}}},
	}}
	if rest {
		steps = append(steps, step.Step{ID: "rest", Type: "wait", Config: step.Config{"for": "1m"}})
	}
	l.sequence = l.activate("Load", append(steps, automated("mail1"), task("call"))...)
	return l
}

// countAt starts a mail server that counts at an address of this machine.
func countAt(t *testing.T, address string) *testmail.Sink {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	return testmail.StartSink(t, testmail.SinkOptions{CountOnly: true, Listener: listener})
}

func automated(id string) step.Step {
	return step.Step{ID: id, Type: "automated_email", Name: "Mail", Config: step.Config{"template": "intro"}}
}

func task(id string) step.Step {
	return step.Step{ID: id, Type: "task", Name: "Call", Config: step.Config{}}
}

func (l *load) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// seller makes a user whose mail goes to a sink.
func (l *load) seller(name string, sink *testmail.Sink) store.User {
	ctx, app := context.Background(), l.house.app
	u, err := app.CreateUser(ctx, access.System(), action.NewUser{Name: name, Email: name + "@test.local", Password: "a long password", Zone: "UTC", Role: access.Admin})
	l.must(err)
	host, port, _ := net.SplitHostPort(sink.Addr())
	number, _ := strconv.Atoi(port)
	_, err = app.SaveMailbox(ctx, access.System(), action.MailboxInput{
		User: u.ID, Address: u.Email, SenderName: name, Host: host, Port: number, Security: store.NoTLS, Username: name, Password: "secret",
	})
	l.must(err)
	return u
}

func (l *load) activate(name string, steps ...step.Step) ident.Sequence {
	ctx, app := context.Background(), l.house.app
	applied, err := app.ApplySequence(ctx, access.System(), flow.Sequence{Name: name, Record: record.Lead, Options: flow.DefaultOptions(), Steps: steps}, false)
	l.must(err)
	_, err = app.Activate(ctx, access.System(), applied.Sequence.ID, action.ActivateInput{Rev: applied.Sequence.DraftRev})
	l.must(err)
	return applied.Sequence.ID
}

// add connects more leads, all in one transaction. Where the database gives no clear answer, it is looked what came of it.
func (l *load) add(many int) error {
	l.feeding.Lock()
	defer l.feeding.Unlock()
	var err error
	for range 50 {
		if err = l.connectTo(l.sequence, l.anna, l.leads, many); err == nil || l.active() == l.leads+many {
			l.leads += many
			return nil
		}
	}
	return err
}

// active counts the leads that are connected; -1 when the database does not say.
func (l *load) active() int {
	n := 0
	err := l.house.db.Read(context.Background(), func(tx *store.Tx) error {
		n = 0
		page, err := tx.ListEnrollments(store.EnrollmentQuery{Sequence: l.sequence, Limit: 1})
		if err != nil || len(page.Rows) == 0 {
			return err
		}
		r, err := tx.GetRecord(page.Rows[0].Record)
		if err != nil {
			return err
		}
		newest, err := strconv.Atoi(strings.TrimPrefix(r.Values["last_name"], "Lead"))
		n = newest + 1
		return err
	})
	if err != nil {
		return -1
	}
	return n
}

// sizeOf gives the company size of the lead with a number: every other one is big.
func sizeOf(lead int) int { return 40 + 20*(lead%2) }

func (l *load) connectTo(sequence ident.Sequence, u store.User, from, many int) error {
	return l.house.db.Write(context.Background(), func(tx *store.Tx) error {
		seq, err := tx.GetSequence(sequence)
		if err != nil {
			return err
		}
		var list []store.NewEnrollment
		for i := from; i < from+many; i++ {
			r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Owner: u.ID, Values: record.Values{
				"last_name": fmt.Sprint("Lead", i), "email": fmt.Sprintf("lead%d@%s.test", i, u.Name), "status": "open", "stage": "new",
				"company_size": strconv.Itoa(sizeOf(i)),
			}})
			if err != nil {
				return err
			}
			list = append(list, store.NewEnrollment{Sequence: seq.ID, Version: seq.Version, Record: r.ID, Assignee: u.ID})
		}
		_, err = tx.Enroll(list)
		return err
	})
}

// feed connects leads, again and again, until the returned function is called.
func (l *load) feed(many int, every time.Duration) (stop func()) {
	return l.feedBy(every, func() error { return l.add(many) })
}

// feedBy is feed by a way of its own to connect some leads.
func (l *load) feedBy(every time.Duration, add func() error) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				if err := add(); err != nil {
					l.t.Errorf("connect leads: %v", err)
				}
			}
		}
	}()
	return sync.OnceFunc(func() { close(done); <-ended })
}

// compare holds the model against what arrived and what the database says: every email once or listed as unknown, every enrollment
// where it must stand.
func (l *load) compare() {
	arrived := l.sink.Counts()
	type place struct {
		record ident.Record
		step   string
	}
	mails := map[place]store.MessageState{}
	unknown := 0
	for _, m := range l.messages() {
		if m.User != l.anna.ID {
			continue
		}
		n := arrived[m.RFCID]
		delete(arrived, m.RFCID)
		switch {
		case m.State == store.MessageSent && n == 1, m.State == store.MessageUnknown && n <= 1:
		case m.State == store.MessageSent || m.State == store.MessageUnknown:
			l.t.Errorf("message %s is %s, but arrived %d times", m.ID, m.State, n)
		default:
			l.t.Errorf("message %s is %s (%s) and arrived %d times", m.ID, m.State, m.Reason, n)
		}
		if m.State == store.MessageUnknown {
			unknown++
		}
		at := place{m.Record, m.Token.Step}
		if _, twice := mails[at]; twice {
			l.t.Errorf("record %s has two messages of step %s", m.Record, m.Token.Step)
		}
		mails[at] = m.State
	}
	if len(arrived) > 0 {
		l.t.Errorf("%d emails arrived of which the database knows nothing", len(arrived))
	}
	seen := 0
	for _, e := range l.enrollments() {
		seen++
		want := "call"
		for i := loadMails - 1; i >= 0; i-- {
			if id := fmt.Sprint("mail", i); mails[place{e.Record, id}] != store.MessageSent {
				want = id
			}
		}
		if e.State.Step != want || e.State.Status != flow.Active {
			l.t.Errorf("enrollment %s stands at %q (%s), want %q", e.ID, e.State.Step, e.State.Status, want)
		}
	}
	if seen != l.leads {
		l.t.Errorf("%d enrollments, want %d", seen, l.leads)
	}
	l.t.Logf("%d leads, %d emails arrived, %d are listed as unknown", l.leads, l.sink.Count(), unknown)
}

func (l *load) enrollments() []store.Enrollment {
	var all []store.Enrollment
	for q := (store.EnrollmentQuery{Sequence: l.sequence, Limit: store.MaxPageSize}); ; {
		page, err := l.house.app.ListEnrollments(context.Background(), access.System(), q)
		l.must(err)
		all = append(all, page.Rows...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return all
		}
	}
}

// everythingOnce wants, after all doubts were settled, each lead to have got each email once, to stand at the task with all steps done once,
// and to have the stage that the condition led it to.
func (l *load) everythingOnce() {
	for id, n := range l.sink.Counts() {
		if n != 1 {
			l.t.Errorf("the email %s arrived %d times", id, n)
		}
	}
	if got := len(l.sink.Counts()); got != l.leads*loadMails {
		l.t.Errorf("%d different emails arrived, want %d", got, l.leads*loadMails)
	}
	done := map[int]int{} // steps done, by the size of the company
	for _, e := range l.enrollments() {
		var r store.Record
		l.must(l.house.db.Read(context.Background(), func(tx *store.Tx) (err error) { r, err = tx.GetRecord(e.Record); return err }))
		size, _ := strconv.Atoi(r.Values["company_size"])
		stage := "new"
		if size >= 50 {
			stage = "qualify"
		}
		if e.State.Step != "call" || r.Values["stage"] != stage {
			l.t.Errorf("lead %s (company size %d) stands at %q in stage %s, want call and %s", r.Values["last_name"], size, e.State.Step, r.Values["stage"], stage)
		}
		if was, ok := done[size]; ok && was != e.State.Done {
			l.t.Errorf("lead %s has %d steps done, others on its way have %d", r.Values["last_name"], e.State.Done, was)
		}
		done[size] = e.State.Done
	}
}
