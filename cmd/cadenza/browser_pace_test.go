//go:build browser

package main

import (
	"context"
	"testing"
	"time"
)

// testPace sets how fast and when mail goes out, for all mailboxes and for one, and stops one.
func testPace(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	ada := signedIn(t, chrome, demo, "Ada Lindgren")
	ada.open("/settings")
	ada.clicks("link", "Sending")
	ada.clicks("radio", "In these windows")
	ada.clicks("button", "Save")
	ada.sees("Give at least one day a window, or let messages go at any hour.")
	ada.fills("Monday from", "17:00", "Monday to", "09:00", "Emails per day", "40", "And so many more each day", "5")
	ada.clicks("button", "Save")
	ada.sees("The window of Monday ends before it begins.", "Say with how many mails a day the warm-up begins")
	ada.holds("Emails per day", "40")
	ada.fills("Monday from", "08:00", "Monday to", "00:00", "And so many more each day", "")
	ada.clicks("button", "Save")
	ada.sees("Saved. What waits is looked at again.")
	ada.holds("Monday to", "00:00")
	ada.holds("Emails per day", "40")

	anna := signedIn(t, chrome, demo, "Anna Berg")
	anna.open("/mailboxes")
	anna.has("heading", "Your mailbox") // a seller has one
	anna.clicks("link", "Pace")
	anna.has("heading", "Pace")
	anna.sees("of 40")
	anna.clicks("radio", "These limits")
	anna.fills("Seconds between emails", "30", "Emails per day", "5", "First day of the warm-up", "2026-03-02")
	anna.clicks("button", "Save")
	anna.sees("Say with how many mails a day the warm-up begins")
	anna.holds("Seconds between emails", "30")
	anna.fills("First day of the warm-up", "")
	anna.clicks("button", "Save")
	anna.sees("Saved. What waits is looked at again.", "of 5")
	anna.clicks("link", "Mailbox")
	anna.clicks("button", "Pause sending")
	anna.clicks("link", "Pace")
	anna.sees("Paused by Anna Berg", "Emails wait until it is resumed.")
	anna.clicks("button", "Resume sending")
	anna.seesNot("Paused by Anna Berg")
}

// testHolidays chooses the organisation's holidays and adds one that no calendar knows.
func testHolidays(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	ada := signedIn(t, chrome, demo, "Ada Lindgren")
	ada.open("/settings")
	ada.clicks("link", "Holidays")
	ada.chooses("Country or region", "Germany")
	ada.clicks("button", "Save")
	ada.sees("Holidays saved.")
	ada.in("table", "Coming holidays").has("cell", "Weihnachtstag")
	ada.chooses("Holidays of", "Sweden")
	ada.clicks("button", "Show")
	ada.in("table", "Coming holidays").has("cell", "Midsommar…")

	day := time.Now().AddDate(0, 2, 0)
	ada.fills("Date", day.Format(time.DateOnly), "Name", "Founders' day")
	ada.clicks("checkbox", "Every year")
	ada.clicks("button", "Add holiday")
	ada.sees("Founders' day added.")
	ada.in("table", "Own holidays").sees("Founders' day", day.Format("2 Jan")+", every year")
	ada.in("table", "Coming holidays").sees("Added by the organisation")
	ada.clicks("button", "Delete Founders' day")
	ada.sees("Holiday deleted.")
	ada.seesNot("Founders' day")
	// Sellers look at the team's page; the organisation's days are not theirs to set.
	anna := signedIn(t, chrome, demo, "Anna Berg")
	anna.seen.allow("status of 403")
	anna.open("/settings/holidays")
	anna.lacks("button", "Add holiday")
}
