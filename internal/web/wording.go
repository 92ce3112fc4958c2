package web

import (
	"strconv"
	"strings"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// joined puts sep between the parts that are not empty.
func joined(sep string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}

// sentenceCase writes a key such as "left_voicemail" as people read it: "Left voicemail".
func sentenceCase(key string) string {
	words := strings.ReplaceAll(key, "_", " ")
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// kindWord gives the word for n records of a kind, without the number: "lead", "opportunities".
func kindWord(k record.Kind, n int) string {
	if n == 1 {
		return string(k)
	}
	return k.Path()
}

// countOf gives a number of records of a kind: "1 lead", "1,204 leads".
func countOf(k record.Kind, n int) string { return ui.Count(n) + " " + kindWord(k, n) }

// statusBadge shows the status of a record.
func statusBadge(k record.Kind, status string) ui.BadgeProps {
	if status == "" {
		status = record.OpenStatus(k)
	}
	tone := ui.Neutral
	switch {
	case record.IsOpen(k, status):
		tone = ui.Blue
	case status == "qualified" || status == "won":
		tone = ui.Green
	case status == "lost" || status == "disqualified":
		tone = ui.Red
	}
	return ui.BadgeProps{Text: sentenceCase(status), Tone: tone, Dot: true}
}

// stepLabel names the kind of a step: "Phone call".
func stepLabel(typ string) string {
	if label := step.ActivityLabel(typ); label != "" {
		return label
	}
	return sentenceCase(typ)
}

// recordZone gives the zone in which the customer lives, nil when it is not known.
func recordZone(r record.Record) *time.Location {
	name := r.Get("time_zone")
	if name == "" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

// recordLine tells who somebody is, and what time it is there: "Head of procurement, Nordlys Energi · Oslo, 09:12 there".
func recordLine(v view, r record.Record) string {
	who := joined(", ", r.Get("job_title"), r.Get("company"))
	if r.Kind == record.Opportunity {
		who = joined(" · ", joined(" ", r.Get("first_name"), r.Get("last_name")), who)
	}
	if who == r.Name() {
		who = ""
	}
	place := joined(", ", r.Get("city"), r.Get("country"))
	if zone := recordZone(r); zone != nil {
		if place == "" {
			name := zone.String()
			place = strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
		}
		place += ", " + v.Now.In(zone).Format("15:04") + " there"
	}
	return joined(" · ", who, place)
}

// firstNumber gives the number that is called first; "" when there is none.
func firstNumber(c scope) string {
	if len(c.Numbers) == 0 {
		return ""
	}
	return c.Numbers[0].Number
}

// telLink makes a number a link that the phone or computer dials.
func telLink(number string) string {
	main, extension, _ := strings.Cut(number, " ext. ")
	digits := strings.Map(func(c rune) rune {
		if c == '+' || (c >= '0' && c <= '9') {
			return c
		}
		return -1
	}, main)
	if digits == "" {
		return ""
	}
	if extension != "" {
		digits += ";ext=" + extension
	}
	return "tel:" + digits
}

// groupedNumber writes a canonical number with groups: 48000.5 becomes 48,000.5.
func groupedNumber(s string) string {
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	if err != nil {
		return s
	}
	return joined(".", ui.Count(n), fraction)
}

// userOptions lists the active users to choose from, oneself first.
func userOptions(users []store.User, me ident.User) []ui.Option {
	var first, rest []ui.Option
	for _, u := range users {
		switch {
		case u.ID == me:
			first = append(first, ui.Option{Value: u.ID.String(), Label: u.Name + " (you)"})
		case u.Active:
			rest = append(rest, ui.Option{Value: u.ID.String(), Label: u.Name})
		}
	}
	return append(first, rest...)
}

// localTime is the form in which a browser's field takes a date and time.
const localTime = "2006-01-02T15:04"
