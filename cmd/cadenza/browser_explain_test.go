//go:build browser

package main

import (
	"context"
	"testing"
)

// testExplain lets a seller ask why an activity is there, and go from the answer to the whole path and back.
func testExplain(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	anna := signedIn(t, chrome, demo, "Anna Berg")
	anna.open("/work?kind=phone_call")
	list := anna.path()
	anna.clicks("link", "Why is this here?")
	answer := anna.in("dialog", "Why is this here?")
	answer.has("heading", "Why it stands here", "heading", "What holds it", "heading", "What comes next")
	answer.sees("First call since", "is over.", "Connected.")
	answer.sees("It is your turn: “First call” has to be completed or skipped.", "A sales manager can hand it over.")
	answer.in("list", "What comes in any case").sees("Send the offer")
	anna.audit(axeSource(t))

	answer.clicks("link", "Show the whole path")
	anna.at("/enrollments/")
	anna.has("heading", "… in Inbound lead", "heading", "All steps", "heading", "Progress", "heading", "Ends at any time when")
	anna.sees("First call since", "It is your turn: “First call” has to be completed or skipped.", "at most", "The customer replies.")
	anna.audit(axeSource(t))

	anna.goesBack(list)
	anna.lacks("dialog", "Why is this here?")
	anna.has("link", "Why is this here?")

	// The keyboard alone comes there, and back to where it was.
	anna.tabsTo("link", "Why is this here?")
	anna.presses("Enter")
	answer.has("heading", "Why it stands here")
	anna.presses("Escape")
	anna.lacks("dialog", "Why is this here?")
	anna.focuses("link", "Why is this here?")
}

// goesBack presses the browser's button for it, a moment later: a page that is left at once cannot answer that it was asked to.
func (p *person) goesBack(to string) {
	p.t.Helper()
	if _, err := js[bool](p, "setTimeout(() => history.back()), true"); err != nil {
		p.t.Fatal(err)
	}
	p.at(to)
}
