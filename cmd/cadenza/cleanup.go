package main

import (
	"time"

	"cadenza/internal/action"
	"cadenza/internal/api"
)

type batchCleanUpCommand struct {
	site
	output
	User      string `arg:"" help:"The email address of the user whose work it is."`
	PerDay    int    `help:"How much a day may hold, with what is due on it already." default:"20"`
	Best      bool   `help:"Plan the highest priority first, instead of what has waited longest."`
	SkipOlder int    `help:"Skip what was due more than so many days ago." placeholder:"DAYS"`
	DryRun    bool   `help:"Only show the plan."`
}

// Run shows the plan, and carries it out.
func (c *batchCleanUpCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		user, err := findUser(env, h, c.User)
		if err != nil {
			return err
		}
		in := action.CleanUp{User: user.ID, PerDay: c.PerDay, BestFirst: c.Best, SkipOlder: c.SkipOlder}
		plan, err := h.app.PlanCleanUp(env.ctx, actorOf(user), in)
		if err != nil {
			return err
		}
		if c.DryRun || plan.Overdue == 0 {
			return c.show(env, api.CleanUp(plan, in), func() { sayPlan(env, plan) })
		}
		b, err := h.app.StartBatch(env.ctx, actorOf(user), plan.Bulk(in))
		if err != nil {
			return err
		}
		return c.show(env, api.StartedBatch(b, nil, h.db.Now()), func() {
			sayPlan(env, plan)
			env.say("%s begins at %s; cadenza batch undo %s takes it back", b.ID, b.RunAt.In(zoneOf(user)).Format(time.TimeOnly), b.ID)
		})
	})
}

func sayPlan(env *environment, plan action.Plan) {
	env.say("%d overdue", plan.Overdue)
	for _, d := range plan.Days {
		env.say("%s  +%d to %d due", d.Day.Format("Mon 2006-01-02"), len(d.Rows), d.Due)
	}
	if len(plan.Skipped) > 0 {
		env.say("%d skipped", len(plan.Skipped))
	}
}
