package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"cadenza/internal/message"
)

// sink is the demo's mail server: it takes every message and keeps it as a file.
type sink struct {
	server *smtp.Server
	host   string
	port   int
	dir    string
	taken  atomic.Int64
}

func startSink(dir string) (*sink, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder for captured mail: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the mail capture: %w", err)
	}
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, err
	}
	s := &sink{dir: dir, host: host}
	if s.port, err = strconv.Atoi(port); err != nil {
		return nil, err
	}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &sinkSession{s, c.Conn()}, nil
	}))
	s.server.Domain = "demo.localhost"
	s.server.MaxMessageBytes = 50 << 20
	s.server.ReadTimeout, s.server.WriteTimeout = 5*time.Minute, time.Minute
	go func() { _ = s.server.Serve(grouped{listener}) }()
	return s, nil
}

func (s *sink) count() int64 { return s.taken.Load() }

func (s *sink) close() { _ = s.server.Close() }

// html gives the HTML of the newest message with this Message-ID; "" when there is none.
func (s *sink) html(id string) (string, error) {
	files, err := filepath.Glob(filepath.Join(s.dir, "*.eml"))
	if err != nil {
		return "", err
	}
	for _, file := range slices.Backward(files) {
		raw, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read captured mail: %w", err)
		}
		if !bytes.Contains(raw[:min(len(raw), 4<<10)], []byte("<"+id+">")) {
			continue
		}
		if m, err := message.Parse(raw); err == nil && m.MessageID == id {
			return m.HTML, nil
		}
	}
	return "", nil
}

type sinkSession struct {
	s    *sink
	conn net.Conn
}

// errCutOff refuses a message of which the end did not come. Nobody is there to hear it.
var errCutOff = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "The message was cut off"}

var _ smtp.Session = (*sinkSession)(nil)

// Mail takes any sender.
func (x *sinkSession) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes any recipient.
func (x *sinkSession) Rcpt(string, *smtp.RcptOptions) error { return nil }

// Reset forgets nothing, because nothing is kept between messages.
func (x *sinkSession) Reset() {}

// Logout ends the session.
func (x *sinkSession) Logout() error { return nil }

// Data keeps the message as a file.
func (x *sinkSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if c, ok := x.conn.(*groupedConn); ok && c.ended.Load() { // go-smtp takes what there is of a chunk for all of it
		return errCutOff
	}
	name := fmt.Sprintf("%05d.eml", x.s.taken.Add(1))
	return os.WriteFile(filepath.Join(x.s.dir, name), text, 0o644)
}
