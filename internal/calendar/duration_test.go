package calendar

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDurationForms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		give      string
		want      time.Duration
		canonical string
		described string
	}{
		{"90m", 90 * time.Minute, "1h30m", "1 hour 30 minutes"},
		{"2d4h", 52 * time.Hour, "2d4h", "2 days 4 hours"},
		{"1h30m", 90 * time.Minute, "1h30m", "1 hour 30 minutes"},
		{"3d", 72 * time.Hour, "3d", "3 days"},
		{"1d", 24 * time.Hour, "1d", "1 day"},
		{"24h", 24 * time.Hour, "1d", "1 day"},
		{"1m", time.Minute, "1m", "1 minute"},
		{"1d1h1m", 25*time.Hour + time.Minute, "1d1h1m", "1 day 1 hour 1 minute"},
		{" 5d ", 120 * time.Hour, "5d", "5 days"},
		{"007m", 7 * time.Minute, "7m", "7 minutes"},
		{"0m", 0, "0m", "0 minutes"},
		{"0d5m", 5 * time.Minute, "5m", "5 minutes"},
		{"36500d", durationMax, "36500d", "36500 days"},
	}
	for _, tt := range tests {
		t.Run(tt.give, func(t *testing.T) {
			t.Parallel()
			got, err := ParseDuration(tt.give)
			if err != nil || got != tt.want {
				t.Fatalf("ParseDuration(%q) = %v, %v, want %v", tt.give, got, err, tt.want)
			}
			if f := FormatDuration(got); f != tt.canonical {
				t.Errorf("FormatDuration(%v) = %q, want %q", got, f, tt.canonical)
			}
			if d := DescribeDuration(got); d != tt.described {
				t.Errorf("DescribeDuration(%v) = %q, want %q", got, d, tt.described)
			}
		})
	}
}

func TestParseDurationRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ give, want string }{
		{"", "the duration is empty"},
		{"  ", "the duration is empty"},
		{"5", `"5" lacks a unit after 5`},
		{"2d4", `"2d4" lacks a unit after 4`},
		{"d", `"d" is not a duration`},
		{"-5m", `"-5m" is not a duration`},
		{"2d 4h", `"2d 4h" is not a duration`},
		{"1.5h", `"1.5h" has an unknown unit after 1`},
		{"3w", `"3w" has an unknown unit after 3`},
		{"30s", `"30s" has an unknown unit after 30`},
		{"2D", `"2D" has an unknown unit after 2`},
		{"4h2d", `"4h2d" has its units twice or out of order`},
		{"1h1h", `"1h1h" has its units twice or out of order`},
		{"36501d", `"36501d" is too long`},
		{"36500d1m", `"36500d1m" is too long`},
		{"99999999999999999999d", "is too long"},
		{strings.Repeat("9", 5000) + "m", "is too long"},
		{"\xff", "is not a duration"},
	}
	for _, tt := range tests {
		got, err := ParseDuration(tt.give)
		if err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", tt.give, got)
			continue
		}
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParseDuration(%q) says %q, want %q in it", tt.give, err, tt.want)
		}
		if len(err.Error()) > 200 {
			t.Errorf("ParseDuration(%.20q…) says %d bytes, want a short error", tt.give, len(err.Error()))
		}
	}
}

func TestDurationsWithoutForm(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{0, 59 * time.Second, -time.Hour, -time.Nanosecond} {
		if got := FormatDuration(d); got != "0m" {
			t.Errorf("FormatDuration(%v) = %q, want 0m", d, got)
		}
		if got := DescribeDuration(d); got != "0 minutes" {
			t.Errorf("DescribeDuration(%v) = %q, want 0 minutes", d, got)
		}
	}
	if got := FormatDuration(time.Hour + 59*time.Second); got != "1h" {
		t.Errorf("FormatDuration drops parts of a minute: got %q, want 1h", got)
	}
}

func TestRulesOfDurations(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(durationMax/time.Minute)).Draw(t, "minutes")) * time.Minute
		got, err := ParseDuration(FormatDuration(d))
		if err != nil || got != d {
			t.Fatalf("ParseDuration(%q) = %v, %v, want %v", FormatDuration(d), got, err, d)
		}
		days, rest := SplitDays(d)
		if time.Duration(days)*day+rest != d || rest < 0 || rest >= day {
			t.Fatalf("SplitDays(%v) = %d, %v", d, days, rest)
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"90m", "2d4h", "1h30m", "3d", "", "4h2d", "99999999999999999999d", "-1m", "1d\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		if d < 0 || d > durationMax {
			t.Fatalf("ParseDuration(%q) = %v, out of range", s, d)
		}
		if again, err := ParseDuration(FormatDuration(d)); err != nil || again != d {
			t.Fatalf("%q is %v, written %q, read back as %v, %v", s, d, FormatDuration(d), again, err)
		}
	})
}
