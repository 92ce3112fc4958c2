//go:build browser

package main

import (
	"context"
	"testing"
)

// TestBrowser walks through the product in a browser, as the people who use it.
//
// Everything that can goes on at once, on one Chromium and one demo whose clock stands still, so each part looks only at what it made itself.
func TestBrowser(t *testing.T) {
	chrome := startBrowser(t)
	demo := startDemo(t)
	for _, part := range []struct {
		name string
		walk func(*testing.T, context.Context, string)
	}{
		{"main way", testMainWay},
		{"pages", testPages},
		{"sign in", testSignIn},
		{"set-up", testSetUp},
		{"sequences", testSequences},
		{"library", testLibrary},
		{"teams", testTeams},
		{"texts", testTexts},
		{"thread", testThread},
		{"designer", testDesigner},
		{"designer of lanes", testLanes},
		{"designer of many steps", testManySteps},
		{"activation", testActivation},
		{"two people on one draft", testTwoPeople},
		{"import", testImport},
		{"records", testRecords},
		{"focused view", testFocused},
		{"connect", testConnect},
		{"work by keyboard", testKeyboard},
		{"work list", testWorkList},
		{"flow mode", testFlowMode},
		{"composer", testComposer},
		{"many activities at once", testBulk},
		{"one thumb", testOneThumb},
		{"explain", testExplain},
		{"moved by a map", testMovedByMap},
		{"notifications", testNotifications},
		{"clean-up", testCleanUp},
		{"email to many", testBulkMail},
		{"calendar", testCalendar},
		{"time off", testTimeOff},
		{"suppressions", testSuppressions},
		{"opt-out", testOptOut},
		{"pace", testPace},
		{"holidays", testHolidays},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.walk(t, chrome, demo)
		})
	}
}

// signIn signs in by one click, and shows the work list.
func (p *person) signIn(name string) {
	p.t.Helper()
	p.open("/sign-in")
	p.clicks("button", name+"…")
	p.at("/work")
}

// signedIn is a person who has a window open and is signed in.
func signedIn(t *testing.T, chrome context.Context, demo, name string) *person {
	t.Helper()
	p := newPerson(t, chrome, demo)
	p.signIn(name)
	return p
}

func testSignIn(t *testing.T, chrome context.Context, demo string) {
	p := newPerson(t, chrome, demo)
	for _, who := range [][2]string{{"Ada Lindgren", "Admin"}, {"Mia Torres", "Sequence manager"}, {"Anna Berg", "Seller"}, {"Ben Okafor", "Seller"}} {
		p.open("/")
		p.at("/sign-in")
		p.has("heading", "Or look around as")
		p.clicks("button", who[0]+" "+who[1])
		p.at("/work")
		p.clicks("button", who[0]+"…")
		p.sees(who[1])
		p.clicks("button", "Sign out")
		p.at("/sign-in")
	}
	// Whoever asks for a page without being signed in comes to it afterwards, and a wrong password is said.
	p.seen.allow("status of 401")
	p.open("/sequences?q=inbound")
	p.at("/sign-in?next=")
	p.fills("Email", "anna@demo.test", "Password", "not the password")
	p.clicks("button", "Sign in")
	p.sees("The email address or the password is wrong.")
	p.holds("Email", "anna@demo.test")
	p.holds("Password", "")
	p.fills("Password", demoPassword)
	p.clicks("button", "Sign in")
	p.at("/sequences?q=inbound")
	p.has("link", "Inbound lead")
}
