package pace

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests must not depend on the machine's zones
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("load zone %s: %v", name, err)
	}
	return loc
}

// monday is where most tables begin: Monday 2 March 2026, 09:02 UTC.
var monday = time.Date(2026, 3, 2, 9, 2, 0, 0, time.UTC)

// sent gives the usage after n mails at a moment.
func sent(l Limits, at time.Time, n int) Usage { return Usage{}.sent(l, at, n, l.Gap) }

func TestNext(t *testing.T) {
	t.Parallel()
	berlin, apia, beirut := zone(t, "Europe/Berlin"), zone(t, "Pacific/Apia"), zone(t, "Asia/Beirut")
	moment := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		name string
		l    Limits
		u    Usage
		now  string
		want string
		why  Reason
	}{
		{"nothing is limited", Limits{}, sent(Limits{}, monday, 1000), "2026-03-02T09:02:00Z", "2026-03-02T09:02:00Z", Open},
		{"there is room in the hour", Limits{Hour: 10}, sent(Limits{}, monday, 9), "2026-03-02T09:02:00Z", "2026-03-02T09:02:00Z", Open},
		{"the hour is full", Limits{Hour: 10}, sent(Limits{}, monday, 10), "2026-03-02T09:02:00Z", "2026-03-02T10:05:00Z", HourCap},
		{"the hour is full for nearly an hour", Limits{Hour: 10}, sent(Limits{}, monday, 10), "2026-03-02T10:04:59Z", "2026-03-02T10:05:00Z", HourCap},
		{"the hour is over", Limits{Hour: 10}, sent(Limits{}, monday, 10), "2026-03-02T10:05:00Z", "2026-03-02T10:05:00Z", Open},
		{"the day is full", Limits{Day: 10}, sent(Limits{}, monday, 10), "2026-03-02T09:02:00Z", "2026-03-03T00:00:00Z", DayCap},
		{"the hour is full as long as the gap lasts", Limits{Hour: 1, Gap: 63 * time.Minute}, sent(Limits{Gap: 63 * time.Minute}, monday, 1), "2026-03-02T09:02:00Z", "2026-03-02T10:05:00Z", HourCap},
		{"the day goes before the hour", Limits{Hour: 10, Day: 10}, sent(Limits{}, monday, 10), "2026-03-02T09:02:00Z", "2026-03-03T00:00:00Z", DayCap},
		{"the hour holds beyond the day", Limits{Hour: 10, Day: 10}, sent(Limits{}, moment("2026-03-02T23:50:00Z"), 10), "2026-03-02T23:51:00Z", "2026-03-03T00:55:00Z", HourCap},
		{"the gap", Limits{Gap: 90 * time.Second}, sent(Limits{Gap: 90 * time.Second}, monday, 1), "2026-03-02T09:02:30Z", "2026-03-02T09:03:30Z", Gap},
		{"the day of the zone", Limits{Day: 1, Zone: berlin}, sent(Limits{}, monday, 1), "2026-03-02T09:02:00Z", "2026-03-02T23:00:00Z", DayCap},
		{"a day of 23 hours", Limits{Day: 1, Zone: berlin}, sent(Limits{Zone: berlin}, moment("2026-03-29T00:30:00Z"), 1), "2026-03-29T00:30:00Z", "2026-03-29T22:00:00Z", DayCap},
		{"a day of 25 hours", Limits{Day: 1, Zone: berlin}, sent(Limits{Zone: berlin}, moment("2026-10-25T00:30:00Z"), 1), "2026-10-25T00:30:00Z", "2026-10-25T23:00:00Z", DayCap},
		{"a midnight that is skipped", Limits{Day: 1, Zone: beirut}, sent(Limits{Zone: beirut}, moment("2026-03-28T12:00:00Z"), 1), "2026-03-28T12:00:00Z", "2026-03-28T22:00:00Z", DayCap},
		{"a day that is skipped", Limits{Day: 1, Zone: apia}, sent(Limits{Zone: apia}, moment("2011-12-30T08:00:00Z"), 1), "2011-12-30T08:00:00Z", "2011-12-30T10:00:00Z", DayCap},
		{"the leap day", Limits{Day: 1}, sent(Limits{}, moment("2028-02-28T12:00:00Z"), 1), "2028-02-28T12:00:00Z", "2028-02-29T00:00:00Z", DayCap},
		{"a clock that was a year ahead", Limits{Hour: 1, Day: 2, Gap: time.Minute}, sent(Limits{}, monday.AddDate(1, 0, 0), 1), "2026-03-02T09:02:00Z", "2026-03-02T09:02:00Z", Open},
		{"a clock that was half an hour ahead", Limits{Hour: 1}, sent(Limits{}, monday.Add(30*time.Minute), 1), "2026-03-02T09:02:00Z", "2026-03-02T10:35:00Z", HourCap},
		{"a cap that was lowered", Limits{Hour: 5}, sent(Limits{}, monday, 50), "2026-03-02T09:02:00Z", "2026-03-02T10:05:00Z", HourCap},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at, why := Next(c.l, c.u, moment(c.now))
			if got := at.UTC().Format(time.RFC3339); got != c.want || why != c.why {
				t.Errorf("Next(%+v, %+v, %s) = %s, %d; want %s, %d", c.l, c.u, c.now, got, why, c.want, c.why)
			}
		})
	}
}

func TestRamp(t *testing.T) {
	t.Parallel()
	l := Limits{Day: 50, Ramp: Ramp{From: monday, First: 10, Step: 15}}
	for day, want := range map[int]int{-3: 10, 0: 10, 1: 25, 2: 40, 3: 50, 400: 50} {
		if got := l.DayCap(monday.AddDate(0, 0, day)); got != want {
			t.Errorf("day %d has a cap of %d, want %d", day, got, want)
		}
	}
	l.Day = 0
	if got := l.DayCap(monday.AddDate(0, 0, 100)); got != 1510 {
		t.Errorf("without a cap the ramp allows %d, want 1510", got)
	}
	// It grows at the mailbox's midnight, leap day and change of clocks or not.
	l = Limits{Zone: zone(t, "America/New_York"), Ramp: Ramp{From: time.Date(2028, 2, 28, 5, 0, 0, 0, time.UTC), First: 1, Step: 1}}
	for at, want := range map[string]int{"2028-02-29T04:59:59Z": 1, "2028-02-29T05:00:00Z": 2, "2028-03-01T05:00:00Z": 3, "2028-03-13T03:59:59Z": 14, "2028-03-13T04:00:00Z": 15} {
		moment, err := time.Parse(time.RFC3339, at)
		if got := l.DayCap(moment); err != nil || got != want {
			t.Errorf("at %s the cap is %d, %v, want %d", at, got, err, want)
		}
	}
}

func TestRoom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		l    Limits
		sent int
		want int
	}{
		{"no limit", Limits{}, 500, 100},
		{"of the hour", Limits{Hour: 30}, 10, 20},
		{"of the day", Limits{Hour: 30, Day: 15}, 10, 5},
		{"none", Limits{Hour: 10}, 10, 0},
		{"one by one", Limits{Jitter: time.Second}, 0, 1},
		{"of the ramp", Limits{Day: 100, Ramp: Ramp{From: monday, First: 12, Step: 5}}, 10, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Room(c.l, sent(Limits{}, monday, c.sent), monday, 100); got != c.want {
				t.Errorf("room for %d, want %d", got, c.want)
			}
		})
	}
}

func TestForecast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		l    Limits
		skip int
		want time.Duration
	}{
		{"nothing is limited", Limits{}, 50, 0},
		{"the first", Limits{Day: 10}, 0, 0},
		{"the last of today", Limits{Day: 10}, 9, 0},
		{"the first of tomorrow", Limits{Day: 10}, 10, 14*time.Hour + 58*time.Minute},
		{"after nine gaps", Limits{Gap: time.Minute}, 9, 9 * time.Minute},
		{"after more gaps than are played", Limits{Gap: time.Minute}, 19_999, 19_980 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := NewForecast(c.l, Usage{}, monday)
			f.Skip(c.skip)
			if got := f.Next().At.Sub(monday); got.Round(time.Minute) != c.want {
				t.Errorf("it goes after %v, want %v", got, c.want)
			}
		})
	}
	// A backlog of 20,000 is spread over the days that it takes.
	f, counts := NewForecast(Limits{Hour: 100, Day: 400}, Usage{}, monday), map[int64]int{}
	last := monday
	for range 20_000 {
		at := f.Next().At
		if at.Before(last) {
			t.Fatalf("a mail after another one goes before it: %v, %v", at, last)
		}
		last = at
		counts[dayOf(at, time.UTC)]++
	}
	if len(counts) != 50 {
		t.Errorf("20,000 mails at 400 a day take %d days, want 50", len(counts))
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		h    Health
		want bool
	}{
		{Health{}, false},
		{Health{49, 49, 49}, false},
		{Health{50, 2, 0}, false},
		{Health{50, 3, 0}, true},
		{Health{100, 4, 0}, false},
		{Health{100, 5, 0}, true},
		{Health{50, 0, 1}, true},
		{Health{1000, 0, 1}, true},
		{Health{1001, 0, 1}, false},
		{Health{2000, 0, 2}, true},
		{Health{2000, 99, 1}, false},
	} {
		if got := c.h.Trouble(); (got != "") != c.want {
			t.Errorf("%+v: %q, want trouble: %t", c.h, got, c.want)
		}
	}
	l := Limits{}
	u := sent(l, monday, 60)
	for range 3 {
		u = u.Suffered(l, monday.AddDate(0, 0, 1), Bounced)
	}
	u = u.Suffered(l, monday.AddDate(0, 0, 1), Complained)
	if got := u.Health(l, monday.AddDate(0, 0, 6)); got != (Health{60, 3, 1}) {
		t.Errorf("after 6 days %+v, want 60, 3, 1", got)
	}
	if got := u.Health(l, monday.AddDate(0, 0, 7)); got != (Health{0, 3, 1}) {
		t.Errorf("after 7 days %+v, want 0, 3, 1", got)
	}
	if got := u.Forgiven().Health(l, monday.AddDate(0, 0, 2)); got != (Health{Sent: 60}) {
		t.Errorf("forgiven %+v, want 60, 0, 0", got)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		l    Limits
		want string
	}{
		{Limits{}, ""},
		{Limits{Hour: 100, Day: 1000, Gap: time.Minute, Jitter: time.Minute, Ramp: Ramp{From: monday, First: 5, Step: 5}}, ""},
		{Limits{Hour: -1}, "hour"},
		{Limits{Day: MaxDay + 1}, "day"},
		{Limits{Gap: -1}, "gap"},
		{Limits{Jitter: 2 * time.Hour}, "jitter"},
		{Limits{Ramp: Ramp{From: monday, Step: 1}}, "ramp_first"},
		{Limits{Ramp: Ramp{From: monday, First: 1}}, "ramp_step"},
	} {
		got := c.l.Check()
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].Field != c.want) {
			t.Errorf("%+v has problems %+v, want one at %q", c.l, got, c.want)
		}
	}
}

// TestWithin holds where limits of one mailbox let more out than those of the organisation.
func TestWithin(t *testing.T) {
	t.Parallel()
	ramp := func(days, first, step int) Ramp {
		return Ramp{From: monday.AddDate(0, 0, days), First: first, Step: step}
	}
	top := Limits{Hour: 30, Day: 200, Gap: time.Minute, Jitter: 30 * time.Second, Ramp: ramp(0, 10, 5)}
	with := func(change func(l *Limits)) Limits {
		l := top
		change(&l)
		return l
	}
	for _, c := range []struct {
		l, top Limits
		now    time.Time
		want   string
	}{
		{top, top, monday, ""},
		{Limits{}, Limits{}, monday, ""},
		{Limits{Hour: 1, Day: 1}, Limits{}, monday, ""},
		{with(func(l *Limits) { l.Hour, l.Day, l.Gap, l.Jitter, l.Ramp = 1, 1, time.Hour, 0, ramp(1, 9, 4) }), top, monday, ""},
		{with(func(l *Limits) { l.Hour = 31 }), top, monday, "hour 30"},
		{with(func(l *Limits) { l.Hour = 0 }), top, monday, "hour 30"},
		{with(func(l *Limits) { l.Day = 201 }), top, monday, "day 200"},
		{with(func(l *Limits) { l.Day = 0 }), top, monday, "day 200"},
		{with(func(l *Limits) { l.Gap = 59 * time.Second }), top, monday, "gap 60"},
		{with(func(l *Limits) { l.Jitter = 0 }), top, monday, "jitter 30"},
		{with(func(l *Limits) { l.Gap, l.Jitter = 80*time.Second, 0 }), top, monday, "jitter 10"},
		{with(func(l *Limits) { l.Ramp = Ramp{} }), top, monday, "ramp_first 10"},
		{with(func(l *Limits) { l.Ramp.First = 11 }), top, monday, "ramp_first 10"},
		{with(func(l *Limits) { l.Ramp.Step = 6 }), top, monday, "ramp_step 5"},
		{with(func(l *Limits) { l.Ramp.From = monday.AddDate(0, 0, -1) }), top, monday, "ramp_from 2026-03-02"},
		{with(func(l *Limits) { l.Ramp = Ramp{} }), top, monday.AddDate(0, 0, 37), "ramp_first 10"}, // 195 that day
		{with(func(l *Limits) { l.Ramp = Ramp{} }), top, monday.AddDate(0, 0, 38), ""},              // it is over
	} {
		got := c.l.Within(c.top, c.now)
		field, bound, _ := strings.Cut(c.want, " ")
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].Field != field || !strings.Contains(got[0].Message, " "+bound+" ") && !strings.Contains(got[0].Message, " "+bound+",")) {
			t.Errorf("%+v has problems %+v, want %q", c.l, got, c.want)
		}
	}
}
