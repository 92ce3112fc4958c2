package pace

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// zoneNames have unlike habits: see calendar's tests.
var zoneNames = []string{"UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Antarctica/Troll"}

func drawLimits(t *rapid.T, zones []*time.Location) Limits {
	l := Limits{
		Hour: rapid.IntRange(0, 6).Draw(t, "hour"), Day: rapid.IntRange(0, 15).Draw(t, "day"),
		Gap: time.Duration(rapid.IntRange(0, 900).Draw(t, "gap")) * time.Second, Jitter: time.Duration(rapid.IntRange(0, 900).Draw(t, "jitter")) * time.Second,
		Zone: rapid.SampledFrom(zones).Draw(t, "zone"),
	}
	if rapid.Bool().Draw(t, "ramp") {
		l.Ramp = Ramp{From: monday, First: rapid.IntRange(1, 4).Draw(t, "first"), Step: rapid.IntRange(1, 3).Draw(t, "step")}
	}
	return l
}

// TestRulesOfPace sends as fast as Next allows, with pauses, over changes of clocks and with a clock that is set back, and
// holds that no cap is ever exceeded: not within any sixty minutes that really pass, not on any day of the calendar.
func TestRulesOfPace(t *testing.T) {
	t.Parallel()
	var zones []*time.Location
	for _, name := range zoneNames {
		zones = append(zones, zone(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		l := drawLimits(t, zones)
		real := time.Unix(rapid.Int64Range(monday.Unix(), monday.AddDate(3, 0, 0).Unix()).Draw(t, "begin"), 0).UTC()
		var (
			u     Usage
			off   time.Duration // how far the clock is from the truth
			sent  []time.Time
			dates = map[int64]int{}
		)
		for i := range rapid.IntRange(1, 60).Draw(t, "mails") {
			if off == 0 && rapid.IntRange(0, 9).Draw(t, "step") == 0 {
				off = -time.Duration(rapid.IntRange(0, 3600).Draw(t, "back")) * time.Second
			}
			now := real.Add(off)
			at, why := Next(l, u, now)
			if at.Before(now) || at.Sub(now) > 50*time.Hour || (why == Open) != at.Equal(now) {
				t.Fatalf("Next(%+v, %+v, %v) = %v, %d", l, u, now, at, why)
			}
			if again, _ := Next(l, u, at); !again.Equal(at) {
				t.Fatalf("at %v it is not open as promised, but at %v", at, again)
			}
			later, _ := Next(l, u, now.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(t, "later"))*time.Second))
			if later.Before(at) {
				t.Fatalf("a later question gives %v, an earlier one %v", later, at)
			}
			real = at.Add(-off).Add(time.Duration(rapid.IntRange(0, 1800).Draw(t, "pause")) * time.Second)
			now = real.Add(off)
			if _, why := Next(l, u, now); why != Open {
				t.Fatalf("at %v, after it opened at %v, it waits again (%d)", now, at, why)
			}
			u = u.Sent(l, now, int64(i))
			sent = append(sent, real)
			dates[dayOf(now, l.zone())]++
			if day, most := dayOf(now, l.zone()), l.DayCap(now); most > 0 && dates[day] > most {
				t.Fatalf("%d mails on a day with a cap of %d", dates[day], most)
			}
			if n := within(sent, real, time.Hour); l.Hour > 0 && n > l.Hour {
				t.Fatalf("%d mails within an hour with a cap of %d", n, l.Hour)
			}
			if n := len(sent); n > 1 && off == 0 && sent[n-1].Sub(sent[n-2]) < l.Gap {
				t.Fatalf("a gap of %v, want at least %v", sent[n-1].Sub(sent[n-2]), l.Gap)
			}
		}
	})
}

// sending is what a mailbox really sent, one mail after the other, beside the Usage that counts it.
type sending struct {
	l    Limits
	sent []time.Time
	free time.Time
}

func (s *sending) send(at time.Time) {
	s.sent = append(s.sent, at)
	if free := at.Add(s.l.Gap + s.l.Jitter/2); free.After(s.free) {
		s.free = free
	}
}

// full gives the heaviest limit that is full at a moment.
func (s *sending) full(at time.Time) Reason {
	day, hour := 0, 0
	for _, m := range s.sent {
		if dayOf(m, s.l.zone()) == dayOf(at, s.l.zone()) {
			day++
		}
		if slotOf(m) >= slotOf(at)-hourSlots {
			hour++
		}
	}
	switch most := s.l.DayCap(at); {
	case most > 0 && day >= most:
		return DayCap
	case s.l.Hour > 0 && hour >= s.l.Hour:
		return HourCap
	case at.Before(s.free):
		return Gap
	}
	return Open
}

// TestForecastNamesWhatIsFull holds for every history and all limits that a mail goes when nothing is full any more, and that the limit which is named
// is full on its way there, until it or one of those before it may go, and is the heaviest one that is.
func TestForecastNamesWhatIsFull(t *testing.T) {
	t.Parallel()
	var zones []*time.Location
	for _, name := range zoneNames {
		zones = append(zones, zone(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		l := drawLimits(t, zones)
		now := time.Unix(rapid.Int64Range(monday.Unix(), monday.AddDate(3, 0, 0).Unix()).Draw(t, "now"), 0).UTC()
		s, u := &sending{l: l}, Usage{}
		ago := rapid.SliceOfN(rapid.IntRange(0, 2*24*3600), 0, 30).Draw(t, "seconds ago")
		slices.SortFunc(ago, func(a, b int) int { return b - a })
		for _, seconds := range ago {
			at := now.Add(-time.Duration(seconds) * time.Second)
			s.send(at)
			u = u.sent(l, at, 1, l.Gap+l.Jitter/2)
		}
		f, before, want, day := NewForecast(l, u, now), now, Open, time.Time{}
		for n := range rapid.IntRange(1, 60).Draw(t, "mails") {
			got := f.Next()
			if got.At.After(before) {
				why := s.full(got.At.Add(-time.Nanosecond))
				if span := got.At.Sub(before); s.full(before.Add(time.Duration(rapid.Int64Range(0, int64(span)-1).Draw(t, "on the way")))) == Open {
					t.Fatalf("mail %d goes at %v, and could before", n, got.At)
				}
				if want = max(want, why); why == DayCap {
					day = got.At.Add(-time.Nanosecond)
				}
			}
			if full := s.full(got.At); full != Open || got.Why != want || !got.Full.Equal(day) {
				t.Fatalf("%+v: mail %d goes at %v, when %d is full; it waits for %d (%v), want %d (%v)", l, n, got.At, full, got.Why, got.Full, want, day)
			}
			if n == 0 && (got.Why == Open) != got.At.Equal(now) {
				t.Fatalf("the first goes at %v and waits for %d", got.At, got.Why)
			}
			s.send(got.At)
			before = got.At
		}
	})
}

// TestWrongClock holds that a mailbox which sent while the clock was wrong by any span, in either direction, sends again within
// two days of the right time.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := drawLimits(t, []*time.Location{time.UTC})
		wrong := time.Duration(rapid.Int64Range(-2*365*24*3600, 2*365*24*3600).Draw(t, "wrong")) * time.Second
		var u Usage
		for i := range 20 {
			u = u.Sent(l, monday.Add(wrong), int64(i))
		}
		if at, _ := Next(l, u, monday.Add(50*time.Hour)); at.After(monday.Add(100 * time.Hour)) {
			t.Fatalf("%+v: it waits until %v", l, at)
		}
		open := false
		for now := monday; now.Before(monday.Add(50 * time.Hour)); now = now.Add(10 * time.Minute) {
			at, _ := Next(l, u, now)
			open = open || at.Equal(now)
		}
		if !open {
			t.Fatalf("%+v: a clock that was wrong by %v keeps it shut for two days", l, wrong)
		}
	})
}

// within counts the moments of the span that ends at a moment.
func within(list []time.Time, end time.Time, span time.Duration) int {
	n := 0
	for _, at := range list {
		if at.After(end.Add(-span)) {
			n++
		}
	}
	return n
}

// TestGapsDiffer holds that the gaps after mails are spread over what may be added to them.
func TestGapsDiffer(t *testing.T) {
	t.Parallel()
	var low, high int
	for id := range int64(1000) {
		switch d := jitter(time.Minute, id); {
		case d < 0 || d > time.Minute:
			t.Fatalf("the jitter of %d is %v", id, d)
		case d < 15*time.Second:
			low++
		case d > 45*time.Second:
			high++
		}
	}
	if low < 200 || low > 300 || high < 200 || high > 300 {
		t.Errorf("of 1,000 gaps %d are in the lowest and %d in the highest quarter", low, high)
	}
}
