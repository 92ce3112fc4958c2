package calendar

import (
	"fmt"
	"strings"
	"time"
)

// maxSpans bounds the spans of one day, breaks between them.
const maxSpans = 8

// ParseSpans reads the working time of a day as people write it: "08:00-12:00, 13:00-17:00". A dash or "to" stands
// between the ends, a comma between the spans; "8" is 08:00, and 24:00 the end of the day, as 00:00 is behind the dash. No text
// means no work. What it gives is in order, whatever the order of the text; problem is a sentence for the field, "" when there is none.
func ParseSpans(text string) (spans []Span, problem string) {
	var list []Span
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		s, ok := parseSpan(strings.TrimSpace(part))
		if !ok {
			return nil, fmt.Sprintf("“%s” is not a span such as 08:00-12:00.", clipped(strings.TrimSpace(part)))
		}
		list = append(list, s)
	}
	return TidySpans(list)
}

// TidySpans puts the spans of a day in order and joins those that touch. Spans that overlap, are empty or leave the day are a
// problem, a sentence for people.
func TidySpans(list []Span) (spans []Span, problem string) {
	if len(list) > maxSpans {
		return nil, fmt.Sprintf("A day has at most %d spans.", maxSpans)
	}
	for i, s := range list {
		if s.From < 0 || s.To > day {
			return nil, fmt.Sprintf("%s is not within one day.", s)
		}
		if s.To <= s.From {
			return nil, fmt.Sprintf("%s ends before it starts. What runs past midnight goes on the next day: 22:00-24:00, then 00:00-06:00.", s)
		}
		for _, other := range list[:i] {
			if s.From < other.To && other.From < s.To {
				return nil, fmt.Sprintf("%s and %s overlap.", other, s)
			}
		}
	}
	var w Week
	w.Days[0] = append([]Span(nil), list...)
	tidy := w.spans(0)
	var out []Span
	for _, s := range tidy {
		if n := len(out); n > 0 && out[n-1].To == s.From {
			out[n-1].To = s.To
			continue
		}
		out = append(out, s)
	}
	return out, ""
}

// FormatSpans writes what ParseSpans reads.
func FormatSpans(list []Span) string {
	var parts []string
	for _, s := range list {
		parts = append(parts, s.String())
	}
	return strings.Join(parts, ", ")
}

// String gives the span as 08:00-17:00.
func (s Span) String() string { return Clock(s.From) + "-" + Clock(s.To) }

// Clock writes a time of day as 08:00; the end of the day is 24:00.
func Clock(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d/time.Hour), int(d/time.Minute)%60)
}

func parseSpan(text string) (s Span, ok bool) {
	plain := strings.NewReplacer("–", "-", "—", "-", " to ", "-").Replace(text)
	from, to, found := strings.Cut(plain, "-")
	s.From, ok = ParseClock(from)
	if !ok || !found {
		return s, false
	}
	s.To, ok = ParseEnd(to)
	return s, ok
}

// ParseClock reads a time of day: 8, 8:30, 08:30 or 24:00.
func ParseClock(text string) (time.Duration, bool) {
	hours, minutes, some := strings.Cut(strings.TrimSpace(text), ":")
	if !some {
		minutes = "00"
	}
	h, ok := digits(hours)
	m, both := digits(minutes)
	if !ok || !both || len(minutes) != 2 || h > 24 || m > 59 || h == 24 && m > 0 {
		return 0, false
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, true
}

// ParseEnd reads the time of day at which a span ends. Nothing ends when the day begins, so midnight is its end, 24:00: clocks, and
// the fields of browsers, call it 00:00.
func ParseEnd(text string) (time.Duration, bool) {
	end, ok := ParseClock(text)
	if ok && end == 0 {
		end = day
	}
	return end, ok
}

// digits reads a number of one or two digits.
func digits(text string) (n int, ok bool) {
	for _, r := range text {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = 10*n + int(r-'0')
	}
	return n, len(text) == 1 || len(text) == 2
}

func clipped(text string) string {
	const limit = 40
	if r := []rune(text); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return text
}
