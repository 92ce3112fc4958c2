//go:build browser

package main

import (
	"context"
	"testing"
)

// testComposer keeps a draft over a reload and a second window, finds a merge field that nothing fills, and sends at a time
// that is taken back and kept.
func testComposer(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	p := signedIn(t, chrome, demo, "Anna Berg")
	p.open("/work?kind=email")
	p.clicks("link", "Write email")
	form := p.in("form", "Email to…")
	form.fills("Subject", "Two dates for you")
	p.sees("Draft kept")
	here := p.path()
	p.open(here)
	form.holds("Subject", "Two dates for you")
	p.audit(axeSource(t))

	// What is written in another window is not written over without a word.
	other := signedIn(t, chrome, demo, "Anna Berg")
	other.open(here)
	other.in("form", "Email to…").fills("Subject", "Three dates for you")
	other.sees("Draft kept")
	other.until("have it kept", func() (bool, string) {
		saved, err := js[string](other, `document.querySelector("[name=rev]").value`)
		return err == nil && saved != "1", "revision " + saved
	})
	p.seen.allow("status of 409")
	form.fills("CC", "purchasing@demo.test")
	p.sees("This draft is open elsewhere")
	p.clicks("link", "Load that one")
	form.holds("Subject", "Three dates for you")
	form.holds("CC", "")

	// A merge field that is none is found while it is written, and does not go out.
	form.fills("Subject", "Dates for {{ contact.shoe_size }}")
	p.sees("Before you send", "{{ contact.shoe_size }}")
	p.seen.allow("status of 422")
	form.clicks("button", "Send")
	p.seesNot("on its way")
	form.fills("Subject", "Dates for you")
	p.seesNot("Before you send")

	form.clicks("DisclosureTriangle", "Send later")
	form.clicks("button", nextMorningOffered)
	p.sees("goes out ")
	p.open(here)
	p.sees("goes out")
	p.clicks("button", "Take back")
	p.sees("taken back")
	p.has("link", "No longer filter by Emails")
	form.holds("Subject", "Dates for you")
}
