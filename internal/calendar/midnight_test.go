package calendar

import (
	"testing"
	"time"
)

// TestMidnight holds that 00:00 begins the day where it begins a span, and ends it where it ends one.
func TestMidnight(t *testing.T) {
	for text, want := range map[string]string{"22:00-00:00": "22:00-24:00", "0-0": "00:00-24:00", "20 to 24:00": "20:00-24:00", "00:00-06:00": "00:00-06:00"} {
		spans, problem := ParseSpans(text)
		if got := FormatSpans(spans); got != want || problem != "" {
			t.Errorf("%q is read as %q %s, want %q", text, got, problem, want)
		}
	}
	if end, ok := ParseEnd("00:00"); end != 24*time.Hour || !ok {
		t.Errorf("00:00 ends at %s, %t", end, ok)
	}
	if end, ok := ParseEnd("midnight"); ok {
		t.Errorf("midnight ends at %s", end)
	}
	if from, ok := ParseClock("00:00"); from != 0 || !ok {
		t.Errorf("00:00 begins at %s, %t", from, ok)
	}
}
