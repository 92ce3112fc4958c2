package ui

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, time.March, 4, 9, 12, 0, 0, time.UTC) // a Tuesday
	for _, c := range []struct {
		at            string
		relative, due string
	}{
		{"2025-03-04 09:12", "just now", "09:12"},
		{"2025-03-04 08:50", "22 min ago", "08:50"},
		{"2025-03-04 09:42", "in 30 min", "09:42"},
		{"2025-03-04 16:00", "today 16:00", "16:00"},
		{"2025-03-03 16:02", "yesterday 16:02", "yesterday"},
		{"2025-03-03 23:59", "yesterday 23:59", "yesterday"},
		{"2025-03-05 00:01", "tomorrow 00:01", "tomorrow"},
		{"2025-02-28 09:00", "Fri 09:00", "4 days"},
		{"2025-03-07 09:00", "Fri 09:00", "Fri"},
		{"2025-02-20 09:00", "20 Feb 09:00", "12 days"},
		{"2025-06-01 09:00", "1 Jun 09:00", "1 Jun"},
		{"2024-03-04 09:12", "4 Mar 2024", "4 Mar 2024"},
		{"2026-03-04 09:12", "4 Mar 2026", "4 Mar 2026"},
	} {
		at, err := time.Parse("2006-01-02 15:04", c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := RelativeTime(at, now); got != c.relative {
			t.Errorf("RelativeTime(%s) = %q, want %q", c.at, got, c.relative)
		}
		if got := DueTime(at, now); got != c.due {
			t.Errorf("DueTime(%s) = %q, want %q", c.at, got, c.due)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	check := func(name, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	check("Count", Count(1204567), "1,204,567")
	check("Count", Count(-1204), "-1,204")
	check("Count", Count(999), "999")
	check("ResultCount", ResultCount(1, "lead", "leads"), "1 lead")
	check("ResultCount", ResultCount(1204, "lead", "leads"), "1,204 leads")
	check("initials", initials("Anna Berg"), "AB")
	check("initials", initials("Dr. Anneliese von Hohenstein-Wallrabenstein"), "DW")
	check("initials", initials("Ólafur"), "Ó")
	check("initials", initials("李 小龍"), "李小")
	check("initials", initials(" "), "?")
	check("keyCap", keyCap("g l"), "G L")
	check("keyCap", keyCap("Enter"), "↵")
	check("ThemeOf", string(ThemeOf("evil\"")), "")
	check("ThemeOf", string(ThemeOf("dark")), "dark")
}
