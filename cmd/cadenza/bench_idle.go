package main

import (
	"context"
	"errors"
	"time"
)

// idleLook is how long an idle server is watched, after it has come to rest.
const (
	idleRest = 5 * time.Second
	idleLook = 20 * time.Second
)

// idle measures what a server takes that has a million enrollments waiting and nothing to do.
func (b *bench) idle(ctx context.Context) (err error) {
	if err := b.waiting(ctx, b.size, 1); err != nil {
		return err
	}
	server, err := b.startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	rest, look := idleRest, idleLook
	if b.trial() {
		rest, look = time.Second/10, time.Second
	}
	pause(ctx, rest)
	before, err := server.spentCPU()
	if err != nil {
		return err
	}
	pause(ctx, look)
	after, err := server.spentCPU()
	if err != nil {
		return err
	}
	memory, err := server.peak()
	if err != nil {
		return err
	}
	b.add(figure{Name: "processor of an idle server", Value: 100 * (after - before).Seconds() / look.Seconds(), Unit: percent}.atMost(1),
		figure{Name: "most memory of an idle server", Value: memory, Unit: megabytes}.atMost(300))
	return ctx.Err()
}

// pause lets time pass: here that is what is measured.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
