package main

import (
	"strings"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
)

type timelineCommand struct {
	site
	output
	acting
	Record string `arg:"" help:"The record: its id or email address."`
	Sort   string `name:"show" help:"Only emails, calls, notes, tasks or sequence." enum:"emails,calls,notes,tasks,sequence," default:"" placeholder:"SORT"`
	Limit  int    `help:"How many lines at most." default:"100"`
	Zone   string `help:"Time zone in which times are told; that of --as without it." placeholder:"ZONE"`
}

// Run tells the story of a record, newest first. What is new for the user of --as has a star.
func (c *timelineCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, zone, err := c.actor(env, h)
		if err != nil {
			return err
		}
		if c.Zone != "" {
			if zone, err = time.LoadLocation(c.Zone); err != nil {
				return fault.Field("--zone", "invalid", "There is no time zone "+c.Zone+". Give one such as Europe/Berlin.")
			}
		}
		if c.Limit < 1 {
			return fault.Field("--limit", "range", "Ask for at least one line.")
		}
		id, err := findAnyRecord(env, h, c.Record)
		if err != nil {
			return err
		}
		var lines []action.TimelineEntry
		q := action.TimelineQuery{Record: id, Show: action.TimelineShow(c.Sort)}
		for len(lines) < c.Limit {
			q.Limit = min(c.Limit-len(lines), 200)
			page, err := h.app.TimelinePage(env.ctx, actor, q)
			if err != nil {
				return err
			}
			lines = append(lines, page.Entries...)
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		return c.show(env, shapes(lines, api.TimelineEntry), func() {
			for _, e := range lines {
				env.timelineLine(e, zone)
			}
			if q.Cursor != "" {
				env.say("There is more; ask for it with --limit.")
			}
		})
	})
}

func (e *environment) timelineLine(line action.TimelineEntry, zone *time.Location) {
	mark, by := " ", ""
	switch {
	case line.Trouble:
		mark = "!"
	case line.New:
		mark = "*"
	}
	if line.By != "" {
		by = "  (" + line.By + ")"
	}
	e.say("%s %s  %s%s", mark, line.At.In(zone).Format("2006-01-02 15:04"), line.Title, by)
	if line.Detail != "" {
		e.say("%s", indent(line.Detail))
	}
}

// indent puts a text below a line of a list.
func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}

type followCommand struct {
	site
	output
	theirs
	Record string `arg:"" help:"The record: its id or email address."`
	Stop   bool   `help:"Follow it no longer."`
}

// Run has a user follow a record, or not any more.
func (c *followCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := c.user(env, h)
		if err != nil {
			return err
		}
		id, err := findAnyRecord(env, h, c.Record)
		if err != nil {
			return err
		}
		if err := h.app.Follow(env.ctx, actorOf(u), id, !c.Stop); err != nil {
			return err
		}
		return c.show(env, api.Following(!c.Stop), func() {
			if c.Stop {
				env.say("%s follows it no longer.", u.Name)
				return
			}
			env.say("%s follows it, and is told what happens.", u.Name)
		})
	})
}
