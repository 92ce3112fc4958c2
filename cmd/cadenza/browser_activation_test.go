//go:build browser

package main

import (
	"context"
	"testing"
)

// testActivation is refused at the step that is wrong, and succeeds when it is mended.
func testActivation(t *testing.T, chrome context.Context, demo string) {
	p := signedIn(t, chrome, demo, "Mia Torres")
	p.makesSequence("Activated in the browser")
	p.clicks("link", "Activate")
	p.in("dialog", "Not ready to be activated").sees("The sequence has no steps.", "Add at least one step.")
	p.presses("Escape")
	p.addsStep("Add a step…", "Phone call")
	p.addsStep("Add a step after Phone call", "Wait")
	p.sees("A sequence cannot end with a wait.")
	// Activating saves first, and the refusal leads to the step.
	p.clicks("link", "Activate")
	refusal := p.in("dialog", "Not ready to be activated")
	refusal.sees("This stands in the way", "Add a step after it, or remove the wait.")
	refusal.clicks("link", "…A sequence cannot end with a wait.…")
	p.lacks("dialog", "Not ready to be activated")
	p.step("Wait 1 day").sees("A sequence cannot end with a wait.")
	p.step("Wait 1 day").clicks("button", "Move up")
	p.seesNot("A sequence cannot end with a wait.")
	p.clicks("button", "Undo")
	p.sees("A sequence cannot end with a wait.")
	p.addsStep("Add a step after Wait 1 day", "Task")
	p.seesNot("A sequence cannot end with a wait.")
	p.clicks("link", "Activate")
	p.in("dialog", "Activate version 1?").sees("1, with 3 steps", "Leads")
	p.in("dialog", "Activate version 1?").fills("Note", "The first one")
	p.in("dialog", "Activate version 1?").clicks("button", "Activate")
	p.sees("Version 1 is active.")
	p.lacks("link", "Activate")
	p.has("link", "Connect leads")
	p.in("navigation", "Pages of this sequence").clicks("link", "Versions…")
	p.sees("Version 1", "The first one", "Mia Torres", "Active")
	pauseAndDelete(p)
}

// pauseAndDelete ends the life of a sequence to which a lead is connected.
func pauseAndDelete(p *person) {
	p.t.Helper()
	p.clicks("link", "Connected records…")
	p.clicks("link", "Connect leads")
	p.in("dialog", "Connect leads…").clicks("checkbox", "Select Aino…")
	p.in("dialog", "Connect leads…").clicks("button", "Connect chosen")
	p.sees("1 record is connected.")
	more := func(entry string) {
		p.t.Helper()
		p.clicks("button", "More actions")
		p.clicks("link", entry)
	}
	more("Deactivate")
	p.in("dialog", "Deactivate…").sees("1 record is connected. What happens to them?", "Pause them", "Disconnect them")
	p.in("dialog", "Deactivate…").clicks("button", "Deactivate")
	p.sees("The sequence is inactive. 1 record is paused.", "Inactive")
	p.clicks("link", "Activate")
	p.in("dialog", "Activate version 1?").sees("1 record goes on at once")
	p.in("dialog", "Activate version 1?").clicks("button", "Activate")
	p.sees("Version 1 is active.")
	more("Copy")
	p.in("dialog", "Copy…").fills("Name of the copy", "Copied in the browser")
	p.in("dialog", "Copy…").clicks("button", "Copy sequence")
	p.has("heading", "Copied in the browser")
	p.flows("Phone call", "Wait 1 day", "Task")
	more("Delete")
	p.in("dialog", "Delete…").clicks("button", "Delete sequence")
	p.at("/sequences")
	p.fills("Search sequences", "activated in")
	p.clicks("link", "Activated in the browser")
	more("Delete")
	p.in("dialog", "Delete…").sees("1 record is connected", "open activities are cancelled")
	p.in("dialog", "Delete…").clicks("button", "Delete and disconnect 1 record")
	p.at("/sequences")
	p.has("heading", "Sequences")
	p.lacks("link", "Activated in the browser")
	p.lacks("link", "Copied in the browser")
}

// testTwoPeople saves one draft from two windows: the second one is told who was first, and keeps what she did.
func testTwoPeople(t *testing.T, chrome context.Context, demo string) {
	mia := signedIn(t, chrome, demo, "Mia Torres")
	mia.makesSequence("Drawn by two")
	mia.addsStep("Add a step…", "Phone call")
	mia.presses("Control+s")
	mia.sees("Saved")
	ada := signedIn(t, chrome, demo, "Ada Lindgren")
	ada.open(mia.path())
	ada.flows("Phone call")
	mia.addsStep("Add a step after Phone call", "Task")
	mia.presses("Control+s")
	mia.sees("Saved")

	ada.addsStep("Add a step after Phone call", "Email")
	ada.step("Email").fills("Name", "What Ada typed")
	ada.presses("Control+s")
	stale := ada.in("dialog", "This sequence was saved meanwhile")
	stale.sees("Mia Torres saved this draft")
	stale.clicks("button", "Go on editing")
	ada.flows("Phone call", "What Ada typed")
	ada.presses("Control+s")
	stale.clicks("button", "Keep mine aside and load the other")
	ada.flows("Phone call", "Task")
	ada.sees("Your version is kept")
	ada.clicks("button", "Take over my version")
	ada.flows("Phone call", "What Ada typed")
	ada.presses("Control+s")
	ada.sees("Saved")
	mia.open(mia.path())
	mia.flows("Phone call", "What Ada typed")
}
