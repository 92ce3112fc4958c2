package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestGood(t *testing.T) {
	t.Parallel()
	const layout = "Mon 2006-01-02 15:04"
	for _, c := range []struct {
		name, zone, now string
		seen            []string // in UTC
		want            string
		count           int
	}{
		{"at work and never seen: now", "Asia/Tokyo", "2026-03-02T02:13:00Z", nil, "Mon 2026-03-02 11:13", 0},
		{"asleep and never seen: the next morning", "Asia/Tokyo", "2026-03-02T15:00:00Z", nil, "Tue 2026-03-03 08:00", 0},
		{"on Saturday: Monday morning", "America/New_York", "2026-03-07T15:00:00Z", nil, "Mon 2026-03-09 08:00", 0},
		{"seen at twenty to ten", "Asia/Tokyo", "2026-03-02T15:00:00Z", []string{"2026-02-10T00:47:00Z"}, "Tue 2026-03-03 09:40", 1},
		{"the commonest hour wins", "UTC", "2026-03-02T07:00:00Z", []string{"2026-02-10T09:00:00Z", "2026-02-11T14:05:00Z", "2026-02-12T14:55:00Z"}, "Mon 2026-03-02 14:00", 2},
		{"of two as common the nearer", "UTC", "2026-03-02T10:00:00Z", []string{"2026-02-10T09:00:00Z", "2026-02-11T14:30:00Z"}, "Mon 2026-03-02 14:30", 1},
		{"its minute has passed: tomorrow", "UTC", "2026-03-02T14:31:00Z", []string{"2026-02-11T14:30:00Z"}, "Tue 2026-03-03 14:30", 1},
		{"seen at night only: working time", "UTC", "2026-03-02T20:00:00Z", []string{"2026-02-11T22:30:00Z"}, "Tue 2026-03-03 08:00", 0},
		{"the hour stays when the clocks change", "Europe/Berlin", "2026-03-27T17:00:00Z", []string{"2026-03-26T08:20:00Z"}, "Mon 2026-03-30 09:20", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := Calendar{Week: DefaultWeek(zone)}.Good(instant(t, c.now), instants(t, c.seen))
			if at := got.At.In(zone).Format(layout); !ok || at != c.want || got.Seen != c.count {
				t.Errorf("got %s by %d (%v), want %s by %d", at, got.Seen, ok, c.want, c.count)
			}
		})
	}
	if _, ok := (Calendar{}).Good(time.Unix(0, 0), nil); ok {
		t.Error("a week without working time has a good time")
	}
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func instants(t *testing.T, list []string) (all []time.Time) {
	for _, text := range list {
		all = append(all, instant(t, text))
	}
	return all
}

// TestRulesOfGood holds what whoever schedules by a good time relies on, over all sorts of zones and changes of their clocks.
func TestRulesOfGood(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCalendar(t)
		now := drawTime(t, "now")
		var seen []time.Time
		for range rapid.IntRange(0, 6).Draw(t, "moments") {
			seen = append(seen, drawTime(t, "seen"))
		}
		good, ok := c.Good(now, seen)
		if _, works := c.Next(now); ok != works {
			t.Fatalf("a good time %v, working time %v", ok, works)
		}
		if !ok {
			return
		}
		if good.At.Before(now) || !c.Open(good.At) {
			t.Fatalf("%v is before %v, or no working time", good.At, now)
		}
		zone := c.Week.zone()
		hour, count := good.At.In(zone).Hour(), 0
		for _, s := range seen {
			if s.In(zone).Hour() == hour {
				count++
			}
		}
		if good.Seen > 0 && count != good.Seen {
			t.Fatalf("%d moments speak for %v, but %d were at this hour", good.Seen, good.At.In(zone), count)
		}
		if again, _ := c.Good(now, seen); again != good {
			t.Fatalf("asked again: %v, then %v", good, again)
		}
		if later, ok := c.Good(good.At, seen); ok && good.Seen > 0 && !later.At.Equal(good.At) && later.Seen <= good.Seen {
			t.Fatalf("at %v, which is good, it is %v that is", good.At, later.At)
		}
	})
}

func TestPlace(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Asia/Tokyo": "Tokyo", "America/Argentina/Buenos_Aires": "Buenos Aires", "UTC": "UTC"} {
		zone, err := time.LoadLocation(name)
		if got := Place(zone); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
}
