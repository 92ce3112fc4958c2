package main

import (
	"cadenza/internal/action"
	"cadenza/internal/api"
)

type userSetCommand struct {
	site
	output
	Email     string `arg:"" help:"Email address of the user."`
	AfterDone string `help:"What follows a completed or skipped activity: next (the next one), stay (on the record) or ask." placeholder:"WHAT"`
}

// Run changes the settings that are given and says all of them.
func (c *userSetCommand) Run(env *environment) error {
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	u, err := findUser(env, h, c.Email)
	if err != nil {
		return err
	}
	settings, err := h.app.GetOwnSettings(env.ctx, actorOf(u))
	if err != nil {
		return err
	}
	if c.AfterDone != "" {
		settings.AfterDone = action.AfterDone(c.AfterDone)
		if settings, err = h.app.SaveOwnSettings(env.ctx, actorOf(u), settings); err != nil {
			return err
		}
	}
	return c.show(env, api.OwnSettings(settings), func() {
		env.say("after-done  %s%s", settings.AfterDone, map[bool]string{true: ", as the organisation has chosen for everybody", false: ""}[settings.AfterDoneFixed])
	})
}
