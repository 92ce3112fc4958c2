package calendar

import "time"

// A wall is a reading of a clock on the wall of some zone: date and time of day without an offset. It is kept as the
// instant at which a clock in UTC shows the same, which makes its arithmetic plain.
type wall struct {
	utc time.Time
}

// transitionsMax bounds how many changes of the clocks one search looks at. No zone has had more than a handful
// within the two days that a search spans.
const transitionsMax = 16

// midnight is the wall reading at which a date begins. Like time.Date it accepts days beyond the month.
func midnight(y int, m time.Month, d int) wall {
	return wall{time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// date splits a reading into its date and the time since midnight.
func (w wall) date() (y int, m time.Month, d int, since time.Duration) {
	y, m, d = w.utc.Date()
	return y, m, d, w.utc.Sub(midnight(y, m, d).utc)
}

// reading is the wall reading of an instant that never runs backwards: where the clocks are set back it stands still
// until they have caught up. Invariant: t1 <= t2 gives reading(t1) <= reading(t2); TestRulesOfWall holds it. Without
// this a later start could give an earlier result.
func reading(t time.Time, loc *time.Location) wall {
	t = t.In(loc)
	latest := shown(t)
	at := t
	for range transitionsMax {
		start, _ := at.ZoneBounds()
		if start.IsZero() || t.Sub(start) > day {
			break
		}
		at = start.Add(-1)
		// Just before the change the old clock was about to show this; nothing after the change shows it sooner.
		if before := shown(at).Add(1); before.After(latest) {
			latest = before
		}
	}
	return wall{latest}
}

// shown is what the clock shows at an instant, as an instant of UTC.
func shown(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// instant is the first instant at which a clock in the zone shows the reading or a later one. So a reading that is
// skipped means the moment of the change, and one that is repeated means its first occurrence.
func (w wall) instant(loc *time.Location) time.Time {
	// No offset ever exceeded 16 hours, so here the clock surely shows less than the reading.
	at := w.utc.Add(-16 * time.Hour).In(loc)
	for range transitionsMax {
		_, offset := at.Zone()
		found := w.utc.Add(-time.Duration(offset) * time.Second)
		_, end := at.ZoneBounds()
		if end.IsZero() || found.Before(end) {
			return found.In(loc)
		}
		if !shown(end).Before(w.utc) {
			return end.In(loc)
		}
		at = end
	}
	return w.utc.In(loc)
}
