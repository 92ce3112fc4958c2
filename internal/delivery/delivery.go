// Package delivery is the hand that sends emails and text messages: it takes queued messages from the outbox, asks the gate,
// builds them and hands them to the mailbox's server over connections that are kept open, or to the provider of texts.
//
// It must never decide what an enrollment does (it reports results as events through the store), send without an
// attempt written down before, or log an address, a number or the text of a message.
//
// Start reading at Loop.Run, then gate.go and smtp.go, or texts.go and texthttp.go.
package delivery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Outbox is what delivery asks of the memory.
type Outbox interface {
	ClaimMail(ctx context.Context, node string, limit int, gate func(store.MailCandidate, time.Time) store.Verdict) ([]store.MailCandidate, int, error)
	FinishMail(ctx context.Context, results []store.MailResult) error
	NextMail(ctx context.Context) (time.Time, error)
	// ReadFile gives the content of a file that goes with mail.
	ReadFile(ctx context.Context, f store.File) ([]byte, error)
	MailSignal() <-chan struct{}
	Now() time.Time
}

var _ Outbox = (*store.DB)(nil)

// Transport hands one built message to a server. It keeps connections between calls.
type Transport interface {
	// Send gives how the attempt ended and, unless it was delivered, why in a sentence.
	Send(ctx context.Context, box store.Mailbox, from string, to []string, raw []byte) (store.ResultKind, string)
	Close()
}

// channel is what differs between emails and text messages.
type channel interface {
	// gate gives the first thing that keeps a queued message from being sent, or passes it with its final content.
	gate(c store.MailCandidate, now time.Time) store.Verdict
	// send hands over a message that has passed.
	send(ctx context.Context, c store.MailCandidate) handover
	// attempt is the phrase of the log.
	attempt() string
	close()
}

// handover is how an attempt ended.
type handover struct {
	kind   store.ResultKind
	reason string
	// after is how long the other side wants to be left alone; zero when it said nothing.
	after time.Duration
}

// Config is what New and NewTexts need.
type Config struct {
	Outbox Outbox
	// Transport takes the emails, Provider the text messages.
	Transport Transport
	Provider  Provider
	Log       *slog.Logger
	// Tracking makes mail whose opens and clicks are seen.
	Tracking Tracking
	// Node names this process; it is written on every attempt.
	Node string
	// Workers is how many messages are on the wire at once; 8 emails or 4 text messages when zero.
	Workers int
}

// Loop sends what is due of one channel. Build it with New or NewTexts.
type Loop struct {
	c       Config
	channel channel
}

// New builds the loop that sends emails.
func New(c Config) *Loop {
	if c.Workers <= 0 {
		c.Workers = 8
	}
	return &Loop{c: c, channel: &emails{c: c, fills: newFills()}}
}

const (
	// safetyPoll bounds every sleep, so that a lost signal delays mail instead of losing it.
	safetyPoll = time.Minute
	// shortestLook and longestLook bound the pause before another look at mail that is due but in another node's hands.
	shortestLook = 10 * time.Millisecond
	longestLook  = 500 * time.Millisecond
	// grace is how long the messages in hand may take after the server was asked to stop.
	grace = 10 * time.Second
)

// Run sends until ctx ends; messages that are on the wire are finished first.
func (l *Loop) Run(ctx context.Context) {
	work := make(chan store.MailCandidate)
	results := make(chan store.MailResult, l.c.Workers)
	slots := make(chan struct{}, l.c.Workers)
	last, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()

	var workers, finisher sync.WaitGroup
	for range l.c.Workers {
		workers.Go(func() {
			for c := range work {
				results <- l.send(last, c)
			}
		})
	}
	finisher.Go(func() { l.finish(last, results, slots) })

	l.claim(ctx, work, slots)
	timer := time.AfterFunc(grace, stop)
	close(work)
	workers.Wait()
	close(results)
	finisher.Wait()
	timer.Stop()
	l.channel.close()
}

// claim takes as many messages as there are free slots, again and again.
func (l *Loop) claim(ctx context.Context, work chan<- store.MailCandidate, slots chan struct{}) {
	pause, look := time.Second, time.Duration(0)
	for ctx.Err() == nil {
		free := take(ctx, slots)
		pass, looked, err := l.c.Outbox.ClaimMail(context.WithoutCancel(ctx), l.c.Node, free, l.channel.gate)
		release(slots, free-len(pass))
		for _, c := range pass {
			work <- c
		}
		switch {
		case err != nil:
			l.c.Log.Error("claim outbox", "error", err, "retry_in", pause)
			wait(ctx, pause, nil)
			pause = min(2*pause, 30*time.Second)
			continue
		case looked < free:
			look = l.idle(ctx, look, len(pass) > 0)
		}
		pause = time.Second
	}
}

// gather is how long a claim waits for more free slots once it has one: a transaction for several messages costs hardly
// more than one for a single message.
const gather = 5 * time.Millisecond

// take waits for one free slot, a moment longer until half of them are free, and then takes all that are.
func take(ctx context.Context, slots chan struct{}) int {
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	free := 1
	limit := time.NewTimer(gather)
	defer limit.Stop()
	for free < (cap(slots)+1)/2 {
		select {
		case slots <- struct{}{}:
			free++
		case <-limit.C:
			return free
		case <-ctx.Done():
			return free
		}
	}
	for free < cap(slots) {
		select {
		case slots <- struct{}{}:
			free++
		default:
			return free
		}
	}
	return free
}

func release(slots chan struct{}, n int) {
	for range n {
		<-slots
	}
}

// idle sleeps until the next message's time or a signal. When messages are due and none could be taken it looks again
// soon, and then less and less often: look is the pause before and after this one.
func (l *Loop) idle(ctx context.Context, look time.Duration, taken bool) time.Duration {
	pause := safetyPoll
	next, err := l.c.Outbox.NextMail(ctx)
	if err == nil && !next.IsZero() {
		pause = min(pause, next.Sub(l.c.Outbox.Now()))
	}
	if pause > 0 || taken {
		look = 0
	} else {
		look = min(max(2*look, shortestLook), longestLook)
		pause = look
	}
	wait(ctx, pause, l.c.Outbox.MailSignal())
	return look
}

func wait(ctx context.Context, pause time.Duration, wake <-chan struct{}) {
	if pause <= 0 {
		return
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}

// finish writes results down, as many at once as have come in.
func (l *Loop) finish(ctx context.Context, results <-chan store.MailResult, slots chan struct{}) {
	for first := range results {
		batch := []store.MailResult{first}
	more:
		for len(batch) < cap(slots) {
			select {
			case r, ok := <-results:
				if !ok {
					break more
				}
				batch = append(batch, r)
			default:
				break more
			}
		}
		l.write(ctx, batch)
		release(slots, len(batch))
	}
}

// write stores a batch of results. While the database does not answer it tries again; what cannot be stored before the
// server stops is unknown after its next start, never sent twice.
func (l *Loop) write(ctx context.Context, batch []store.MailResult) {
	pause := 200 * time.Millisecond
	for {
		err := l.c.Outbox.FinishMail(context.WithoutCancel(ctx), batch)
		if err == nil {
			return
		}
		l.c.Log.Error("write results of sending", "error", err, "messages", len(batch), "retry_in", pause)
		wait(ctx, pause, nil)
		if ctx.Err() != nil {
			return
		}
		pause = min(2*pause, 10*time.Second)
	}
}

// send hands one message over and gives what becomes of it.
func (l *Loop) send(ctx context.Context, c store.MailCandidate) store.MailResult {
	m := c.Message
	h := l.channel.send(ctx, c)
	r := store.MailResult{Message: m, Kind: h.kind, Reason: h.reason}
	if h.kind == store.Retry {
		again, ok := retryAfter(m.Attempts+1, h.reason)
		if !ok {
			r.Kind, r.Reason = store.Rejected, "Given up after several attempts. "+h.reason
		}
		if h.after > 0 {
			again = max(h.after, leastPause(m.Attempts+1))
		}
		r.Again = l.c.Outbox.Now().Add(again)
	}
	l.c.Log.Info(l.channel.attempt(), "message", ident.Message(m.ID).String(), "attempt", m.Attempts+1, "result", resultName(r.Kind))
	return r
}

func resultName(k store.ResultKind) string {
	switch k {
	case store.Delivered:
		return "sent"
	case store.Retry:
		return "retry"
	case store.Rejected:
		return "rejected"
	case store.Unknown:
		return "unknown"
	}
	return ""
}
