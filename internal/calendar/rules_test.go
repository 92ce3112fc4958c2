package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// edges are instants around which clocks did something odd, so that the rules meet them often.
var edges = []string{
	"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", // Europe
	"2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", // North America
	"2026-04-05T03:00:00Z", "2026-09-06T04:00:00Z", // Santiago, at midnight
	"2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z", // Lord Howe, half an hour
	"2011-12-30T10:00:00Z", // Apia skips a day
	"2010-11-07T02:31:00Z", // St. John's, back over midnight
	"1993-08-21T12:00:00Z", // Kwajalein skips a day
	"2018-02-18T02:00:00Z", // Sao Paulo, back over midnight
	"2026-02-15T02:00:00Z", // Casablanca
	"2024-10-31T21:00:00Z", // Cairo, back over midnight
}

// drawZone picks one of the listed zones.
func drawZone(t *rapid.T) *time.Location {
	loc, err := time.LoadLocation(rapid.SampledFrom(zoneNames).Draw(t, "zone"))
	if err != nil {
		t.Fatalf("load zone: %v", err)
	}
	return loc
}

// drawTime picks an instant, half of the time near an edge.
func drawTime(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label+" near an edge") {
		edge, err := time.Parse(time.RFC3339, rapid.SampledFrom(edges).Draw(t, label+" edge"))
		if err != nil {
			t.Fatalf("read edge: %v", err)
		}
		return edge.Add(time.Duration(rapid.IntRange(-72*60, 72*60).Draw(t, label+" minutes off")) * time.Minute)
	}
	return time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, label), 0).UTC()
}

// drawCalendar makes a calendar with any spans and some days off; it may have no working time at all.
func drawCalendar(t *rapid.T) Calendar {
	c := Calendar{Week: Week{Zone: drawZone(t)}}
	switch rapid.IntRange(0, 3).Draw(t, "week") {
	case 0:
		c.Week = DefaultWeek(c.Week.Zone)
	case 1:
		c.Week = AlwaysOpen(c.Week.Zone)
	default:
		for d := range c.Week.Days {
			for range rapid.IntRange(0, 3).Draw(t, "spans") {
				c.Week.Days[d] = append(c.Week.Days[d], Span{
					From: time.Duration(rapid.IntRange(-1, 48).Draw(t, "from")) * 30 * time.Minute,
					To:   time.Duration(rapid.IntRange(0, 49).Draw(t, "to")) * 30 * time.Minute,
				})
			}
		}
	}
	if every := rapid.IntRange(0, 9).Draw(t, "off every"); every > 1 {
		c.Off = func(_ int, _ time.Month, d int) bool { return d%every == 0 }
	}
	return c
}

// TestRulesOfAddWorking holds what every wait relies on.
func TestRulesOfAddWorking(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCalendar(t)
		start := drawTime(t, "start")
		later := start.Add(time.Duration(rapid.IntRange(0, 5*24*60).Draw(t, "minutes later")) * time.Minute)
		days := rapid.IntRange(0, 12).Draw(t, "days")
		rest := time.Duration(rapid.IntRange(0, 30*60).Draw(t, "rest")) * time.Minute
		if _, ok := c.Next(start); !ok {
			if got, want := c.AddWorking(start, days, rest), start.Add(time.Duration(days)*day+rest); !got.Equal(want) {
				t.Fatalf("without working time: got %v, want %v", got, want)
			}
			return
		}
		got := c.AddWorking(start, days, rest)
		if !c.Open(got) {
			t.Fatalf("%v + %d days + %v = %v, which is not working time", start, days, rest, got)
		}
		if got.Before(start.Add(rest)) {
			t.Fatalf("%v + %d days + %v = %v: too early", start, days, rest, got)
		}
		if after := c.AddWorking(later, days, rest); after.Before(got) {
			t.Fatalf("%d days + %v: %v gives %v, but the later %v gives %v", days, rest, start, got, later, after)
		}
		if more := c.AddWorking(start, days+1, rest); more.Before(got) {
			t.Fatalf("%d days give %v, one more gives %v", days, got, more)
		}
		if more := c.AddWorking(start, days, rest+time.Minute); !more.After(got) {
			t.Fatalf("%v gives %v, a minute more gives %v", rest, got, more)
		}
	})
}

// TestRulesOfNext: the result is working time, not before the start, the same when asked again, and nothing between
// the start and it is working time.
func TestRulesOfNext(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCalendar(t)
		start := drawTime(t, "start")
		got, ok := c.Next(start)
		if !ok {
			if !got.Equal(start) || c.Open(start) {
				t.Fatalf("nothing found from %v, but got %v, open %v", start, got, c.Open(start))
			}
			return
		}
		if got.Before(start) || !c.Open(got) {
			t.Fatalf("Next(%v) = %v: open %v", start, got, c.Open(got))
		}
		if again, ok := c.Next(got); !ok || !again.Equal(got) {
			t.Fatalf("Next(%v) = %v, but Next of that is %v, %v", start, got, again, ok)
		}
		if c.Open(start) != got.Equal(start) {
			t.Fatalf("Open(%v) = %v, but Next is %v", start, c.Open(start), got)
		}
		if gap := got.Sub(start); gap > 0 {
			between := start.Add(time.Duration(rapid.Int64Range(0, int64(gap)-1).Draw(t, "between")))
			if c.Open(between) {
				t.Fatalf("Next(%v) = %v, but %v is working time", start, got, between)
			}
		}
	})
}

// TestRulesOfDays: from working time, N working days keep the wall time wherever that is working time, and there are
// exactly N working days after the start.
func TestRulesOfDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := Calendar{Week: DefaultWeek(drawZone(t))}
		start, ok := c.Next(drawTime(t, "start"))
		if !ok {
			t.Fatalf("the default week has working time")
		}
		start = start.In(c.Week.Zone)
		days := rapid.IntRange(1, 30).Draw(t, "days")
		got := c.AddWorking(start, days, 0).In(c.Week.Zone)
		if got.Format("15:04:05") != start.Format("15:04:05") {
			t.Fatalf("%v + %d days = %v: other wall time", start, days, got)
		}
		passed := 0
		y, m, d := start.Date()
		for i := 1; midnight(y, m, d+i).utc.Before(shown(got)); i++ {
			if c.works(y, m, d+i) {
				passed++
			}
		}
		if passed != days {
			t.Fatalf("%v + %d days = %v: %d working days passed", start, days, got, passed)
		}
	})
}

// TestRulesOfWall: readings never run backwards, instant finds the first moment of a reading, and both fit together.
func TestRulesOfWall(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		loc := drawZone(t)
		a := drawTime(t, "a")
		b := a.Add(time.Duration(rapid.IntRange(0, 3*24*60*60).Draw(t, "seconds later")) * time.Second)
		ra, rb := reading(a, loc), reading(b, loc)
		if rb.utc.Before(ra.utc) {
			t.Fatalf("the clock of %v shows %v at %v and %v at the later %v", loc, ra.utc, a, rb.utc, b)
		}
		w := wall{a} // any reading, skipped and repeated ones too
		i := w.instant(loc)
		if shown(i).Before(w.utc) {
			t.Fatalf("instant(%v) in %v = %v shows less", w.utc, loc, i)
		}
		if before := i.Add(-time.Second); !shown(before).Before(w.utc) {
			t.Fatalf("instant(%v) in %v = %v, but a second earlier shows %v", w.utc, loc, i, shown(before))
		}
		if back := reading(w.instant(loc), loc); back.utc.Before(w.utc) {
			t.Fatalf("reading(instant(%v)) in %v = %v", w.utc, loc, back.utc)
		}
		if later := (wall{b}).instant(loc); later.Before(i) {
			t.Fatalf("in %v %v is at %v, the later reading %v at %v", loc, w.utc, i, b, later)
		}
	})
}
