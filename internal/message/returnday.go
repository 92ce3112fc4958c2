package message

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// months are the beginnings of the names of months in English, German, French, Spanish, Italian, Dutch and Portuguese.
var months = []struct {
	word  string
	month time.Month
}{
	{"jan", 1},
	{"jän", 1},
	{"ener", 1},
	{"genn", 1},
	{"feb", 2},
	{"fév", 2},
	{"fev", 2},
	{"mar", 3},
	{"mär", 3},
	{"maa", 3},
	{"mrt", 3},
	{"apr", 4},
	{"avr", 4},
	{"abr", 4},
	{"may", 5},
	{"mai", 5},
	{"mei", 5},
	{"mag", 5},
	{"jun", 6},
	{"juin", 6},
	{"giu", 6},
	{"juil", 7},
	{"jul", 7},
	{"lug", 7},
	{"aug", 8},
	{"aoû", 8},
	{"aou", 8},
	{"agos", 8},
	{"sep", 9},
	{"sete", 9},
	{"sett", 9},
	{"oct", 10},
	{"okt", 10},
	{"ott", 10},
	{"outu", 10},
	{"nov", 11},
	{"dec", 12},
	{"dez", 12},
	{"déc", 12},
	{"dic", 12},
}

var weekdays = []struct {
	word string
	day  time.Weekday
}{
	{"monday", 1},
	{"tuesday", 2},
	{"wednesday", 3},
	{"thursday", 4},
	{"friday", 5},
	{"montag", 1},
	{"dienstag", 2},
	{"mittwoch", 3},
	{"donnerstag", 4},
	{"freitag", 5},
	{"lundi", 1},
	{"mardi", 2},
	{"mercredi", 3},
	{"jeudi", 4},
	{"vendredi", 5},
	{"lunes", 1},
	{"martes", 2},
	{"miércoles", 3},
	{"jueves", 4},
	{"viernes", 5},
}

// The words after which the day stands: first those that speak of coming back, then those of the end of the absence.
var (
	backWords = regexp.MustCompile(`(?i)(?:\bback\b|\breturn(?:ing)?\b|\bin the office again\b|wieder (?:da|im|erreichbar|für sie|zurück)|\bzurück\b|\bab (?:dem|montag|dienstag|mittwoch|donnerstag|freitag)\b|\bretour\b|\bregreso\b|\bvuelvo\b|\brientro\b|\bterug\b|\bregresso\b|tillbaka|tilbage|tilbake)`)
	tillWords = regexp.MustCompile(`(?i)(?:\buntil\b|\btill\b|\bthrough\b|\bto\b|\bbis\b|jusqu['’]?(?:au|à)|\bhasta\b|\bfino al?\b|\btot\b|\baté\b|\btill och med\b|\btil\b| - | – )`)

	isoDay      = regexp.MustCompile(`\b(20[0-9]{2})-([01]?[0-9])-([0-3]?[0-9])\b`)
	dottedDay   = regexp.MustCompile(`(?:^|[^0-9.])([0-3]?[0-9])\.\s?([01]?[0-9])\.(?:\s?(20[0-9]{2}|[0-9]{2})\b)?`)
	slashedDay  = regexp.MustCompile(`\b([0-3]?[0-9])/([0-3]?[0-9])/(20[0-9]{2}|[0-9]{2})\b`)
	dayAndMonth = regexp.MustCompile(`(?i)\b([0-3]?[0-9])(?:st|nd|rd|th|er|\.)?\s(?:of\s|de\s)?(\p{L}{3,10})\.?(?:,?\s(?:de\s)?(20[0-9]{2}))?`)
	monthAndDay = regexp.MustCompile(`(?i)\b(\p{L}{3,10})\.?\s([0-3]?[0-9])(?:st|nd|rd|th)?\b(?:,?\s(20[0-9]{2}))?`)
	oneWord     = regexp.MustCompile(`\p{L}{5,12}`)
)

// returnDay finds the day on which somebody says to be back; zero when none is stated, or it can be read in two ways. Days
// without a year and weekdays are the next after the mail's date.
func returnDay(in Incoming) time.Time {
	if in.Date.IsZero() {
		return time.Time{}
	}
	text := in.Text
	if strings.TrimSpace(text) == "" {
		text = PlainText(in.HTML)
	}
	text = StripQuote(text[:min(len(text), 8<<10)])
	text = strings.Join(strings.Fields(in.Subject+" . "+text), " ")
	y, m, d := in.Date.Date()
	sent := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	for _, words := range []*regexp.Regexp{backWords, tillWords} {
		for _, at := range words.FindAllStringIndex(text, 30) {
			if day := dayIn(strings.ToValidUTF8(text[at[0]:min(len(text), at[1]+60)], ""), sent); !day.IsZero() {
				return day
			}
		}
	}
	return time.Time{}
}

// dayIn finds the first day in a piece of text.
func dayIn(s string, sent time.Time) time.Time {
	best, found := len(s)+1, time.Time{}
	offer := func(at int, year, month, day string) {
		if t := dayOf(year, month, day, sent); !t.IsZero() && at < best {
			best, found = at, t
		}
	}
	each := func(form *regexp.Regexp, year, month, day int) {
		for _, m := range form.FindAllStringSubmatchIndex(s, 3) {
			part := func(i int) string {
				if i == 0 || m[2*i] < 0 {
					return ""
				}
				return s[m[2*i]:m[2*i+1]]
			}
			offer(m[0], part(year), part(month), part(day))
		}
	}
	each(isoDay, 1, 2, 3)
	each(dottedDay, 3, 2, 1)
	each(dayAndMonth, 3, 2, 1)
	each(monthAndDay, 3, 1, 2)
	for _, m := range slashedDay.FindAllStringSubmatchIndex(s, 3) {
		a, b, year := s[m[2]:m[3]], s[m[4]:m[5]], s[m[6]:m[7]]
		switch first, _ := strconv.Atoi(a); {
		case a == b || first > 12:
			offer(m[0], year, b, a)
		default:
			if second, _ := strconv.Atoi(b); second > 12 {
				offer(m[0], year, a, b)
			} // else nobody knows which of the two is the month
		}
	}
	if !found.IsZero() {
		return found
	}
	for _, word := range oneWord.FindAllString(strings.ToLower(s), 20) {
		for _, w := range weekdays {
			if word == w.word {
				ahead := (int(w.day) - int(sent.Weekday()) + 6) % 7
				return sent.AddDate(0, 0, ahead+1)
			}
		}
	}
	return time.Time{}
}

// dayOf makes a day of its parts, if it is one, and one to come.
func dayOf(year, month, day string, sent time.Time) time.Time {
	d, err := strconv.Atoi(day)
	if err != nil || d < 1 || d > 31 {
		return time.Time{}
	}
	m, err := strconv.Atoi(month)
	if err != nil {
		m = int(monthOf(month))
	}
	if m < 1 || m > 12 {
		return time.Time{}
	}
	y := sent.Year()
	if year != "" {
		if y, err = strconv.Atoi(year); err != nil {
			return time.Time{}
		}
		if y < 100 {
			y += 2000
		}
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d { // 31 February
		return time.Time{}
	}
	if year == "" && t.Before(sent) {
		t = t.AddDate(1, 0, 0)
	}
	if t.Before(sent) || t.After(sent.AddDate(2, 0, 0)) {
		return time.Time{}
	}
	return t
}

func monthOf(word string) time.Month {
	word = strings.ToLower(word)
	for _, m := range months {
		if strings.HasPrefix(word, m.word) {
			return m.month
		}
	}
	return 0
}
