package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/delivery"
	"cadenza/internal/hit"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// mails sends one personalised, followed email to each of some records through the whole path (outbox, gate, template, links,
// SMTP, result, event for the enrollment) to a sink in a process of its own. The raw reference writes the same bytes over as
// many connections to the same sink and stores nothing. What the results make due is moved afterwards: that is what
// advances measure.
func (b *bench) mails(ctx context.Context) error {
	sink, err := startBenchSink(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = sink.close() }()
	line := &mailLine{bench: b, sink: sink, node: filepath.Base(b.dir), signer: b.app.Vault().Signer()}
	if err := line.prepare(ctx); err != nil {
		return err
	}
	// By turns, each of as many as are asked for: what else the machine does weighs on all alike.
	const turns = 3
	var real, raw, floor spent
	if b.command.Mails > 0 {
		b.size = b.command.Mails
	}
	n := b.size
	for range turns {
		took, err := line.turn(ctx, n)
		if err != nil {
			return err
		}
		real.add(took)
		if took, err = line.rawTurn(ctx, n); err != nil {
			return fmt.Errorf("raw reference: %w", err)
		}
		raw.add(took)
		if took, err = line.floorTurn(ctx, n); err != nil {
			return fmt.Errorf("plain sender: %w", err)
		}
		floor.add(took)
	}
	if err := line.check(ctx, int64(n*turns)); err != nil {
		return err
	}
	b.figures = append(b.figures, figure{
		Name: "emails", Value: real.rate(n * turns), Unit: perSecond, Reference: raw.rate(n * turns), CPU: real.each(n * turns), RefCPU: raw.each(n * turns),
		RefName: fmt.Sprintf("the same bytes over %d connections to the same sink, nothing stored", b.command.Connections),
	}, figure{
		Name: "plain sender", Value: floor.rate(n * turns), Unit: perSecond, Reference: raw.rate(n * turns), CPU: floor.each(n * turns), RefCPU: raw.each(n * turns),
		RefName: "as for emails; it writes before each mail that it is being sent, and its text, and after it that it was, and does nothing else",
	})
	return nil
}

// spent is what something took: of the clock's time, and of the processors' by this process.
type spent struct{ clock, cpu time.Duration }

func (s *spent) add(more spent) { s.clock, s.cpu = s.clock+more.clock, s.cpu+more.cpu }

func (s spent) rate(n int) float64 { return float64(n) / s.clock.Seconds() }

// each gives the microseconds of processor time for one of n.
func (s spent) each(n int) float64 { return float64(s.cpu.Microseconds()) / float64(n) }

// spend measures what fn takes.
func spend(fn func() error) (spent, error) {
	began, before := time.Now(), cpuTime()
	err := fn()
	return spent{clock: time.Since(began), cpu: cpuTime() - before}, err
}

// mailLine is the way of the benchmark's emails.
type mailLine struct {
	*bench
	sink   *benchSink
	node   string
	signer hit.Signer
	seq    store.Sequence
	turns  int
	// sample keeps some of the messages as they went out, for the raw reference.
	mu     sync.Mutex
	sample []sampled
}

type sampled struct {
	from string
	to   []string
	raw  []byte
}

// sampleSize is how many messages the raw reference goes round.
const sampleSize = 1000

// sampling is a transport that keeps some of what it hands on.
type sampling struct {
	*delivery.SMTP
	line *mailLine
}

// SendAll keeps the messages, as long as there is room, and hands them on.
func (s sampling) SendAll(ctx context.Context, box store.Mailbox, next func() (delivery.Parcel, bool)) {
	s.SMTP.SendAll(ctx, box, func() (delivery.Parcel, bool) {
		p, ok := next()
		if ok {
			s.line.keep(sampled{p.From, p.To, p.Raw})
		}
		return p, ok
	})
}

func (l *mailLine) keep(m sampled) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sample) < sampleSize {
		m.raw = bytes.Clone(m.raw) // its memory is used again
		l.sample = append(l.sample, m)
	}
}

// awaited is an outbox that tells when a number of results is written.
type awaited struct {
	*store.DB
	left atomic.Int64
	done chan struct{}
}

// FinishMail writes the results and counts them.
func (a *awaited) FinishMail(ctx context.Context, results []store.MailResult) error {
	err := a.DB.FinishMail(ctx, results)
	if err == nil && a.left.Add(-int64(len(results))) == 0 {
		close(a.done)
	}
	return err
}

func (l *mailLine) prepare(ctx context.Context) (err error) {
	if _, err := l.app.SaveMailbox(ctx, access.System(), action.MailboxInput{
		User: l.user.ID, Address: "bench@bench.test", SenderName: "Bench",
		Host: l.sink.host, Port: l.sink.port, Security: store.NoTLS,
	}); err != nil {
		return err
	}
	if _, err := l.app.CreateTemplate(ctx, access.System(), action.TemplateInput{
		Key: "intro", Name: "Intro",
		Subject: `Hello {{ first_name }}`, HTML: demoIntro,
	}); err != nil {
		return err
	}
	l.seq, err = l.sequence(ctx, "Mails", []step.Step{
		{ID: "mail", Type: "automated_email", Name: "Intro", Config: step.Config{"template": "intro"}},
		{ID: "call", Type: "phone_call", Name: "Call", Config: step.Config{}},
	})
	return err
}

// turn queues n emails, and then measures how long it takes until all are sent and their results are written.
func (l *mailLine) turn(ctx context.Context, n int) (spent, error) {
	records, err := l.insertRecords(ctx, n)
	if err != nil {
		return spent{}, err
	}
	if err := l.connect(ctx, l.seq, records); err != nil {
		return spent{}, err
	}
	if err := l.drain(ctx); err != nil {
		return spent{}, err
	}
	outbox := &awaited{DB: l.db, done: make(chan struct{})}
	outbox.left.Store(int64(n))
	journal := delivery.NewJournal(l.dir, fmt.Sprintf("%s-%d", l.node, l.turns))
	l.turns++
	if err := journal.Open(); err != nil {
		return spent{}, err
	}
	defer func() { _ = journal.Close() }()
	loop := delivery.New(delivery.Config{
		Outbox: outbox, Journal: journal, Log: slog.New(slog.DiscardHandler), Node: l.node, Workers: l.command.Connections, PerMailbox: l.command.Connections,
		Transport: sampling{delivery.NewSMTP(delivery.Server{}), l},
		Tracking:  delivery.Tracking{Signer: l.signer, BaseURL: "https://links.test"},
	})
	loops, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	took, err := spend(func() error {
		go func() { loop.Run(loops); close(ended) }()
		select {
		case <-outbox.done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	stop()
	<-ended
	if err != nil {
		return took, err
	}
	return took, l.drain(ctx)
}

// check holds the outbox against the sink, which got each email once from us and once from each of the references.
func (l *mailLine) check(ctx context.Context, n int64) error {
	load, err := l.db.Load(ctx)
	if err != nil {
		return err
	}
	taken, err := l.sink.taken()
	if err == nil && (load.Messages[store.MessageSent] != n || taken != 3*n) {
		err = fmt.Errorf("%d of %d emails are sent, and the sink took %d", load.Messages[store.MessageSent], n, taken)
	}
	return err
}

// rawTurn sends n of the messages over open connections, and does nothing else.
func (l *mailLine) rawTurn(ctx context.Context, n int) (spent, error) {
	failed := make(chan error, l.command.Connections)
	var next atomic.Int64
	took, _ := spend(func() error {
		var clients sync.WaitGroup
		for range l.command.Connections {
			clients.Go(func() {
				if err := l.rawClient(ctx, &next, int64(n)); err != nil {
					failed <- err
				}
			})
		}
		clients.Wait()
		return nil
	})
	select {
	case err := <-failed:
		return took, err
	default:
		return took, ctx.Err()
	}
}

func (l *mailLine) rawClient(ctx context.Context, next *atomic.Int64, n int64) error {
	client, err := smtp.Dial(l.sink.addr)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	for i := next.Add(1); i <= n && ctx.Err() == nil; i = next.Add(1) {
		if err := rawSend(client, l.sample[i%int64(len(l.sample))]); err != nil {
			return err
		}
	}
	return nil
}

func rawSend(client *smtp.Client, m sampled) error {
	if err := client.Mail(m.from, nil); err != nil {
		return err
	}
	if err := client.Rcpt(m.to[0], nil); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(m.raw); err != nil {
		return err
	}
	return w.Close()
}
