package calendar

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// GoodTime is a time at which somebody is likely to read what comes in.
type GoodTime struct {
	At time.Time
	// Seen is how many of the moments speak for it: those at this hour of the day. 0 means that only working time does.
	Seen int
}

const (
	// goodDays bounds the search for a usual hour: one that lies outside of working time is not waited for longer.
	goodDays = 14
	// goodStep is what usual minutes are rounded down to.
	goodStep = 10 * time.Minute
)

// Good gives the next good time from now on to reach somebody who works by this calendar: the usual hour of day of the moments
// at which they were seen, where that is working time, else the next working moment. The commonest hour wins, and of several as
// common ones that which comes first. ok is false when there is no working time.
//
// Invariant: the result is not before now and is Open, and where moments speak for it a clock in the zone shows their hour;
// TestRulesOfGood holds it.
func (c Calendar) Good(now time.Time, seen []time.Time) (good GoodTime, ok bool) {
	for _, minutes := range c.usual(seen) {
		if good.Seen > len(minutes) {
			break // what follows is seen more rarely
		}
		at, found := c.nextAt(now, minutes[(len(minutes)-1)/2].Truncate(goodStep))
		if found && (good.Seen == 0 || at.Before(good.At)) {
			good = GoodTime{At: at, Seen: len(minutes)}
		}
	}
	if good.Seen > 0 {
		return good, true
	}
	at, ok := c.Next(now)
	return GoodTime{At: at}, ok
}

// usual groups the times of day of the moments by their hour, the commonest hour first, each in order.
func (c Calendar) usual(seen []time.Time) [][]time.Duration {
	var hours [24][]time.Duration
	for _, t := range seen {
		s := shown(t.In(c.Week.zone()))
		since := time.Duration(s.Hour())*time.Hour + time.Duration(s.Minute())*time.Minute
		hours[s.Hour()] = append(hours[s.Hour()], since)
	}
	var list [][]time.Duration
	for _, minutes := range hours {
		if len(minutes) > 0 {
			slices.Sort(minutes)
			list = append(list, minutes)
		}
	}
	slices.SortStableFunc(list, func(a, b []time.Duration) int { return cmp.Compare(len(b), len(a)) })
	return list
}

// nextAt is the first working moment from now on at which a clock shows this time of day. Days on which the clocks skip it are
// left out.
func (c Calendar) nextAt(now time.Time, since time.Duration) (time.Time, bool) {
	zone := c.Week.zone()
	y, m, d, _ := reading(now, zone).date()
	for i := -1; i <= goodDays; i++ {
		want := wall{midnight(y, m, d+i).utc.Add(since)}
		at := want.instant(zone)
		if !at.Before(now) && c.Open(at) && shown(at).Equal(want.utc) {
			return at, true
		}
	}
	return time.Time{}, false
}

// Place gives the name of a zone for people: "Buenos Aires" of "America/Argentina/Buenos_Aires".
func Place(zone *time.Location) string {
	name := zone.String()
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}
