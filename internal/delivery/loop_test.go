package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/delivery"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

// shaky is a real database that trips: what a test sets is asked before each call.
type shaky struct {
	*store.DB
	claim, finish, read func() error
	// others tells that what is queued is in another node's hands.
	others atomic.Bool
	claims atomic.Int64
}

var _ delivery.Outbox = (*shaky)(nil)

func (s *shaky) ClaimMail(ctx context.Context, node string, limit int, gate func(*store.MailCandidate, time.Time) store.Verdict, busy ...ident.Mailbox) ([]*store.MailCandidate, int, error) {
	if s.claims.Add(1) > 100_000 {
		panic("delivery spins")
	}
	if s.claim != nil {
		if err := s.claim(); err != nil {
			return nil, 0, err
		}
	}
	if s.others.Load() {
		return nil, 0, nil
	}
	return s.DB.ClaimMail(ctx, node, limit, gate, busy...)
}

func (s *shaky) ReadFile(ctx context.Context, f store.File) ([]byte, error) {
	if s.read != nil {
		if err := s.read(); err != nil {
			return nil, err
		}
	}
	return s.DB.ReadFile(ctx, f)
}

func (s *shaky) FinishMail(ctx context.Context, results []store.MailResult) error {
	if s.finish != nil {
		if err := s.finish(); err != nil {
			return err
		}
	}
	return s.DB.FinishMail(ctx, results)
}

// office is a loop between a database with queued mail and a sink.
type office struct {
	*testing.T
	db   *shaky
	sink *testmail.Sink
	stop func()
	text *strings.Builder // the log
	// level is from where on there is something in it; from information on when zero.
	level slog.Level
}

// newOffice queues n messages. Call open to begin.
func newOffice(t *testing.T, n int) *office {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "office.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err = db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, func(tx *store.Tx) error { return queue(tx, n) })
	if err == nil {
		_, err = db.Due(ctx, n)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &office{T: t, db: &shaky{DB: db}, text: &strings.Builder{}}
}

// queue connects n leads of Anna's to a sequence that begins with a mail.
func queue(tx *store.Tx, n int) error {
	if _, err := tx.InsertTemplate(store.Template{Key: "intro", Name: "Intro", TemplateContent: store.TemplateContent{Subject: "Hello {{ last_name }}", HTML: "<p>Hello</p>"}}, 0); err != nil {
		return err
	}
	return queueOf(tx, "Anna", "anna@test.local", n)
}

// queueOf connects n leads of a new user's.
func queueOf(tx *store.Tx, name, email string, n int) error {
	u, err := tx.InsertUser(store.User{Name: name, Email: email, Role: "seller", Zone: "UTC", Active: true})
	if err != nil {
		return err
	}
	if _, err := tx.InsertMailbox(store.Mailbox{User: u.ID, Address: u.Email, SenderName: u.Name, Host: "mail.test", Port: 25, Security: store.NoTLS}); err != nil {
		return err
	}
	return connectLeads(tx, "Mail of "+name, step.Step{ID: "intro", Type: "automated_email", Name: "Intro", Config: step.Config{"template": "intro"}}, u.ID, n)
}

// connectLeads connects n leads to a sequence of these steps.
func connectLeads(tx *store.Tx, name string, first step.Step, assignee ident.User, n int, more ...step.Step) error {
	def := flow.Sequence{Name: name, Record: record.Lead, Options: flow.DefaultOptions(), Steps: append([]step.Step{first}, more...)}
	s, err := tx.InsertSequence(def, 0)
	if err != nil {
		return err
	}
	v, err := tx.InsertVersion(s.ID, 1, def, "", 0)
	if err != nil {
		return err
	}
	if err := tx.PinTemplates(v, def); err != nil {
		return err
	}
	var list []store.NewEnrollment
	for i := range n {
		values := record.Values{"last_name": fmt.Sprint("Lead", i), "email": fmt.Sprintf("lead%d@buyer.test", i), "mobile": fmt.Sprintf("+49170%07d", i)}
		r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Values: values})
		if err != nil {
			return err
		}
		list = append(list, store.NewEnrollment{Sequence: s.ID, Version: v, Record: r.ID, Assignee: assignee})
	}
	_, err = tx.Enroll(list)
	return err
}

// open starts the loop with that many workers, against a server that says what script does.
func (o *office) open(workers int, script ...func(testmail.Attempt) testmail.Answer) {
	o.openTo(testmail.SinkOptions{}, workers, script...)
}

// openTo is open for a server of one's choice.
func (o *office) openTo(server testmail.SinkOptions, workers int, script ...func(testmail.Attempt) testmail.Answer) {
	pipe := testmail.NewPipe()
	server.Listener = pipe
	o.sink = testmail.StartSink(o.T, server)
	for _, s := range script {
		o.sink.Script(s)
	}
	loop := delivery.New(delivery.Config{
		Outbox: o.db, Node: "test", Workers: workers, Log: slog.New(slog.NewTextHandler(o.text, &slog.HandlerOptions{Level: o.level})),
		Transport: delivery.NewSMTP(delivery.Server{Dial: pipe.Dial}),
	})
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { loop.Run(ctx) })
	o.stop = func() { cancel(); done.Wait() }
	o.Cleanup(o.stop)
}

// states wants the outbox to hold these numbers: "sent 3, unknown 1".
func (o *office) states(want string) {
	o.Helper()
	load, err := o.db.Load(context.Background())
	if err != nil {
		o.Fatal(err)
	}
	var got []string
	for _, s := range store.MessageStates() {
		if n := load.Messages[s]; n > 0 {
			got = append(got, fmt.Sprint(s, " ", n))
		}
	}
	if strings.Join(got, ", ") != want {
		o.Errorf("the outbox holds %v, want %q", got, want)
	}
	for id, n := range o.sink.Counts() {
		if n > 1 {
			o.Errorf("%s arrived %d times", id, n)
		}
	}
}

func TestLoopSends(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 100)
		o.open(4)
		synctest.Wait()
		time.Sleep(time.Second)
		o.states("sent 100")
		if _, _, most := o.sink.Sessions(); most > 4 {
			t.Errorf("%d sessions at once, want at most 4", most)
		}
		o.stop()
		synctest.Wait()
		if _, open, _ := o.sink.Sessions(); open > 0 {
			t.Errorf("%d sessions are open after the stop", open)
		}
		for _, word := range []string{"buyer.test", "Hello", "Lead7"} {
			if strings.Contains(o.text.String(), word) {
				t.Errorf("the log tells %q", word)
			}
		}
	})
}

// TestInternationalDomain holds that a mailbox whose domain has letters like ü sends by a server that knows ASCII alone, under one
// name everywhere, and that one with such letters before the @ does not.
func TestInternationalDomain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 0)
		if err := o.db.Write(context.Background(), func(tx *store.Tx) error {
			if err := queueOf(tx, "Ada", "ada@bücher.test", 1); err != nil {
				return err
			}
			return queueOf(tx, "Änne", "änne@bücher.test", 1)
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := o.db.Due(context.Background(), 2); err != nil {
			t.Fatal(err)
		}
		o.openTo(testmail.SinkOptions{Hides: []string{"SMTPUTF8"}}, 1)
		time.Sleep(time.Second)
		o.states("sent 1, failed 1")
		for _, m := range o.sink.Messages() {
			const address, domain = "ada@xn--bcher-kva.test", "@xn--bcher-kva.test>"
			if m.From != address || !strings.HasSuffix(m.Header("From"), "<"+address+">") || !strings.HasSuffix(m.Header("Message-ID"), domain) {
				t.Errorf("it came from %s, with the header %s and the id %s", m.From, m.Header("From"), m.Header("Message-ID"))
			}
		}
	})
}

// TestPinnedTemplate holds that a template which is changed between the activation of a sequence and the sending of its
// mail does not change that mail.
func TestPinnedTemplate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 1)
		if err := o.db.Write(context.Background(), func(tx *store.Tx) error {
			tpl, err := tx.TemplateByKey("intro")
			if err != nil {
				return err
			}
			tpl.Subject, tpl.HTML = "Changed", "<p>Changed</p>"
			_, err = tx.UpdateTemplate(tpl, 0)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		o.open(1)
		time.Sleep(time.Second)
		if err := o.db.Read(context.Background(), func(tx *store.Tx) error {
			list, err := tx.ListMessages(store.MessageQuery{})
			if m := list.Rows[0]; err != nil || m.State != store.MessageSent || m.Subject != "Hello Lead0" || m.TemplateVersion != 1 {
				t.Errorf("sent %q of version %d (%s), %v; want what was pinned", m.Subject, m.TemplateVersion, m.State, err)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// TestStopFinishesMailInHand holds that a stop waits for messages on the wire and claims no more.
func TestStopFinishesMailInHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 10)
		goOn := make(chan struct{})
		o.open(3)
		o.sink.At(testmail.AtDot, testmail.Stall(goOn))
		synctest.Wait()
		time.Sleep(time.Second)
		o.states("queued 7, sending 3")
		time.AfterFunc(5*time.Second, func() { close(goOn) })
		begin := time.Now()
		o.stop()
		if span := time.Since(begin); span != 5*time.Second {
			t.Errorf("the stop took %v, want the 5 seconds that the server takes", span)
		}
		o.states("queued 7, sent 3")
	})
}

// TestStopDoesNotWaitForEver holds that a server which does not answer is left after ten seconds: whether it took the
// messages is unknown, and nothing is sent twice.
func TestStopDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 10)
		goOn := make(chan struct{})
		defer close(goOn)
		var stalled atomic.Int64 // the rest of the three is only announced, behind one that stalls
		o.open(3, func(a testmail.Attempt) testmail.Answer {
			if a.Stage != testmail.AtDot {
				return testmail.Answer{}
			}
			stalled.Add(1)
			return testmail.Stall(goOn)
		})
		time.Sleep(time.Second)
		begin := time.Now()
		o.stop()
		if span := time.Since(begin); span > 11*time.Second {
			t.Errorf("the stop took %v", span)
		}
		n := stalled.Load()
		if n == 0 {
			t.Error("nothing stalled")
		}
		o.states(fmt.Sprintf("queued %d, unknown %d", 10-n, n))
	})
}

// TestResultsAreWritten holds that a database which fails after the sending is asked again until it takes the results.
func TestResultsAreWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 5)
		var mu sync.Mutex
		var tries []time.Time
		o.db.finish = func() error {
			mu.Lock()
			defer mu.Unlock()
			if tries = append(tries, time.Now()); len(tries) <= 8 {
				return errors.New("the database is gone")
			}
			return nil
		}
		o.open(1)
		time.Sleep(time.Minute)
		o.states("sent 5")
		mu.Lock()
		defer mu.Unlock()
		var pauses []time.Duration
		for i := 1; i <= 8; i++ {
			pauses = append(pauses, tries[i].Sub(tries[i-1]))
		}
		ms := time.Millisecond
		if want := []time.Duration{200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 5000 * ms, 5000 * ms, 5000 * ms}; !slices.Equal(pauses, want) {
			t.Errorf("tried again after %v, want %v", pauses, want)
		}
	})
}

// TestResultsAreLost holds that a server which stops while the database is gone leaves its messages as they are: after
// the next start they are unknown, and never sent twice.
func TestResultsAreLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 5)
		o.db.finish = func() error { return errors.New("the database is gone") }
		o.open(2)
		time.Sleep(time.Second)
		begin := time.Now()
		o.stop()
		if span := time.Since(begin); span > 11*time.Second {
			t.Errorf("the stop took %v", span)
		}
		o.states("queued 3, sending 2")
		if n, err := o.db.ExpireSending(context.Background(), "next"); n != 2 || err != nil {
			t.Errorf("%d messages became unknown, %v, want 2", n, err)
		}
		o.states("queued 3, unknown 2")
	})
}

// TestClaimsBackOff holds that errors of the claim make it wait longer and longer, and that mail goes out when they end.
func TestClaimsBackOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 5)
		var tries []time.Time
		o.db.claim = func() error { // asked by one goroutine
			if tries = append(tries, time.Now()); len(tries) <= 7 {
				return errors.New("the database is gone")
			}
			return nil
		}
		o.open(2)
		time.Sleep(5 * time.Minute)
		o.states("sent 5")
		o.stop()
		for i, want := range []time.Duration{1, 2, 4, 5, 5, 5, 5} {
			if got := tries[i+1].Sub(tries[i]).Round(100 * time.Millisecond); got != want*time.Second {
				t.Errorf("pause %d is %v, want %v seconds", i, got, want)
			}
		}
	})
}

// TestLooksAwayFromOthersMail holds that mail in the hands of another node does not keep this one busy.
func TestLooksAwayFromOthersMail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 5)
		o.db.others.Store(true)
		o.open(2)
		time.Sleep(10 * time.Second)
		if n := o.db.claims.Load(); n > 60 {
			t.Errorf("it looked %d times in ten seconds", n)
		}
		o.db.others.Store(false)
		time.Sleep(time.Second)
		o.states("sent 5")
	})
}

// TestRetriesOfLoop holds the ladder: each attempt at its time, then a reason for a person.
func TestRetriesOfLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 1)
		begin := time.Now()
		var mu sync.Mutex
		var at []time.Duration
		o.open(2, func(a testmail.Attempt) testmail.Answer {
			if a.Stage != testmail.AtTo {
				return testmail.Answer{}
			}
			mu.Lock()
			defer mu.Unlock()
			at = append(at, time.Since(begin).Round(time.Second))
			return testmail.Refuse(450, "try later")
		})
		time.Sleep(24 * time.Hour)
		o.states("failed 1")
		mu.Lock()
		defer mu.Unlock()
		if want := []time.Duration{0, 15 * time.Minute, 75 * time.Minute, 315 * time.Minute}; !slices.Equal(at, want) {
			t.Errorf("attempts after %v, want %v", at, want)
		}
	})
}
