package calendar

import (
	"cmp"
	"slices"
	"time"
)

// day is the length of a day on the wall clock, whatever the clocks do.
const day = 24 * time.Hour

// Span is a piece of working time within one day. From and To are times since local midnight on the wall clock, so
// 8h to 17h reads "08:00 to 17:00". The end is not part of the span; To may be 24h. An empty or turned span counts as
// no working time.
type Span struct {
	From, To time.Duration
}

// Week is the working time of an ordinary week. Days is indexed by time.Weekday, so Sunday is 0; a day without spans
// is a day off. Spans may touch, overlap and stand in any order. A nil Zone means UTC.
type Week struct {
	Days [7][]Span
	Zone *time.Location
}

// DefaultWeek is Monday to Friday from 08:00 to 17:00 in the given zone: what everybody has who set nothing else.
func DefaultWeek(loc *time.Location) Week {
	w := Week{Zone: loc}
	for d := time.Monday; d <= time.Friday; d++ {
		w.Days[d] = []Span{{From: 8 * time.Hour, To: 17 * time.Hour}}
	}
	return w
}

// AlwaysOpen is a week without any time off.
func AlwaysOpen(loc *time.Location) Week {
	w := Week{Zone: loc}
	for d := range w.Days {
		w.Days[d] = []Span{{From: 0, To: day}}
	}
	return w
}

// zone is the week's zone, UTC when none was set.
func (w Week) zone() *time.Location {
	if w.Zone == nil {
		return time.UTC
	}
	return w.Zone
}

// spans gives the working spans of a weekday in order, clipped to the day, without overlaps. Weeks as people enter
// them are in order already, so the usual case gives back the given list and allocates nothing.
func (w Week) spans(d time.Weekday) []Span {
	list := w.Days[d]
	if orderly(list) {
		return list
	}
	tidy := make([]Span, 0, len(list))
	for _, s := range list {
		s.From, s.To = max(s.From, 0), min(s.To, day)
		if s.From < s.To {
			tidy = append(tidy, s)
		}
	}
	slices.SortFunc(tidy, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	out := tidy[:0]
	for _, s := range tidy {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// orderly tells whether a list of spans is usable as it stands.
func orderly(list []Span) bool {
	last := time.Duration(0)
	for _, s := range list {
		if s.From < last || s.To <= s.From || s.To > day {
			return false
		}
		last = s.To
	}
	return true
}

// On gives the working spans of a date by its weekday, in order; holidays and time off are not a week's to know.
func (w Week) On(d Date) []Span { return w.spans(d.midnight().Weekday()) }
