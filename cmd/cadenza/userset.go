package main

import (
	"cmp"

	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/record"
)

type userSetCommand struct {
	site
	output
	Email     string            `arg:"" help:"Email address of the user."`
	AfterDone string            `help:"What follows a completed or skipped activity: next (the next one), stay (on the record) or ask." placeholder:"WHAT"`
	View      map[string]string `help:"How the list of a kind of records is looked at: lead=focused; table or focused." placeholder:"KIND=VIEW"`
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
	}
	for kind, view := range c.View {
		settings.Views[record.Kind(kind)] = action.RecordView(view)
	}
	if c.AfterDone != "" || len(c.View) > 0 {
		if settings, err = h.app.SaveOwnSettings(env.ctx, actorOf(u), settings); err != nil {
			return err
		}
	}
	return c.show(env, api.OwnSettings(settings), func() {
		env.say("after-done  %s%s", settings.AfterDone, map[bool]string{true: ", as the organisation has chosen for everybody", false: ""}[settings.AfterDoneFixed])
		for _, k := range record.Kinds() {
			env.say("view of %-11s  %s", k, cmp.Or(settings.Views[k], action.TableView))
		}
	})
}
