package main

import (
	"strings"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/pace"
)

type sendingCommand struct {
	Show sendingShowCommand `cmd:"" help:"Show the organisation's windows of sending, its limits and the guard rails."`
	Set  sendingSetCommand  `cmd:"" help:"Change the windows or the limits; what is not given stays as it is. What waits is looked at again at once."`
}

type sendingShowCommand struct {
	site
	output
	acting
}

// Run shows them.
func (c *sendingShowCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		in, err := h.app.GetSending(env.ctx, actor)
		if err != nil {
			return err
		}
		return c.show(env, api.Sending(in), func() { env.sending(in) })
	})
}

// sending prints windows, limits and guard rails.
func (e *environment) sending(in action.SendingInput) {
	if in.Windows {
		e.say("%-13s automated messages go in these only, by the customer's clock", "windows")
	} else {
		e.say("%-13s none: automated messages go at any hour", "windows")
	}
	windows := windowTexts(in)
	for _, day := range flow.WindowDays() {
		if text := windows[day]; text != "" || in.Windows {
			e.say("  %-11s %s", day, map[bool]string{true: dayOff, false: text}[text == ""])
		}
	}
	e.limits(in.Limits)
	e.say("%-13s a mailbox stops by itself when %d%% of at least %d emails of 7 days bounce, or %.1f%% are reported as spam", "guard rails",
		pace.BouncesPercent, pace.Floor, float64(pace.ComplaintsPerMille)/10)
}

// windowTexts writes the window of each weekday as the flags do; "" for a day without one.
func windowTexts(in action.SendingInput) (texts action.WeekHours) {
	for day, w := range in.Days {
		if w.From != "" {
			texts[day] = w.From + "-" + w.To
		}
	}
	return texts
}

// windowFlags are windows by weekday: weekFlags in the words of windows. What is not given stays as it is.
type windowFlags struct {
	Workdays  *string `help:"The window from Monday to Friday, such as 08:00-18:00; off for none." placeholder:"WINDOW"`
	Monday    *string `help:"The window of Monday; it wins over --workdays. 24:00 is the end of the day." placeholder:"WINDOW"`
	Tuesday   *string `help:"The window of Tuesday." placeholder:"WINDOW"`
	Wednesday *string `help:"The window of Wednesday." placeholder:"WINDOW"`
	Thursday  *string `help:"The window of Thursday." placeholder:"WINDOW"`
	Friday    *string `help:"The window of Friday." placeholder:"WINDOW"`
	Saturday  *string `help:"The window of Saturday." placeholder:"WINDOW"`
	Sunday    *string `help:"The window of Sunday." placeholder:"WINDOW"`
}

// over changes the windows that were given, and tells whether any was.
func (f windowFlags) over(in *action.SendingInput) (given bool, err error) {
	texts := windowTexts(*in)
	if !weekFlags(f).over(&texts) {
		return false, nil
	}
	for day, text := range texts {
		in.Days[day] = action.DayWindow{}
		if text == "" {
			continue
		}
		from, to, found := strings.Cut(text, "-")
		if !found {
			return true, fault.Field("--"+strings.ToLower(time.Weekday(day).String()), "invalid", "Give a window such as 08:00-18:00, or off.")
		}
		in.Days[day] = action.DayWindow{From: strings.TrimSpace(from), To: strings.TrimSpace(to)}
	}
	return true, nil
}

type sendingSetCommand struct {
	site
	output
	acting
	Windows *bool `help:"Have automated messages go in the windows only, or at any hour." negatable:""`
	windowFlags
	limitFlags
}

// Run changes what was given, and prints what is in force then.
func (c *sendingSetCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		in, err := h.app.GetSending(env.ctx, actor)
		if err != nil {
			return err
		}
		days, err := c.over(&in)
		if err != nil {
			return err
		}
		if in, err = h.app.SaveSending(env.ctx, actor, in); err != nil {
			return byFlag(err, flagsOfWindows())
		}
		return c.show(env, api.Sending(in), func() {
			env.sending(in)
			if days && !in.Windows {
				env.say("! The windows are kept and do not count yet: give --windows.")
			}
		})
	})
}

// over changes what was given, and tells whether windows of days were.
func (c *sendingSetCommand) over(in *action.SendingInput) (days bool, err error) {
	if days, err = c.windowFlags.over(in); err != nil {
		return days, err
	}
	limits, err := c.limitFlags.over(&in.Limits)
	if err != nil {
		return days, err
	}
	if c.Windows != nil {
		in.Windows = *c.Windows
	}
	if !days && !limits && c.Windows == nil {
		return days, fault.New(fault.Invalid, "No change was given.").WithHint("Give flags such as --windows, --workdays 08:00-18:00 or --day 200; see cadenza sending set --help.")
	}
	return days, nil
}

// flagsOfWindows names the flag of a day, which holds both of its times.
func flagsOfWindows() map[string]string {
	flags := map[string]string{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		name := strings.ToLower(day.String())
		flags[name+"_from"], flags[name+"_to"] = "--"+name, "--"+name
	}
	return flags
}
