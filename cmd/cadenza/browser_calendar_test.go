//go:build browser

package main

import (
	"context"
	"testing"
	"time"
)

// testCalendar lets a seller find an activity in the calendar, move it to another time, and take that back.
func testCalendar(t *testing.T, chrome context.Context, demo string) {
	anna := signedIn(t, chrome, demo, "Anna Berg")
	lead := anna.createsLead("Kim", "Kalender", "kim@calendar.test", "+49 711 654399")
	day := time.Now().AddDate(0, 0, 20).Format(time.DateOnly)
	anna.open(lead + "/activities/new")
	anna.fills("Name", "Send the plan", "Due", day+"T11:00")
	anna.clicks("button", "Add activity")
	anna.sees("“Send the plan”")
	anna.open("/calendar?view=day&date=" + day)
	anna.sees("11:00", "Kim Kalender")
	anna.clicks("link", "Move Kim Kalender, Send the plan")
	move := anna.in("dialog", "Move…")
	move.fills("Due at", day+"T14:30")
	move.clicks("button", "Move")
	anna.in("status", "").sees("Send the plan", "Kim Kalender is now due", "14:30")
	anna.clicks("button", "Undo")
	anna.has("link", "Move Kim Kalender, Send the plan")
	anna.sees("11:00 ")
	anna.seesNot("is now due")
	anna.audit(axeSource(t))
	anna.presses("w")
	anna.sees("Kim Kalender")
	anna.open("/calendar?view=day&date=" + day)
	anna.presses("b")
	book := anna.in("dialog", "Book a meeting")
	book.fills("With", "Kim Kalender", "Name", "Walk through", "Begins", day+"T15:00")
	book.chooses("Lasts", "1 hour 30 minutes")
	book.clicks("button", "Book meeting")
	anna.sees("15:00 – 16:30", "until 16:30", "“Walk through” is booked for")
	anna.audit(axeSource(t))
}
