package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"
)

// countedWrites is a connection that counts what it is asked to write.
type countedWrites struct {
	net.Conn
	writes *atomic.Int64
}

func (c countedWrites) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

// oneConn is a listener that gives one connection, and then nothing until it is closed.
type oneConn struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l oneConn) Close() error   { close(l.done); return nil }
func (l oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// TestGroupedAnswers holds that the answers to commands that come together leave together, in their order, and that those to commands which come one by
// one, and the last of all, do not wait for others.
func TestGroupedAnswers(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	var writes atomic.Int64
	l := oneConn{make(chan net.Conn, 1), make(chan struct{})}
	l.conns <- countedWrites{theirs, &writes}
	var taken atomic.Int64
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &countingSession{taken: &taken}, nil }))
	server.Domain = "localhost"
	go func() { _ = server.Serve(grouped{l}) }()
	defer func() { _ = server.Close() }()

	in := bufio.NewReader(ours)
	say := func(commands string, codes ...string) (wrote int64) {
		t.Helper()
		before := writes.Load()
		go func() { _, _ = io.WriteString(ours, commands) }()
		for _, code := range codes {
			line, err := in.ReadString('\n')
			for err == nil && len(line) > 3 && line[3] == '-' {
				line, err = in.ReadString('\n')
			}
			if err != nil || !strings.HasPrefix(line, code) {
				t.Fatalf("%q was answered %q, %v, want %s", commands, line, err, code)
			}
		}
		return writes.Load() - before
	}
	say("", "220")
	say("EHLO buyer.test\r\n", "250")
	if n := say("MAIL FROM:<a@seller.test>\r\nRCPT TO:<b@buyer.test>\r\nDATA\r\n", "250", "250", "354"); n != 1 {
		t.Errorf("three answers left in %d writes, want 1", n)
	}
	if n := say("Subject: one\r\n\r\none\r\n.\r\nMAIL FROM:<a@seller.test>\r\nRCPT TO:<c@buyer.test>\r\nDATA\r\n", "250", "250", "250", "354"); n != 1 {
		t.Errorf("four answers left in %d writes, want 1", n)
	}
	say("Subject: two\r\n\r\ntwo\r\n.\r\n", "250")
	if taken.Load() != 2 {
		t.Errorf("%d messages were taken, want 2", taken.Load())
	}
	say("QUIT\r\n", "221")
	if rest, err := io.ReadAll(in); err != nil || len(rest) > 0 {
		t.Errorf("after the end came %q, %v", rest, err)
	}
}

// TestGroupedAnswersAreBounded holds that a client which never stops asking is answered all the same, and fills no memory.
func TestGroupedAnswersAreBounded(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	c := &groupedConn{Conn: theirs}
	go func() {
		for range 100 {
			_, _ = c.Write(bytes.Repeat([]byte("a"), 50))
		}
		_ = c.Close()
	}()
	all, err := io.ReadAll(ours)
	if err != nil || len(all) != 5000 {
		t.Errorf("read %d bytes, %v, want 5000", len(all), err)
	}
	if cap(c.answers) > 2*answersKept {
		t.Errorf("%d bytes are kept", cap(c.answers))
	}
}
