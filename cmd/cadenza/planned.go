package main

import (
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/step"
)

type plannedCommand struct {
	site
	output
	Email string `arg:"" help:"Email address of the user."`
	From  string `help:"First day, for instance 2026-12-24; today when it is left out." placeholder:"DAY"`
	Days  int    `help:"How many days." default:"7"`
}

// Run lists what is planned for the user, day by day.
func (c *plannedCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.Email)
		if err != nil {
			return err
		}
		zone, err := time.LoadLocation(u.Zone)
		if err != nil {
			zone = time.UTC
		}
		from := calendar.DateAt(h.db.Now(), zone)
		if c.From != "" {
			if from, err = calendar.ParseDate(c.From); err != nil {
				return fault.Field("from", "invalid", "The first day is not a date such as 2026-12-24.")
			}
		}
		if c.Days < 1 || c.Days > 62 {
			return fault.Field("days", "range", "The number of days must be from 1 to 62.")
		}
		p, err := h.app.Planned(env.ctx, access.System(), u.ID, from, from+calendar.Date(c.Days-1))
		if err != nil {
			return err
		}
		return c.show(env, api.Planned(p), func() { sayPlanned(env, p) })
	})
}

// plannedLine is one line at a moment.
type plannedLine struct {
	at   time.Time
	text []string
}

func sayPlanned(env *environment, p action.Planned) {
	var lines []plannedLine
	for _, a := range p.Activities {
		until := ""
		if !a.EndsAt().IsZero() {
			until = "until " + a.EndsAt().In(p.Zone).Format("15:04")
		}
		lines = append(lines, plannedLine{a.DueAt, []string{step.ActivityLabel(a.Kind), a.RecordName, a.Name, until, a.Place, a.SequenceName}})
	}
	for _, w := range p.Waits {
		lines = append(lines, plannedLine{w.At, []string{"By itself", w.Enrollment.RecordName, w.What, w.Enrollment.SequenceName}})
	}
	for _, m := range p.Messages {
		lines = append(lines, plannedLine{m.Message.NextAt, []string{"By itself", m.Message.RecordName, m.What}})
	}
	slices.SortStableFunc(lines, func(a, b plannedLine) int { return a.at.Compare(b.at) })
	for _, d := range p.Days {
		env.say("%s  %s", d.Date.Start(time.UTC).Format("Mon 2006-01-02"), dayWords(d))
		for len(lines) > 0 && calendar.DateAt(lines[0].at, p.Zone) == d.Date {
			text := slices.DeleteFunc(lines[0].text, func(s string) bool { return s == "" })
			env.say("  %s  %s", lines[0].at.In(p.Zone).Format("15:04"), strings.Join(text, "  "))
			lines = lines[1:]
		}
	}
	if p.More {
		env.say("There are more: only the first 1,000 activities are listed. Ask for fewer days.")
	}
	if p.Seen.Before(p.Until) {
		env.say("So much ends for everybody that what happens by itself is listed until %s only.", p.Seen.In(p.Zone).Format("2006-01-02 15:04"))
	}
}

// dayWords says when the user works on a day, or why not.
func dayWords(d action.PlannedDay) string {
	switch {
	case d.Leave != nil:
		return "time off"
	case d.Holiday != "":
		return "holiday: " + d.Holiday
	case len(d.Hours) == 0:
		return "no working day"
	}
	return calendar.FormatSpans(d.Hours)
}
