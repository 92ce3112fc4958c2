//go:build browser

package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// flows waits until the flow holds these steps in this order.
func (p *person) flows(titles ...string) {
	p.t.Helper()
	p.until("see the steps "+strings.Join(titles, ", "), func() (bool, string) {
		now := p.flow()
		return slices.Equal(now, titles), "they are " + strings.Join(now, ", ")
	})
}

// testDesigner draws a sequence by mouse and by keyboard, and loses nothing.
func testDesigner(t *testing.T, chrome context.Context, demo string) {
	p := signedIn(t, chrome, demo, "Mia Torres")
	p.makesSequence("Drawn in the browser")
	drawByMouse(p)
	drawByKeyboard(p)
	mendProblems(p)
	loseAnswer(p)
	moveSteps(p)
	undoAndRedo(p)
	keepUnsaved(p)
}

func drawByMouse(p *person) {
	p.t.Helper()
	p.addsStep("Add a step…", "Automated email")
	p.step("Automated email").chooses("Template", "Introduction")
	p.step("Automated email").fills("Name", "Say hello")
	p.addsStep("Add a step after Say hello", "Wait")
	wait := p.step("Wait 1 day")
	wait.fills("Days", "2")
	p.step("Wait 2 days").fills("Hours", "4")
	p.sees("Wait 2 days 4 hours")
	// A wait at the end is a problem as long as it is one.
	p.sees("A sequence cannot end with a wait.")
	p.addsStep("Add a step after Wait 2 days 4 hours", "Phone call")
	p.step("Phone call").fills("Name", "Ring up")
	p.step("Ring up").fills("What to do", "Ask about the project")
	p.seesNot("A sequence cannot end with a wait.")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring up")
}

// drawByKeyboard adds the other kinds: A opens the picker, typing finds, Enter takes, and the name can be typed at once.
func drawByKeyboard(p *person) {
	p.t.Helper()
	add := func(search, name, focus string) {
		p.t.Helper()
		p.presses("Escape")
		p.focuses("button", focus)
		p.presses("a")
		p.has("dialog", "Add a step")
		p.types(search)
		p.presses("Enter")
		p.lacks("dialog", "Add a step")
		if name != "" {
			p.types(name)
		}
	}
	add("task", "Book a room", "Ring up")
	add("writes", "Write the offer", "Book a room")
	add("advance", "", "Write the offer")
	p.chooses("Sequence", "Nurture")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring up", "Book a room", "Write the offer", "Advance to Nurture")
	p.presses("Control+s")
	p.sees("Saved")
	p.has("button", "Save")
}

// focuses waits until the focus is on something.
func (p *person) focuses(role, name string) {
	p.t.Helper()
	p.until("have the focus on "+role+" “"+name+"”", func() (bool, string) {
		list, err := p.look(thing{role, name}, 1)
		if err != nil || len(list) == 0 {
			return false, "it is not there"
		}
		on, err := callOn[bool](p, list[0], `function() { return document.activeElement === this }`)
		if err == nil && on {
			return true, ""
		}
		now, _ := js[string](p, `document.activeElement.outerHTML.slice(0, 160)`)
		return false, "it is on " + now
	})
}

// mendProblems makes a problem on a step, sees it on its card and goes there from the list.
func mendProblems(p *person) {
	p.t.Helper()
	p.clicks("button", "Say hello")
	p.step("Say hello").chooses("Template", "Choose a template")
	p.sees("Template is missing.")
	p.clicks("button", "1 problem")
	p.focuses("combobox", "Template")
	p.step("Say hello").chooses("Template", "Friendly reminder")
	p.seesNot("Template is missing.")
	p.lacks("button", "1 problem")
	p.clicks("button", "Ring up")
	p.step("Ring up").fills("Name", "")
	p.sees("The step has no name.")
	p.step("Phone call").fills("Name", "Ring up")
	p.seesNot("The step has no name.")
}

// loseAnswer has the answer of a check break off in its middle, as it does when the next change comes while it is read: what
// was known of the problems stays, and the flow is drawn as before.
func loseAnswer(p *person) {
	p.t.Helper()
	_, err := js[bool](p, `(() => {
		const json = Response.prototype.json;
		Response.prototype.json = function () {
			Response.prototype.json = json;
			window.answerLost = true;
			return Promise.reject(new DOMException("", "AbortError"));
		};
		return true;
	})()`)
	if err != nil {
		p.t.Fatal(err)
	}
	p.step("Ring up").fills("Name", "Ring")
	p.until("lose an answer", func() (bool, string) {
		lost, err := js[bool](p, `window.answerLost === true`)
		return err == nil && lost, "nobody asked the server"
	})
	p.step("Ring").fills("Name", "Ring up")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring up", "Book a room", "Write the offer", "Advance to Nurture")
}

func moveSteps(p *person) {
	p.t.Helper()
	p.clicks("button", "Book a room")
	p.step("Book a room").clicks("button", "Move up")
	p.flows("Say hello", "Wait 2 days 4 hours", "Book a room", "Ring up", "Write the offer", "Advance to Nurture")
	p.step("Book a room").clicks("button", "Move down")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring up", "Book a room", "Write the offer", "Advance to Nurture")
	p.clicks("button", "Ring up")
	p.presses("Alt+Down")
	p.flows("Say hello", "Wait 2 days 4 hours", "Book a room", "Ring up", "Write the offer", "Advance to Nurture")
	// Text that is marked on the page does not come along instead.
	if _, err := js[bool](p, "getSelection().selectAllChildren(document.body), true"); err != nil {
		p.t.Fatalf("mark all text: %v", err)
	}
	p.drags("button", "Ring up", "Book a room")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring up", "Book a room", "Write the offer", "Advance to Nurture")
	pressWhileChecked(p)
}

// pressWhileChecked holds the mouse down on a + until the check of a change is back: what it draws must not take the button away.
func pressWhileChecked(p *person) {
	p.t.Helper()
	const checks = `performance.getEntriesByType("resource").filter((e) => e.name.endsWith("/check")).length`
	before, err := js[int](p, checks)
	if err != nil {
		p.t.Fatalf("count the checks: %v", err)
	}
	_, at := p.reach("button", "Add a step at the start")
	p.clicks("button", "Undo")
	p.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, at.X, at.Y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	p.until("see the change checked", func() (bool, string) {
		now, err := js[int](p, checks)
		return err == nil && now > before, "no answer yet"
	})
	_, _ = js[bool](p, `new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(() => done(true)))))`)
	p.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, at.X, at.Y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	p.has("dialog", "Add a step")
	p.presses("Escape")
	p.lacks("dialog", "Add a step")
	p.clicks("button", "Redo")
}

func undoAndRedo(p *person) {
	p.t.Helper()
	p.clicks("button", "Book a room")
	p.step("Book a room").clicks("button", "Copy step")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring up", "Book a room", "Book a room", "Write the offer", "Advance to Nurture")
	p.clicks("button", "Undo")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring up", "Book a room", "Write the offer", "Advance to Nurture")
	p.clicks("button", "Redo")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring up", "Book a room", "Book a room", "Write the offer", "Advance to Nurture")
	p.clicks("button", "Write the offer")
	p.step("Write the offer").clicks("button", "Delete step")
	p.sees("“Write the offer” is deleted.")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring up", "Book a room", "Book a room", "Advance to Nurture")
	p.presses("Control+z", "Control+z")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring up", "Book a room", "Write the offer", "Advance to Nurture")
	p.presses("Control+Shift+z", "Control+z")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring up", "Book a room", "Write the offer", "Advance to Nurture")
}

// keepUnsaved leaves with changes: the browser asks, and whoever stays has lost nothing.
func keepUnsaved(p *person) {
	p.t.Helper()
	p.clicks("button", "Save")
	p.sees("Saved")
	p.clicks("button", "Ring up")
	p.step("Ring up").fills("Name", "Ring again")
	p.sees("Unsaved changes")
	before := p.seen.asked(false)
	p.clicks("link", "Templates")
	p.until("be asked before leaving", func() (bool, string) { return p.seen.asked(false) > before, "nobody asked" })
	p.has("button", "Ring again")
	p.presses("Control+s")
	p.seesNot("Unsaved changes")
	p.seesNot("Saving…")
	p.clicks("link", "Templates")
	p.has("heading", "Templates")
	p.open("/sequences?q=drawn+in")
	p.clicks("link", "Drawn in the browser")
	p.flows("Say hello", "Wait 2 days 4 hours", "Ring again", "Book a room", "Write the offer", "Advance to Nurture")
}
