//go:build browser

package main

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// testRecords makes, changes and deletes a lead, and finds its way in the list.
func testRecords(t *testing.T, chrome context.Context, demo string) {
	p := signedIn(t, chrome, demo, "Ada Lindgren")
	p.clicks("link", "Leads")
	p.clicks("link", "New lead")
	p.fills("First name", "Berta", "Email", "not an address")
	p.clicks("button", "Create lead")
	p.until("be told that the email is no address", func() (bool, string) {
		wrong, err := callOn[bool](p, p.field("Email"), `function() { return !this.validity.valid && document.activeElement === this }`)
		return wrong && err == nil, "the field is not marked"
	})
	p.fills("Last name", "Browser", "Email", "berta@browser", "Phone", "1")
	p.clicks("button", "Create lead")
	p.has("heading", "There are 2 problems")
	p.sees("Email needs a full domain", "Phone is not a phone number")
	p.holds("First name", "Berta")
	p.fills("Email", "berta@browser.test", "Phone", "+49 711 123456", "Company", "Browser Works")
	p.chooses("Owner", "Ben Okafor")
	p.clicks("button", "Create lead")
	p.has("heading", "Berta Browser")
	p.sees("Not on a sequence", "Browser Works", "Ben Okafor")
	p.clicks("link", "Edit")
	p.fills("Job title", "Head of tests")
	p.clicks("button", "Save")
	p.has("heading", "Berta Browser")
	p.sees("Head of tests")
	p.fills("Add a note", "Wants a demo in spring")
	p.clicks("button", "Add note")
	p.sees("The note is added.", "Wants a demo in spring")
	p.clicks("button", "More for Berta Browser")
	p.clicks("button", "Delete")
	p.in("dialog", "Delete Berta Browser?").clicks("button", "Delete lead")
	p.at("/leads")
	p.fills("Search leads", "Berta Browser")
	p.sees("No leads fit these filters")
	listLeads(p)
}

// listLeads searches, filters, sorts and turns pages.
func listLeads(p *person) {
	p.t.Helper()
	p.open("/leads")
	table := p.in("table", "Leads")
	rows := func() []string { return table.names("checkbox", "Select…") }
	first := rows()
	if len(first) != 51 { // with the box that selects all
		p.t.Fatalf("the first page of leads has %d boxes, want 51", len(first))
	}
	p.clicks("link", "Next…")
	p.sees("51 to 100 of")
	second := rows()
	if slices.ContainsFunc(second[1:], func(name string) bool { return slices.Contains(first[1:], name) }) && second[1] == first[1] {
		p.t.Errorf("the second page begins like the first: %v", second[1])
	}
	p.clicks("link", "Prev…")
	p.sees("1 to 50 of")
	table.has("checkbox", first[1])
	table.clicks("link", "Name…")
	p.at("/leads?sort=-name")
	p.until("see the order turned", func() (bool, string) {
		now := rows()
		return len(now) > 1 && now[1] > first[1], "the first is still " + first[1]
	})
	p.fills("Search leads", "nordlys")
	p.at("/leads?sort=-name&q=nordlys")
	p.seesNot("Herrera y Hijos")
	p.sees("Nordlys Energi")
	p.fills("Search leads", "")
	p.sees("Herrera y Hijos")
	p.chooses("Owner", "Ben Okafor")
	p.until("see only the leads of Ben", func() (bool, string) {
		text := table.text()
		return len(text) > 0 && !strings.Contains(text, "Anna Berg") && strings.Contains(text, "Ben Okafor"), text
	})
	p.chooses("Sequence", "Connected")
	p.chooses("Status", "Disqualified")
	p.sees("No leads fit these filters")
	p.clicks("link", "Show all leads")
	p.sees("1 to 50 of")
}
