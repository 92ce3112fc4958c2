package main

import (
	"os"
	"strings"
	"time"

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
