//go:build browser

package main

import (
	"context"
	"testing"
)

// testFlowMode goes through the list one by one, by keyboard, with each way of going on after an activity, and ends the run.
func testFlowMode(t *testing.T, chrome context.Context, _ string) {
	p := signedIn(t, chrome, startDemo(t), "Anna Berg")
	p.startsFlow()
	p.sees("1 of 27 · 0 done · Next: ")
	p.audit(axeSource(t))
	p.presses("j")
	p.sees("2 of 27 · 0 done")
	p.presses("k")
	p.sees("1 of 27 · 0 done")
	p.skipsByKeys()
	p.sees("2 of 27 · 1 done")

	p.goesOnBy("Ask me")
	p.open("/work")
	p.startsFlow() // a new run: what was done before is not in it
	p.sees("1 of 26 · 0 done")
	p.skipsByKeys()
	p.in("dialog", "Done. Where to now?").focuses("link", "Next:…")
	p.presses("Enter")
	p.sees("2 of 26 · 1 done")
	p.skipsByKeys()
	p.in("dialog", "Done. Where to now?").clicks("button", "Stay here")
	p.sees("What else there is for this record stands below.", "2 of 26 · 2 done")
	p.clicks("link", "Next:…")
	p.sees("3 of 26 · 2 done")

	p.goesOnBy("Stay on the record")
	p.open("/work")
	p.startsFlow()
	p.sees("1 of 24 · 0 done")
	p.skipsByKeys()
	p.lacks("dialog", "Done. Where to now?")
	p.focuses("link", "Next:…")
	p.presses("Enter")
	p.sees("2 of 24 · 1 done")

	p.presses("f")
	p.has("heading", "1 of 24 done")
	p.sees("1 skipped. It took", "23 activities of this run are still open.")
	p.audit(axeSource(t))
	p.focuses("link", "Go on")
	p.presses("Enter")
	p.sees("2 of 24 · 1 done")
}

// skipsByKeys skips the open activity with a reason.
func (p *person) skipsByKeys() {
	p.t.Helper()
	p.has("link", "Skip")
	p.presses("s")
	p.focuses("textbox", "Why?")
	p.types("No longer needed")
	p.presses("Enter")
	p.sees("is skipped.")
}

// goesOnBy chooses on the profile what comes after an activity that is done.
func (p *person) goesOnBy(how string) {
	p.t.Helper()
	p.open("/profile")
	p.clicks("radio", how)
	p.clicks("button", "Save how you work")
	p.sees("Saved")
}

// startsFlow presses the key for it, once the page listens to keys.
func (p *person) startsFlow() {
	p.t.Helper()
	p.reach("button", "Start…")
	p.presses("f")
}
