package delivery

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"cadenza/internal/calendar"
	"cadenza/internal/store"
)

// TestOwnWindows holds that a message of a sequence with windows of its own goes at a moment if and only if the clock at the
// record stands in the window of that day, and that the moment which the gate gives is one at which it goes.
func TestOwnWindows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var w store.SendWindows
		w.On = true
		for _, day := range rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 7, rapid.ID[int]).Draw(t, "days") {
			from := rapid.IntRange(0, 23).Draw(t, "from")
			w.Days[day] = calendar.Span{From: time.Duration(from) * time.Hour, To: time.Duration(rapid.IntRange(from+1, 24).Draw(t, "to")) * time.Hour}
		}
		zone := rapid.SampledFrom([]string{"Europe/Berlin", "America/St_Johns", "Asia/Tokyo", "Australia/Lord_Howe", "Africa/Cairo"}).Draw(t, "zone")
		now := time.Date(2026, 1, 1, 0, rapid.IntRange(0, 365*24*60).Draw(t, "minute"), 0, 0, time.UTC)
		c := good()
		c.Record.Values["time_zone"] = zone
		c.Pacing = store.Pacing{Windows: w, Own: true, OwnerZone: time.UTC}

		v := window(c, now)
		if got, want := v.Kind == store.Pass, inWindow(t, w, zone, now); got != want {
			t.Fatalf("at %s in %s: passes %t, want %t: %s", now, zone, got, want, v.Reason)
		}
		if v.Kind == store.Pass {
			return
		}
		if want := "The sequence sends " + calendar.DescribeDays(w.Days) + " (" + zone + ")."; v.Reason != want || v.Blocker != store.BlockWindow {
			t.Fatalf("held up by %s: %q, want %q", v.Blocker, v.Reason, want)
		}
		if !v.At.After(now) || window(c, v.At).Kind != store.Pass {
			t.Fatalf("at %s in %s it is to go at %s, and does not", now, zone, v.At)
		}
	})
}

// inWindow reads it off the clock on the wall.
func inWindow(t *rapid.T, w store.SendWindows, zone string, now time.Time) bool {
	place, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	local := now.In(place)
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
	span := w.Days[local.Weekday()]
	return span.From <= clock && clock < span.To
}
