package main

import (
	"context"
	"fmt"
	"time"
)

// rounds is how often each enrollment moves.
const rounds = 3

// advances moves every enrollment through waits that all end at the same moment: one update and one line of history each.
func (b *bench) advances(ctx context.Context) error {
	n := b.size
	if err := b.waiting(ctx, n, 2*rounds+1); err != nil {
		return err
	}
	workers := []int{1, b.workers()}[2-b.workers():]
	for _, w := range workers {
		took, err := timed(func() error { return b.moveOn(ctx, rounds, w) })
		if err != nil {
			return err
		}
		raw, err := rawAdvances(ctx, b.address, n, w)
		if err != nil {
			return fmt.Errorf("raw reference: %w", err)
		}
		if err := b.settle(ctx); err != nil {
			return err
		}
		f := figure{
			Name: fmt.Sprintf("advances by %d at once", w), Value: float64(n*rounds) / took.Seconds(), Unit: perSecond,
			Reference: raw, RefName: fmt.Sprintf("the same update and insert by plain SQL in batches of 2,000, over %d connections", w),
		}
		switch {
		case b.command.DB == "":
			f = f.atLeast(0.25)
		case w == 2:
			f = f.atLeast(0.45)
		}
		b.add(f)
	}
	single, err := rawQueue(ctx, b.address, b.workers())
	if err != nil {
		return fmt.Errorf("queue of single tasks: %w", err)
	}
	last := b.figures[len(b.figures)-1]
	b.add(figure{
		Name: "advances, held against one task for each", Value: last.Value, Unit: perSecond, Reference: single,
		RefName: "the fastest plain queue of tasks: taken a thousand at a time, each done, followed and deleted in one transaction, by prepared SQL",
	}.timesAsMuch(40))
	return nil
}

// moveOn lets each enrollment move that many times.
func (b *bench) moveOn(ctx context.Context, rounds, workers int) error {
	for range rounds {
		b.hour()
		if err := b.drainBy(ctx, workers); err != nil {
			return err
		}
	}
	return nil
}

// timed gives how long fn takes.
func timed(fn func() error) (time.Duration, error) {
	began := time.Now()
	err := fn()
	return time.Since(began), err
}
