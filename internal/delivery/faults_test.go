package delivery_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cadenza/internal/delivery"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
	"cadenza/internal/testmail"
)

// faults are what the server does with a message, by the number of its lead, and what becomes of the message: its state, and
// how often it arrived.
var faults = []struct {
	name    string
	stage   testmail.Stage
	answer  testmail.Answer
	state   store.MessageState
	arrived int
}{
	{"nothing", "", testmail.Answer{}, store.MessageSent, 1},
	{"the recipient is put off", testmail.AtTo, testmail.Refuse(450, "later"), store.MessageQueued, 0},
	// Not for being unknown: one in twelve of those would be bounces enough to stop the mailbox.
	{"the recipient is refused", testmail.AtTo, testmail.Refuse(550, "denied by policy"), store.MessageFailed, 0},
	{"good-bye in mid-stream", testmail.AtTo, testmail.Refuse(421, "bye"), store.MessageQueued, 0},
	{"gone after the recipient", testmail.AtTo, testmail.Drop(), store.MessageQueued, 0},
	{"the text is put off", testmail.AtData, testmail.Refuse(452, "disk full"), store.MessageQueued, 0},
	{"the text is refused", testmail.AtData, testmail.Refuse(552, "too big"), store.MessageFailed, 0},
	// The text lies in the system's buffers when the server goes, so this side can seldom tell it from the last case.
	{"gone before the final dot", testmail.AtData, testmail.Drop(), store.MessageUnknown, 0},
	{"put off after the final dot", testmail.AtDot, testmail.Refuse(451, "later"), store.MessageQueued, 0},
	{"refused after the final dot", testmail.AtDot, testmail.Refuse(554, "spam"), store.MessageFailed, 0},
	{"good-bye after the final dot", testmail.AtDot, testmail.Refuse(421, "bye"), store.MessageQueued, 0},
	{"gone after the final dot", testmail.AtDot, testmail.Drop(), store.MessageUnknown, 1},
}

// TestFaults sends many messages at once over many connections to a server that does something else with each, on both
// databases, and holds the state of every one. A server may offer chunks, not offer them, or offer them and not know them.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, o := range sinks {
		t.Run(name, func(t *testing.T) { testFaults(t, o, false) })
	}
	t.Run("chunks that it does not know", func(t *testing.T) { testFaults(t, testmail.SinkOptions{}, true) })
}

func testFaults(t *testing.T, o testmail.SinkOptions, deaf bool) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		n := 20 * len(faults)
		sink := testmail.StartSink(t, o)
		sink.Script(func(a testmail.Attempt) testmail.Answer {
			if len(a.To) == 0 {
				return testmail.Answer{}
			}
			if deaf && a.Chunk && a.Stage == testmail.AtData {
				return testmail.Refuse(502, "unknown command")
			}
			if f := faults[leadOf(a.To[len(a.To)-1])%len(faults)]; f.stage == a.Stage {
				return f.answer
			}
			return testmail.Answer{}
		})
		if err := db.Write(ctx, func(tx *store.Tx) error { return queue(tx, n) }); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Due(ctx, 2*n); err != nil {
			t.Fatal(err)
		}
		outbox := &finished{DB: db, left: n, done: make(chan struct{})}
		loop := delivery.New(delivery.Config{
			Outbox: outbox, Node: "test", Workers: 24, PerMailbox: 24, Log: slog.New(slog.DiscardHandler),
			Transport: delivery.NewSMTP(delivery.Server{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, sink.Addr())
			}}),
		})
		running, stop := context.WithCancel(ctx)
		var ended sync.WaitGroup
		ended.Go(func() { loop.Run(running) })
		select {
		case <-outbox.done:
		case <-time.After(time.Minute):
			t.Error("a minute passed before every message had a result")
		}
		stop()
		ended.Wait()
		checkFaults(t, db, sink, n)
	})
}

func checkFaults(t *testing.T, db *store.DB, sink *testmail.Sink, n int) {
	t.Helper()
	arrived := sink.Counts()
	checked := 0
	for q := (store.MessageQuery{Limit: store.MaxPageSize}); ; {
		var page store.Page[store.Message]
		if err := db.Read(context.Background(), func(tx *store.Tx) (err error) { page, err = tx.ListMessages(q); return err }); err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Rows {
			checked++
			f := faults[leadOf(m.Recipient)%len(faults)]
			if f.stage == testmail.AtData && f.answer.Drop && m.State == store.MessageQueued {
				m.State = f.state // it went so early that writing failed
			}
			if m.State != f.state || arrived[m.RFCID] != f.arrived || m.Attempts != 1 {
				t.Errorf("%s: the message is %s after %d attempts and arrived %d times, want %s and %d: %s",
					f.name, m.State, m.Attempts, arrived[m.RFCID], f.state, f.arrived, m.Reason)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if checked != n {
		t.Errorf("%d messages, want %d", checked, n)
	}
}

// leadOf gives the number in a lead's address.
func leadOf(address string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(address, "lead"), "@buyer.test"))
	if err != nil {
		panic(fmt.Sprintf("no lead: %s", address))
	}
	return n
}

// finished is an outbox that tells when there are results for so many messages.
type finished struct {
	*store.DB
	left int
	done chan struct{}
}

// FinishMail writes and counts; one goroutine calls it.
func (f *finished) FinishMail(ctx context.Context, results []store.MailResult) error {
	err := f.DB.FinishMail(ctx, results)
	if err == nil {
		if f.left -= len(results); f.left == 0 {
			close(f.done)
		}
	}
	return err
}
