//go:build browser

package main

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/runtime"
)

// testKeyboard works through twenty activities without touching the mouse: ten in the list, ten in flow mode.
func testKeyboard(t *testing.T, chrome context.Context, demo string) {
	p := newPerson(t, chrome, demo)
	p.open("/sign-in")
	p.tabsTo("button", "Ben Okafor…")
	p.presses("Enter")
	p.at("/work")
	p.sees("Overdue")
	for n := range 20 {
		if n == 10 {
			p.startsFlow()
			p.has("heading", "Flow mode")
		}
		p.worksByKeys(n)
	}
}

// worksByKeys does what stands open, by the keys that its buttons show, and waits for the next one.
func (p *person) worksByKeys(n int) {
	p.t.Helper()
	p.has("link", "Snooze") // an activity is open
	opened := p.path()
	switch failed := p.offers("button", "Retry"); {
	case failed || n%5 == 4:
		p.presses("s")
		p.focuses("textbox", "Why?")
		p.types("No longer needed")
		p.presses("Enter")
		p.sees("is skipped.")
	case n%5 == 3:
		p.presses("z")
		p.in("dialog", "Snooze…").has("button", nextMorningOffered)
		p.presses("2")
		p.sees("comes back ")
	default:
		p.completesByKeys()
	}
	p.until("have the next activity open", func() (bool, string) {
		now := p.path()
		return strings.HasPrefix(now, "/work/") && now != opened, "it is still " + now
	})
}

// completesByKeys completes a call, an email, a text message or a task.
func (p *person) completesByKeys() {
	p.t.Helper()
	switch {
	case p.offers("region", "Call…"):
		p.tabsTo("radio", "Connected")
		p.presses("Space")
		p.tabsTo("textbox", "Note")
		p.types("Talked about spring")
		p.presses("Control+Enter")
		p.sees("is completed.")
	case p.offers("link", "Write email"):
		p.presses("e")
		p.has("form", "Email to…")
		p.tabsTo("textbox", "Text")
		p.presses("Control+Enter")
		p.sees("on its way")
	case p.offers("link", "Write text message"):
		p.presses("e")
		p.has("form", "Text message to…")
		p.tabsTo("textbox", "Text")
		p.presses("Control+Enter")
		p.sees("on its way")
	default:
		p.tabsTo("textbox", "Note")
		p.types("Done")
		p.presses("Control+Enter")
		p.sees("is completed.")
	}
}

// offers tells whether something is there now.
func (p *person) offers(role, name string) bool {
	list, err := p.look(thing{role, name}, 1)
	return err == nil && len(list) > 0
}

// tabsTo presses Tab until something has the focus.
func (p *person) tabsTo(role, name string) {
	p.t.Helper()
	p.find(role, name)
	g := thing{role, name}
	var passed []string
	for range 200 { // a full work list lies before what is open
		p.presses("Tab")
		now := p.focused()
		if now.role == role && g.matches(now.name) {
			return
		}
		passed = append(passed, now.String())
	}
	p.give("reach "+g.String()+" by Tab", strings.Join(passed, ", "))
}

// focused is what has the focus.
func (p *person) focused() thing {
	p.t.Helper()
	element, err := js[*runtime.RemoteObject](p, "document.activeElement")
	if err != nil {
		return thing{name: err.Error()}
	}
	no := false
	answer, err := ask(p, accessibility.GetPartialAXTree, accessibility.GetPartialAXTreeParams{ObjectID: element.ObjectID, FetchRelatives: &no})
	if err != nil || len(answer.Nodes) == 0 {
		return thing{name: "nothing"}
	}
	return thing{wordOf(answer.Nodes[0].Role), wordOf(answer.Nodes[0].Name)}
}
