package calendar

import (
	"testing"
	"time"
)

// readAs parses a reading written without an offset.
func readAs(t *testing.T, text string) wall {
	t.Helper()
	v, err := time.Parse(time.DateTime, text)
	if err != nil {
		t.Fatalf("read %q: %v", text, err)
	}
	return wall{v}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, zone, give, want string }{
		{"plain winter", "Europe/Berlin", "2026-01-15 08:00:00", "2026-01-15T07:00:00Z"},
		{"plain summer", "Europe/Berlin", "2026-07-15 08:00:00", "2026-07-15T06:00:00Z"},
		{"last before the gap", "Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"},
		{"first of the gap", "Europe/Berlin", "2026-03-29 02:00:00", "2026-03-29T01:00:00Z"},
		{"middle of the gap", "Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29T01:00:00Z"},
		{"first after the gap", "Europe/Berlin", "2026-03-29 03:00:00", "2026-03-29T01:00:00Z"},
		{"first of the two", "Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25T00:30:00Z"},
		{"after the two", "Europe/Berlin", "2026-10-25 03:00:00", "2026-10-25T02:00:00Z"},
		{"midnight in a gap", "America/Santiago", "2026-09-06 00:00:00", "2026-09-06T04:00:00Z"},
		{"midnight that comes twice", "America/Havana", "2026-11-01 00:30:00", "2026-11-01T04:30:00Z"},
		{"half an hour", "Australia/Lord_Howe", "2026-10-04 02:15:00", "2026-10-03T15:30:00Z"},
		{"a day that never was", "Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30T10:00:00Z"},
		{"back over midnight", "America/St_Johns", "2010-11-06 23:30:00", "2010-11-07T02:00:00Z"},
		{"far east", "Pacific/Kiritimati", "2026-05-01 00:00:00", "2026-04-30T10:00:00Z"},
		{"far west", "Pacific/Pago_Pago", "2026-05-01 00:00:00", "2026-05-01T11:00:00Z"},
		{"long ago", "Asia/Kathmandu", "1900-01-01 00:00:00", "1899-12-31T18:18:44Z"},
		{"long from now", "Europe/Berlin", "2400-07-01 12:00:00", "2400-07-01T10:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := readAs(t, tt.give).instant(zone(t, tt.zone)).UTC().Format(time.RFC3339)
			if got != tt.want {
				t.Errorf("%s in %s is at %s, want %s", tt.give, tt.zone, got, tt.want)
			}
		})
	}
}

func TestReading(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, zone, give, want string }{
		{"plain", "Europe/Berlin", "2026-01-15T07:00:00Z", "2026-01-15 08:00:00"},
		{"just after the gap", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29 03:00:00"},
		{"first time", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25 02:30:00"},
		{"second time stands still", "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25 03:00:00"},
		{"caught up", "Europe/Berlin", "2026-10-25T02:00:00Z", "2026-10-25 03:00:00"},
		{"going again", "Europe/Berlin", "2026-10-25T02:01:00Z", "2026-10-25 03:01:00"},
		{"stands still past midnight", "America/St_Johns", "2010-11-07T03:00:00Z", "2010-11-07 00:01:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, err := time.Parse(time.RFC3339, tt.give)
			if err != nil {
				t.Fatalf("read %q: %v", tt.give, err)
			}
			if got := reading(v, zone(t, tt.zone)).utc.Format(time.DateTime); got != tt.want {
				t.Errorf("in %s the clock reads %s at %s, want %s", tt.zone, got, tt.give, tt.want)
			}
		})
	}
}

func TestWeeks(t *testing.T) {
	t.Parallel()
	if got := (Week{}).zone(); got != time.UTC {
		t.Errorf("a week without zone is in %v, want UTC", got)
	}
	work, always := DefaultWeek(nil), AlwaysOpen(nil)
	for d := time.Sunday; d <= time.Saturday; d++ {
		if weekend := d == time.Sunday || d == time.Saturday; weekend != (len(work.Days[d]) == 0) {
			t.Errorf("the default week has %v on %v", work.Days[d], d)
		}
		if len(always.Days[d]) != 1 || always.Days[d][0] != (Span{0, day}) {
			t.Errorf("the open week has %v on %v", always.Days[d], d)
		}
	}
}

func TestSplitDays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		give time.Duration
		days int
		rest time.Duration
	}{
		{52 * time.Hour, 2, 4 * time.Hour},
		{24 * time.Hour, 1, 0},
		{23*time.Hour + 59*time.Minute, 0, 23*time.Hour + 59*time.Minute},
		{0, 0, 0},
		{-time.Hour, 0, 0},
	}
	for _, tt := range tests {
		if days, rest := SplitDays(tt.give); days != tt.days || rest != tt.rest {
			t.Errorf("SplitDays(%v) = %d, %v, want %d, %v", tt.give, days, rest, tt.days, tt.rest)
		}
	}
}
