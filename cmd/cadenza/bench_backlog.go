package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// backlogLook is how often the benchmark looks whether all are done.
	backlogLook = 100 * time.Millisecond
	// A person reads and writes this often meanwhile.
	readEvery  = 50 * time.Millisecond
	writeEvery = 100 * time.Millisecond
)

// backlog starts a server, in a process of its own, to which all enrollments have been due since one and the same moment, and measures
// how long it takes until all have moved, while one person reads pages and another writes notes.
func (b *bench) backlog(ctx context.Context) (err error) {
	// Their wait of an hour ended an hour ago.
	b.now.Store(time.Now().Add(-2 * time.Hour).UnixMicro())
	if err := b.waiting(ctx, b.size, 2); err != nil {
		return err
	}
	raw, err := rawAdvances(ctx, b.address, b.size, b.workers())
	if err != nil {
		return fmt.Errorf("raw reference: %w", err)
	}
	if err := b.settle(ctx); err != nil {
		return err
	}
	server, err := b.startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	return b.watchBacklog(ctx, server, time.Duration(float64(b.size)/raw*float64(time.Second)))
}

// watchBacklog reads and writes until the backlog is gone.
func (b *bench) watchBacklog(ctx context.Context, server *benchServer, raw time.Duration) error {
	list, err := b.keysAfter(ctx, b.size-1)
	if err != nil {
		return err
	}
	record := list[0].String()
	meanwhile, stop := context.WithCancel(ctx)
	defer stop()
	var people sync.WaitGroup
	var reads, writes []time.Duration
	var readErr, writeErr error
	paths := []string{"/work", "/records/" + record, "/sequences"}
	people.Go(func() {
		readErr = every(meanwhile, readEvery, func(i int) error {
			took, err := server.page(ctx, paths[i%len(paths)])
			reads = append(reads, took)
			return err
		})
	})
	people.Go(func() {
		writeErr = every(meanwhile, writeEvery, func(int) error {
			took, err := server.note(ctx, record)
			writes = append(writes, took)
			return err
		})
	})
	err = b.awaitDrained(ctx, server.since.Add(-time.Hour/2))
	drained := time.Since(server.since)
	stop()
	people.Wait()
	if err := errors.Join(err, readErr, writeErr); err != nil {
		return err
	}
	memory, err := server.peak()
	if err != nil {
		return err
	}
	goal := 15.0
	if b.command.DB == "" {
		goal = 12
	}
	read50, read99, readMax := spread("a page meanwhile", reads)
	write50, write99, writeMax := spread("a write meanwhile", writes)
	b.add(figure{
		Name: "all due at once, until done", Value: drained.Seconds(), Unit: seconds, Reference: raw.Seconds(),
		RefName: "the same update and insert by plain SQL in batches of 2,000, nobody else there",
	}.atMost(goal*float64(b.size)/1e6), read50, read99.atMost(200), readMax, write50, write99, writeMax.atMost(100),
		figure{Name: "most memory of the server", Value: memory, Unit: megabytes}.atMost(300))
	return nil
}

// awaitDrained returns when nothing is due any more that was due at that moment.
func (b *bench) awaitDrained(ctx context.Context, moment time.Time) error {
	db, _, err := openRaw(b.address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	done := errors.New("done")
	err = every(ctx, backlogLook, func(int) error {
		var id int64
		err := db.QueryRowContext(ctx, `select id from enrollment_states where due_at <= $1 limit 1`, moment.UnixMicro()).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return done
		}
		return err
	})
	if errors.Is(err, done) {
		return nil
	}
	return err
}

// every calls fn at that pace until ctx ends or fn fails.
func every(ctx context.Context, pace time.Duration, fn func(i int) error) error {
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for i := 0; ; i++ {
		if err := fn(i); err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}
