package main

import (
	"context"
	"fmt"
	"time"
)

// costSmall is the number of enrollments beside which the cost at the full number is put.
const costSmall = 10_000

// cost measures what an advance costs among few and among many enrollments, and while a report reads from one snapshot for long:
// then no database may clear away what the engine leaves behind.
func (b *bench) cost(ctx context.Context) error {
	small := min(costSmall, max(1, b.size/10))
	if err := b.waiting(ctx, small, 30); err != nil {
		return err
	}
	few, err := b.costOf(ctx, small, 10)
	if err != nil {
		return err
	}
	if err := b.more(ctx, small); err != nil {
		return err
	}
	many, err := b.costOf(ctx, b.size, 1)
	if err != nil {
		return err
	}
	held, err := b.costWhileRead(ctx)
	if err != nil {
		return err
	}
	each := func(name string, took time.Duration) figure {
		return figure{Name: name, Value: float64(took.Nanoseconds()) / 1000, Unit: micros}
	}
	b.add(each(fmt.Sprintf("an advance among %d", small), few), each(fmt.Sprintf("an advance among %d", b.size), many),
		figure{Name: "many held against few", Value: float64(many) / float64(few), Unit: times}.atMost(1.25),
		each("an advance while a report reads", held),
		figure{Name: "with a report held against without", Value: float64(held) / float64(many), Unit: times}.atMost(1.25))
	return nil
}

// more connects as many further records as are missing.
func (b *bench) more(ctx context.Context, have int) error {
	seq, err := b.sequence(ctx, "More waits", waits(30))
	if err != nil {
		return err
	}
	rest, err := b.fillRecords(ctx, b.size-have)
	if err != nil {
		return err
	}
	if err := b.connect(ctx, seq, rest); err != nil {
		return err
	}
	if err := b.drain(ctx); err != nil {
		return err
	}
	return b.settle(ctx)
}

// costOf lets n enrollments move some times and gives what one advance took.
func (b *bench) costOf(ctx context.Context, n, rounds int) (time.Duration, error) {
	took, err := timed(func() error { return b.moveOn(ctx, rounds, b.workers()) })
	return took / time.Duration(n*rounds), err
}

// costWhileRead is costOf for all, with a transaction open that has read before.
func (b *bench) costWhileRead(ctx context.Context) (took time.Duration, err error) {
	db, postgres, err := openRaw(b.address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	begin := "begin deferred"
	if postgres {
		begin = "begin isolation level repeatable read read only"
	}
	for _, statement := range []string{begin, "select count(*) from enrollment_states where status = 1"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return 0, err
		}
	}
	took, err = b.costOf(ctx, b.size, 1)
	if err != nil {
		return 0, err
	}
	_, err = db.ExecContext(ctx, "rollback")
	return took, err
}
