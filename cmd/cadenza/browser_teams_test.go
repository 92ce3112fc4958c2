//go:build browser

package main

import (
	"context"
	"testing"
)

// testTeams keeps a sequence from the other manager, hands it to a team, and has a member of it go on with it.
func testTeams(t *testing.T, chrome context.Context, demo string) {
	ada, mia := signedIn(t, chrome, demo, "Ada Lindgren"), signedIn(t, chrome, demo, "Mia Torres")
	anna, ben := signedIn(t, chrome, demo, "Anna Berg"), signedIn(t, chrome, demo, "Ben Okafor")
	for _, p := range []*person{mia, ben} {
		p.seen.allow("status of 404") // what is not shared is not there
	}
	ada.open("/users")
	ada.clicks("link", "Teams")
	ada.clicks("link", "New team")
	dialog := ada.in("dialog", "New team")
	dialog.fills("Name", "North")
	dialog.clicks("checkbox", "Anna Berg…")
	dialog.clicks("button", "Save team")
	ada.has("heading", "North", "link", "Anna Berg")

	ben.makesSequence("Kept to oneself")
	path := ben.path()
	mia.open(path)
	mia.has("heading", "Kept to oneself")
	ben.clicks("button", "More actions")
	ben.clicks("link", "Sharing")
	dialog = ben.in("dialog", "Who sees “Kept to oneself”?")
	dialog.sees("Records that are on it go on")
	dialog.clicks("radio", "Private…")
	dialog.clicks("button", "Save sharing")
	ben.sees("Sharing saved.", "Private")
	mia.open(path)
	mia.sees("There is no such sequence")
	mia.open("/sequences?q=oneself")
	mia.sees("No sequence matches")

	ben.open("/sequences?q=oneself")
	ben.clicks("checkbox", "Select Kept to oneself")
	ben.clicks("button", "Hand over")
	dialog = ben.in("dialog", "Hand over “Kept to oneself”")
	dialog.chooses("New owner", "North")
	dialog.clicks("button", "Hand over")
	ben.sees("1 sequence is handed over")
	ben.open(path)
	ben.sees("There is no such sequence")

	anna.open("/sequences")
	anna.chooses("Owner", "My teams")
	anna.in("table", "Sequences").has("link", "Kept to oneself")
	anna.in("table", "Sequences").lacks("link", "Inbound lead")
	anna.clicks("link", "Kept to oneself")
	anna.addsStep("Add a step…", "Phone call")
	anna.sees("North", "Private", "Phone call")
	testManySequences(ada)
	ada.open("/teams")
	ada.clicks("button", "Actions for North")
	ada.clicks("link", "Delete")
	ada.in("dialog", "Delete the team “North”?").clicks("button", "Delete team")
	ada.sees("owns “Kept to oneself”", "Hand them over")
}

// testManySequences puts a tag on two sequences at once, and shares both with a team.
func testManySequences(p *person) {
	p.t.Helper()
	p.open("/tags/new")
	p.fills("Name", "Northern market")
	p.clicks("button", "Save")
	p.has("heading", "Tags", "button", "Actions for Northern market")
	p.makesSequence("Northern calls")
	p.makesSequence("Northern visits")
	choose := func(button string) *person {
		p.open("/sequences?q=northern")
		p.clicks("checkbox", "Select Northern calls")
		p.clicks("checkbox", "Select Northern visits")
		p.clicks("button", button)
		return p
	}
	choose("Tags").in("dialog", "Tags of 2 sequences").clicks("button", "Save tags")
	p.sees("Choose at least one tag.")
	p.clicks("checkbox", "Northern market")
	p.clicks("button", "Save tags")
	p.sees("The tags of 2 sequences changed.")
	dialog := choose("Sharing").in("dialog", "Who sees 2 sequences?")
	dialog.clicks("radio", "A team…")
	dialog.chooses("Which team?", "North")
	dialog.clicks("button", "Save sharing")
	p.sees("The sharing of 2 sequences changed.", "Shared with North", "Northern market")
}

// makeTeam makes a team and gives its address.
func makeTeam(p *person) string {
	p.t.Helper()
	path, err := js[string](p, `(async () => {
	  const name = "Team " + Math.random().toString(36).slice(2);
	  const made = await fetch("/teams", {method: "POST", body: new URLSearchParams({name})});
	  const page = new DOMParser().parseFromString(await (await fetch("/teams")).text(), "text/html");
	  const change = [...page.querySelectorAll("main a")].map((a) => a.getAttribute("href")).find((h) => /^\/teams\/\w+\/change$/.test(h)) ?? "";
	  return made.ok ? change.replace("/change", "") : "";
	})()`)
	if err != nil || path == "" {
		p.t.Fatalf("make a team: %q, %v", path, err)
	}
	return path
}
