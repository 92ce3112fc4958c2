package pace

import (
	"fmt"
	"time"

	"cadenza/internal/fault"
)

// The bounds of limits.
const (
	MaxHour   = 100_000
	MaxDay    = 1_000_000
	MaxGap    = time.Hour
	MaxJitter = time.Hour
)

// Limits are how fast a mailbox may send. The zero value limits nothing.
type Limits struct {
	// Hour and Day are the most mails within any sixty minutes, and on one day; 0 for no cap.
	Hour, Day int
	// Gap is the least time between two mails, Jitter the most that is added to it.
	Gap, Jitter time.Duration
	Ramp        Ramp
	// Zone is where a day begins at midnight; UTC when nil.
	Zone *time.Location
}

// Ramp warms a mailbox up: First mails on the day From, and Step more on each later day, up to the cap of the day.
type Ramp struct {
	// From is any moment of the first day; zero for no ramp.
	From        time.Time
	First, Step int
}

// None tells that nothing is limited.
func (l Limits) None() bool {
	return l.Hour == 0 && l.Day == 0 && l.Gap == 0 && l.Jitter == 0 && l.Ramp.From.IsZero()
}

func (l Limits) zone() *time.Location {
	if l.Zone == nil {
		return time.UTC
	}
	return l.Zone
}

// DayCap is the cap of the day of a moment, with the ramp; 0 for none.
func (l Limits) DayCap(at time.Time) int { return l.dayCap(dayOf(at, l.zone())) }

// SameDay tells whether two moments are of one day of the mailbox's calendar.
func (l Limits) SameDay(a, b time.Time) bool { return dayOf(a, l.zone()) == dayOf(b, l.zone()) }

func (l Limits) dayCap(day int64) int {
	if l.Ramp.From.IsZero() {
		return l.Day
	}
	since := max(0, day-dayOf(l.Ramp.From, l.zone()))
	allowed := int(min(int64(MaxDay), int64(l.Ramp.First)+since*int64(l.Ramp.Step)))
	if l.Day > 0 {
		allowed = min(allowed, l.Day)
	}
	return allowed
}

// Check finds what is wrong with limits that a person entered. Its fields are hour, day, gap, jitter, ramp_first, ramp_step.
func (l Limits) Check() []fault.Problem {
	var problems []fault.Problem
	add := func(ok bool, field, message string) {
		if !ok {
			problems = append(problems, fault.Problem{Field: field, Code: "range", Message: message})
		}
	}
	add(l.Hour >= 0 && l.Hour <= MaxHour, "hour", fmt.Sprintf("Emails per hour must be a number from 0 (no cap) to %d.", MaxHour))
	add(l.Day >= 0 && l.Day <= MaxDay, "day", fmt.Sprintf("Emails per day must be a number from 0 (no cap) to %d.", MaxDay))
	add(l.Gap >= 0 && l.Gap <= MaxGap, "gap", "The gap must be from 0 to 3,600 seconds.")
	add(l.Jitter >= 0 && l.Jitter <= MaxJitter, "jitter", "What is added to the gap must be from 0 to 3,600 seconds.")
	if !l.Ramp.From.IsZero() {
		add(l.Ramp.First >= 1 && l.Ramp.First <= MaxDay, "ramp_first", "A warm-up begins with at least 1 mail a day.")
		add(l.Ramp.Step >= 1 && l.Ramp.Step <= MaxDay, "ramp_step", "A warm-up grows by at least 1 mail a day.")
	}
	return problems
}

// dayOf numbers the days of a zone's calendar.
func dayOf(at time.Time, zone *time.Location) int64 {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// dayStart is the first moment at or after from whose date is the day or a later one; from is not later than it. Zones skip
// midnights and whole days, so it asks the calendar instead of counting hours.
func dayStart(day int64, from time.Time, zone *time.Location) time.Time {
	y, m, d := time.Unix(day*86400, 0).UTC().Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, zone)
	for dayOf(at, zone) < day { // midnight is skipped and Date went back before it
		at = at.Add(30 * time.Minute)
	}
	if at.Before(from) {
		return from
	}
	return at
}
