package calendar

import (
	"strings"
	"time"
)

// DescribeDays says one span for each weekday, Sunday first, as people do: "Mon–Thu 09:00–11:00, Fri 09:00–10:00". Days in a
// row that are alike are taken together; an empty span is a day without.
func DescribeDays(days [7]Span) string {
	var parts []string
	for i := 0; i < 7; {
		span, first := days[weekday(i)], i
		for i++; i < 7 && days[weekday(i)] == span; i++ {
		}
		if span.From >= span.To {
			continue
		}
		name := shortDay(first)
		if i-1 > first {
			name += "–" + shortDay(i-1)
		}
		parts = append(parts, name+" "+Clock(span.From)+"–"+Clock(span.To))
	}
	return strings.Join(parts, ", ")
}

// weekday gives a day of the week that begins on Monday.
func weekday(i int) time.Weekday { return time.Weekday((i + 1) % 7) }

func shortDay(i int) string { return weekday(i).String()[:3] }
