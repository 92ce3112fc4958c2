package main

import (
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

type activityCommand struct {
	Show    activityShowCommand    `cmd:"" help:"Show an activity."`
	Add     activityAddCommand     `cmd:"" help:"Give a user something to do with a record."`
	Edit    activityEditCommand    `cmd:"" help:"Change an open activity that no sequence gave."`
	Delete  activityDeleteCommand  `cmd:"" help:"Delete an open activity that no sequence gave; it can be brought back for 30 days."`
	Restore activityRestoreCommand `cmd:"" help:"Bring a deleted activity back."`
}

const seeActivities = "See cadenza work list USER --json."

type activityShowCommand struct {
	site
	output
	acting
	Activity string `arg:"" help:"The id of the activity."`
}

// Run shows it.
func (c *activityShowCommand) Run(env *environment) error {
	return changeActivity(env, c.site, c.output, c.acting, c.Activity, func(a *action.App, actor access.Actor, id ident.Activity) (store.Activity, error) {
		return a.GetActivity(env.ctx, actor, id)
	})
}

type activityAddCommand struct {
	site
	output
	theirs
	Record      string `arg:"" help:"The record: its id or email address."`
	Name        string `arg:"" help:"What is to be done."`
	Kind        string `help:"email, phone_call, task or text_message; see cadenza meeting book for meetings." default:"task"`
	Description string `help:"What there is to know about it."`
	Due         string `help:"When it is due, as 2006-01-02 15:04, in the zone of the user; now without it." placeholder:"TIME"`
	Assignee    string `help:"Email address of the user who does it; the user of --as without it." placeholder:"EMAIL"`
}

// Run creates it.
func (c *activityAddCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := c.user(env, h)
		if err != nil {
			return err
		}
		in := action.NewActivity{Kind: c.Kind, Name: c.Name, Description: c.Description, Assignee: u.ID}
		if in.DueAt, err = readMoment("--due", c.Due, zoneOf(u)); err != nil {
			return err
		}
		if c.Assignee != "" {
			to, err := findUser(env, h, c.Assignee)
			if err != nil {
				return err
			}
			in.Assignee = to.ID
		}
		if in.Record, err = findAnyRecord(env, h, c.Record); err != nil {
			return err
		}
		act, err := h.app.CreateActivity(env.ctx, actorOf(u), in)
		if err != nil {
			return byFlag(err, map[string]string{"name": "<name>"})
		}
		return c.show(env, api.Activity(act), func() { env.activity(act, zoneOf(u)) })
	})
}

type activityEditCommand struct {
	site
	output
	acting
	Activity    string  `arg:"" help:"The id of the activity."`
	Name        *string `help:"What is to be done."`
	Description *string `help:"What there is to know about it."`
	Due         string  `help:"When it is due, as 2006-01-02 15:04, in the zone of --as or else in UTC." placeholder:"TIME"`
}

// Run changes what is given.
func (c *activityEditCommand) Run(env *environment) error {
	if c.Name == nil && c.Description == nil && c.Due == "" {
		return fault.New(fault.Invalid, "No change was given.").WithHint("Give --name, --description or --due.")
	}
	return within(env, c.site, func(h *house) error {
		actor, zone, err := c.actor(env, h)
		if err != nil {
			return err
		}
		change := action.ActivityChange{Name: c.Name, Description: c.Description}
		due, err := readMoment("--due", c.Due, zone)
		if err != nil {
			return err
		}
		if !due.IsZero() {
			change.DueAt = &due
		}
		id, err := readID[ident.Activity]("activity", c.Activity, seeActivities)
		if err != nil {
			return err
		}
		act, err := h.app.EditActivity(env.ctx, actor, id, change)
		if err != nil {
			return byFlag(err, map[string]string{"due_at": "--due"})
		}
		return c.show(env, api.Activity(act), func() { env.activity(act, zone) })
	})
}

type activityDeleteCommand struct {
	site
	output
	acting
	Activity string `arg:"" help:"The id of the activity."`
}

// Run deletes it.
func (c *activityDeleteCommand) Run(env *environment) error {
	return changeActivity(env, c.site, c.output, c.acting, c.Activity, func(a *action.App, actor access.Actor, id ident.Activity) (store.Activity, error) {
		return a.DeleteActivity(env.ctx, actor, id)
	})
}

type activityRestoreCommand struct {
	site
	output
	acting
	Activity string `arg:"" help:"The id of the activity."`
}

// Run brings it back.
func (c *activityRestoreCommand) Run(env *environment) error {
	return changeActivity(env, c.site, c.output, c.acting, c.Activity, func(a *action.App, actor access.Actor, id ident.Activity) (store.Activity, error) {
		return a.RestoreActivity(env.ctx, actor, id)
	})
}

// changeActivity does something with an activity and shows it.
func changeActivity(env *environment, s site, o output, as acting, text string, do func(*action.App, access.Actor, ident.Activity) (store.Activity, error)) error {
	return within(env, s, func(h *house) error {
		actor, zone, err := as.actor(env, h)
		if err != nil {
			return err
		}
		id, err := readID[ident.Activity]("activity", text, seeActivities)
		if err != nil {
			return err
		}
		act, err := do(h.app, actor, id)
		if err != nil {
			return err
		}
		return o.show(env, api.Activity(act), func() { env.activity(act, zone) })
	})
}

// activity prints one, with what can be done about it.
func (e *environment) activity(a store.Activity, zone *time.Location) {
	e.say("%s  %s: %s", a.ID, step.ActivityLabel(a.Kind), a.Name)
	e.say("    with %s, of %s, %s, due %s", a.RecordName, a.AssigneeName, a.State, a.DueAt.In(zone).Format("2006-01-02 15:04"))
	if a.Kind == step.Meeting {
		e.say("    %s", meetingLine(a, zone))
	}
	if a.SequenceName != "" {
		e.say("    a step of %s", a.SequenceName)
	}
	if a.Description != "" {
		e.say("%s", indent(a.Description))
	}
	if a.State == store.ActivityCancelled && a.Enrollment == 0 {
		e.say("    cadenza activity restore %s brings it back", a.ID)
	}
}
