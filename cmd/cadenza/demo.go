package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/store"
	"cadenza/internal/web"
)

type demoCommand struct {
	logging
	Listen string `help:"Address to listen on." default:"127.0.0.1:8080" placeholder:"ADDR" env:"CADENZA_LISTEN"`
	Dir    string `help:"Folder of the demo; it is emptied at each start unless --keep." default:"demo-data" placeholder:"DIR"`
	Keep   bool   `help:"Go on with the data of the last time."`
}

// demoMarker tells a folder that demo made from one that it must not empty.
const demoMarker = ".cadenza-demo"

// Run makes sample data and serves it.
func (c *demoCommand) Run(env *environment) error {
	listener, err := listen(c.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	fresh, err := c.folder()
	if err != nil {
		return err
	}
	sink, err := startSink(filepath.Join(c.Dir, "mail"))
	if err != nil {
		return err
	}
	defer sink.close()
	texts, err := startTextSink(filepath.Join(c.Dir, "texts"))
	if err != nil {
		return err
	}
	defer texts.close()
	clock, err := openClock(filepath.Join(c.Dir, "clock"))
	if err != nil {
		return err
	}
	log := c.logger(env.stderr)
	if c.LogLevel == "info" {
		log = slog.New(slog.NewTextHandler(env.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	url := "http://" + listener.Addr().String()
	h, err := build(env.ctx, blueprint{
		site:    site{database: database{DB: "sqlite:" + filepath.Join(c.Dir, "cadenza.db")}, KeyFile: filepath.Join(c.Dir, "cadenza.key"), DataDir: c.Dir},
		baseURL: url, log: log, now: clock.now, workers: 4,
		// Sample users sign in by one click; their well-known password needs no strong hash.
		cost:    action.PasswordCost{Memory: 8 << 10, Rounds: 1},
		private: true, // the capture of texts is on this machine
	})
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	if _, err := h.db.Migrate(env.ctx); err != nil {
		return err
	}
	d := &demo{house: h, clock: clock, sink: sink, texts: texts}
	if err := d.seed(env.ctx, fresh); err != nil {
		return fmt.Errorf("make sample data: %w", err)
	}
	env.say("The Cadenza demo is ready:\n\n  %s\n\nSign in with one click as a sample user, or with the password %q.", url, demoPassword)
	env.say("Mail and texts are captured, never sent: see Outbox, or the files in %s. Stop with Ctrl+C.", filepath.Join(c.Dir, "mail")+" and "+filepath.Join(c.Dir, "texts"))
	return h.serve(env.ctx, listener, h.handler(url, d))
}

// folder makes the demo's folder, and empties it unless it shall be kept.
func (c *demoCommand) folder() (fresh bool, err error) {
	marker := filepath.Join(c.Dir, demoMarker)
	_, statErr := os.Stat(marker)
	ours := statErr == nil
	if ours && c.Keep {
		return false, nil
	}
	entries, err := os.ReadDir(c.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, fmt.Errorf("read the demo's folder: %w", err)
	}
	if len(entries) > 0 && !ours {
		return false, fmt.Errorf("the folder %s is not empty and was not made by the demo; name another one with --dir", c.Dir)
	}
	if err := os.RemoveAll(c.Dir); err != nil {
		return false, fmt.Errorf("empty the demo's folder: %w", err)
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return false, fmt.Errorf("make the demo's folder: %w", err)
	}
	return true, os.WriteFile(marker, nil, 0o644)
}

// clock is the real time plus what the visitor moved it ahead.
type clock struct {
	ahead atomic.Int64
	file  string
}

func openClock(file string) (*clock, error) {
	c := &clock{file: file}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the demo's clock: %w", err)
	}
	ahead, err := time.ParseDuration(string(text))
	c.ahead.Store(int64(ahead))
	return c, err
}

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// move moves the clock and remembers it, so that a kept demo never goes back in time.
func (c *clock) move(by time.Duration) error {
	ahead := time.Duration(c.ahead.Add(int64(by)))
	return os.WriteFile(c.file, []byte(ahead.String()), 0o644)
}

// demo is what the pages offer beyond the product.
type demo struct {
	house *house
	clock *clock
	sink  *sink
	texts *textSink
}

// SampleUsers lists everybody.
func (d *demo) SampleUsers(ctx context.Context) ([]store.User, error) {
	return d.house.app.ListUsers(ctx, systemActor)
}

// Ahead is how far the clock is ahead of the real one.
func (d *demo) Ahead() time.Duration { return time.Duration(d.clock.ahead.Load()) }

// MoveClock moves the clock ahead and waits until what fell due is done.
func (d *demo) MoveClock(ctx context.Context, span time.Duration) (web.ClockMove, error) {
	if span == 0 {
		next, err := d.next(ctx)
		if err != nil || next.IsZero() {
			return web.ClockMove{}, err
		}
		span = max(0, next.Sub(d.clock.now())) + time.Second
	}
	before := d.sink.count() + d.texts.count()
	if err := d.clock.move(span); err != nil {
		return web.ClockMove{}, fmt.Errorf("move the clock: %w", err)
	}
	if err := d.settle(ctx); err != nil {
		return web.ClockMove{}, err
	}
	return web.ClockMove{At: d.clock.now(), SentCount: int(d.sink.count() + d.texts.count() - before)}, nil
}

// CapturedMail looks through the captured mail, newest first.
func (d *demo) CapturedMail(rfcID string) (string, error) { return d.sink.html(rfcID) }

// next is when the engine or the outbox has something to do.
func (d *demo) next(ctx context.Context) (time.Time, error) {
	var next time.Time
	for _, when := range []func(context.Context) (time.Time, error){d.house.db.NextDue, d.nextMail, d.nextText, d.house.app.NextBatch} {
		at, err := when(ctx)
		if err != nil {
			return at, err
		}
		if next.IsZero() || (!at.IsZero() && at.Before(next)) {
			next = at
		}
	}
	return next, nil
}

func (d *demo) nextMail(ctx context.Context) (time.Time, error) { return d.house.db.NextMail(ctx) }

func (d *demo) nextText(ctx context.Context) (time.Time, error) {
	return d.house.db.Texts().NextMail(ctx)
}

// settle wakes the loops and waits until nothing is due any more, a few seconds at most.
func (d *demo) settle(ctx context.Context) error {
	deadline := time.Now().Add(5 * time.Second)
	for time.Now().Before(deadline) {
		d.house.db.Nudge()
		load, err := d.house.db.Load(ctx)
		if err != nil {
			return err
		}
		next, err := d.next(ctx)
		if err != nil {
			return err
		}
		if load.Messages[store.MessageSending] == 0 && (next.IsZero() || next.After(d.clock.now())) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}
