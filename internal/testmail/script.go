package testmail

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/emersion/go-smtp"
)

// Stage is a point of the SMTP dialogue at which a script is asked.
type Stage string

// The stages, in the order of the dialogue.
const (
	// AtConnect is in place of the greeting.
	AtConnect Stage = "connect"
	// AtFrom is after MAIL FROM.
	AtFrom Stage = "from"
	// AtTo is after each RCPT TO.
	AtTo Stage = "to"
	// AtData is after DATA was allowed, or BDAT was read, and before the text is read: before the final dot, or the last byte. A
	// refusal is given once the text has been read, as the protocol demands.
	AtData Stage = "data"
	// AtDot is after the final dot, or the last byte, before the answer: the message has arrived, the client does not know.
	AtDot Stage = "dot"
)

// Attempt is what is known of a dialogue at a stage.
type Attempt struct {
	Stage Stage
	// Session counts the connections of this sink from 1.
	Session int
	// From is the envelope sender, set from AtFrom on.
	From string
	// To are the envelope recipients so far; at AtTo the last one is the one being asked about.
	To []string
	// MessageID is set at AtDot, without angle brackets.
	MessageID string
	// Chunk tells, at AtData and AtDot, that the text comes by BDAT (RFC 3030) and not by DATA.
	Chunk bool
}

// Answer is what the sink does at a stage. The zero value goes on as a good server would.
type Answer struct {
	// Code and Text refuse with this reply, as 550 or 451. With 421 the connection is closed after it.
	Code int
	Text string
	// Drop closes the connection without a reply. At AtDot the message is recorded before.
	Drop bool
	// Until holds the reply back until the channel is closed or the sink ends.
	Until <-chan struct{}
}

// Refuse answers with an SMTP code and text.
func Refuse(code int, text string) Answer { return Answer{Code: code, Text: text} }

// Drop closes the connection without a reply.
func Drop() Answer { return Answer{Drop: true} }

// Stall holds the reply back until the channel is closed or the sink ends.
func Stall(until <-chan struct{}) Answer { return Answer{Until: until} }

// errDropped ends a command on a connection that was closed under it; nobody reads its text.
var errDropped = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "dropped"}

// obey carries an answer out on conn. A nil error means: go on.
func (a Answer) obey(conn net.Conn, done <-chan struct{}) error {
	if a.Until != nil {
		select {
		case <-a.Until:
		case <-done:
			conn.Close()
			return errDropped
		}
	}
	if a.Drop {
		conn.Close()
		return errDropped
	}
	if a.Code == 0 {
		return nil
	}
	if c, ok := conn.(*sinkConn); ok && a.Code == 421 {
		c.last.Store(true)
	}
	class := a.Code / 100
	return &smtp.SMTPError{Code: a.Code, EnhancedCode: smtp.EnhancedCode{class, 0, 0}, Message: a.Text}
}

// sinkConn is a connection to the sink. It lets the script answer in place of the greeting, and it closes itself
// after the next write once last is set, as a server does after 421 (RFC 5321, 3.8).
type sinkConn struct {
	net.Conn
	sink   *Sink
	n      int // counts from 1
	greet  sync.Once
	last   atomic.Bool
	closed sync.Once
	// ended tells that there is no more to read.
	ended atomic.Bool
}

// Read reads what the client says.
func (c *sinkConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		c.ended.Store(true)
	}
	return n, err
}

// Write writes a reply.
func (c *sinkConn) Write(p []byte) (int, error) {
	c.greet.Do(func() {
		err := c.sink.ask(Attempt{Stage: AtConnect, Session: c.n}).obey(c, c.sink.done)
		if refusal, ok := errors.AsType[*smtp.SMTPError](err); ok {
			p = fmt.Appendf(nil, "%d %s\r\n", refusal.Code, refusal.Message)
			c.last.Store(true)
		}
	})
	if _, err := c.Conn.Write(c.mask(p)); err != nil {
		return 0, err
	}
	if c.last.Load() {
		c.Close()
	}
	return len(p), nil
}

// mask writes over the extensions that the sink does not offer.
func (c *sinkConn) mask(reply []byte) []byte {
	for _, name := range c.sink.o.Hides {
		for _, between := range []string{"-", " "} {
			line := "250" + between + name + "\r\n"
			reply = bytes.Replace(reply, []byte(line), []byte("250"+between+strings.Repeat("X", len(name))+"\r\n"), 1)
		}
	}
	return reply
}

// Close closes the connection; only the first call counts.
func (c *sinkConn) Close() error {
	c.closed.Do(func() { c.sink.closes(c) })
	return c.Conn.Close()
}

// sinkListener wraps the connections that it accepts in sinkConn.
type sinkListener struct {
	net.Listener
	sink *Sink
}

// Accept waits for the next connection.
func (l sinkListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	counted, ok := l.sink.opens(c)
	if !ok {
		return nil, errors.Join(net.ErrClosed, c.Close())
	}
	return counted, nil
}
