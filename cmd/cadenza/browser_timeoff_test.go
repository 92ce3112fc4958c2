//go:build browser

package main

import (
	"context"
	"testing"
	"time"
)

// testTimeOff lets a seller go away: a colleague gets the work, and it is taken back after an early return.
func testTimeOff(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	anna, ben := signedIn(t, chrome, demo, "Anna Berg"), signedIn(t, chrome, demo, "Ben Okafor")
	day := func(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	anna.open("/profile")
	anna.clicks("link", "Working time")
	anna.has("heading", "Working time")
	anna.seen.allow("status of 422")
	anna.fills("First day", day(-30), "Last day", day(-40))
	anna.clicks("button", "Add time off")
	anna.sees("The last day is before the first.")
	anna.fills("Last day", day(60), "Note", "Sailing")
	anna.chooses("Stands in", "Ben Okafor")
	anna.clicks("button", "Add time off")
	anna.sees("Time off added", "Away now", "Sailing")
	ben.open("/availability")
	ben.in("table", "Availability").sees("Away until", "Ben Okafor stands in")

	mia := signedIn(t, chrome, demo, "Mia Torres")
	mia.makesSequence("Away")
	mia.addsStep("Add a step…", "Task")
	mia.step("Task").fills("Name", "Send a card")
	mia.clicks("link", "Activate")
	mia.in("dialog", "Activate version 1?").clicks("button", "Activate")
	mia.sees("Version 1 is active.")

	lead := anna.createsLead("Ida", "Insel", "ida@away.test", "+49 711 654321")
	anna.connects(lead, "Ida Insel", "Away")
	anna.sees("Anna Berg is away until", "Ben Okafor stands in and gets new activities.")
	ben.showsSoon("/work?q=ida+insel", "Send a card", "For Anna Berg")

	anna.open("/availability")
	anna.clicks("link", "Anna Berg")
	anna.sees("open activit")
	anna.clicks("link", "…"+"–"+"…")
	anna.has("heading", "Time off")
	anna.clicks("button", "Delete time off")
	anna.sees("No time off is planned.")
	anna.clicks("button", "Take back")
	anna.sees("Taken back: ")
	anna.showsSoon("/work?q=ida+insel", "Ida Insel")
	ben.open("/work?q=ida+insel")
	ben.seesNot("For Anna Berg")
}
