package calendar

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// everyZone lists the zones of the tz database, from the list that the system or Go's own sources have.
func everyZone(t testing.TB) []string {
	t.Helper()
	for _, list := range []string{"/usr/share/zoneinfo/tzdata.zi", "/usr/share/zoneinfo/zone1970.tab", "/usr/share/zoneinfo/zone.tab"} {
		if names := zonesIn(list); len(names) > 200 {
			return names
		}
	}
	t.Log("the machine has no list of zones: only those of the tables are tried, on " + runtime.GOOS)
	return zoneNames
}

// zonesIn reads the names of zones from a list: the Z and L lines of tzdata.zi, or the third column of a table.
func zonesIn(path string) (names []string) {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words, name := strings.Fields(lines.Text()), ""
		switch compact := filepath.Ext(path) == ".zi"; {
		case len(words) < 3 || strings.HasPrefix(words[0], "#"):
		case !compact:
			name = words[2]
		case words[0] == "Z":
			name = words[1]
		case words[0] == "L":
			name = words[2]
		}
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// changesOf gives the moments from 2015 to 2035 at which the clocks of a zone change.
func changesOf(loc *time.Location) (list []time.Time) {
	at := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC).In(loc)
	for {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.Year() > 2035 {
			return list
		}
		list = append(list, end)
		at = end
	}
}

// breaks is a week with breaks, a night shift and a free Sunday.
func breaks(loc *time.Location) Week {
	w := Week{Zone: loc}
	for d := time.Monday; d <= time.Saturday; d++ {
		w.Days[d] = []Span{{0, 3 * time.Hour}, {8 * time.Hour, 12 * time.Hour}, {13 * time.Hour, 17*time.Hour + 30*time.Minute}, {22 * time.Hour, 24 * time.Hour}}
	}
	return w
}

// TestEveryZone holds the rules around each change of the clocks in every zone, with breaks, holidays and leap days: what comes
// next is open and not earlier, nothing open lies before it, a later start never gives an earlier result, and the result's wall clock
// is within the hours.
func TestEveryZone(t *testing.T) {
	t.Parallel()
	holidays := Holidays{Region: "DE-BY", Own: []OwnHoliday{{Holiday: Holiday{DateOf(2016, 2, 29), "Leap day"}, Yearly: true}}}
	tried, known := 0, map[string]bool{}
	for _, name := range everyZone(t) {
		loc, err := time.LoadLocation(name)
		if err != nil {
			continue
		}
		c := Calendar{Week: breaks(loc), Off: func(y int, m time.Month, d int) bool {
			_, off := holidays.On(DateOf(y, m, d))
			return off
		}}
		moments := []time.Time{time.Date(2024, 2, 28, 23, 59, 0, 0, loc), time.Date(2024, 2, 29, 12, 0, 0, 0, loc), time.Date(2023, 2, 28, 23, 0, 0, 0, loc)}
		changes := changesOf(loc)
		// The habits of a zone repeat: of many changes the first and the last two are tried. Zones with the same clock are one.
		if len(changes) > 4 {
			changes = append(changes[:2:2], changes[len(changes)-2:]...)
		}
		clock := moments[0].Format("-0700")
		for _, at := range changes {
			clock += at.Format(" 2006-01-02T15:04:05-0700")
		}
		if known[clock] {
			continue
		}
		known[clock] = true
		for _, at := range append(changes, moments...) {
			checkAround(t, c, name, at)
			tried++
		}
	}
	t.Logf("%d clocks, %d moments", len(known), tried)
}

// checkAround plays the hours around a moment.
func checkAround(t *testing.T, c Calendar, name string, at time.Time) {
	t.Helper()
	var last [2]time.Time
	for _, off := range []time.Duration{-25 * time.Hour, -time.Hour, -1, 0, 30 * time.Minute, time.Hour, 2 * time.Hour, 23 * time.Hour} {
		from := at.Add(off)
		next, ok := c.Next(from)
		switch {
		case !ok:
			t.Fatalf("%s: Next(%v) found nothing", name, from)
		case next.Before(from):
			t.Fatalf("%s: Next(%v) = %v is earlier", name, from, next)
		case !c.Open(next):
			t.Fatalf("%s: Next(%v) = %v is not open", name, from, next)
		case c.Open(from) && !next.Equal(from):
			t.Fatalf("%s: Next(%v) = %v, though it is open", name, from, next)
		}
		for q := from; q.Before(next); q = q.Add(max(next.Sub(from)/4, 1)) {
			if c.Open(q) {
				t.Fatalf("%s: %v is open before Next(%v) = %v", name, q, from, next)
			}
		}
		results := [2]time.Time{c.AddWorking(from, 1, 0), c.AddWorking(from, 0, 5*time.Hour)}
		for i, got := range results {
			if got.Before(last[i]) {
				t.Fatalf("%s: from %v a later start gives the earlier %v instead of %v", name, from, got, last[i])
			}
			if !c.Open(got) || got.Before(from) {
				t.Fatalf("%s: from %v: %v is not open, or earlier", name, from, got)
			}
		}
		last = results
		withinHours(t, c, name, results[0])
	}
}

// withinHours checks what people read on the clock: an open moment stands within the hours of its day, which is no holiday. In an
// hour that the clocks repeat it may stand after their end, because the span ends by its second pass.
func withinHours(t *testing.T, c Calendar, name string, at time.Time) {
	t.Helper()
	y, m, d := at.Date()
	if c.Off(y, m, d) {
		t.Fatalf("%s: %v is on a holiday", name, at)
	}
	since := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second
	for _, s := range c.Week.Days[at.Weekday()] {
		if s.From <= since && since < s.To {
			return
		}
	}
	before := at.Add(-3 * time.Hour) // a clock that was set back within three hours shows a time again
	_, offset := at.Zone()
	if _, earlier := before.Zone(); earlier <= offset {
		t.Fatalf("%s: %v is not within the hours of its day", name, at)
	}
}

// TestRulesOfSteps holds that a clock that steps, back or forward by any span, never makes an answer run against time: whoever
// asks at a later reading gets no earlier answer, whatever was asked between.
func TestRulesOfSteps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		if err != nil {
			t.Skip(err)
		}
		c := Calendar{Week: breaks(loc)}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, int64(3*365*day)).Draw(t, "start")))
		type asked struct{ at, got time.Time }
		var all []asked
		for range 6 {
			now = now.Add(time.Duration(rapid.Int64Range(-int64(50*time.Hour), int64(50*time.Hour)).Draw(t, "step")))
			got := c.AddWorking(now, 1, time.Hour)
			for _, a := range all {
				if a.at.Before(now) && a.got.After(got) || now.Before(a.at) && got.After(a.got) {
					t.Fatalf("asked at %v: %v, and at %v: %v", a.at, a.got, now, got)
				}
			}
			all = append(all, asked{now, got})
		}
	})
}
