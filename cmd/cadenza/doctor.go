package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/store"
	"cadenza/internal/web/static"
)

type doctorCommand struct {
	site
	URL string `name:"url" help:"Address under which people reach the server, as it is given to serve." placeholder:"URL" env:"CADENZA_URL"`
}

// Run prints one line per check and fails when one of them found something wrong.
func (c *doctorCommand) Run(env *environment) error {
	x := &examination{env: env}
	env.say("database   %s", redact(c.DB))
	env.say("key file   %s", c.KeyFile)
	env.say("data       %s", c.DataDir)
	x.check("pages", func() (string, error) {
		if missing := static.Missing(); len(missing) > 0 {
			return "", fault.New(fault.Unavailable, "%d files of the pages were not built in.", len(missing)).WithHint("Build with make build.")
		}
		return "styles, icons and font are built in", nil
	})
	x.check("data folder", func() (string, error) { return "can be written", writable(c.DataDir, "--data-dir") })
	x.check("files", func() (string, error) {
		if c.FilesDir == "" {
			return "new ones are kept in the database", nil
		}
		return "new ones are kept in " + c.FilesDir + ", which can be written; back it up with the database", writable(c.FilesDir, "--files-dir")
	})
	if _, err := os.Stat(c.KeyFile); err != nil {
		x.note("key", "there is none yet; the server makes one at its first start")
	}
	h, err := build(env.ctx, blueprint{site: c.site, baseURL: outsideAddress(c.URL), log: slog.New(slog.DiscardHandler)})
	if err != nil {
		x.check("database", func() (string, error) { return "", err })
		return x.verdict()
	}
	defer func() { _ = h.db.Close() }()
	x.database(h)
	return x.verdict()
}

type examination struct {
	env *environment
	// wrong counts what is broken, warnings what works and should be looked at all the same.
	wrong, warnings int
}

func (x *examination) note(what, found string) { x.env.say("-    %-12s %s", what, found) }

func (x *examination) check(what string, look func() (string, error)) bool {
	found, err := look()
	if err == nil {
		x.env.say("ok   %-12s %s", what, found)
		return true
	}
	x.wrong++
	message := err.Error()
	var f *fault.Error
	if errors.As(err, &f) && f.Unwrap() != nil {
		message += " (" + f.Unwrap().Error() + ")"
	}
	x.env.say("BAD  %-12s %s", what, message)
	return false
}

func (x *examination) verdict() error {
	switch {
	case x.wrong == 0 && x.warnings > 0:
		x.env.say("Nothing is broken, but mind the warning above.")
		return nil
	case x.wrong == 0:
		x.env.say("Everything is fine.")
		return nil
	}
	if x.wrong == 1 {
		_, _ = fmt.Fprintln(x.env.stderr, "One thing needs attention.")
	} else {
		_, _ = fmt.Fprintf(x.env.stderr, "%d things need attention.\n", x.wrong)
	}
	return errReported
}

// database looks at what needs an open database.
func (x *examination) database(h *house) {
	ctx, app := x.env.ctx, h.app
	x.check("database", func() (string, error) { return h.db.Dialect() + " answers", h.db.Ping(ctx) })
	schema := x.check("schema", func() (string, error) {
		current, newest, err := h.db.SchemaVersions(ctx)
		if err == nil && current < newest {
			err = fault.New(fault.Unavailable, "version %d, this program needs %d.", current, newest).WithHint("Run cadenza migrate.")
		} else if err == nil {
			err = h.db.CheckSchema(ctx)
		}
		return fmt.Sprintf("version %d", current), err
	})
	if !schema {
		return
	}
	if !x.check("integrity", func() (string, error) { return "no damage found", h.db.CheckIntegrity(ctx) }) {
		x.note("the rest", "is not looked at: what a damaged file says is not to be trusted")
		return
	}
	x.check("key", func() (string, error) { return "is the one that the database was used with", app.CheckKey(ctx) })
	x.check("users", func() (string, error) {
		needed, err := app.NeedsSetup(ctx)
		if needed {
			return "none yet; the server prints a link to make the first one", err
		}
		return "there is at least one", err
	})
	x.check("tracking", func() (string, error) { return app.TrackingState(ctx) })
	x.wayOut(h)
	x.check("texts", func() (string, error) { return app.TextState(ctx) })
	x.check("phone", func() (string, error) { return app.PhoneState(ctx) })
	x.check("files", func() (string, error) { return h.db.CheckFiles(ctx) })
	x.mailboxes(h)
	load, err := h.db.Load(ctx)
	if !x.check("work", func() (string, error) {
		return fmt.Sprintf("%d active and %d paused enrollments, %d open activities, %d messages queued",
			load.Enrollments["active"], load.Enrollments["paused"], load.OpenActivities, load.Messages[store.MessageQueued]), err
	}) {
		return
	}
	x.check("sending", func() (string, error) {
		f, err := h.app.ReleaseForecast(ctx, access.System())
		if err == nil && !f.Since.IsZero() {
			err = heldFault(f.Since, load.Messages[store.MessageUnknown], f.Goes)
		}
		return "is not held", err
	})
	x.check("outbox", func() (string, error) {
		if n := load.Messages[store.MessageUnknown]; n > 0 {
			return "", fault.New(fault.Conflict, "%d messages may or may not have been sent.", n).WithHint("Settle them on the outbox page, or with cadenza outbox settle; cadenza outbox list --state unknown lists them.")
		}
		return "nothing is in doubt", nil
	})
}

// wayOut warns of emails that nobody can opt out of. It is no error: whoever tries the program at home needs no such link.
func (x *examination) wayOut(h *house) {
	said, ok, err := h.app.WayOut(x.env.ctx)
	if err != nil || ok {
		x.check("opt-out", func() (string, error) { return said, err })
		return
	}
	x.warnings++
	x.env.say("WARN %-12s %s Start the server with that address (--url), or enter it as the tracking address in the settings.", "opt-out", said)
}

func (x *examination) mailboxes(h *house) {
	boxes, err := h.app.ListMailboxes(x.env.ctx, access.System())
	if err != nil || len(boxes) == 0 {
		x.check("mailboxes", func() (string, error) { return "none yet", err })
		return
	}
	for _, b := range boxes {
		x.check("mailbox", func() (string, error) {
			switch {
			case b.GrantError != "":
				return "", fault.New(fault.Unavailable, "%s is not connected: %s", b.UserName, b.GrantError).WithHint("Connect it again on its page, or with cadenza mailbox connect.")
			case b.CheckError != "":
				return "", fault.New(fault.Unavailable, "%s failed its last test: %s", b.UserName, b.CheckError)
			case b.ReadError != "":
				return "", fault.New(fault.Unavailable, "%s cannot be read: %s", b.UserName, b.ReadError)
			case b.CopyError != "":
				return "", fault.New(fault.Unavailable, "%s gets no copies in Sent: %s", b.UserName, b.CopyError).WithHint("Emails go out all the same.")
			case b.IMAPCheckError != "":
				return "", fault.New(fault.Unavailable, "%s failed its last test of reading: %s", b.UserName, b.IMAPCheckError)
			}
			if b.Reads() && !b.ReadAt.IsZero() {
				return fmt.Sprintf("%s by %s, read %s", b.UserName, b.Host, b.ReadAt.Format(time.RFC3339)), nil
			}
			return b.UserName + " by " + b.Host, nil
		})
	}
}

// writable tries to write a file in the folder that a flag names. It is made when it is missing.
func writable(dir, flag string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.New(fault.Unavailable, "%s cannot be made.", dir).WithHint("Let this user write there, or name another with " + flag + ".").WithInner(err)
	}
	probe := filepath.Join(dir, ".probe")
	if err := os.WriteFile(probe, nil, 0o600); err != nil {
		return fault.New(fault.Unavailable, "%s cannot be written.", dir).WithHint("Let this user write there, or name another with " + flag + ".").WithInner(err)
	}
	return os.Remove(probe)
}
