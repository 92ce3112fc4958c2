package testmail

import (
	"bytes"
	"errors"
	"io"
	"log"
	"maps"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// waitLimit bounds every wait of this package that is given no context of its own.
const waitLimit = 30 * time.Second

// Message is one mail that a server here has taken.
type Message struct {
	// From and To are the envelope's addresses. For mail read from a mailbox From is the Return-Path and To
	// the mailbox.
	From string
	To   []string
	// MessageID is the header's, without angle brackets.
	MessageID string
	// Raw is the whole message with its headers.
	Raw []byte
	// User is the name that the sender signed in with, empty without AUTH.
	User string
}

// Header returns the named header as it stands in the message (not decoded), or "".
func (m Message) Header(name string) string {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return ""
	}
	return parsed.Header.Get(name)
}

// SinkOptions are the choices for a sink. The zero value takes all mail from anybody and keeps it.
type SinkOptions struct {
	// Users maps a user name to its password. When set, AUTH is required; else any name and password pass.
	Users map[string]string
	// CountOnly keeps no message, only counts by Message-ID: for load tests.
	CountOnly bool
	// Hides are extensions that are not offered, CHUNKING for one. Others stand in their place, as where a filter masks them.
	Hides []string
	// Listener is used in place of a new one on loopback, for example a Pipe.
	Listener net.Listener
}

// Sink is an SMTP server inside the test process. All methods may be called at any time from any goroutine.
type Sink struct {
	addr   string
	o      SinkOptions
	listen net.Listener
	done   chan struct{}

	mu       sync.Mutex
	conns    map[*sinkConn]struct{}
	script   func(Attempt) Answer
	sessions int // ever opened
	most     int // open at once
	total    int
	messages []Message
	counts   map[string]int
	changed  chan struct{} // closed and replaced at each arrival
}

// NewSink starts a sink on a free port of loopback. It stops when the test ends.
func NewSink(tb testing.TB) *Sink {
	tb.Helper()
	return StartSink(tb, SinkOptions{})
}

// StartSink starts a sink with options. It stops when the test ends.
func StartSink(tb testing.TB, o SinkOptions) *Sink {
	tb.Helper()
	l := o.Listener
	if l == nil {
		var err error
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			tb.Fatalf("listen for mail: %v", err)
		}
	}
	s := &Sink{
		addr: l.Addr().String(), o: o, listen: l, done: make(chan struct{}), conns: map[*sinkConn]struct{}{},
		counts: map[string]int{}, changed: make(chan struct{}),
	}
	server := smtp.NewServer(smtp.BackendFunc(s.newSession))
	server.Domain = "sink.test"
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = true
	server.MaxLineLength = 1 << 20
	server.ErrorLog = log.New(io.Discard, "", 0) // dropped connections are what scripts ask for
	served := make(chan error, 1)
	go func() { served <- server.Serve(sinkListener{l, s}) }()
	tb.Cleanup(func() {
		s.Close()
		if err := <-served; err != nil && !errors.Is(err, net.ErrClosed) {
			tb.Errorf("mail sink: %v", err)
		}
	})
	return s
}

// Close stops the sink: open connections are cut and its port refuses new ones. A second call does nothing. The server is not asked to
// close: it would touch, unguarded, what a connection in the middle of a chunk uses.
func (s *Sink) Close() {
	s.mu.Lock()
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	open := slices.Collect(maps.Keys(s.conns))
	s.mu.Unlock()
	s.listen.Close()
	for _, c := range open {
		c.Close()
	}
}

// Addr returns host:port.
func (s *Sink) Addr() string { return s.addr }

// Script sets what the sink does from now on; nil makes it a good server again. f is called from many
// goroutines at once.
func (s *Sink) Script(f func(Attempt) Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = f
}

// At makes the sink give one answer at one stage, always.
func (s *Sink) At(stage Stage, answer Answer) {
	s.Script(func(a Attempt) Answer {
		if a.Stage == stage {
			return answer
		}
		return Answer{}
	})
}

// Once makes the sink give one answer at one stage, the first time only.
func (s *Sink) Once(stage Stage, answer Answer) {
	var once sync.Once
	s.Script(func(a Attempt) (given Answer) {
		if a.Stage == stage {
			once.Do(func() { given = answer })
		}
		return given
	})
}

func (s *Sink) ask(a Attempt) Answer {
	s.mu.Lock()
	f := s.script
	s.mu.Unlock()
	if f == nil {
		return Answer{}
	}
	return f(a)
}

// opens counts a connection, unless the sink is closed.
func (s *Sink) opens(conn net.Conn) (c *sinkConn, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.done:
		return nil, false
	default:
	}
	s.sessions++
	c = &sinkConn{Conn: conn, sink: s, n: s.sessions}
	s.conns[c] = struct{}{}
	s.most = max(s.most, len(s.conns))
	return c, true
}

// closes counts a connection that is gone.
func (s *Sink) closes(c *sinkConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// take records a message.
func (s *Sink) take(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total++
	s.counts[m.MessageID]++
	if !s.o.CountOnly {
		s.messages = append(s.messages, m)
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// Messages returns the messages so far in order of arrival.
func (s *Sink) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// MessagesTo returns the messages so far with this envelope recipient.
func (s *Sink) MessagesTo(address string) []Message {
	return slices.DeleteFunc(s.Messages(), func(m Message) bool {
		return !slices.ContainsFunc(m.To, func(to string) bool { return strings.EqualFold(to, address) })
	})
}

// Count returns how many messages have arrived.
func (s *Sink) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// Counts returns how often each Message-ID has arrived. Exactly-once holds when every value is 1.
func (s *Sink) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// Sessions returns how many connections were ever opened, are open now, and were open at the same time at most.
func (s *Sink) Sessions() (ever, now, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions, len(s.conns), s.most
}

// Reset forgets all messages and counts.
func (s *Sink) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total, s.messages, s.counts = 0, nil, map[string]int{}
}

// Wait returns the messages once n have arrived (nil when CountOnly). The test fails if that takes more than
// 30 seconds.
func (s *Sink) Wait(tb testing.TB, n int) []Message {
	tb.Helper()
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	for {
		s.mu.Lock()
		got, changed, messages := s.total, s.changed, s.messages
		s.mu.Unlock()
		if got >= n {
			return slices.Clone(messages)
		}
		select {
		case <-changed:
		case <-limit.C:
			tb.Fatalf("%d messages after %v, want %d", got, waitLimit, n)
		case <-tb.Context().Done():
			tb.Fatalf("%d messages at the end of the test, want %d", got, n)
		}
	}
}
