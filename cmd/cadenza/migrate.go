package main

import "log/slog"

type migrateCommand struct{ site }

// Run brings the schema to the newest version.
func (c *migrateCommand) Run(env *environment) error {
	h, err := build(env.ctx, blueprint{site: c.site, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	if err := h.db.CheckSchema(env.ctx); err != nil {
		return err
	}
	before, newest, err := h.db.SchemaVersions(env.ctx)
	if err != nil {
		return err
	}
	if before == newest {
		env.say("The schema is the newest already (%d).", newest)
		return nil
	}
	now, err := h.db.Migrate(env.ctx)
	if err != nil {
		return err
	}
	env.say("The schema went from %d to %d.", before, now)
	return nil
}
