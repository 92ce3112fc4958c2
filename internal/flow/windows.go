package flow

import (
	"fmt"
	"strings"
	"time"

	"cadenza/internal/calendar"
)

// Windows are the hours of a sequence's own in which its automated messages go out: one span for each weekday, Sunday first.
// An empty one is a day on which nothing goes.
type Windows [7]calendar.Span

// WindowDays are the weekdays as files, the API and forms write them, from Monday on.
func WindowDays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

// DayKey writes a weekday: "monday".
func DayKey(d time.Weekday) string { return strings.ToLower(d.String()) }

// OwnWindows gives the windows where the sequence has its own.
func (o Options) OwnWindows() (Windows, bool) { return o.Windows, o.Sending == InOwnWindows }

const windowsPointer = "/options/send_windows"

// windows reads the windows of a sequence's own. They belong to its way of sending, and to no other.
func (r *reader) windows(v any, sending Sending) (w Windows) {
	list, isList := v.([]any)
	switch {
	case v != nil && !isList:
		r.add(windowsPointer, "", "type", "Send windows must be a list such as [{day: monday, from: \"09:00\", to: \"11:00\"}].")
		return w
	case sending != InOwnWindows && len(list) > 0:
		r.add(windowsPointer, "", "unused", "These windows count only with sending: own_windows. Set that, or take them out.")
		return w
	case sending == InOwnWindows && len(list) == 0:
		r.add(windowsPointer, "", "required", "Give at least one day a window, or let messages go in those of the organisation.")
		return w
	}
	for i, raw := range list {
		r.window(fmt.Sprintf("%s/%d", windowsPointer, i), raw, &w)
	}
	return w
}

func (r *reader) window(pointer string, raw any, w *Windows) {
	tree, ok := raw.(map[string]any)
	if !ok {
		r.add(pointer, "", "type", "A window is an object with day, from and to.")
		return
	}
	r.keys(pointer, tree, "day", "from", "to")
	name := r.text(pointer+"/day", tree["day"], 20)
	from, fromOK := calendar.ParseClock(r.text(pointer+"/from", tree["from"], 20))
	to, toOK := calendar.ParseEnd(r.text(pointer+"/to", tree["to"], 20))
	for _, day := range WindowDays() {
		if DayKey(day) != name {
			continue
		}
		switch {
		case !fromOK || !toOK:
			r.add(pointer, "", "invalid", day.String()+" needs two times such as 09:00 and 11:00.")
		case to <= from:
			r.add(pointer, "", "order", "The window of "+day.String()+" ends before it begins.")
		case w[day] != calendar.Span{}:
			r.add(pointer, "", "duplicate", day.String()+" has two windows. A day has one.")
		default:
			w[day] = calendar.Span{From: from, To: to}
		}
		return
	}
	r.add(pointer+"/day", "", "unknown", "This must be a weekday such as monday.")
}

// windowsTree writes what windows reads.
func windowsTree(w Windows) []any {
	list := []any{}
	for _, day := range WindowDays() {
		if s := w[day]; s.From < s.To {
			list = append(list, Map{{"day", DayKey(day)}, {"from", calendar.Clock(s.From)}, {"to", calendar.Clock(s.To)}})
		}
	}
	return list
}
