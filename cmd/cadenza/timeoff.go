package main

import (
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

type timeOffCommand struct {
	List     timeOffListCommand     `cmd:"" help:"List the time off that is not over, by its first day."`
	Add      timeOffAddCommand      `cmd:"" help:"Enter whole days on which a user is away, with who stands in."`
	Change   timeOffChangeCommand   `cmd:"" help:"Change time off; what is not given stays as it is."`
	Remove   timeOffRemoveCommand   `cmd:"" help:"Delete time off: the user is there."`
	HandOver timeOffHandOverCommand `cmd:"" name:"hand-over" help:"Give the open activities that fall due meanwhile to whoever stands in, now."`
	TakeBack timeOffTakeBackCommand `cmd:"" name:"take-back" help:"Give a user the open activities again that others do."`
}

type timeOffListCommand struct {
	site
	output
	Email string `arg:"" optional:"" help:"Email address of a user; without it everybody."`
}

// Run lists it.
func (c *timeOffListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		var user ident.User
		if c.Email != "" {
			u, err := findUser(env, h, c.Email)
			if err != nil {
				return err
			}
			user = u.ID
		}
		list, err := h.app.TimesOff(env.ctx, access.System(), user)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			_, _ = env.stderr.Write([]byte("Nobody is away, or will be.\n"))
		}
		return c.show(env, shapes(list, api.TimeOff), func() {
			for _, t := range list {
				env.timeOff(t.TimeOff, t.Running)
			}
		})
	})
}

// timeOff prints one, with what becomes of the work.
func (e *environment) timeOff(t store.TimeOff, running bool) {
	say := []string{"nobody stands in"}
	if t.Substitute != 0 {
		say[0] = t.SubstituteName + " stands in"
	}
	if running {
		say = append([]string{"away now"}, say...)
	}
	if t.OpenToo {
		say = append(say, "open activities are handed over")
	}
	if t.MailWaits {
		say = append(say, "automated messages wait")
	}
	if t.Note != "" {
		say = append(say, "“"+t.Note+"”")
	}
	e.say("%-16s %s to %s  %-24s %s", t.ID, t.From, t.To, t.UserName, strings.Join(say, ", "))
}

type timeOffAddCommand struct {
	site
	output
	Email      string `arg:"" help:"Email address of the user who is away."`
	From       string `help:"The first day, such as 2026-12-24, in the user's time zone." required:"" placeholder:"DATE"`
	To         string `help:"The last day; the first one when it is left out." placeholder:"DATE"`
	Substitute string `help:"Email address of who stands in; with nobody, new activities fall due after the return." placeholder:"EMAIL"`
	HandOver   bool   `help:"Hand over open activities when it begins, too."`
	MailWaits  bool   `help:"Keep automated messages back until the return; else they go out from the user's mailbox."`
	Note       string `help:"A note, which everybody can read."`
}

// Run enters it.
func (c *timeOffAddCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.Email)
		if err != nil {
			return err
		}
		in := action.TimeOffInput{User: u.ID, From: c.From, To: c.To, Note: c.Note, OpenToo: c.HandOver, MailWaits: c.MailWaits}
		if in.Substitute, err = substitute(env, h, c.Substitute); err != nil {
			return err
		}
		if c.HandOver && in.Substitute == 0 {
			return fault.Field("--hand-over", "required", "There is nobody to hand over to. Name somebody with --substitute.")
		}
		t, err := h.app.AddTimeOff(env.ctx, access.System(), in)
		if err != nil {
			return timeOffFault(err)
		}
		return c.show(env, api.TimeOff(action.TimeOff{TimeOff: t}), func() { env.timeOff(t, false) })
	})
}

// substitute finds who stands in; nobody for "" and none.
func substitute(env *environment, h *house, email string) (ident.User, error) {
	if email == "" || strings.EqualFold(email, "nobody") {
		return 0, nil
	}
	u, err := findUser(env, h, email)
	if err != nil {
		return 0, fault.Field("--substitute", "unknown", "There is no active user "+email+". See cadenza user list.")
	}
	return u.ID, nil
}

type timeOffChangeCommand struct {
	site
	output
	ID         string  `arg:"" help:"As cadenza time-off list shows it."`
	From       *string `help:"The first day." placeholder:"DATE"`
	To         *string `help:"The last day." placeholder:"DATE"`
	Substitute *string `help:"Email address of who stands in, or nobody." placeholder:"EMAIL"`
	HandOver   *bool   `help:"Hand over open activities when it begins, or do not." negatable:""`
	MailWaits  *bool   `help:"Keep automated messages back until the return, or do not." negatable:""`
	Note       *string `help:"A note, which everybody can read."`
}

// Run changes what was given.
func (c *timeOffChangeCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		old, err := findTimeOff(env, h, c.ID)
		if err != nil {
			return err
		}
		in := action.TimeOffInput{From: old.From.String(), To: old.To.String(), Note: old.Note, Substitute: old.Substitute, OpenToo: old.OpenToo, MailWaits: old.MailWaits}
		given(&in.From, c.From)
		given(&in.To, c.To)
		given(&in.Note, c.Note)
		given(&in.OpenToo, c.HandOver)
		given(&in.MailWaits, c.MailWaits)
		if c.Substitute != nil {
			if in.Substitute, err = substitute(env, h, *c.Substitute); err != nil {
				return err
			}
		}
		if c.HandOver != nil && *c.HandOver && in.Substitute == 0 {
			return fault.Field("--hand-over", "required", "There is nobody to hand over to. Name somebody with --substitute.")
		}
		t, err := h.app.ChangeTimeOff(env.ctx, access.System(), old.ID, in)
		if err != nil {
			return timeOffFault(err)
		}
		return c.show(env, api.TimeOff(action.TimeOff{TimeOff: t}), func() { env.timeOff(t, false) })
	})
}

// given replaces a value where a flag was given.
func given[T any](value, flag *T) {
	if flag != nil {
		*value = *flag
	}
}

type timeOffRemoveCommand struct {
	site
	ID string `arg:"" help:"As cadenza time-off list shows it."`
}

// Run deletes it.
func (c *timeOffRemoveCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		t, err := findTimeOff(env, h, c.ID)
		if err == nil {
			err = h.app.DeleteTimeOff(env.ctx, access.System(), t.ID)
		}
		if err == nil {
			env.say("%s is not away from %s to %s. What others do stays with them until cadenza time-off take-back.", t.UserName, t.From, t.To)
		}
		return err
	})
}

type timeOffHandOverCommand struct {
	site
	output
	ID string `arg:"" help:"As cadenza time-off list shows it."`
}

// Run hands over.
func (c *timeOffHandOverCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		t, err := findTimeOff(env, h, c.ID)
		if err != nil {
			return err
		}
		if t.Substitute == 0 {
			return fault.New(fault.Conflict, "Nobody is named to stand in.").WithHint("Name somebody: cadenza time-off change " + c.ID + " --substitute EMAIL.")
		}
		n, err := h.app.HandOver(env.ctx, access.System(), t.ID)
		if err != nil {
			return err
		}
		return c.show(env, api.Moved(n), func() { env.say("%d open activities were handed over.", n) })
	})
}

type timeOffTakeBackCommand struct {
	site
	output
	Email string `arg:"" help:"Email address of the user."`
}

// Run takes back.
func (c *timeOffTakeBackCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.Email)
		if err != nil {
			return err
		}
		n, err := h.app.TakeBack(env.ctx, access.System(), u.ID)
		if err != nil {
			return err
		}
		return c.show(env, api.Moved(n), func() { env.say("%s has %d open activities back.", u.Name, n) })
	})
}

// findTimeOff gives time off by the id that the list shows.
func findTimeOff(env *environment, h *house, text string) (t store.TimeOff, err error) {
	var id ident.TimeOff
	if id.UnmarshalText([]byte(strings.TrimSpace(text))) == nil {
		t, err = h.app.GetTimeOff(env.ctx, access.System(), id)
	}
	if id == 0 || fault.Is(err, fault.NotFound) {
		return t, fault.New(fault.NotFound, "There is no time off %s.", text).WithHint("See cadenza time-off list.")
	}
	return t, err
}

// timeOffFault names the problems of time off by flags.
func timeOffFault(err error) error {
	return byFlag(err, map[string]string{"hand_over_open": "--hand-over"})
}
