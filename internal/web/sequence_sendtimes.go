package web

import (
	"net/http"
	"strings"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
)

// readWindows reads the windows of a sequence's own from its form, as the one shape has them: days with a time.
func readWindows(r *http.Request) []any {
	list := []any{}
	for _, day := range flow.WindowDays() {
		key := flow.DayKey(day)
		from, to := text(r, key+"_from"), text(r, key+"_to")
		if from == "" && to == "" {
			continue
		}
		list = append(list, map[string]any{"day": key, "from": from, "to": to})
	}
	return list
}

// windowValue gives a field of the form. Where a sequence has no windows yet, working days are a start.
func windowValue(def flow.Sequence, day time.Weekday, end bool) string {
	span := def.Options.Windows[day]
	if def.Options.Sending != flow.InOwnWindows && day != time.Saturday && day != time.Sunday {
		span = calendar.Span{From: 9 * time.Hour, To: 17 * time.Hour}
	}
	switch {
	case span.From >= span.To:
		return ""
	case end:
		return clockValue(calendar.Clock(span.To))
	}
	return calendar.Clock(span.From)
}

// windowsProblem is the first thing that is wrong with the windows.
func windowsProblem(p problems) string {
	for _, one := range p.list {
		if strings.HasPrefix(strings.TrimPrefix(one.Field, "/"), "options/send_windows") {
			return one.Message
		}
	}
	return ""
}

// sendingWords say when the automated messages of a sequence go out.
func sendingWords(o flow.Options) string {
	if own, ok := o.OwnWindows(); ok {
		return calendar.DescribeDays(own)
	}
	return labelOf(sendingOptions(), string(o.Sending))
}
