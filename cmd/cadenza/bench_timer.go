package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"cadenza/internal/engine"
	"cadenza/internal/portion"
	"cadenza/internal/store"
)

// Due times of the timer scenario lie apart, so that each finds an engine that sleeps.
const (
	timerLead = time.Second / 2
	timerGap  = 50 * time.Millisecond
	timerMost = 400 // are enough, whatever --enrollments says
)

// timer measures how long after its time an enrollment has moved, its move committed, when little is due.
func (b *bench) timer(ctx context.Context) error {
	b.size = min(b.size, timerMost)
	seq, err := b.sequence(ctx, "Timer", waits(2))
	if err != nil {
		return err
	}
	records, err := b.fillRecords(ctx, b.size)
	if err != nil {
		return err
	}
	// Each is connected an hour before its time, by a clock that is put back.
	first := time.Now().Add(timerLead + time.Duration(b.size)*10*time.Millisecond)
	due := make([]time.Time, b.size)
	for i := range records {
		due[i] = first.Add(time.Duration(i) * timerGap)
		b.now.Store(due[i].Add(-time.Hour).UnixMicro())
		if err := b.connect(ctx, seq, records[i:i+1]); err != nil {
			return err
		}
		if err := b.drainAlone(ctx); err != nil {
			return err
		}
	}
	b.now.Store(0)
	watched := &punctual{DB: b.db, due: due, done: make(chan struct{})}
	loops, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { engine.New(watched, slog.New(slog.DiscardHandler), "bench", b.db.Writers()).Run(loops) })
	select {
	case <-watched.done:
	case <-ctx.Done():
	}
	stop()
	running.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p50, p99, longest := spread("due to done", watched.late)
	b.add(p50, p99.atMost(250), longest)
	return nil
}

// punctual is a memory that notes how late each batch is: what is due is played in the order of its time.
type punctual struct {
	*store.DB
	due  []time.Time
	late []time.Duration
	done chan struct{}
}

// Play plays and notes. Only the engine's one loop calls it.
func (p *punctual) Play(ctx context.Context, most *portion.Portion) (int, error) {
	n, err := p.DB.Play(ctx, most)
	now := time.Now()
	for range n {
		if len(p.late) == len(p.due) {
			break
		}
		p.late = append(p.late, now.Sub(p.due[len(p.late)]))
	}
	if n > 0 && len(p.late) == len(p.due) {
		close(p.done)
		p.due = append(p.due, time.Time{}) // it is closed once
	}
	return n, err
}
