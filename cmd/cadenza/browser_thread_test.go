//go:build browser

package main

import (
	"context"
	"testing"
)

// testThread lets a seller write an email below the one before it, and begin a new thread after that.
func testThread(t *testing.T, chrome context.Context, demo string) {
	mia := signedIn(t, chrome, demo, "Mia Torres")
	mia.makesSequence("Answering")
	for _, name := range []string{"Third word", "Second word", "First word"} { // each goes to the start
		mia.addsStep("Add a step…", "Email")
		mia.step("Email").fills("Name", name)
		step := mia.step(name)
		step.chooses("Template", "Introduction")
		if name != "First word" {
			step.clicks("checkbox", "Answer to the email before it")
		}
	}
	mia.clicks("link", "Activate")
	mia.in("dialog", "Activate version 1?").clicks("button", "Activate")
	mia.sees("Version 1 is active.")

	anna := signedIn(t, chrome, demo, "Anna Berg")
	lead := anna.createsLead("Thea", "Thread", "thea@thread.test", "+49 711 654322")
	anna.connects(lead, "Thea Thread", "Answering")
	form := anna.writes("step 1 of 3")
	form.lacks("combobox", "Thread")
	form.fills("Subject", "An idea for you", "Text", "Shall we talk?")
	form.clicks("button", "Send")
	anna.sees("on its way")

	form = anna.writes("step 2 of 3")
	form.holds("Subject", "Re: An idea for you")
	form.clicks("DisclosureTriangle", "The email before it")
	form.sees("Shall we talk?", "anna@demo.test")
	form.chooses("Thread", "Start a new thread")
	form.holds("Subject", "Probe & Co and steady follow-up")
	form.chooses("Thread", "Answer “An idea for you”")
	form.holds("Subject", "Re: An idea for you")
	form.fills("Text", "Or next week?")
	form.clicks("button", "Send")
	anna.sees("on its way")

	form = anna.writes("step 3 of 3")
	form.sees("The 2 emails before it")
	form.chooses("Thread", "Start a new thread")
	form.fills("Subject", "Something else", "Text", "Have you seen this?")
	form.clicks("button", "Send")
	anna.showsSoon(lead, "Completed Answering")
	anna.showsSoon("/outbox?q=thea", "Re: An idea for you", "Something else")
}

// writes opens the composer of Thea's next email.
func (p *person) writes(place string) *person {
	p.t.Helper()
	p.showsSoon("/work?q=Thea+Thread", place)
	p.clicks("link", "Write email")
	return p.in("form", "Email to Thea Thread")
}
