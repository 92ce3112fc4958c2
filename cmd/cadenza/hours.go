package main

import (
	"errors"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
)

type hoursCommand struct {
	Show hoursShowCommand `cmd:"" help:"Say when a user works, or the organisation."`
	Set  hoursSetCommand  `cmd:"" help:"Change when a user works, or the organisation; it counts for what is decided from then on."`
}

type hoursShowCommand struct {
	site
	output
	Email string `arg:"" optional:"" help:"Email address of the user; without it the organisation."`
}

// Run prints each day, from Monday on.
func (c *hoursShowCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		if c.Email == "" {
			s, err := h.app.GetSettings(env.ctx, access.System())
			if err != nil {
				return err
			}
			return c.organisationHours(env, h, s)
		}
		u, err := findUser(env, h, c.Email)
		if err != nil {
			return err
		}
		w, err := h.app.WorkingTime(env.ctx, access.System(), u.ID)
		if err != nil {
			return err
		}
		return c.show(env, api.WorkingTime(w), func() { env.userHours(w) })
	})
}

// organisationHours prints the hours of everybody who has none of their own.
func (o output) organisationHours(e *environment, h *house, s action.Settings) error {
	holidays, err := h.app.Holidays(e.ctx, access.System())
	if err != nil {
		return err
	}
	return o.show(e, api.Settings(s), func() {
		e.say("The organisation, %s", s.Zone)
		e.week(s.Hours)
		e.say("%-10s %s", "Holidays", regionName(holidays.Region, "none of a country or region"))
	})
}

func (e *environment) userHours(w action.WorkingTime) {
	whose := "the organisation's hours"
	if w.Own {
		whose = "own hours"
	}
	e.say("%s, %s, %s", w.Name, w.Zone, whose)
	e.week(w.Hours)
	effective := w.Effective
	if effective == "" {
		effective = "none of a country or region"
	}
	e.say("%-10s %s", "Holidays", regionName(w.Region, "the organisation's: "+effective))
}

// week prints the hours of a week.
func (e *environment) week(hours action.WeekHours) {
	for _, day := range flow.WindowDays() {
		text := hours[day]
		if text == "" {
			text = dayOff
		}
		e.say("%-10s %s", day, text)
	}
}

// regionName names a region with its code; none stands for the empty code.
func regionName(code, none string) string {
	if r, ok := calendar.RegionOf(code); ok {
		return r.Label() + " (" + r.Code + ")"
	}
	return none
}

// dayOff is how the command line writes a day without work, and none what stands for no region.
const (
	dayOff   = "off"
	noRegion = "none"
)

// weekFlags are working hours by weekday. What is not given stays as it is.
type weekFlags struct {
	Workdays  *string `help:"Hours from Monday to Friday, such as \"08:00-12:00, 13:00-17:00\"; off for days off." placeholder:"HOURS"`
	Monday    *string `help:"Hours of Monday; they win over --workdays." placeholder:"HOURS"`
	Tuesday   *string `help:"Hours of Tuesday." placeholder:"HOURS"`
	Wednesday *string `help:"Hours of Wednesday." placeholder:"HOURS"`
	Thursday  *string `help:"Hours of Thursday." placeholder:"HOURS"`
	Friday    *string `help:"Hours of Friday." placeholder:"HOURS"`
	Saturday  *string `help:"Hours of Saturday." placeholder:"HOURS"`
	Sunday    *string `help:"Hours of Sunday." placeholder:"HOURS"`
}

// over changes the days that were given, and tells whether any was.
func (f weekFlags) over(w *action.WeekHours) (given bool) {
	set := func(day time.Weekday, text *string) {
		if text == nil {
			return
		}
		given = true
		if w[day] = strings.TrimSpace(*text); strings.EqualFold(w[day], dayOff) {
			w[day] = ""
		}
	}
	for day := time.Monday; day <= time.Friday; day++ {
		set(day, f.Workdays)
	}
	for day, text := range []*string{f.Sunday, f.Monday, f.Tuesday, f.Wednesday, f.Thursday, f.Friday, f.Saturday} {
		set(time.Weekday(day), text)
	}
	return given
}

// blamed names the problems of days by the flags that they came from. What --workdays says of five days is said once.
func (f weekFlags) blamed(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	from, own := map[string]string{}, []*string{nil, f.Monday, f.Tuesday, f.Wednesday, f.Thursday, f.Friday}
	for day := time.Monday; day <= time.Friday; day++ {
		if f.Workdays != nil && own[day] == nil {
			from[action.HoursField(day)] = "--workdays"
		}
	}
	once, said := *e, false
	once.Problems = nil
	for _, p := range e.Problems {
		if from[p.Field] != "" {
			if said {
				continue
			}
			said = true
			_, text, found := strings.Cut(p.Message, "day: ")
			if found {
				p.Message = text
			}
		}
		once.Problems = append(once.Problems, p)
	}
	return byFlag(&once, from)
}

type hoursSetCommand struct {
	site
	output
	weekFlags
	Email        string  `arg:"" optional:"" help:"Email address of the user; without it the organisation."`
	Organisation bool    `help:"Have the user go back to the hours of the organisation."`
	Region       *string `help:"Country or region whose holidays the user has, such as DE or DE-BY; none for the organisation's." placeholder:"CODE"`
}

// Run changes what was given, and prints what is in force then.
func (c *hoursSetCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		if c.Email == "" {
			return c.organisation(env, h)
		}
		u, err := findUser(env, h, c.Email)
		if err != nil {
			return err
		}
		w, err := h.app.WorkingTime(env.ctx, access.System(), u.ID)
		if err != nil {
			return err
		}
		given := c.over(&w.Hours)
		switch {
		case given && c.Organisation:
			return fault.New(fault.Invalid, "--organisation takes no hours.").WithHint("Leave it out to give " + u.Name + " own hours, or leave out the hours.")
		case !given && !c.Organisation && c.Region == nil:
			return nothingGiven()
		}
		w.Own = (w.Own || given) && !c.Organisation
		if c.Region != nil {
			w.Region = regionFlag(*c.Region)
		}
		w, err = h.app.SaveWorkingTime(env.ctx, access.System(), w)
		if err != nil {
			return c.blamed(err)
		}
		return c.show(env, api.WorkingTime(w), func() { env.userHours(w) })
	})
}

func (c *hoursSetCommand) organisation(env *environment, h *house) error {
	s, err := h.app.GetSettings(env.ctx, access.System())
	switch {
	case err != nil:
		return err
	case c.Organisation:
		return fault.New(fault.Invalid, "--organisation is for a user.").WithHint("Give the user's email address.")
	case c.Region != nil:
		return fault.New(fault.Invalid, "--region is for a user.").WithHint("Give the user's email address, or choose the organisation's with cadenza holidays region.")
	case !c.over(&s.Hours):
		return nothingGiven()
	}
	if s, err = h.app.SaveSettings(env.ctx, access.System(), s); err != nil {
		return c.blamed(err)
	}
	return c.organisationHours(env, h, s)
}

func nothingGiven() error {
	return fault.New(fault.Invalid, "No change was given.").WithHint("Give hours such as --friday 08:00-13:00, or --workdays \"08:00-12:00, 13:00-17:00\".")
}

// regionFlag gives the code that a flag means.
func regionFlag(text string) string {
	if strings.EqualFold(strings.TrimSpace(text), noRegion) {
		return ""
	}
	return text
}

// byFlag names the problems of a fault by the flags that hold the values: "hours/monday" is --monday. Other gives the names of those that are called
// otherwise on the command line.
func byFlag(err error, other map[string]string) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	named := *f
	named.Problems = nil
	for _, p := range f.Problems {
		name, known := other[p.Field]
		if !known {
			_, last, found := strings.Cut(p.Field, "/")
			if !found {
				last = p.Field
			}
			name = "--" + flagName(last)
		}
		p.Field = name
		named.Problems = append(named.Problems, p)
	}
	return &named
}

// flagName is the flag of a field of the API: "ramp_first" is ramp-first.
func flagName(field string) string { return strings.ReplaceAll(field, "_", "-") }
