package main

import (
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

type outboxRescheduleCommand struct {
	site
	output
	acting
	Message   string `arg:"" help:"The id of the message."`
	At        string `help:"When it is to go, for instance \"2026-12-24 09:00\", by the clock of the user of --as; UTC without one." placeholder:"TIME"`
	Theirs    bool   `help:"The time of --at is by the recipient's clock."`
	Suggested bool   `help:"At the next time at which the recipient is likely to read it; cadenza says why."`
}

// Run moves it, and says by both clocks when it goes.
func (c *outboxRescheduleCommand) Run(env *environment) error {
	switch {
	case c.At == "" && !c.Suggested:
		return fault.Field("--at", "required", "Say when it is to go, as 2026-12-24 09:00, or give --suggested. One that is to go at once: cadenza outbox send-now.")
	case c.At != "" && c.Suggested:
		return fault.Field("--suggested", "invalid", "There is a time in --at already: leave one of them out.")
	case c.Theirs && c.Suggested:
		return fault.Field("--theirs", "invalid", "It says whose clock --at is by; --suggested needs none.")
	}
	return withMessage(env, c.site, c.acting, c.Message, func(h *house, actor access.Actor, id ident.Message, zone *time.Location) error {
		m, err := h.app.GetMessage(env.ctx, actor, id)
		if err != nil {
			return err
		}
		good, known, err := h.app.SuggestTime(env.ctx, actor, m.Record)
		if err != nil && !fault.Is(err, fault.NotFound) { // a test of a template has no record, and is refused below
			return err
		}
		theirs := zone
		if good.Zone != nil {
			theirs = good.Zone
		}
		at, err := c.moment(id, good, known, zone, theirs)
		if err != nil {
			return err
		}
		if m, err = h.app.RescheduleMessage(env.ctx, actor, id, at); err != nil {
			return byFlag(err, nil)
		}
		return c.show(env, api.Message(m), func() {
			env.say("The email to %s goes out %s.", m.Recipient, byClocks(at, zone, theirs))
			if c.Suggested {
				env.say("%s", good.Why)
			}
		})
	})
}

// byClocks says a moment by one's own clock, and by the recipient's where that differs.
func byClocks(at time.Time, own, theirs *time.Location) string {
	const layout = "2006-01-02 15:04 MST"
	mine, other := at.In(own).Format(layout), at.In(theirs).Format(layout)
	if mine == other {
		return mine
	}
	return mine + ", " + other + " by the recipient's clock"
}

// moment gives the time that is wished for.
func (c *outboxRescheduleCommand) moment(id ident.Message, good action.Suggestion, known bool, own, theirs *time.Location) (time.Time, error) {
	switch {
	case c.Suggested && !known:
		return time.Time{}, fault.Field("--suggested", "unknown", "Nothing can be said of when it is read. Give a time with --at.")
	case c.Suggested && good.Now:
		return time.Time{}, fault.Field("--suggested", "now", good.Why+" Send it: cadenza outbox send-now "+id.String())
	case c.Suggested:
		return good.At, nil
	case c.Theirs:
		own = theirs
	}
	return readMoment("--at", c.At, own)
}

type outboxSendNowCommand struct {
	site
	output
	acting
	Message string `arg:"" help:"The id of the message."`
}

// Run lets it go at once.
func (c *outboxSendNowCommand) Run(env *environment) error {
	return withMessage(env, c.site, c.acting, c.Message, func(h *house, actor access.Actor, id ident.Message, _ *time.Location) error {
		m, err := h.app.RescheduleMessage(env.ctx, actor, id, time.Time{})
		if err != nil {
			return err
		}
		return c.show(env, api.Message(m), func() {
			if m.State == store.MessageHeld {
				env.say("The email to %s goes out as soon as its sequence is resumed.", m.Recipient)
				return
			}
			env.say("The email to %s is on its way.", m.Recipient)
		})
	})
}
