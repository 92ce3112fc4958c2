//go:build browser

package main

import (
	"context"
	"fmt"
	"testing"
)

// testFocused works through records beside their cards, by mouse and by keys, and sees what another window does.
func testFocused(t *testing.T, chrome context.Context, demo string) {
	p := signedIn(t, chrome, demo, "Mia Torres")
	lead := p.createsLead("Fiona", "Focus", "fiona@focus.test", "+49 711 654399")
	p.createsLead("Gustav", "Focus", "gustav@focus.test", "+49 711 654398")
	p.addsTasks(lead, "Send the plan", "Ask for a date")

	p.open("/leads")
	p.fills("Search leads", "focus.test")
	p.at("/leads?q=focus.test")
	p.clicks("button", "Focused")
	p.at("/leads?connection=&owner=&q=focus.test&status=&view=focused")
	cards := p.in("region", "Leads")
	cards.sees("2 leads", "Send the plan", "Ask for a date", "No activity")
	p.has("heading", "Fiona Focus") // the first one stands beside them
	cards.clicks("link", "Gustav Focus…")
	p.has("heading", "Gustav Focus")
	p.sees("Not on a sequence")

	p.presses("k", "Enter")
	p.has("heading", "Fiona Focus")
	p.presses("d")
	p.sees("“Send the plan” is completed.")
	cards.seesNot("Send the plan")
	cards.sees("Ask for a date")
	p.has("heading", "Fiona Focus") // the same record, with what is next

	p.presses("x")
	cards.sees("1 selected")
	cards.clicks("button", "Connect to sequence")
	p.in("dialog", "Connect 1 lead").clicks("button", "Cancel")
	p.presses("Escape")

	other := signedIn(t, chrome, demo, "Mia Torres")
	other.addsTasks(lead, "Done in another window")
	cards.sees("Done in another window")

	p.open("/leads") // remembered
	p.has("button", "Table")
	p.fills("Search leads", "nobody of this name")
	p.sees("No leads fit these filters", "Nothing is open")
	p.clicks("button", "Table")
	p.clicks("link", "Show all leads")
	p.in("table", "Leads").has("checkbox", "Select all rows on this page")
}

// addsTasks adds tasks to a record, due one after the other.
func (p *person) addsTasks(rec string, names ...string) {
	p.t.Helper()
	for _, name := range names {
		ok, err := js[bool](p, fmt.Sprintf(`fetch(%q + "/activities", {method: "POST", body: new URLSearchParams({kind: "task", name: %q})}).then((answer) => answer.ok)`, rec, name))
		if err != nil || !ok {
			p.t.Fatalf("add the task %s: %v", name, err)
		}
	}
}
