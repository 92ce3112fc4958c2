//go:build browser

package main

import (
	"context"
	"testing"
)

// testConnect puts leads on a sequence in all three ways, is refused twice, and takes them off.
func testConnect(t *testing.T, chrome context.Context, demo string) {
	p := signedIn(t, chrome, demo, "Ada Lindgren")
	// From the sequence: what was ticked stays ticked through another search.
	p.open("/sequences?q=nurture")
	p.clicks("link", "Nurture")
	p.clicks("link", "Connect leads")
	choice := p.in("dialog", "Connect leads…")
	choice.clicks("button", "Connect chosen")
	choice.sees("No record is chosen. Tick the ones to connect.")
	choice.fills("Search leads", "yuki")
	choice.lacks("checkbox", "Select Aino…")
	yuki := choice.names("checkbox", "Select Yuki…")[0]
	choice.clicks("checkbox", yuki)
	choice.fills("Search leads", "tomás")
	tomas := choice.find("checkbox", "Select Tomás…").name
	choice.clicks("checkbox", tomas)
	choice.has("checkbox", yuki)
	choice.clicks("button", "Connect chosen")
	p.sees("2 records are connected.", "Wait 14 days")
	yuki, tomas = yuki[len("Select "):], tomas[len("Select "):]
	p.in("table", "Connected records").has("link", yuki, "link", tomas)

	// From the list: who is on it already is said before, and left out.
	p.open("/leads?q=yuki")
	p.clicks("checkbox", "Select all rows on this page")
	p.clicks("button", "Connect to sequence")
	connect := p.in("dialog", "Connect…")
	connect.clicks("radio", "Nurture…")
	connect.sees("will be connected, 1 will not", yuki, "It is on this sequence already.")
	connect.clicks("button", "Connect")
	p.has("heading", "Connected to Nurture")
	p.in("table", "Not connected").sees(yuki, "It is on this sequence already.")
	p.clicks("link", "Done")
	p.at("/leads")

	// From the record.
	p.open("/leads?q=tom%C3%A1s")
	p.clicks("link", tomas)
	p.sees("Nurture, step 1 of 4", "Wait 14 days")
	p.clicks("link", "Connect to sequence")
	again := p.in("dialog", "Connect "+tomas)
	again.clicks("radio", "Nurture…")
	again.sees(tomas+" cannot be connected", "It is on this sequence already.")
	p.presses("Escape")
	p.clicks("button", "More actions for Nurture")
	p.clicks("button", "Disconnect")
	p.in("dialog", "Disconnect from Nurture?").clicks("button", "Disconnect")
	p.sees("Disconnected from Nurture")
	p.seesNot("Nurture, step 1 of 4")
	p.clicks("link", "Connect to sequence")
	p.in("dialog", "Connect "+tomas).clicks("radio", "Nurture…")
	p.in("dialog", "Connect "+tomas).sees(tomas + " can be connected.")
	p.in("dialog", "Connect "+tomas).clicks("button", "Connect")
	p.sees(tomas+" is connected to “Nurture”.", "Nurture, step 1 of 4")
	disconnectMany(p)
	foretold(p)
}

// foretold reads before connecting who cannot be written to, and what becomes of the steps.
func foretold(p *person) {
	p.t.Helper()
	// A lead that must not be emailed, and one that must not be sent text messages.
	p.open("/leads?q=lead012")
	p.clicks("checkbox", "Select all rows on this page")
	p.clicks("button", "Connect to sequence")
	mail := p.in("dialog", "Connect…")
	mail.clicks("radio", "Nurture…")
	mail.sees("The lead can be connected.", "1 lead cannot be emailed", "The record must not be emailed.", "Automated emails are skipped, and the sequence goes on.")
	mail.clicks("radio", "Trade fair follow-up…")
	mail.sees("The lead can be connected.")
	mail.seesNot("cannot be")
	p.presses("Escape")

	p.open("/leads?q=lead014")
	carlos := p.find("link", "Carlos…").name
	p.clicks("link", carlos)
	p.clicks("link", "Connect to sequence")
	text := p.in("dialog", "Connect "+carlos)
	text.clicks("radio", "Trade fair follow-up…")
	text.sees(carlos+" can be connected.", carlos+" cannot be sent text messages", "The record must not be sent text messages.",
		"Automated texts are skipped. A text by hand waits for the seller, who can skip it.")
	text.clicks("button", "Connect")
	p.sees(carlos+" is connected to “Trade fair follow-up”. "+carlos+" cannot be sent text messages.", "Announce the call")
}

// disconnectMany takes leads off, from the list and from the sequence.
func disconnectMany(p *person) {
	p.t.Helper()
	p.open("/leads?q=yuki")
	p.clicks("checkbox", "Select all rows on this page")
	p.clicks("button", "Disconnect")
	p.in("dialog", "Disconnect…").clicks("checkbox", "Nurture…")
	p.in("dialog", "Disconnect…").clicks("button", "Disconnect")
	p.sees("disconnected.")
	p.open("/sequences?q=nurture")
	p.clicks("link", "Nurture")
	p.clicks("link", "Connected records…")
	p.in("table", "Connected records").clicks("checkbox", "Select Tomás…")
	p.clicks("button", "Disconnect")
	p.in("dialog", "Disconnect 1 record?").clicks("button", "Disconnect")
	p.sees("1 record was disconnected.")
	p.clicks("link", "Finished")
	p.in("table", "Connected records").sees("Tomás", "Disconnected")
}
