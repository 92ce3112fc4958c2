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
	"crypto"
	"log/slog"
	"sync"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Outbox is what delivery asks of the memory.
type Outbox interface {
	ClaimMail(ctx context.Context, node string, limit int, gate func(*store.MailCandidate, time.Time) store.Verdict, busy ...ident.Mailbox) ([]*store.MailCandidate, int, error)
	FinishMail(ctx context.Context, results []store.MailResult) error
	// ReleaseMail gives back what this node has claimed, but for the messages in keep.
	ReleaseMail(ctx context.Context, node string, keep []ident.Message) (int64, error)
	NextMail(ctx context.Context, busy ...ident.Mailbox) (time.Time, error)
	// ReadFile gives the content of a file that goes with mail.
	ReadFile(ctx context.Context, f store.File) ([]byte, error)
	MailSignal() <-chan struct{}
	Now() time.Time
}

var _ Outbox = (*store.DB)(nil)

// Transport hands built messages to a server. It keeps connections between calls.
type Transport interface {
	// SendAll hands over messages of a mailbox, one after the other: what next gives, until it gives none.
	SendAll(ctx context.Context, box store.Mailbox, next func() (Parcel, bool))
	Close()
}

// channel is what differs between emails and text messages.
type channel interface {
	// gate gives the first thing that keeps a queued message from being sent, or passes it with its final content.
	gate(c *store.MailCandidate, now time.Time) store.Verdict
	// send hands over messages of a mailbox that have passed, one after the other: what next gives, until it gives none. Each is told
	// to leaving before its text touches the network, which an error of leaving prevents, and to landed once.
	send(ctx context.Context, box store.Mailbox, o sending)
	// attempt is the phrase of the log.
	attempt() string
	close()
}

// sending is what a connection is given to send.
type sending struct {
	next    func() (*store.MailCandidate, bool)
	leaving func(*store.MailCandidate) error
	landed  func(*store.MailCandidate, handover)
}

// handover is how an attempt ended.
type handover struct {
	kind   store.ResultKind
	reason string
	// after is how long the other side wants to be left alone; zero when it said nothing.
	after time.Duration
	// stood tells that there was a session with the mailbox's server.
	stood bool
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
	// Signer opens the key by which mail of a domain is signed; nothing is signed when nil.
	Signer func(store.DKIMKey) (crypto.Signer, error)
	// Node names this process; it is written on every attempt.
	Node string
	// Journal notes what touches the network; nil for none.
	Journal *Journal
	// Workers is how many messages are on the wire at once; 40 emails or 4 text messages when zero.
	Workers int
	// PerMailbox is how many of them may be of one mailbox; 5 when zero.
	PerMailbox int
}

// Loop sends what is due of one channel. Build it with New or NewTexts.
type Loop struct {
	c       Config
	channel channel
}

// New builds the loop that sends emails.
func New(c Config) *Loop {
	if c.Workers <= 0 {
		c.Workers = 40
	}
	if c.PerMailbox <= 0 {
		c.PerMailbox = 5
	}
	c.PerMailbox = min(c.PerMailbox, c.Workers)
	return &Loop{c: c, channel: &emails{c: c, fills: newFills(), skeletons: newSkeletons()}}
}

const (
	// safetyPoll bounds every sleep, so that a lost signal delays mail instead of losing it.
	safetyPoll = time.Minute
	// shortestLook and longestLook bound the pause before another look at mail that is due but in another node's hands.
	shortestLook = 10 * time.Millisecond
	longestLook  = 500 * time.Millisecond
	// grace is how long the messages in hand may take after the server was asked to stop.
	grace = 9 * time.Second
	// sweepEvery is how often what waits too long for a connection is looked for.
	sweepEvery = time.Second
	// gather is how long a claim waits for more room, and resultsFor how long a result waits for others: a transaction for
	// several messages costs hardly more than one for a single message.
	gather     = 5 * time.Millisecond
	resultsFor = 10 * time.Millisecond
	// resultsAtOnce bounds the results of one transaction.
	resultsAtOnce = 500
)

// Run sends until ctx ends; messages that are on the wire are finished first, and those that wait for a connection go back
// into the queue.
func (l *Loop) Run(ctx context.Context) {
	last, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	r := &run{Loop: l, ctx: last, hands: newHands(l.c.Workers, l.c.PerMailbox)}
	r.results = make(chan outcome, r.hands.most()) // never full, so no connection waits for the database
	var finisher sync.WaitGroup
	finisher.Go(r.finish)

	r.claim(ctx)
	timer := time.AfterFunc(grace, stop)
	r.releaseAll()
	r.workers.Wait()
	close(r.results)
	finisher.Wait()
	timer.Stop()
	l.channel.close()
}

// run is one Run of a loop.
type run struct {
	*Loop
	// ctx ends when what is on the wire is left alone.
	ctx     context.Context
	hands   *hands
	results chan outcome
	workers sync.WaitGroup
	// quiet says that no mail is due before until but that of the mailboxes drained, as far as this node was told. look is the
	// pause before another look at what others hold.
	quiet   bool
	drained []ident.Mailbox
	until   time.Time
	look    time.Duration
	// notBefore is when to look again past the mail of mailboxes that have their hands full.
	notBefore time.Time
	// swept is when a sweep was last; owed says that messages are to be given back.
	swept time.Time
	owed  bool
}

// outcome is a message with its result.
type outcome struct {
	*store.MailCandidate
	result store.MailResult
}

// leaving notes that a message is about to touch the network.
func (l *Loop) leaving(c *store.MailCandidate) error {
	err := l.c.Journal.touch(c.Message.ID)
	if err != nil {
		l.c.Log.Error("note what is sent", "error", err, "message", c.Message.ID.String())
	}
	return err
}

// unnoted is what comes of a message of which no note can be made.
var unnoted = handover{kind: store.Retry, reason: "The server's own disk cannot be written."}

// result gives what becomes of a message after its attempt.
func (l *Loop) result(c *store.MailCandidate, h handover) store.MailResult {
	m := c.Message
	if h.kind == store.Delivered {
		l.c.Journal.landed(m.ID)
	}
	r := store.MailResult{Message: m, Kind: h.kind, Reason: h.reason, Mailbox: c.Mailbox.ID, Rev: c.Mailbox.Rev}
	r.LetIn = c.Pacing.Tries() && (h.kind == store.Delivered || h.kind == store.Unknown || h.stood)
	if h.kind == store.Crowded {
		r.Again = l.c.Outbox.Now().Add(crowdedFor)
	}
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
	case store.Dead:
		return "dead address"
	case store.Held:
		return "held"
	case store.Astray:
		return "astray"
	case store.Unreached:
		return "unreached"
	case store.Crowded:
		return "crowded"
	}
	return ""
}
