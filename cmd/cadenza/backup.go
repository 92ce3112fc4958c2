package main

import (
	"cmp"
	"context"
	"os"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

type backupCommand struct {
	site
	File  string `arg:"" help:"The file to write."`
	Force bool   `help:"Overwrite the file if it exists."`
}

// Run copies the database. It opens nothing but the database: a backup must not make a key.
func (c *backupCommand) Run(env *environment) error {
	file, lite := strings.CutPrefix(c.DB, "sqlite:")
	if !lite {
		return fault.New(fault.Invalid, "A PostgreSQL database is backed up by its own tools.").
			WithHint("Run: pg_dump --format=custom --file=" + c.File + " " + redact(c.DB))
	}
	if _, err := os.Stat(file); err != nil {
		return fault.New(fault.NotFound, "There is no database at %s.", file).WithHint("Name it with --db.")
	}
	began := time.Now()
	db, err := store.Open(env.ctx, c.DB, store.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	size, err := db.Backup(env.ctx, c.File, c.Force)
	if err != nil {
		return err
	}
	env.say("%s has the whole database: %d KB in %s.", c.File, size/1024, time.Since(began).Round(time.Millisecond))
	env.say("The key is not in it. Keep a copy of %s at another place: without it the mailboxes' passwords have to be entered again.", c.KeyFile)
	if c.FilesDir != "" {
		env.say("Files that go with mail are not in it either; back up %s, too.", c.FilesDir)
	}
	return nil
}

type restoreCommand struct {
	site
	File    string `arg:"" optional:"" help:"The backup to put in the place of the database."`
	After   bool   `help:"The database was put back by other means, such as pg_restore: only make it fit to be run."`
	Release bool   `help:"Let messages go again after a restore."`
	DryRun  bool   `help:"With --release: let nothing go, and say what would."`
	Force   bool   `help:"Replace a database that exists. It is kept beside the new one."`
}

// Run does one of its three things.
func (c *restoreCommand) Run(env *environment) error {
	switch {
	case c.DryRun && !c.Release:
		return fault.New(fault.Invalid, "Only a release is tried out.").WithHint("Say --release --dry-run.")
	case c.Release && !c.After && c.File == "" && c.DryRun:
		return c.forecast(env)
	case c.Release && !c.After && c.File == "":
		return c.release(env)
	case c.After && !c.Release && c.File == "":
		return c.after(env)
	case c.File != "" && !c.After && !c.Release:
		doubt, kept, err := store.Restore(env.ctx, c.File, c.DB, c.Force, time.Now())
		if err != nil {
			return err
		}
		if kept != "" {
			env.say("The old database is kept as %s.", kept)
		}
		c.sayHeld(env, doubt)
		return nil
	}
	return fault.New(fault.Invalid, "Say one thing to do.").WithHint("Give the file of a backup, or --after, or --release.")
}

func (c *restoreCommand) after(env *environment) error {
	if err := store.CheckUnused(env.ctx, c.DB); err != nil {
		return err
	}
	db, err := store.Open(env.ctx, c.DB, store.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	doubt, err := db.Mend(env.ctx)
	if err != nil {
		return err
	}
	c.sayHeld(env, doubt)
	return nil
}

func (c *restoreCommand) sayHeld(env *environment, doubt int64) {
	env.say("The database is restored. %d messages may have been sent after the backup was made; the outbox lists them.", doubt)
	env.say("Nothing is sent until you have looked: start the server with %s, give it time to read the mailboxes, enter opt-outs that are missing,", c.KeyFile)
	env.say("then run cadenza restore --release.")
}

func (c *restoreCommand) release(env *environment) error {
	return within(env, c.site, func(h *house) error {
		if err := h.app.ReleaseSending(context.WithoutCancel(env.ctx), access.System()); err != nil {
			return err
		}
		load, err := h.db.Load(env.ctx)
		if err != nil {
			return err
		}
		env.say("Messages go again; %d are queued, %d are in doubt and wait for a person's word: see cadenza outbox list --state unknown, or the outbox page. A server that runs notices within seconds.",
			load.Messages[store.MessageQueued], load.Messages[store.MessageUnknown])
		return nil
	})
}

// firstReleased is how many of the messages that would go a trial of the release lists.
const firstReleased = 10

// forecast says what the release would let go, and changes nothing.
func (c *restoreCommand) forecast(env *environment) error {
	return within(env, c.site, func(h *house) error {
		f, err := h.app.ReleaseForecast(env.ctx, access.System())
		if err != nil {
			return err
		}
		if f.Since.IsZero() {
			return fault.New(fault.Conflict, "Sending is not held.").WithHint("There is nothing to release.")
		}
		env.say("Sending is held since the database was restored at %s.", f.Since.Format(time.RFC3339))
		env.say("On release %d messages would go out, as windows and limits allow; %d may have been sent before and would wait for a person's word.", f.Goes, f.Doubt)
		if f.Goes+f.Doubt == 0 {
			return nil
		}
		env.say("\n%10s %10s  %s", "go out", "in doubt", "sequence")
		for _, s := range f.Sequences {
			env.say("%10d %10d  %s", s.Goes, s.Doubt, cmp.Or(s.Name, "(written by people, and digests)"))
		}
		first, err := h.app.ListMessages(env.ctx, access.System(), store.MessageQuery{Queue: true, OnRelease: store.GoesOnRelease, Limit: firstReleased})
		if err != nil || len(first.Rows) == 0 {
			return err
		}
		env.say("\nFirst would go:")
		for _, m := range first.Rows {
			env.say("  %s  %s  to %s: %s", m.ID, m.NextAt.Format(time.RFC3339), cmp.Or(m.RecordName, m.Recipient, "nobody"), cmp.Or(m.Subject, "from template "+m.Template))
		}
		return nil
	})
}

// heldFault says that sending is held, and what to do.
func heldFault(since time.Time, doubt, goes int64) error {
	return fault.New(fault.Conflict, "Sending is held: the database was restored at %s; %d messages are in doubt, and %d would go out.",
		since.Format(time.RFC3339), doubt, goes).WithHint("Look at the outbox page or cadenza outbox list, or run cadenza restore --release --dry-run; then run cadenza restore --release.")
}
