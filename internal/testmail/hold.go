package testmail

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Hold makes a Postfix wait after the final dot, as a busy server does that scans what it was given: the sender does not know yet
// whether its mail was taken. It is a policy service (Postfix's SMTPD_POLICY_README), asked once for each mail.
type Hold struct {
	// Addr is what Postfix asks.
	Addr string

	decide func(recipient string) <-chan struct{}
	done   chan struct{}
}

// NewHold starts a policy service that stops when the test ends. For each mail of a signed-in user decide gives what it waits for, or
// nil; it is called from many goroutines at once.
func NewHold(tb testing.TB, decide func(recipient string) <-chan struct{}) *Hold {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("listen for questions of Postfix: %v", err)
	}
	h := &Hold{Addr: l.Addr().String(), decide: decide, done: make(chan struct{})}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				if err := h.answer(c); err != nil && !errors.Is(err, net.ErrClosed) {
					tb.Errorf("answer Postfix: %v", err)
				}
			})
		}
	})
	tb.Cleanup(func() {
		close(h.done)
		l.Close()
		all.Wait()
	})
	return h
}

// answer reads the questions of a connection: lines of name=value up to an empty one.
func (h *Hold) answer(c net.Conn) error {
	defer c.Close()
	closed := make(chan struct{})
	defer close(closed)
	go func() {
		select {
		case <-h.done:
			c.Close() // unblocks the reading
		case <-closed:
		}
	}()
	lines := bufio.NewScanner(c)
	asked := map[string]string{}
	for lines.Scan() {
		if name, value, more := strings.Cut(lines.Text(), "="); more {
			asked[name] = value
			continue
		}
		if asked["sasl_username"] != "" {
			h.wait(h.decide(asked["recipient"]))
		}
		clear(asked)
		if _, err := io.WriteString(c, "action=DUNNO\n\n"); err != nil {
			return err
		}
	}
	return lines.Err()
}

// wait waits for until, or the end of the test.
func (h *Hold) wait(until <-chan struct{}) {
	if until == nil {
		return
	}
	select {
	case <-until:
	case <-h.done:
	}
}
