package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/delivery"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// mails sends one automated email to each of some records through the whole path (outbox, gate, template, SMTP, result)
// to a sink on this machine.
func (b *bench) mails(ctx context.Context, dir string) error {
	n := min(b.command.Mails, len(b.records))
	sink, err := startCounter()
	if err != nil {
		return err
	}
	defer sink.close()
	if err := b.prepareMails(ctx, sink, n); err != nil {
		return err
	}
	loops, stop := context.WithCancel(ctx)
	loop := delivery.New(delivery.Config{
		Outbox: b.db, Log: slog.New(slog.DiscardHandler), Node: filepath.Base(dir), Workers: b.command.Connections,
		Transport: delivery.NewSMTP(delivery.Server{}),
	})
	started := time.Now()
	done := make(chan struct{})
	go func() { loop.Run(loops); close(done) }()
	err = b.awaitSent(ctx, sink, n)
	elapsed := time.Since(started)
	stop()
	<-done
	if err != nil {
		return err
	}
	raw, err := sink.rawRate(ctx, n, b.command.Connections)
	if err != nil {
		return fmt.Errorf("raw reference: %w", err)
	}
	b.figures = append(b.figures, figure{
		Name: "emails", PerSecond: float64(n) / elapsed.Seconds(), Raw: raw,
		RawName: fmt.Sprintf("the same bytes over %d connections to the same sink, nothing stored", b.command.Connections),
	})
	return nil
}

func (b *bench) prepareMails(ctx context.Context, sink *counter, n int) error {
	if _, err := b.app.SaveMailbox(ctx, access.System(), action.MailboxInput{
		User: b.user.ID, Address: "bench@bench.test", SenderName: "Bench",
		Host: sink.host, Port: sink.port, Security: store.NoTLS,
	}); err != nil {
		return err
	}
	if _, err := b.app.CreateTemplate(ctx, access.System(), action.TemplateInput{
		Key: "intro", Name: "Intro",
		Subject: `Hello {{ first_name }}`, HTML: demoIntro,
	}); err != nil {
		return err
	}
	seq, err := b.sequence(ctx, "Mails", []step.Step{
		{ID: "mail", Type: "automated_email", Name: "Intro", Config: step.Config{"template": "intro"}},
		{ID: "call", Type: "phone_call", Name: "Call", Config: step.Config{}},
	})
	if err != nil {
		return err
	}
	if err := b.connect(ctx, seq, b.records[:n]); err != nil {
		return err
	}
	return b.drain(ctx)
}

// awaitSent waits until the sink has all and the outbox says so, and plays what that makes due, as the engine would.
func (b *bench) awaitSent(ctx context.Context, sink *counter, n int) error {
	for ctx.Err() == nil {
		if err := b.drain(ctx); err != nil {
			return err
		}
		if sink.taken.Load() >= int64(n) {
			load, err := b.db.Load(ctx)
			if err != nil || load.Messages[store.MessageSent] >= int64(n) {
				return err
			}
			if failed := load.Messages[store.MessageFailed] + load.Messages[store.MessageUnknown]; failed > 0 {
				return fmt.Errorf("%d messages were not sent", failed)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	return ctx.Err()
}

// counter is a mail server that takes everything and counts it; it remembers one message for the raw reference.
type counter struct {
	server *smtp.Server
	addr   string
	host   string
	port   int
	taken  atomic.Int64
	sample atomic.Pointer[[]byte]
}

func startCounter() (*counter, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the sink: %w", err)
	}
	c := &counter{addr: listener.Addr().String(), host: "127.0.0.1"}
	_, port, _ := net.SplitHostPort(c.addr) // an address that the system gave
	if c.port, err = strconv.Atoi(port); err != nil {
		return nil, err
	}
	c.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &counterSession{c: c}, nil }))
	c.server.Domain = "localhost"
	go func() { _ = c.server.Serve(listener) }()
	return c, nil
}

func (c *counter) close() { _ = c.server.Close() }

type counterSession struct {
	sinkSession
	c *counter
}

// Data reads the message away.
func (x *counterSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err == nil {
		x.c.taken.Add(1)
		x.c.sample.CompareAndSwap(nil, &text)
	}
	return err
}

// rawRate sends n copies of one of the messages over open connections, and does nothing else.
func (c *counter) rawRate(ctx context.Context, n, connections int) (float64, error) {
	text := *c.sample.Load()
	var left atomic.Int64
	left.Store(int64(n))
	failed := make(chan error, connections)
	var clients sync.WaitGroup
	started := time.Now()
	for range connections {
		clients.Go(func() {
			if err := c.rawClient(ctx, &left, text); err != nil {
				failed <- err
			}
		})
	}
	clients.Wait()
	elapsed := time.Since(started)
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(n) / elapsed.Seconds(), nil
	}
}

func (c *counter) rawClient(ctx context.Context, left *atomic.Int64, text []byte) error {
	client, err := smtp.Dial(c.addr)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	for left.Add(-1) >= 0 && ctx.Err() == nil {
		if err := client.Mail("bench@bench.test", nil); err != nil {
			return err
		}
		if err := client.Rcpt("lead@buyer.test", nil); err != nil {
			return err
		}
		w, err := client.Data()
		if err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return ctx.Err()
}
