//go:build browser

package main

import (
	"context"
	"testing"
)

// testWorkList lets a seller order and filter the work, keep a filter, and see at once what is done in another window.
func testWorkList(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	ada := signedIn(t, chrome, demo, "Ada Lindgren")
	ada.open("/settings/work-list")
	ada.has("heading", "Work list")
	ada.seen.allow("status of 422")
	ada.fills("Weight of Due", "0", "Weight of Engagement", "0", "Weight of Value", "0", "Weight of Age", "0")
	ada.clicks("button", "Save")
	ada.sees("Give at least one weight more than 0, or nothing has priority.")
	ada.fills("Weight of Value", "100")
	ada.clicks("button", "Save")
	ada.sees("Saved. It counts on every work list from now on.")

	anna := signedIn(t, chrome, demo, "Anna Berg")
	anna.clicks("button", "Sort")
	anna.clicks("link", "Priority")
	anna.at("/work?sort=priority")
	anna.sees("High priority", "Low priority")
	anna.has("heading", "Priority…") // beside the activity, with its reasons
	anna.sees("worth")
	anna.clicks("button", "Sort")
	anna.clicks("link", "Kind of activity")
	anna.sees("Email", "Phone call")
	anna.clicks("button", "Sort")
	anna.clicks("link", "Value")
	anna.at("/work?sort=field%3Avalue")
	anna.sees("Value 10,000 to 99,999")

	anna.clicks("button", "Filter")
	filter := anna.in("dialog", "Filter the work list")
	filter.clicks("checkbox", "Calls")
	filter.clicks("DisclosureTriangle", "Save this filter")
	filter.clicks("button", "Save")
	anna.sees("Give the filter a name.")
	anna.clicks("button", "Filter…")
	filter.clicks("DisclosureTriangle", "Save this filter")
	filter.fills("Name", "Calls to make")
	filter.clicks("button", "Save")
	anna.sees("The filter “Calls to make” is saved.")
	anna.has("link", "No longer filter by Calls")
	anna.clicks("link", "No longer filter by Calls")
	anna.lacks("link", "No longer filter by Calls")
	anna.clicks("button", "Filter")
	filter.clicks("link", "Calls to make")
	anna.has("link", "No longer filter by Calls")
	anna.audit(axeSource(t))

	anna.open("/work")
	anna.clicks("button", "Follow this record")
	anna.has("button", "Follow no longer")
	anna.open("/work?followed=1")
	anna.has("link", "No longer filter by Followed")

	// In another window the same record is done; this one shows it without being touched.
	other := signedIn(t, chrome, demo, "Anna Berg")
	other.open("/work?followed=1")
	other.clicks("link", "Skip")
	other.in("dialog", "Skip…").clicks("button", "Skip")
	other.sees("is skipped.")
	anna.sees("Nothing fits these filters")
}
