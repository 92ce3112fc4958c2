//go:build browser

package main

import (
	"context"
	"strings"
	"testing"
)

// mainWay is the sequence that the main way makes and follows.
const mainWay = "The main way"

// testMainWay goes from the drawn sequence to the completed one, with everybody who has a part in it. It moves the clock.
func testMainWay(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	mia, anna := signedIn(t, chrome, demo, "Mia Torres"), signedIn(t, chrome, demo, "Anna Berg")
	draw(mia)
	paula := anna.createsLead("Paula", "Probe", "paula@main.test", "+49 711 654321")
	otto := anna.createsLead("Otto", "Ohne", "", "+49 711 123456")
	anna.connects(paula, "Paula Probe", mainWay)
	anna.connects(otto, "Otto Ohne", mainWay)
	readOutbox(anna)
	mendFailed(anna, otto)
	findWork(anna)
	call(anna)
	ben := signedIn(t, chrome, demo, "Ben Okafor")
	handOver(anna, ben)
	anna.movesClock("+1 day")
	writeEmail(anna)
	snoozeTask(anna)
	anna.tells(paula)
	moveToNext(mia, paula)
}

// draw makes the sequence and activates it.
func draw(p *person) {
	p.t.Helper()
	p.makesSequence(mainWay)
	p.addsStep("Add a step…", "Automated email")
	p.chooses("Template", "Introduction")
	p.addsStep("Add a step after Automated email", "Phone call")
	p.step("Phone call").fills("Name", "Ring up")
	p.addsStep("Add a step after Ring up", "Wait")
	p.addsStep("Add a step after Wait 1 day", "Email")
	p.chooses("Template", "Offer")
	p.step("Email").fills("Name", "Send the offer")
	p.addsStep("Add a step after Send the offer", "Task")
	p.step("Task").fills("Name", "Book a meeting")
	p.clicks("link", "Activate")
	p.in("dialog", "Activate version 1?").clicks("button", "Activate")
	p.sees("Version 1 is active.")
}

// createsLead makes a lead and gives its address.
func (p *person) createsLead(first, last, email, phone string) string {
	p.t.Helper()
	p.open("/leads/new")
	p.fills("First name", first, "Last name", last, "Company", "Probe & Co", "Email", email, "Phone", phone)
	p.clicks("button", "Create lead")
	p.has("heading", first+" "+last)
	p.at("/records/")
	return p.path()
}

// connects connects a lead to a sequence from its own page, on which its first step then stands.
func (p *person) connects(lead, name, sequence string) {
	p.t.Helper()
	p.open(lead)
	p.clicks("link", "Connect to sequence")
	dialog := p.in("dialog", "Connect "+name)
	dialog.clicks("radio", sequence+"…")
	dialog.sees(name + " can be connected.")
	dialog.clicks("button", "Connect")
	p.sees(name + " is connected to “" + sequence + "”.")
}

// showsSoon opens a page again and again until it says something: the engine acts in its own time.
func (p *person) showsSoon(path string, texts ...string) {
	p.t.Helper()
	p.until("see “"+strings.Join(texts, "”, “")+"” on "+path, func() (bool, string) {
		p.open(path)
		text := p.text()
		for _, want := range texts {
			if !strings.Contains(text, want) {
				return false, "“" + want + "” is not there"
			}
		}
		return true, ""
	})
}

// readOutbox finds the automated email with its text.
func readOutbox(p *person) {
	p.t.Helper()
	p.showsSoon("/outbox?q=paula", "Probe & Co and steady follow-up", "Sent")
	p.clicks("link", "Probe & Co and steady follow-up…")
	p.sees("paula@main.test", "Anna Berg")
	p.has("Iframe", "Text of the email")
	p.clicks("link", "Plain text")
	p.sees("Paula")
}

// mendFailed adds the address that a lead lacks, and the automated email goes out after all.
func mendFailed(p *person, lead string) {
	p.t.Helper()
	p.showsSoon(lead, "This step could not run by itself")
	p.has("button", "Retry", "link", "Skip", "link", "Do it by hand")
	p.sees("Failed")
	p.clicks("link", "Add an address")
	p.fills("Email", "otto@main.test")
	p.clicks("button", "Save")
	p.has("heading", "Otto Ohne")
	p.sees("This step could not run by itself")
	p.clicks("button", "Retry")
	p.sees("is tried again.")
	p.showsSoon(lead, "Ring up", "sent from anna@demo.test")
	p.showsSoon("/outbox?q=otto", "Sent")
}

// findWork looks through the work list.
func findWork(p *person) {
	p.t.Helper()
	p.showsSoon("/work?q=probe", "Paula Probe", "Otto Ohne")
	p.open("/work")
	list := p.in("region", "Work list")
	list.has("heading", "Overdue…", "heading", "Today…")
	filtersWork(p, "Emails", true)
	list.lacks("link", "Paula Probe…")
	list.has("link", "…Send the offer…")
	filtersWork(p, "Emails", false)
	filtersWork(p, "Calls", true)
	list.fills("Search the work list", "Paula Probe")
	list.lacks("link", "…First call…")
	list.clicks("link", "Paula Probe…")
	p.has("heading", "Paula Probe")
	p.in("region", "Paula Probe").sees("Up next · "+mainWay+", step 2 of 5", "Then: Wait 1 day → Send the offer", "Timeline", "Connected to "+mainWay)
	p.in("complementary", "About Paula Probe").sees("paula@main.test", "+49 711 654321")
}

// filtersWork has the work list show a kind of activities, or not only that one any more.
func filtersWork(p *person, kind string, on bool) {
	p.t.Helper()
	if !on {
		p.clicks("link", "No longer filter by "+kind)
		p.lacks("link", "No longer filter by "+kind)
		return
	}
	p.clicks("button", "Filter…")
	dialog := p.in("dialog", "Filter the work list")
	dialog.clicks("checkbox", kind)
	dialog.clicks("button", "Show")
	p.has("link", "No longer filter by "+kind)
}
