package main

import (
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

type meetingCommand struct {
	Book meetingBookCommand `cmd:"" help:"Note a meeting with a customer; sequences that end on one end."`
	List meetingListCommand `cmd:"" help:"List the meetings that a user has ahead, and those of which nobody has said how they went."`
	End  meetingEndCommand  `cmd:"" help:"Say how a meeting went."`
}

type meetingBookCommand struct {
	site
	output
	Record string        `arg:"" help:"Whom it is with: the id, email address or name of a record."`
	For    string        `help:"Email address of the user who goes." required:"" placeholder:"EMAIL"`
	At     string        `help:"When it begins, in the user's time zone, for instance \"2026-12-24 09:00\"." required:"" placeholder:"TIME"`
	Lasts  time.Duration `help:"How long it lasts, for instance 45m." default:"30m"`
	Name   string        `help:"What to call it." placeholder:"TEXT"`
	Place  string        `help:"Where it is, or a link." placeholder:"TEXT"`
	With   []string      `help:"Names or addresses of who comes, with commas between them." placeholder:"NAME"`
}

// Run books it.
func (c *meetingBookCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.For)
		if err != nil {
			return err
		}
		in := action.NewActivity{Kind: step.Meeting, Name: c.Name, Assignee: u.ID, Meeting: action.Meeting{Place: c.Place, People: c.With}}
		if in.Record, err = c.find(env, h, u); err != nil {
			return err
		}
		r, err := h.app.GetRecord(env.ctx, actorOf(u), in.Record)
		if err != nil {
			return err
		}
		if name := []rune("Meeting with " + r.Name()); in.Name == "" {
			in.Name = string(name[:min(len(name), flow.MaxStepName)])
		}
		if in.DueAt, err = readMoment("--at", c.At, zoneOf(u)); err != nil {
			return err
		}
		in.EndsAt = in.DueAt.Add(c.Lasts)
		made, err := h.app.MakeActivity(env.ctx, actorOf(u), in)
		if err != nil {
			return byFlag(err, map[string]string{"due_at": "--at", "ends_at": "--lasts", "people": "--with"})
		}
		return c.show(env, api.Activity(made.Activity), func() {
			env.say("%s is booked: %s", made.Activity.ID, meetingLine(made.Activity, zoneOf(u)))
			for _, e := range made.Ended {
				env.say("%s ended for %s", e.SequenceName, e.RecordName)
			}
		})
	})
}

// find gives the record by its id, its email address or its name.
func (c *meetingBookCommand) find(env *environment, h *house, u store.User) (ident.Record, error) {
	if strings.Contains(c.Record, "@") {
		return findAnyRecord(env, h, c.Record)
	}
	return h.app.FindRecord(env.ctx, actorOf(u), c.Record)
}

func meetingLine(a store.Activity, zone *time.Location) string {
	parts := []string{
		a.DueAt.In(zone).Format("2006-01-02 15:04") + "-" + a.EndsAt().In(zone).Format("15:04"), a.Name, a.RecordName, a.Place, strings.Join(a.People, ", "),
	}
	line := ""
	for _, p := range parts {
		if p != "" && line != "" {
			line += "  "
		}
		line += p
	}
	return line
}

type meetingListCommand struct {
	site
	output
	Email string `arg:"" help:"Email address of the user."`
}

// Run lists them by their beginning.
func (c *meetingListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.Email)
		if err != nil {
			return err
		}
		var list []store.Activity
		q := store.WorkQuery{Assignee: u.ID, Kinds: []string{step.Meeting}, Later: true, Limit: store.MaxPageSize}
		for {
			page, err := h.app.WorkList(env.ctx, access.System(), q)
			if err != nil {
				return err
			}
			list = append(list, page.Rows...)
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		return c.show(env, shapes(list, api.Activity), func() {
			for _, a := range list {
				env.say("%s  %s", a.ID, meetingLine(a, zoneOf(u)))
			}
		})
	})
}

type meetingEndCommand struct {
	site
	output
	ID      string `arg:"" help:"The meeting, as meeting list gives it."`
	As      string `help:"Email address of the user who says so." required:"" placeholder:"EMAIL"`
	Outcome string `help:"Key of an outcome, as outcomes list --of meetings gives it; the default of the organisation without it." placeholder:"KEY"`
	Note    string `help:"What was agreed." placeholder:"TEXT"`
}

// Run says how it went.
func (c *meetingEndCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.As)
		if err != nil {
			return err
		}
		id, err := readID[ident.Activity]("meeting", c.ID, "See cadenza meeting list.")
		if err != nil {
			return err
		}
		a, err := h.app.GetActivity(env.ctx, actorOf(u), id)
		if err != nil {
			return err
		}
		if a.Kind != step.Meeting {
			return fault.Field("id", "kind", a.Name+" is no meeting. See cadenza meeting list.")
		}
		if a, err = h.app.Complete(env.ctx, actorOf(u), id, action.Done{Outcome: c.Outcome, Note: c.Note}); err != nil {
			return err
		}
		outcomes, err := h.app.Outcomes(env.ctx, actorOf(u))
		if err != nil {
			return err
		}
		return c.show(env, api.Activity(a), func() { env.say("%s: %s", a.Name, outcomes.Meetings.Label(a.Outcome)) })
	})
}
