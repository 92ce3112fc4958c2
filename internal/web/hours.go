package web

import (
	"net/http"
	"time"

	"cadenza/internal/action"
)

// readHours reads the fields of hoursFields.
func readHours(r *http.Request) (w action.WeekHours) {
	for day := range w {
		w[day] = text(r, action.HoursField(time.Weekday(day)))
	}
	return w
}

// fromMonday are the weekdays in the order of pages.
func fromMonday() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}
