package calendar

import "time"

const (
	// searchDays bounds the search for the next working moment. A year of leave still ends within it.
	searchDays = 400
	// countDays bounds how many days one count walks over in all, about 27 years.
	countDays = 10_000
)

// Calendar is a working week with its days off. Off reports a date on which nobody works, a holiday or time off; nil
// means there are none. Off must give the same answer for the same date.
type Calendar struct {
	Week Week
	Off  func(y int, m time.Month, d int) bool
}

// period is working time as instants, without its end.
type period struct {
	from, to time.Time
}

// Open tells whether t is working time. The end of a span is not.
func (c Calendar) Open(t time.Time) bool {
	y, m, d, _ := reading(t, c.Week.zone()).date()
	for i := -1; i <= 0; i++ { // the day before as well, as in next
		if p, ok := c.firstOn(y, m, d+i, t); ok {
			return !p.from.After(t)
		}
	}
	return false
}

// Next is the first working moment at or after t. ok is false, and the result is t, when there is none within 400
// days: a calendar without working time, or one that is off for longer than a year.
func (c Calendar) Next(t time.Time) (next time.Time, ok bool) {
	p, ok := c.next(t)
	if !ok {
		return t, false
	}
	return p.from, true
}

// AddWorking counts forward in working time: days first, then rest, then on to the next working moment if the result
// is not one.
//
// "N days" is the Nth working day after the start at the same wall time: Wednesday plus 3 is Monday. A start on a day
// off counts from the midnight that begins the next working day, so that no later start can overtake it. rest is
// hours and minutes of working time alone. Negative counts are zero.
//
// A calendar without working time (Next says so) counts plain elapsed time instead, so that nothing waits forever.
//
// Invariant: a later start never gives an earlier result, and the result is Open; TestRulesOfAddWorking holds both.
func (c Calendar) AddWorking(t time.Time, days int, rest time.Duration) time.Time {
	days, rest = max(days, 0), max(rest, 0)
	at, ok := c.addDays(t, days)
	if ok {
		at, ok = c.addRest(at, rest)
	}
	if !ok {
		return t.Add(time.Duration(min(days, countDays)) * day).Add(rest)
	}
	return at
}

// addDays moves to the Nth working day after t, at t's wall time.
func (c Calendar) addDays(t time.Time, days int) (time.Time, bool) {
	if days == 0 {
		return t, true
	}
	zone := c.Week.zone()
	y, m, d, since := reading(t, zone).date()
	if !c.works(y, m, d) {
		since = 0
		days++
	}
	idle := 0
	for range countDays {
		y, m, d, _ = midnight(y, m, d+1).date()
		if !c.works(y, m, d) {
			if idle++; idle > searchDays {
				return t, false
			}
			continue
		}
		idle = 0
		if days--; days == 0 {
			return wall{midnight(y, m, d).utc.Add(since)}.instant(zone), true
		}
	}
	return t, false
}

// addRest uses up rest within working time, starting at the first working moment at or after t. What ends with a span
// is done only when work goes on, because the end of a span is not working time.
func (c Calendar) addRest(t time.Time, rest time.Duration) (time.Time, bool) {
	end := t.Add(countDays * day)
	for {
		p, ok := c.next(t)
		if !ok || p.from.After(end) {
			return t, false
		}
		if length := p.to.Sub(p.from); rest >= length {
			rest -= length
			t = p.to
			continue
		}
		return p.from.Add(rest), true
	}
}

// next is the first working period that ends after t, cut so that it does not begin before t. It looks at the day
// before as well: where the clocks go back over midnight, that day has not ended when its successor is first read.
func (c Calendar) next(t time.Time) (period, bool) {
	y, m, d, _ := reading(t, c.Week.zone()).date()
	for i := -1; i <= searchDays; i++ {
		if p, ok := c.firstOn(y, m, d+i, t); ok {
			if p.from.Before(t) {
				p.from = t
			}
			return p, true
		}
	}
	return period{}, false
}

// works tells whether a date has any working time.
func (c Calendar) works(y int, m time.Month, d int) bool {
	_, ok := c.firstOn(y, m, d, time.Time{})
	return ok
}

// firstOn is the first working period of a date that ends after t; the zero t asks for the first of all.
//
// A span becomes the time between the instants of its two ends, so an hour that the clocks repeat within a span
// counts twice, and one that they skip not at all.
func (c Calendar) firstOn(y int, m time.Month, d int, t time.Time) (period, bool) {
	start := midnight(y, m, d)
	spans := c.Week.spans(start.utc.Weekday())
	if len(spans) == 0 {
		return period{}, false
	}
	if c.Off != nil {
		if y, m, d, _ := start.date(); c.Off(y, m, d) {
			return period{}, false
		}
	}
	zone := c.Week.zone()
	for _, s := range spans {
		to := wall{start.utc.Add(s.To)}.instant(zone)
		if !t.IsZero() && !to.After(t) {
			continue
		}
		from := wall{start.utc.Add(s.From)}.instant(zone)
		if from.Before(to) {
			return period{from, to}, true
		}
	}
	return period{}, false
}
