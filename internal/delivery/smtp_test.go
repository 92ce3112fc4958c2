package delivery_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/delivery"
	"cadenza/internal/fault"
	"cadenza/internal/signin"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

const raw = "Message-ID: <%s@test.local>\r\nFrom: anna@test.local\r\nTo: marta@buyer.test\r\nSubject: Hello\r\n\r\nHello\r\n"

// line is a transport and the sink at its other end.
type line struct {
	*testing.T
	smtp *delivery.SMTP
	sink *testmail.Sink
	box  store.Mailbox
	sent int
}

// signsIn signs in with the password of every test.
func signsIn(_ context.Context, box store.Mailbox) (signin.Credentials, error) {
	return signin.Credentials{Username: box.Username, Password: "secret"}, nil
}

// newLine connects both by a pipe, so that time in a bubble passes.
func newLine(t *testing.T, o testmail.SinkOptions) *line {
	t.Helper()
	pipe := testmail.NewPipe()
	o.Listener = pipe
	l := &line{T: t, sink: testmail.StartSink(t, o), box: store.Mailbox{ID: 1, Rev: 1, Address: "anna@test.local", Host: "mail.test", Port: 25, Security: store.NoTLS}}
	l.smtp = delivery.NewSMTP(delivery.Server{Dial: pipe.Dial, Credentials: signsIn})
	t.Cleanup(l.smtp.Close)
	return l
}

// send hands one message over and wants a result.
func (l *line) send(kind store.ResultKind, reason string) {
	l.Helper()
	l.sent++
	got, why := l.smtp.Send(l.Context(), l.box, l.box.Address, []string{"marta@buyer.test"}, long(l.sent))
	if got != kind || why != reason {
		l.Errorf("message %d: got %d %q, want %d %q", l.sent, got, why, kind, reason)
	}
}

// long gives a message that a server has to read on for: it does not come with its command.
func long(n int) []byte {
	return append(numbered(n), strings.Repeat("All of it, and more.\r\n", 1000)...)
}

// sinks are what servers offer: chunks and pipelining, as most do today, or less.
var sinks = map[string]testmail.SinkOptions{
	"chunks":        {},
	"pipelining":    {Hides: []string{"CHUNKING"}},
	"no extensions": {Hides: []string{"CHUNKING", "PIPELINING"}},
}

// arrived wants that many messages, none twice, over that many sessions.
func (l *line) arrived(messages, sessions int) {
	l.Helper()
	for id, n := range l.sink.Counts() {
		if n > 1 {
			l.Errorf("%s arrived %d times", id, n)
		}
	}
	if ever, _, _ := l.sink.Sessions(); l.sink.Count() != messages || ever != sessions {
		l.Errorf("%d messages arrived over %d sessions, want %d over %d", l.sink.Count(), ever, messages, sessions)
	}
}

const (
	brokenAfter  = "The connection broke before the mail server answered. Look whether it arrived, then say so."
	brokenBefore = "The mail server cannot be reached: the connection broke."
	tooSlow      = "The mail server cannot be reached: it did not answer in time."
)

// each runs a test with servers that offer more or less.
func each(t *testing.T, name string, test func(*testing.T, testmail.SinkOptions)) {
	t.Helper()
	for offer, o := range sinks {
		t.Run(name+", "+offer, func(t *testing.T) { test(t, o) })
	}
}

// TestAnswers holds what each misbehaviour of a server at each stage leads to, on a new session and on a kept one, and
// that the next message goes out.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		stage   testmail.Stage
		answer  testmail.Answer
		kind    store.ResultKind
		reason  string
		arrives bool
	}{
		{"closed at once", testmail.AtConnect, testmail.Drop(), store.Unreached, brokenBefore, false},
		{"too busy to greet", testmail.AtConnect, testmail.Refuse(421, "busy"), store.Unreached, "The mail server answered 421: busy. It is closing, or too busy; it is tried again later.", false},
		{"no service here", testmail.AtConnect, testmail.Refuse(554, "go away"), store.Held, "The mail server answered 554: go away. It does not serve this mailbox; check server and port.", false},
		{"sender refused", testmail.AtFrom, testmail.Refuse(550, "not you"), store.Rejected, "The mail server answered 550: not you", false},
		{"sender put off", testmail.AtFrom, testmail.Refuse(451, "later"), store.Retry, "The mail server answered 451: later", false},
		{"closed after the sender", testmail.AtFrom, testmail.Drop(), store.Retry, brokenBefore, false},
		{"recipient refused", testmail.AtTo, testmail.Refuse(550, "no such user"), store.Dead, "The mail server answered 550: no such user. The address does not exist, so nobody writes to it any more.", false},
		{"greylisted", testmail.AtTo, testmail.Refuse(450, "greylisted"), store.Retry, "The mail server answered 450: greylisted. It wants to see an unknown sender's email a second time (greylisting); it is tried again in a few minutes.", false},
		{"shutting down", testmail.AtTo, testmail.Refuse(421, "bye"), store.Retry, "The mail server answered 421: bye. It is closing, or too busy; it is tried again later.", false},
		{"closed after the recipient", testmail.AtTo, testmail.Drop(), store.Retry, brokenBefore, false},
		{"text refused", testmail.AtData, testmail.Refuse(552, "too big"), store.Rejected, "The mail server answered 552: too big. The email is too large for it.", false},
		{"text put off", testmail.AtData, testmail.Refuse(452, "disk full"), store.Retry, "The mail server answered 452: disk full. It has no room at the moment; it is tried again later.", false},
		{"closed before the final dot", testmail.AtData, testmail.Drop(), store.Retry, brokenBefore, false},
		{"refused after the final dot", testmail.AtDot, testmail.Refuse(554, "spam"), store.Rejected, "The mail server answered 554: spam", false},
		{"put off after the final dot", testmail.AtDot, testmail.Refuse(451, "later"), store.Retry, "The mail server answered 451: later", false},
		{"closed after the final dot", testmail.AtDot, testmail.Drop(), store.Unknown, brokenAfter, true},
		{"no greeting", testmail.AtConnect, testmail.Stall(nil), store.Unreached, tooSlow, false},
		{"silent after the sender", testmail.AtFrom, testmail.Stall(nil), store.Retry, tooSlow, false},
		{"silent after the recipient", testmail.AtTo, testmail.Stall(nil), store.Retry, tooSlow, false},
		{"not reading the text", testmail.AtData, testmail.Stall(nil), store.Retry, tooSlow, false},
		{"silent after the final dot", testmail.AtDot, testmail.Stall(nil), store.Unknown, brokenAfter, true},
	} {
		stalls := c.answer == testmail.Stall(nil)
		for _, before := range []int{0, 1, 2} { // of a server that takes chunks, the first is on trial
			if before > 0 && c.stage == testmail.AtConnect {
				continue
			}
			each(t, fmt.Sprintf("%s, after %d", c.name, before), func(t *testing.T, o testmail.SinkOptions) {
				synctest.Test(t, func(t *testing.T) {
					l := newLine(t, o)
					for range before {
						l.send(store.Delivered, "")
					}
					answer, goOn := c.answer, make(chan struct{})
					if stalls {
						answer = testmail.Stall(goOn)
					}
					l.sink.At(c.stage, answer)
					begin := time.Now()
					l.send(c.kind, c.reason)
					if span := time.Since(begin); stalls && (span < 20*time.Second || span > 10*time.Minute) {
						t.Errorf("it took %v", span)
					}
					l.sink.Script(nil)
					close(goOn)
					l.send(store.Delivered, "")
					want := before + map[bool]int{true: 1}[c.arrives] + 1
					if got := l.sink.Count(); got != want {
						t.Errorf("%d messages arrived, want %d", got, want)
					}
				})
			})
		}
	}
}

// TestKeptSessions holds that sessions are used again, replaced when the server closed them, and given up after a while
// or when the mailbox changes.
func TestKeptSessions(t *testing.T) {
	t.Parallel()
	each(t, "server", func(t *testing.T, o testmail.SinkOptions) {
		synctest.Test(t, func(t *testing.T) { keptSessions(t, o) })
	})
}

func keptSessions(t *testing.T, o testmail.SinkOptions) {
	t.Helper()
	l := newLine(t, o)
	l.send(store.Delivered, "")
	l.send(store.Delivered, "")
	l.arrived(2, 1)
	// The server closes the kept session when it is used again: a second attempt goes over a new one, at once.
	l.sink.Once(testmail.AtFrom, testmail.Drop())
	l.send(store.Delivered, "")
	l.arrived(3, 2)
	l.sink.Once(testmail.AtFrom, testmail.Refuse(421, "timeout"))
	l.send(store.Delivered, "")
	l.arrived(4, 3)
	// A refusal leaves the session as it is.
	l.sink.Once(testmail.AtTo, testmail.Refuse(550, "no such user"))
	l.send(store.Dead, "The mail server answered 550: no such user. The address does not exist, so nobody writes to it any more.")
	l.send(store.Delivered, "")
	l.arrived(5, 3)
	time.Sleep(2 * time.Minute)
	l.send(store.Delivered, "")
	l.arrived(6, 4)
	l.box.Rev++ // another password, say
	l.send(store.Delivered, "")
	l.arrived(7, 5)
	l.smtp.Close()
	synctest.Wait()
	if _, open, _ := l.sink.Sessions(); open != 0 {
		t.Errorf("%d sessions are still open", open)
	}
}

// TestStopBreaksOff holds that the end of the context frees a sender that waits, wherever it does.
func TestStopBreaksOff(t *testing.T) {
	t.Parallel()
	for _, stage := range []testmail.Stage{testmail.AtConnect, testmail.AtFrom, testmail.AtData, testmail.AtDot} {
		each(t, string(stage), func(t *testing.T, o testmail.SinkOptions) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine(t, o)
				goOn := make(chan struct{})
				defer close(goOn)
				l.sink.At(stage, testmail.Stall(goOn))
				ctx, stop := context.WithTimeout(t.Context(), time.Second)
				defer stop()
				begin := time.Now()
				kind, reason := l.smtp.Send(ctx, l.box, l.box.Address, []string{"marta@buyer.test"}, long(1))
				want := store.Retry
				if stage == testmail.AtDot { // before it, the end of the text has not left
					want = store.Unknown
				}
				if stage == testmail.AtConnect || kind == store.Crowded && stage == testmail.AtData { // over a second session
					want = store.Crowded
				}
				if kind != want || reason == "" || time.Since(begin) > 2*time.Second {
					t.Errorf("got %d %q after %v", kind, reason, time.Since(begin))
				}
			})
		})
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, user, password string
		security             store.Security
		kind                 store.ResultKind
		reason               string
	}{
		{"right", "anna", "secret", store.NoTLS, store.Delivered, ""},
		{"wrong password", "anna", "wrong", store.NoTLS, store.Held, "The mail server refused user name and password (535). Enter the password again."},
		{"unknown user", "bob", "secret", store.NoTLS, store.Held, "The mail server refused user name and password (535). Enter the password again."},
		{"no user", "", "", store.NoTLS, store.Rejected, "The mail server answered 502: Please authenticate first"},
		{"password lost", "anna", "lost", store.NoTLS, store.Held, "The stored password cannot be read. Enter it again."},
		{"no way of protection", "anna", "secret", "", store.Held, "The mailbox names no way of protection."},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pipe := testmail.NewPipe()
				sink := testmail.StartSink(t, testmail.SinkOptions{Users: map[string]string{"anna": "secret"}, Listener: pipe})
				l := &line{T: t, sink: sink, box: store.Mailbox{ID: 1, Address: "anna@test.local", Username: c.user, Security: c.security}}
				l.smtp = delivery.NewSMTP(delivery.Server{Dial: pipe.Dial, Credentials: func(_ context.Context, box store.Mailbox) (signin.Credentials, error) {
					if c.password == "lost" {
						return signin.Credentials{}, fault.New(fault.Unavailable, "The stored password cannot be read.").WithHint("Enter it again.")
					}
					return signin.Credentials{Username: box.Username, Password: c.password}, nil
				}})
				defer l.smtp.Close()
				l.send(c.kind, c.reason)
				if c.kind == store.Delivered && sink.Messages()[0].User != "anna" {
					t.Errorf("it was sent as %q", sink.Messages()[0].User)
				}
			})
		})
	}
}

// TestLetters holds that addresses with letters beyond ASCII before the @ go to servers that take them, and are refused with
// a reason by others.
func TestLetters(t *testing.T) {
	t.Parallel()
	to := []string{"änn@buyer.test"}
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, testmail.SinkOptions{})
		if kind, reason := l.smtp.Send(t.Context(), l.box, l.box.Address, to, []byte(fmt.Sprintf(raw, "m"))); kind != store.Delivered {
			t.Errorf("got %d %q", kind, reason)
		}
		if got := l.sink.Messages(); len(got) != 1 || got[0].To[0] != to[0] {
			t.Errorf("arrived: %+v", got)
		}
	})
	box, taken := serve(t, store.NoTLS, tls.Certificate{})
	smtp := delivery.NewSMTP(delivery.Server{})
	defer smtp.Close()
	kind, reason := smtp.Send(t.Context(), box, box.Address, to, []byte(fmt.Sprintf(raw, "m")))
	if kind != store.Rejected || reason != "The mail server takes no addresses with letters like ä before the @." || taken.Load() != 0 {
		t.Errorf("got %d %q, and %d messages were taken", kind, reason, taken.Load())
	}
	if kind, reason := smtp.Send(t.Context(), box, box.Address, []string{"ann@buyer.test"}, []byte(fmt.Sprintf(raw, "m"))); kind != store.Delivered {
		t.Errorf("the next message: %d %q", kind, reason)
	}
}

// TestUnreachable holds what people read when there is no server at all.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		host, reason string
	}{
		{"127.0.0.1", "The mail server cannot be reached: nothing listens at its address."},
		{"no-such-host.invalid", "The mail server cannot be reached: its name is not known."},
	} {
		box := store.Mailbox{ID: 1, Address: "anna@test.local", Host: c.host, Port: closed, Security: store.NoTLS}
		smtp := delivery.NewSMTP(delivery.Server{})
		if kind, reason := smtp.Send(t.Context(), box, box.Address, []string{"marta@buyer.test"}, nil); kind != store.Unreached || reason != c.reason {
			t.Errorf("%s: got %d %q, want %q", c.host, kind, reason, c.reason)
		}
		if err := delivery.Probe(t.Context(), box, signin.Credentials{}); err == nil || err.Error() != c.reason {
			t.Errorf("%s: the test of the mailbox says %v, want %q", c.host, err, c.reason)
		}
	}
}

// TestProbe holds what the test of a mailbox says, and that it sends nothing.
func TestProbe(t *testing.T) {
	t.Parallel()
	sink := testmail.StartSink(t, testmail.SinkOptions{Users: map[string]string{"anna": "secret"}})
	good := mailboxAt(t, sink.Addr(), store.NoTLS)
	good.Username = "anna"
	ascii := testmail.StartSink(t, testmail.SinkOptions{Hides: []string{"SMTPUTF8"}})
	atASCII := func(address string) func(*store.Mailbox) {
		return func(m *store.Mailbox) {
			*m = mailboxAt(t, ascii.Addr(), store.NoTLS)
			m.Address, m.Username = address, "anna"
		}
	}
	for _, c := range []struct {
		name     string
		change   func(*store.Mailbox)
		password string
		want     string
	}{
		{"right", func(*store.Mailbox) {}, "secret", ""},
		{"wrong password", func(*store.Mailbox) {}, "wrong", "The mail server refused user name and password (535). Enter the password again."},
		{"no address", func(m *store.Mailbox) { m.Address = "anna" }, "secret", "The mailbox has no valid address."},
		{"an international address", func(m *store.Mailbox) { m.Address = "änne@bücher.test" }, "secret", ""},
		{"an international domain where addresses are ASCII", atASCII("anna@bücher.test"), "secret", ""},
		{
			"letters before the @ where addresses are ASCII", atASCII("änne@bücher.test"), "secret",
			"The mail server takes no addresses with letters like ä before the @, and the mailbox has such an address. Use another address of it.",
		},
		{
			"STARTTLS that is not offered", func(m *store.Mailbox) { m.Security = store.StartTLS }, "secret",
			"The mail server offers no STARTTLS on this port. Check port and protection.",
		},
		{
			"TLS where there is none", func(m *store.Mailbox) { m.Security = store.TLS }, "secret",
			"The mail server does not speak TLS on this port. Check port and protection.",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			box := good
			c.change(&box)
			got := ""
			if err := delivery.Probe(t.Context(), box, signin.Credentials{Username: box.Username, Password: c.password}); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	t.Cleanup(func() {
		if sink.Count()+ascii.Count() > 0 {
			t.Error("a test of a mailbox sent mail")
		}
	})
}

func mailboxAt(t *testing.T, address string, security store.Security) store.Mailbox {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return store.Mailbox{ID: 1, Address: "anna@test.local", Host: host, Port: n, Security: security}
}

// TestNoMailServer holds what people read when something else answers at the port.
func TestNoMailServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			_ = conn.Close()
		}
	}()
	for _, security := range []store.Security{store.NoTLS, store.StartTLS} {
		err := delivery.Probe(t.Context(), mailboxAt(t, listener.Addr().String(), security), signin.Credentials{})
		if err == nil || !strings.Contains(err.Error(), "What answers at this port is no mail server. Check host and port.") {
			t.Errorf("%s: got %v", security, err)
		}
	}
}
