//go:build browser

package main

import (
	"context"
	"testing"
)

// testSequences finds sequences and makes one.
func testSequences(t *testing.T, chrome context.Context, demo string) {
	p := signedIn(t, chrome, demo, "Mia Torres")
	p.clicks("link", "Sequences")
	p.at("/sequences")
	table := p.in("table", "Sequences")
	table.has("link", "Inbound lead", "link", "Nurture", "columnheader", "Status", "columnheader", "For", "columnheader", "Connected…", "columnheader", "Owner", "columnheader", "Changed…")
	p.fills("Search sequences", "nurt")
	table.lacks("link", "Inbound lead")
	table.has("link", "Nurture")
	p.at("/sequences?")
	p.fills("Search sequences", "no sequence has this name")
	p.sees("No sequence matches")
	p.clicks("link", "Show all sequences")
	table.has("link", "Inbound lead")

	p.clicks("link", "New sequence")
	dialog := p.in("dialog", "New sequence")
	dialog.clicks("button", "Create and open designer")
	p.until("be told that the name is missing", func() (bool, string) {
		missing, err := callOn[bool](p, dialog.field("Name"), `function() { return this.validity.valueMissing && document.activeElement === this }`)
		return missing && err == nil, "the field is not marked"
	})
	dialog.fills("Name", "   ", "Description", "Kept while the name is mended")
	dialog.clicks("button", "Create and open designer")
	p.has("heading", "There is a problem")
	p.holds("Description", "Kept while the name is mended")
	p.fills("Name", "Made in the browser")
	p.clicks("radio", "Opportunity")
	p.clicks("button", "Create and open designer")
	p.has("heading", "Made in the browser")
	p.sees("Start with a first step")
	p.open("/sequences?q=made+in")
	p.sees("Opportunities", "Inactive", "Mia Torres")
}

// testLibrary begins with a sequence of the library, tags the copy and archives it.
func testLibrary(t *testing.T, chrome context.Context, demo string) {
	p := signedIn(t, chrome, demo, "Mia Torres")
	p.open("/sequences")
	p.clicks("link", "New sequence")
	p.in("dialog", "New sequence").clicks("link", "Begin with one from the library…")
	p.clicks("link", "Missed meeting")
	p.sees("Contacts who did not come to a meeting", "Did we miss each other?")
	p.clicks("link", "Use this…")
	dialog := p.in("dialog", "Use “Missed meeting”")
	dialog.fills("Name", "Nobody came")
	dialog.clicks("button", "Create and open designer")
	p.has("heading", "Nobody came")
	p.open("/sequences?q=nobody+came")
	p.clicks("checkbox", "Select Nobody came")
	p.clicks("button", "Archive")
	p.sees("1 sequence is archived")
	p.open("/sequences?q=nobody+came")
	p.sees("No sequence matches")
	p.open("/sequences?status=archived")
	p.sees("Nobody came")
}

// makesSequence makes a sequence for leads and opens its designer.
func (p *person) makesSequence(name string) {
	p.t.Helper()
	p.open("/sequences/new")
	p.fills("Name", name)
	p.clicks("radio", "Lead")
	p.clicks("button", "Create and open designer")
	p.sees("Start with a first step")
}

// addsStep opens the picker and takes a kind of step.
func (p *person) addsStep(button, kind string) {
	p.t.Helper()
	p.clicks("button", button)
	if kind == "Advance to another sequence" {
		p.in("dialog", "Add a step").clicks("tab", "Commands")
	}
	p.in("dialog", "Add a step").clicks("option", kind+"…")
	p.lacks("dialog", "Add a step")
}

// step looks into the panel of a step.
func (p *person) step(title string) *person { return p.in("complementary", "Settings of "+title) }

// flow gives the titles of the cards from the start to the end.
func (p *person) flow() []string {
	p.t.Helper()
	titles, err := js[[]string](p, `[...document.querySelectorAll("main [data-step]")].map((b) => b.textContent.trim())`)
	if err != nil {
		p.t.Fatal(err)
	}
	return titles
}
