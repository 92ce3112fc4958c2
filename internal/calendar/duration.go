package calendar

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// units are the letters of a written duration, largest first. A day is 24 hours; whoever counts working time reads
// days apart from the rest with SplitDays.
var units = [...]struct {
	letter byte
	name   string
	length time.Duration
}{
	{'d', "day", day},
	{'h', "hour", time.Hour},
	{'m', "minute", time.Minute},
}

// durationMax is the longest duration that can be written, 100 years: long enough for any wait, short enough that
// sums of durations cannot overflow.
const durationMax = 36_500 * day

var errDurationForm = errors.New("write days, hours and minutes like 3d, 2d4h or 90m")

// ParseDuration reads the written form of a duration: 90m, 2d4h, 1h30m, 3d. Units are d, h and m, each at most once,
// the largest first; a day is 24 hours. Zero is readable here; whether it is allowed is the caller's rule.
func ParseDuration(s string) (time.Duration, error) {
	text := strings.TrimSpace(s)
	if text == "" {
		return 0, fmt.Errorf("the duration is empty: %w", errDurationForm)
	}
	var sum time.Duration
	next := 0 // index of the largest unit that may still come
	for rest := text; rest != ""; {
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if digits == 0 {
			return 0, fmt.Errorf("%q is not a duration: %w", shorten(text), errDurationForm)
		}
		if digits == len(rest) {
			return 0, fmt.Errorf("%q lacks a unit after %s: %w", shorten(text), shorten(rest), errDurationForm)
		}
		unit := unitIndex(rest[digits])
		if unit < 0 {
			return 0, fmt.Errorf("%q has an unknown unit after %s: %w", shorten(text), shorten(rest[:digits]), errDurationForm)
		}
		if unit < next {
			return 0, fmt.Errorf("%q has its units twice or out of order: %w", shorten(text), errDurationForm)
		}
		count, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil || count > int64((durationMax-sum)/units[unit].length) {
			return 0, fmt.Errorf("%q is too long: the longest duration is 36500d", shorten(text))
		}
		sum += time.Duration(count) * units[unit].length
		next = unit + 1
		rest = rest[digits+1:]
	}
	return sum, nil
}

// unitIndex finds a unit by its letter; -1 when there is none.
func unitIndex(letter byte) int {
	for i, u := range units {
		if u.letter == letter {
			return i
		}
	}
	return -1
}

// shorten keeps a piece of bad input short enough to quote in an error.
func shorten(s string) string {
	if len(s) <= 24 {
		return s
	}
	return strings.ToValidUTF8(s[:24], "") + "..."
}

// FormatDuration writes a duration in its one canonical form, the largest units first: 90 minutes are 1h30m, nothing
// is 0m. Parts of a minute are dropped and negative durations are written as nothing.
//
// Invariant: ParseDuration(FormatDuration(d)) is d for whole minutes; TestRulesOfDurations holds it.
func FormatDuration(d time.Duration) string {
	var b strings.Builder
	for _, u := range units {
		if n := max(d, 0) / u.length; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, u.letter)
		}
		d %= u.length
	}
	if b.Len() == 0 {
		return "0m"
	}
	return b.String()
}

// DescribeDuration says a duration for people: "2 days 4 hours", "1 minute". It drops what FormatDuration drops.
func DescribeDuration(d time.Duration) string {
	var parts []string
	for _, u := range units {
		switch n := max(d, 0) / u.length; {
		case n == 1:
			parts = append(parts, "1 "+u.name)
		case n > 1:
			parts = append(parts, strconv.FormatInt(int64(n), 10)+" "+u.name+"s")
		}
		d %= u.length
	}
	if len(parts) == 0 {
		return "0 minutes"
	}
	return strings.Join(parts, " ")
}

// SplitDays divides a duration into whole days and the rest, the two counts that AddWorking takes: 2d4h is two
// working days and four working hours.
func SplitDays(d time.Duration) (days int, rest time.Duration) {
	d = max(d, 0)
	return int(d / day), d % day
}
