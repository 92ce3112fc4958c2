package main

import (
	"cmp"
	"fmt"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// limitFlags are limits of sending. What is not given stays as it is.
type limitFlags struct {
	Hour      *int           `help:"The most emails within any 60 minutes; 0 for no cap." placeholder:"N"`
	Day       *int           `help:"The most emails on a day; 0 for no cap." placeholder:"N"`
	Gap       *time.Duration `help:"The least time between two emails, such as 90s." placeholder:"TIME"`
	Jitter    *time.Duration `help:"The most that is added to the gap, differently each time." placeholder:"TIME"`
	RampFirst *int           `help:"Emails on the first day of a warm-up; 0 for no warm-up." placeholder:"N"`
	RampStep  *int           `help:"How many more each later day." placeholder:"N"`
	RampFrom  *string        `help:"The first day of the warm-up; empty for the day on which the mailbox was made." placeholder:"DATE"`
}

// over changes the limits that were given, and tells whether any was.
func (f limitFlags) over(l *store.SendLimits) (given bool, err error) {
	for value, flag := range map[*int]*int{&l.Hour: f.Hour, &l.Day: f.Day, &l.RampFirst: f.RampFirst, &l.RampStep: f.RampStep} {
		if flag != nil {
			*value, given = *flag, true
		}
	}
	if f.RampFirst != nil && *f.RampFirst == 0 { // no warm-up has no growth and no first day
		l.RampStep, l.RampFrom = 0, ""
	}
	if f.RampFrom != nil {
		l.RampFrom, given = *f.RampFrom, true
	}
	for _, span := range []struct {
		name  string
		value *time.Duration
		flag  *time.Duration
	}{{"--gap", &l.Gap, f.Gap}, {"--jitter", &l.Jitter, f.Jitter}} {
		if span.flag == nil {
			continue
		}
		if *span.flag%time.Second != 0 {
			return true, fault.Field(span.name, "invalid", "Give whole seconds, such as 90s.")
		}
		*span.value, given = *span.flag, true
	}
	return given, nil
}

// limits prints limits of sending.
func (e *environment) limits(l store.SendLimits) {
	limit := func(n int) string {
		if n == 0 {
			return "no cap"
		}
		return fmt.Sprint(n)
	}
	e.say("%-13s %s an hour, %s a day", "limits", limit(l.Hour), limit(l.Day))
	switch {
	case l.Jitter > 0:
		e.say("%-13s from %s to %s", "gap", l.Gap, l.Gap+l.Jitter)
	case l.Gap > 0:
		e.say("%-13s %s", "gap", l.Gap)
	default:
		e.say("%-13s none", "gap")
	}
	if l.RampFirst == 0 {
		e.say("%-13s none", "warm-up")
		return
	}
	e.say("%-13s %d on %s, %d more each later day", "warm-up", l.RampFirst, cmp.Or(l.RampFrom, "the day on which a mailbox is made"), l.RampStep)
}

type mailboxPaceCommand struct {
	site
	output
	acting
	mailboxOwner
	limitFlags
	AsOrganisation bool `help:"Give up limits of its own: those of the organisation count."`
}

// Run says how a mailbox sends, after limits were changed.
func (c *mailboxPaceCommand) Run(env *environment) error {
	return c.act(env, c.site, c.acting, func(h *house, actor access.Actor, u store.User, zone *time.Location) error {
		v, err := h.app.GetPace(env.ctx, actor, u.ID)
		if err != nil {
			return noMailbox(u, err)
		}
		shared, err := h.app.GetSending(env.ctx, actor)
		if err != nil {
			return err
		}
		own, change, err := c.own(v.Own, shared.Limits)
		if err != nil {
			return err
		}
		if change {
			if v, err = h.app.SavePace(env.ctx, actor, u.ID, own, v.Rev()); err != nil {
				return byFlag(err, nil)
			}
		}
		return c.show(env, api.Pace(v), func() { env.pace(v, shared.Limits, zone) })
	})
}

// own gives the limits that are wished for, which begin as the organisation's where there are none; change tells that any are.
func (c *mailboxPaceCommand) own(own *store.SendLimits, shared store.SendLimits) (limits *store.SendLimits, change bool, err error) {
	wish := shared
	if own != nil {
		wish = *own
	}
	given, err := c.over(&wish)
	switch {
	case err != nil:
		return nil, false, err
	case given && c.AsOrganisation:
		return nil, false, fault.Field("--as-organisation", "invalid", "It takes no limits: leave it out to give the mailbox limits of its own, or leave out the limits.")
	case given:
		return &wish, true, nil
	}
	return nil, c.AsOrganisation, nil
}

// pace prints what a mailbox has sent, what waits, and its limits.
func (e *environment) pace(v action.PaceView, shared store.SendLimits, zone *time.Location) {
	fact := func(name, value string) { e.say("%-13s %s", name, value) }
	of := func(n, limit int) string {
		if limit > 0 {
			return fmt.Sprintf("%d of %d", n, limit)
		}
		return fmt.Sprint(n)
	}
	fact("address", v.Mailbox.Address)
	fact("last hour", of(v.LastHour, v.Limits.Hour))
	fact("today", of(v.Today, v.Cap))
	fact("last 7 days", fmt.Sprintf("%d sent, %d bounced, %d reported as spam", v.Health.Sent, v.Health.Bounced, v.Health.Complained))
	fact("waiting", fmt.Sprint(v.Waiting))
	if !v.OpensAt.IsZero() {
		fact("next may go", v.OpensAt.In(zone).Format("2006-01-02 15:04 MST"))
	}
	if v.Mailbox.Paused {
		by := cmp.Or(v.PausedByName, "the command line")
		if v.PauseReason != "" {
			by = "a guard rail"
		}
		fact("paused", v.PausedAt.In(zone).Format("2006-01-02 15:04 MST")+" by "+by)
		if v.PauseReason != "" {
			e.say("! %s Find out why, then resume it.", v.PauseReason)
		}
	}
	if v.Own != nil {
		fact("limits of", "its own")
		e.limits(*v.Own)
		return
	}
	fact("limits of", "the organisation")
	e.limits(shared)
}
