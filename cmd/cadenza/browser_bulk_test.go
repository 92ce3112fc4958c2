//go:build browser

package main

import (
	"context"
	"fmt"
	"testing"
	"time"

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
	anna.in("dialog", "Snooze 5 activities").has("button", nextMorningOffered)
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

// testCleanUp lets a seller spread sixty overdue activities over working days, and take that back.
func testCleanUp(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	anna := signedIn(t, chrome, demo, "Anna Berg")
	lead := anna.linkOn("/leads", `^/records/\w+$`, "")
	made, err := js[bool](anna, fmt.Sprintf(`(async () => {
	  for (let i = 0; i < 60; i++) {
	    const body = new URLSearchParams({kind: "task", name: "Task " + i, due: new Date(Date.now() - (7 + i %% 20) * 864e5).toISOString().slice(0, 10) + "T09:00"});
	    if (!(await fetch("%s/activities", {method: "POST", body})).ok) return false;
	  }
	  return true;
	})()`, lead))
	if err != nil || !made {
		t.Fatalf("make tasks: %v, %v", made, err)
	}
	anna.open("/work")
	anna.clicks("link", "Clean up")
	anna.has("heading", "Clean up")
	anna.fills("Activities a day", "12", "Skip what is older than", "20")
	anna.clicks("button", "Show the plan")
	anna.sees("are skipped.")
	anna.audit(axeSource(t))
	anna.do(chromedp.EmulateViewport(390, 844))
	anna.fits(390)
	anna.do(chromedp.EmulateViewport(1440, 900))
	anna.clicks("button", "Carry out")
	anna.has("heading", "Cleaning up…")
	anna.clicks("button", "+1 hour")
	anna.has("heading", "Cleaned up…")
	anna.has("link", "Done…")
	anna.open("/clean-up")
	anna.sees("Nothing is overdue")
	anna.open("/batches")
	anna.clicks("link", "Cleaned up…")
	anna.clicks("button", "Undo")
	anna.has("link", "Taken back…")
	anna.has("link", "Could not be taken back…") // what was skipped
}

// testBulkMail lets a seller write to four people at once: one of them is left out, one gets a text of their own, and all of it goes later.
func testBulkMail(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	anna := signedIn(t, chrome, demo, "Anna Berg")
	anna.open("/work?kind=email")
	for _, name := range anna.names("checkbox", "Select …")[:4] {
		anna.clicks("checkbox", name)
	}
	anna.presses("e")
	anna.has("heading", "Email to many")
	anna.has("heading", "4 of 4 people")
	anna.audit(axeSource(t))
	anna.do(chromedp.EmulateViewport(390, 844))
	anna.fits(390)
	anna.do(chromedp.EmulateViewport(1440, 900))
	anna.clicks("checkbox", anna.names("checkbox", "Send to …")[3])
	anna.clicks("button", "Next")
	anna.has("heading", "Preview 2 of 4")
	anna.has("heading", "3 of 4 people")
	anna.clicks("button", "Write to …")
	anna.fills("Subject", "Only for you")
	anna.clicks("button", "Update the preview")
	anna.sees("Own text", "Only for you")
	anna.fills("Send at", time.Now().AddDate(0, 0, 9).Format("2006-01-02T09:00"))
	anna.clicks("button", "Send")
	anna.has("heading", "Emailing 3 activities")
	anna.clicks("button", "+1 hour")
	anna.has("heading", "Queued the emails of 3 activities")
	anna.open("/outbox")
	anna.sees("Only for you")
	anna.open("/work?kind=email&due=all")
	anna.sees("Scheduled")
}
