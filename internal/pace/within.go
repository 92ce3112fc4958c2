package pace

import (
	"fmt"
	"time"

	"cadenza/internal/fault"
)

// Within finds where limits let more out than those of top do, from now on. The fields are those of Check.
func (l Limits) Within(top Limits, now time.Time) []fault.Problem {
	var problems []fault.Problem
	add := func(field, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: "above_organisation", Message: message})
	}
	if above(l.Hour, top.Hour) {
		add("hour", fmt.Sprintf("Emails per hour may be at most %d, as the organisation has it. An admin may allow more.", top.Hour))
	}
	if above(l.Day, top.Day) {
		add("day", fmt.Sprintf("Emails per day may be at most %d, as the organisation has it. An admin may allow more.", top.Day))
	}
	if l.Gap < top.Gap {
		add("gap", fmt.Sprintf("There must be at least %d seconds between emails, as the organisation has it. An admin may allow less.", int(top.Gap.Seconds())))
	} else if most := top.Gap + top.Jitter; l.Gap+l.Jitter < most {
		add("jitter", fmt.Sprintf("What is added to the gap must be up to at least %d seconds, as the organisation has it. An admin may allow less.", int((most-l.Gap).Seconds())))
	}
	if top.warming(now) {
		problems = append(problems, l.rampWithin(top)...)
	}
	return problems
}

// above tells whether a cap lets more out than another one; 0 is no cap.
func above(n, top int) bool { return top > 0 && (n == 0 || n > top) }

// warming tells whether the ramp still holds the caps of the days down.
func (l Limits) warming(now time.Time) bool {
	return !l.Ramp.From.IsZero() && (l.Day == 0 || l.DayCap(now) < l.Day)
}

// rampWithin compares two warm-ups. One that begins later, with less or more slowly stays within.
func (l Limits) rampWithin(top Limits) []fault.Problem {
	var problems []fault.Problem
	add := func(field, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: "above_organisation", Message: message})
	}
	if none := l.Ramp.From.IsZero(); none || l.Ramp.First > top.Ramp.First {
		add("ramp_first", fmt.Sprintf("The warm-up may begin with at most %d emails a day, as the organisation has it. An admin may allow more.", top.Ramp.First))
		if none {
			return problems
		}
	}
	if l.Ramp.Step > top.Ramp.Step {
		add("ramp_step", fmt.Sprintf("The warm-up may grow by at most %d emails a day, as the organisation has it. An admin may allow more.", top.Ramp.Step))
	}
	if dayOf(l.Ramp.From, l.zone()) < dayOf(top.Ramp.From, top.zone()) {
		first := top.Ramp.From.In(top.zone()).Format(time.DateOnly)
		add("ramp_from", "The warm-up may begin on "+first+" at the earliest, as the organisation has it. An admin may allow an earlier day.")
	}
	return problems
}
