package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/delivery"
	"cadenza/internal/engine"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
	"cadenza/internal/track"
)

// TestTurnOfTheWeek plays a sequence over the turn of a week in a bubble of its own time: real SQLite, real engine and delivery, and a
// real mail server over pipes. Each day that passes is 1,440 looks of each loop, and costs seconds under the race detector.
func TestTurnOfTheWeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeek(t)
		w.sequence("Inbound", []step.Step{
			{ID: "intro", Type: "automated_email", Name: "Introduction", Config: step.Config{"template": "intro"}},
			{ID: "pause", Type: "wait", Config: step.Config{"for": "2d4h"}},
			{ID: "call", Type: "phone_call", Name: "First call", Config: step.Config{}},
			{ID: "rest", Type: "wait", Config: step.Config{"for": "3d"}},
			{ID: "again", Type: "automated_email", Name: "Again", Config: step.Config{"template": "intro"}},
		})
		lead := w.lead("Lindqvist", "marta@buyer.test")
		noAddress := w.lead("Herrera", "")
		w.connect("Inbound", lead, noAddress)

		w.pass(time.Minute)
		w.mails(1)
		w.activities("automated_email Herrera: The record has no valid email address. Add one and try again.")

		w.pass(2*24*time.Hour + 3*time.Hour)
		w.activities("automated_email Herrera: The record has no valid email address. Add one and try again.")
		w.pass(time.Hour)
		w.complete("phone_call", "left_voicemail")
		w.setEmail(noAddress, "tomas@buyer.test")
		w.retry("automated_email")
		w.pass(time.Minute)
		w.mails(2)

		w.pass(3 * 24 * time.Hour)
		w.mails(3)
		w.finished(lead, step.ExitCompleted)
		w.history(lead, "connected", "step intro sent", "step pause waited", "step call completed left_voicemail", "step rest waited",
			"step again sent", "exit again completed")
	})
}

// TestServerDownAndUp holds the ladder of retries: nothing is lost while the mail server is away, and when it comes
// back each email goes out once.
func TestServerDownAndUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeek(t)
		w.sequence("Mail", []step.Step{{ID: "intro", Type: "automated_email", Name: "Introduction", Config: step.Config{"template": "intro"}}})
		w.sink.At(testmail.AtConnect, testmail.Drop())
		lead := w.lead("Lindqvist", "marta@buyer.test")
		w.connect("Mail", lead)
		w.pass(10 * time.Minute)
		w.mails(0)
		w.sink.Script(nil)
		w.pass(10 * time.Minute)
		w.mails(1)
		w.finished(lead, step.ExitCompleted)
	})
}

// TestRefusals holds what each answer of a server leads to.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		stage  testmail.Stage
		answer testmail.Answer
		after  time.Duration
		state  store.MessageState
		reason string
	}{
		{"no such user", testmail.AtTo, testmail.Refuse(550, "no such user"), time.Minute, store.MessageFailed, "The mail server answered 550: no such user. The address does not exist, so nobody writes to it any more."},
		{"try later, to the end", testmail.AtTo, testmail.Refuse(450, "busy"), 6 * time.Hour, store.MessageFailed, "Given up after several attempts. The mail server answered 450: busy"},
		{"try later, once", testmail.AtTo, testmail.Refuse(450, "busy"), time.Minute, store.MessageQueued, "The mail server answered 450: busy"},
		{"gone before the final dot", testmail.AtData, testmail.Drop(), time.Minute, store.MessageQueued, "The mail server cannot be reached: the connection broke."},
		{"gone after the final dot", testmail.AtDot, testmail.Drop(), 24 * time.Hour, store.MessageUnknown, "The connection broke before the mail server answered. Look whether it arrived, then say so."},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWeekAt(t, testmail.SinkOptions{Hides: []string{"CHUNKING"}}) // a short text comes with its BDAT: there is no before
				w.sequence("Mail", []step.Step{{ID: "intro", Type: "automated_email", Name: "Introduction", Config: step.Config{"template": "intro"}}})
				w.sink.At(c.stage, c.answer)
				w.connect("Mail", w.lead("Lindqvist", "marta@buyer.test"))
				w.pass(c.after)
				page, err := w.app.ListMessages(w.ctx, access.System(), store.MessageQuery{})
				if err != nil || len(page.Rows) != 1 {
					t.Fatalf("got %d messages, %v", len(page.Rows), err)
				}
				if m := page.Rows[0]; m.State != c.state || m.Reason != c.reason {
					t.Errorf("got %s %q, want %s %q", m.State, m.Reason, c.state, c.reason)
				}
			})
		})
	}
}

// week is an installation in a bubble.
type week struct {
	t    *testing.T
	ctx  context.Context
	db   *store.DB
	app  *action.App
	sink *testmail.Sink
	door *track.Door
	anna store.User
	ids  map[string]ident.Sequence
}

func newWeek(t *testing.T) *week {
	t.Helper()
	return newWeekAt(t, testmail.SinkOptions{})
}

// newWeekAt is newWeek with another mail server.
func newWeekAt(t *testing.T, o testmail.SinkOptions) *week {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "week.db"), store.Options{})
	w := &week{t: t, ctx: ctx, db: db, ids: map[string]ident.Sequence{}}
	w.must(err)
	_, err = db.Migrate(ctx)
	w.must(err)
	w.app, err = action.New(action.Config{
		DB: db, Log: slog.New(slog.DiscardHandler), Key: make([]byte, 32), DataDir: t.TempDir(),
		PasswordCost: action.PasswordCost{Memory: 64, Rounds: 1},
	})
	w.must(err)
	pipe := testmail.NewPipe()
	o.Listener = pipe
	w.sink = testmail.StartSink(t, o)
	w.anna, err = w.app.CreateUser(ctx, access.System(), action.NewUser{Name: "Anna Berg", Email: "anna@test.local", Password: "a long password", Zone: "UTC", Role: access.Admin})
	w.must(err)
	_, err = w.app.SaveMailbox(ctx, access.System(), action.MailboxInput{User: w.anna.ID, Address: "anna@test.local", SenderName: "Anna Berg", Host: "mail.test", Port: 25, Security: store.NoTLS})
	w.must(err)
	_, err = w.app.CreateTemplate(ctx, access.System(), action.TemplateInput{Key: "intro", Name: "Intro", Subject: "Hello {{ last_name }}", HTML: "<p>Dear {{ last_name }}</p>"})
	w.must(err)
	log := slog.New(slog.DiscardHandler)
	mail := delivery.New(delivery.Config{
		Outbox: db, Log: log, Node: "test", Workers: 2,
		Transport: delivery.NewSMTP(delivery.Server{Dial: pipe.Dial}),
		Tracking:  delivery.Tracking{Signer: w.app.Vault().Signer(), BaseURL: linksURL},
	})
	w.door = track.New(track.Config{Memory: db, Signer: w.app.Vault().Signer(), Log: log})
	moves := engine.New(db, log, "test", db.Writers())
	var loops sync.WaitGroup
	loops.Go(func() { mail.Run(ctx) })
	loops.Go(func() { moves.Run(ctx) })
	t.Cleanup(func() {
		stop()
		w.sink.Close()
		loops.Wait()
		_ = db.Close()
	})
	return w
}

func (w *week) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// pass lets time pass, and everything that falls due in it happen.
func (w *week) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *week) sequence(name string, steps []step.Step) {
	w.t.Helper()
	applied, err := w.app.ApplySequence(w.ctx, access.System(), flow.Sequence{Name: name, Record: record.Lead, Options: flow.DefaultOptions(), Steps: steps}, false)
	w.must(err)
	_, err = w.app.Activate(w.ctx, access.System(), applied.Sequence.ID, action.ActivateInput{Rev: applied.Sequence.DraftRev})
	w.must(err)
	w.ids[name] = applied.Sequence.ID
}

func (w *week) lead(name, email string) ident.Record {
	w.t.Helper()
	r, err := w.app.CreateRecord(w.ctx, access.System(), action.RecordInput{Kind: record.Lead, Owner: w.anna.ID, Values: record.Values{"last_name": name, "email": email}})
	w.must(err)
	return r.ID
}

func (w *week) setEmail(id ident.Record, email string) {
	w.t.Helper()
	_, err := w.app.UpdateRecord(w.ctx, access.System(), id, action.RecordChange{Values: record.Values{"email": email}})
	w.must(err)
}

func (w *week) connect(sequence string, leads ...ident.Record) {
	w.t.Helper()
	result, err := w.app.Connect(w.ctx, access.System(), w.ids[sequence], leads, false)
	w.must(err)
	if len(result.Connected) != len(leads) {
		w.t.Fatalf("connected %d of %d: %+v", len(result.Connected), len(leads), result.Refused)
	}
}

func (w *week) mails(n int) {
	w.t.Helper()
	for id, count := range w.sink.Counts() {
		if count > 1 {
			w.t.Errorf("the email %s arrived %d times", id, count)
		}
	}
	if got := w.sink.Count(); got != n {
		w.t.Fatalf("%d emails arrived by %s, want %d", got, time.Now(), n)
	}
}

func (w *week) workList() []store.Activity {
	w.t.Helper()
	page, err := w.app.WorkList(w.ctx, access.System(), store.WorkQuery{Assignee: w.anna.ID, Until: time.Now().Add(time.Second)})
	w.must(err)
	return page.Rows
}

func (w *week) activities(want ...string) {
	w.t.Helper()
	var got []string
	for _, a := range w.workList() {
		got = append(got, fmt.Sprintf("%s %s: %s", a.Kind, a.RecordName, a.Trouble))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.t.Fatalf("the work list is %q, want %q", got, want)
	}
}

func (w *week) find(kind string) ident.Activity {
	w.t.Helper()
	for _, a := range w.workList() {
		if a.Kind == kind {
			return a.ID
		}
	}
	w.t.Fatalf("there is no %s on the work list at %s", kind, time.Now())
	return 0
}

func (w *week) complete(kind, outcome string) {
	w.t.Helper()
	_, err := w.app.Complete(w.ctx, access.System(), w.find(kind), action.Done{Outcome: outcome})
	w.must(err)
}

func (w *week) retry(kind string) {
	w.t.Helper()
	_, err := w.app.Retry(w.ctx, access.System(), w.find(kind))
	w.must(err)
}

func (w *week) enrollment(lead ident.Record) store.Enrollment {
	w.t.Helper()
	page, err := w.app.ListEnrollments(w.ctx, access.System(), store.EnrollmentQuery{Record: lead})
	w.must(err)
	if len(page.Rows) != 1 {
		w.t.Fatalf("got %d enrollments", len(page.Rows))
	}
	return page.Rows[0]
}

func (w *week) finished(lead ident.Record, exit step.Exit) {
	w.t.Helper()
	if st := w.enrollment(lead).State; st.Status != flow.Finished || st.Exit != exit {
		w.t.Fatalf("the enrollment is %+v, want it finished by %s", st, exit)
	}
}

func (w *week) history(lead ident.Record, want ...string) {
	w.t.Helper()
	rows, err := w.app.EnrollmentHistory(w.ctx, access.System(), w.enrollment(lead).ID)
	w.must(err)
	var got []string
	for _, r := range rows {
		got = append(got, strings.Join(strings.Fields(fmt.Sprint(r.Kind, " ", r.Step, " ", r.Outcome, " ", r.Detail)), " "))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.t.Errorf("history is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
