package calendar

import (
	"testing"
	"time"
)

func TestDescribeDays(t *testing.T) {
	t.Parallel()
	early, late := Span{9 * time.Hour, 11 * time.Hour}, Span{9 * time.Hour, 24 * time.Hour}
	for want, days := range map[string][7]Span{
		"":                                 {},
		"Mon–Thu 09:00–11:00":              {1: early, 2: early, 3: early, 4: early},
		"Mon–Sun 09:00–11:00":              {early, early, early, early, early, early, early},
		"Mon 09:00–11:00, Wed 09:00–24:00": {1: early, 3: late},
		"Sat–Sun 09:00–24:00":              {0: late, 6: late},
	} {
		if got := DescribeDays(days); got != want {
			t.Errorf("%v: %q, want %q", days, got, want)
		}
	}
}
