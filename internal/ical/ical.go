// Package ical writes what a calendar program subscribes to (RFC 5545): spans with a name and a place, nothing more.
//
// It folds, escapes and orders; it must never know of an activity or a user, nor ask what time it is. Reading calendars is no duty
// of it.
//
// Start reading at Write.
package ical

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Status is how certain an event is (RFC 5545, 3.8.1.11).
type Status string

// The statuses.
const (
	Confirmed Status = "CONFIRMED"
	Tentative Status = "TENTATIVE"
	Cancelled Status = "CANCELLED"
)

// Calendar is a list of events under a name.
type Calendar struct {
	Name string
	// Zone is the IANA name of the zone to show it in; events carry instants, so that no zone has to be described.
	Zone   string
	Events []Event
}

// Event is something at a moment.
type Event struct {
	// UID names it for ever; Sequence grows with each change (3.8.7.4), and Stamp is when that was.
	UID                         string
	Sequence                    int64
	Stamp, Start                time.Time
	Length                      time.Duration
	Status                      Status
	Summary, Details, URL, Kind string
	// Place is where it is, "" for nowhere (3.8.1.7); Busy tells that nothing else has room at that time (3.8.2.7).
	Place string
	Busy  bool
}

// lineLimit is the longest line in octets, without its end (3.1).
const lineLimit = 75

// Write gives the calendar as text. The same calendar gives the same text.
func Write(c Calendar) []byte {
	var w writer
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//Cadenza//Calendar//EN")
	w.line("CALSCALE", "GREGORIAN")
	w.text("NAME", c.Name)
	w.text("X-WR-CALNAME", c.Name)
	w.text("X-WR-TIMEZONE", c.Zone)
	w.line("REFRESH-INTERVAL;VALUE=DURATION", "PT15M")
	w.line("X-PUBLISHED-TTL", "PT15M")
	for _, e := range c.Events {
		w.event(e)
	}
	if len(c.Events) == 0 {
		w.nothing()
	}
	w.line("END", "VCALENDAR")
	return []byte(w.b.String())
}

type writer struct{ b strings.Builder }

func (w *writer) event(e Event) {
	w.line("BEGIN", "VEVENT")
	w.text("UID", e.UID)
	w.line("DTSTAMP", instant(e.Stamp))
	w.line("DTSTART", instant(e.Start))
	w.line("DTEND", instant(e.Start.Add(e.Length)))
	w.line("SEQUENCE", strconv.FormatInt(e.Sequence, 10))
	w.line("STATUS", string(e.Status))
	if e.Busy {
		w.line("TRANSP", "OPAQUE")
	} else {
		w.line("TRANSP", "TRANSPARENT")
	}
	w.text("SUMMARY", e.Summary)
	if e.Details != "" {
		w.text("DESCRIPTION", e.Details)
	}
	if e.Place != "" {
		w.text("LOCATION", e.Place)
	}
	if e.Kind != "" {
		w.text("CATEGORIES", e.Kind)
	}
	if e.URL != "" {
		w.line("URL", oneLine(e.URL))
	}
	w.line("END", "VEVENT")
}

// nothing fills a calendar without events, which must have a component all the same (3.6).
func (w *writer) nothing() {
	for _, line := range [][2]string{
		{"BEGIN", "VTIMEZONE"},
		{"TZID", "UTC"},
		{"BEGIN", "STANDARD"},
		{"DTSTART", "19700101T000000"},
		{"TZOFFSETFROM", "+0000"},
		{"TZOFFSETTO", "+0000"},
		{"END", "STANDARD"},
		{"END", "VTIMEZONE"},
	} {
		w.line(line[0], line[1])
	}
}

func instant(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// text writes a property of any text: escaped (3.3.11), without what a text may not hold.
func (w *writer) text(name, value string) {
	value = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(value, "\uFFFD"))
	value = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (r < ' ' || r == 0x7f) {
			return -1
		}
		return r
	}, value)
	w.line(name, strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(value))
}

// oneLine drops what would end a line or is no text.
func oneLine(value string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, value)
}

// line writes a property, folded: no line is longer than 75 octets, and no character is cut in two.
func (w *writer) line(name, value string) {
	rest, room := name+":"+value, lineLimit
	for len(rest) > room {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		w.b.WriteString(rest[:cut] + "\r\n ")
		rest, room = rest[cut:], lineLimit-1
	}
	w.b.WriteString(rest + "\r\n")
}
