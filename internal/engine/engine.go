// Package engine is the shell of time: it sleeps until something is due, asks the store to play a batch of it through
// flow.Decide, and repeats while batches come back full. It also runs the chores that one node of a cluster does.
//
// It must never touch SQL or the network, decide what an enrollment does, or keep state that a restart would miss.
//
// Start reading at Engine.Run.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cadenza/internal/portion"
)

// Store is what the engine asks of the memory.
type Store interface {
	// Play plays a portion of the due enrollments in one transaction, and gives how many it looked at.
	Play(ctx context.Context, p *portion.Portion) (int, error)
	// NextDue gives when something falls due; zero for never.
	NextDue(ctx context.Context) (time.Time, error)
	// DueSignal is signalled when something fell due at once.
	DueSignal() <-chan struct{}
	// Listen passes on other nodes' commits until ctx ends.
	Listen(ctx context.Context) error
	// Lead takes or keeps the lease of a chore.
	Lead(ctx context.Context, name, node string, lease time.Duration) (bool, error)
	Now() time.Time
}

// The batch of each hand begins with firstBatch and grows to largeBatch while batches come back full and quick: small ones let
// interactive writes in between, large ones drain a backlog faster. Above largeBatch nothing is gained (BenchmarkDue in store).
const (
	leastBatch = 100
	firstBatch = 500
	largeBatch = 1000
	// safetyPoll bounds every sleep, so that a lost signal delays work instead of losing it.
	safetyPoll = time.Minute
	// longestBackoff bounds the pause after errors.
	longestBackoff = 5 * time.Second
	// shortestLook and longestLook bound the pause before another look at what is due but in another node's hands.
	shortestLook = 10 * time.Millisecond
	longestLook  = 500 * time.Millisecond
)

// Chore is work that is done every so often by one node of a cluster.
type Chore struct {
	Name  string
	Every time.Duration
	Run   func(ctx context.Context) error
}

// Engine moves enrollments on. Build it with New.
type Engine struct {
	store  Store
	log    *slog.Logger
	node   string
	hands  []*portion.Portion
	chores []Chore
}

// New builds an engine. node names this process among those on the same database; hands is how many batches of a backlog it
// plays at once, at least one.
func New(store Store, log *slog.Logger, node string, hands int, chores ...Chore) *Engine {
	e := &Engine{store: store, log: log, node: node, chores: chores}
	for range max(hands, 1) {
		e.hands = append(e.hands, portion.New(leastBatch, firstBatch, largeBatch))
	}
	return e
}

// Run works until ctx ends; it then finishes the batch in hand and returns.
func (e *Engine) Run(ctx context.Context) {
	var beside sync.WaitGroup
	beside.Go(func() { e.listen(ctx) })
	beside.Go(func() { e.runChores(ctx) })
	e.loop(ctx)
	beside.Wait()
}

// A node says every beatEvery that it lives. What a node held that has been silent for aliveFor is taken over.
const (
	beatEvery = 3 * time.Second
	aliveFor  = 10 * time.Second
)

// Beat says that this node lives. It is called once before anything is claimed; Live keeps saying so.
func (e *Engine) Beat(ctx context.Context) error {
	_, err := e.store.Lead(ctx, NodeLease+e.node, e.node, aliveFor)
	return err
}

// NodeLease begins the name of the lease by which a node says that it lives.
const NodeLease = "node:"

// Live says again and again that this node lives, until ctx ends. It is apart from Run, because a node lives on while
// delivery finishes the mail in hand.
func (e *Engine) Live(ctx context.Context) {
	for ctx.Err() == nil {
		if err := e.Beat(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("say that this node lives", "error", err)
		}
		sleep(ctx, beatEvery, nil)
	}
}

// loop plays what is due and sleeps until the next due time or a signal.
func (e *Engine) loop(ctx context.Context) {
	var backoff, look time.Duration
	for ctx.Err() == nil {
		played, next, err := e.round(ctx)
		if err != nil && ctx.Err() == nil {
			backoff = longer(backoff)
			e.log.Error("engine round", "error", err, "retry_in", backoff)
			sleep(ctx, backoff, nil)
			continue
		}
		backoff = 0
		pause := safetyPoll
		if !next.IsZero() {
			pause = min(pause, next.Sub(e.store.Now()))
		}
		if pause > 0 || played > 0 {
			look = 0
		} else {
			look = min(max(2*look, shortestLook), longestLook)
			pause = look
		}
		sleep(ctx, pause, e.store.DueSignal())
	}
}

// round plays everything that is due now and gives when to look again. Where nothing is, it only reads: a safety poll takes
// no turn at writing.
func (e *Engine) round(ctx context.Context) (played int, next time.Time, err error) {
	if next, err = e.next(ctx); err != nil || next.IsZero() || next.After(e.store.Now()) {
		return 0, next, err
	}
	// Mostly there is little to do, and other hands would find nothing.
	played, full, err := e.play(ctx, e.hands[0])
	if err == nil && full {
		var more int
		more, err = e.drain(ctx)
		played += more
	}
	if err != nil {
		return played, next, err
	}
	next, err = e.next(ctx)
	return played, next, err
}

// play plays one batch. What is in hand is finished even when the server is asked to stop. full tells that there may be more.
func (e *Engine) play(ctx context.Context, hand *portion.Portion) (played int, full bool, err error) {
	batch := hand.Size()
	played, err = e.store.Play(context.WithoutCancel(ctx), hand)
	if err != nil {
		return 0, false, fmt.Errorf("play what is due: %w", err)
	}
	return played, played >= batch, nil
}

// drain plays a backlog with all hands, each until it finds less than it asked for.
func (e *Engine) drain(ctx context.Context) (played int, err error) {
	var (
		all    sync.WaitGroup
		counts = make([]int, len(e.hands))
		errs   = make([]error, len(e.hands))
	)
	for i, hand := range e.hands {
		all.Go(func() { counts[i], errs[i] = e.drainAlone(ctx, hand) })
	}
	all.Wait()
	for _, n := range counts {
		played += n
	}
	return played, errors.Join(errs...)
}

// drainAlone plays batches until one finds less than it asked for.
func (e *Engine) drainAlone(ctx context.Context, hand *portion.Portion) (played int, err error) {
	for full := true; full && err == nil && ctx.Err() == nil; {
		var n int
		n, full, err = e.play(ctx, hand)
		played += n
	}
	return played, err
}

func (e *Engine) next(ctx context.Context) (time.Time, error) {
	next, err := e.store.NextDue(ctx)
	if err != nil {
		return next, fmt.Errorf("look for the next due time: %w", err)
	}
	return next, nil
}

// listen keeps the connection on which other nodes are heard.
func (e *Engine) listen(ctx context.Context) {
	var backoff time.Duration
	for ctx.Err() == nil {
		begin := time.Now()
		err := e.store.Listen(ctx)
		if err == nil || errors.Is(err, context.Canceled) {
			return
		}
		if time.Since(begin) > longestBackoff { // it stood for a while: this is a new trouble
			backoff = 0
		}
		backoff = longer(backoff)
		e.log.Warn("listening for other nodes", "error", err, "retry_in", backoff)
		sleep(ctx, backoff, nil)
	}
}

// runChores runs each chore when its time has come and this node leads it.
func (e *Engine) runChores(ctx context.Context) {
	last := make([]time.Time, len(e.chores))
	for ctx.Err() == nil {
		pause := safetyPoll
		for i, c := range e.chores {
			now := time.Now()
			if wait := c.Every - now.Sub(last[i]); !last[i].IsZero() && wait > 0 {
				pause = min(pause, wait)
				continue
			}
			last[i] = now
			pause = min(pause, c.Every)
			if err := e.runChore(ctx, c); err != nil && ctx.Err() == nil {
				e.log.Error("chore", "chore", c.Name, "error", err)
			}
		}
		sleep(ctx, pause, nil)
	}
}

func (e *Engine) runChore(ctx context.Context, c Chore) error {
	leads, err := e.store.Lead(ctx, c.Name, e.node, 2*c.Every)
	if err != nil || !leads {
		return err
	}
	return c.Run(ctx)
}

func longer(backoff time.Duration) time.Duration {
	return min(max(backoff*2, time.Second/4), longestBackoff)
}

// sleep waits for the pause, a signal or the end of ctx. A pause of zero or less does not wait at all.
func sleep(ctx context.Context, pause time.Duration, wake <-chan struct{}) {
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
