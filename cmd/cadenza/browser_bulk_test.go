//go:build browser

package main

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
)

// testBulk lets a seller select activities, do one thing with all of them and take that back, or let it happen.
func testBulk(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	anna := signedIn(t, chrome, demo, "Anna Berg")
	anna.open("/work?kind=email")
	names := anna.names("checkbox", "Select …")
	if len(names) < 6 {
		t.Fatalf("only %d emails are due", len(names))
	}
	anna.presses("j")
	anna.presses("x")
	for range 4 {
		anna.presses("j")
	}
	anna.presses("Shift+X")
	anna.sees("5 selected")
	anna.audit(axeSource(t))
	anna.presses("z")
	anna.in("dialog", "Snooze 5 activities").has("button", "Tomorrow morning…")
	anna.presses("Escape")
	anna.lacks("dialog", "Snooze 5 activities")
	anna.sees("5 selected")
	anna.clicks("button", "Complete")
	anna.sees("Completing 5 activities.")
	anna.lacks("checkbox", names[2])
	anna.clicks("button", "Undo")
	anna.sees("Taken back. Nothing was changed.")
	anna.has("checkbox", names[2])

	anna.do(chromedp.EmulateViewport(390, 844))
	anna.clicks("checkbox", names[0])
	anna.sees("1 selected")
	anna.fits(390)
	anna.presses("Escape")
	anna.do(chromedp.EmulateViewport(1440, 900))
	anna.clicks("checkbox", names[0])
	anna.clicks("checkbox", names[1])
	anna.presses("s")
	anna.sees("Skipping 2 activities.")
	anna.clicks("link", "Show")
	anna.has("heading", "Skipping 2 activities")
	anna.clicks("button", "+1 hour")
	anna.has("heading", "Skipped 2 activities")
	anna.has("link", "Done 2")
	anna.audit(axeSource(t))
}
