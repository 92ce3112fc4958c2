//go:build browser

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// readTree gives a flow as text: steps in their order, the lanes of a condition in brackets.
const readTree = `const read = (list) => [...list.children].map((li) => {
  const lanes = [...li.children].filter((e) => e.matches("ol"));
  return lanes.length ? "(" + lanes.map(read).join(" | ") + ")" : li.id.startsWith("step-") ? title(li) : "";
}).filter(Boolean).join(", ");`

// tree waits until the flow is this: "Say hello, Opened? (Ring up | Write)".
func (p *person) tree(want string) {
	p.t.Helper()
	p.until("see the flow "+want, func() (bool, string) {
		now, err := p.outline()
		return err == nil && now == want, "it is " + now
	})
}

// outline writes the flow as it is now.
func (p *person) outline() (string, error) {
	now, err := js[string](p, `(() => { const title = (li) => li.querySelector("button, a").textContent.trim(); `+readTree+` return read(document.querySelector("main [data-flow]")) })()`)
	return strings.ReplaceAll(now, ", (", " ("), err
}

// dragsUntil drags a step until the flow is this. A drop beside its place leaves the flow as it was; then she drags again, as
// anybody would. Each drag has patience of its own, and the flow is read once the page has drawn what the drop did.
func (p *person) dragsUntil(from, to, want string) {
	p.t.Helper()
	for range 4 {
		p.drags("button", from, to)
		_, _ = js[bool](p, `new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(() => done(true)))))`)
		if now, err := p.outline(); err == nil && now == want {
			return
		}
	}
	p.tree(want)
}

// addsCondition opens the picker and takes a condition.
func (p *person) addsCondition(button, offer string) {
	p.t.Helper()
	p.clicks("button", button)
	p.in("dialog", "Add a step").clicks("tab", "Conditions")
	p.in("dialog", "Add a step").clicks("option", offer+"…")
	p.lacks("dialog", "Add a step")
}

// testLanes draws a sequence with conditions at two levels, moves and copies in it, and puts it to work.
func testLanes(t *testing.T, chrome context.Context, demo string) {
	p := signedIn(t, chrome, demo, "Mia Torres")
	p.makesSequence("Lanes in the browser")
	branchByMouse(p)
	branchByKeyboard(p)
	askOfFields(p)
	moveIntoLanes(p)
	copyAndSwapLanes(p)
	removeWhatFeeds(p)
	foldLanes(p)
	sendInOwnWindows(p)
	activateLanes(p)
}

// sendInOwnWindows gives the sequence send windows, a wrong one first, and finds them saved.
func sendInOwnWindows(p *person) {
	p.t.Helper()
	p.clicks("button", "More actions")
	p.clicks("link", "Name and options")
	p.chooses("Automated messages go out", "In windows of its own")
	p.holds("Monday from", "09:00")
	p.fills("Monday to", "08:00")
	p.sees("The window of Monday ends before it begins.")
	p.fills("Monday to", "00:00", "Friday from", "", "Friday to", "")
	p.seesNot("The window of Monday ends before it begins.")
	p.presses("Control+s")
	p.sees("Saved")
	p.do(chromedp.Reload())
	p.holds("Monday to", "00:00")
	p.holds("Friday from", "")
	p.holds("Tuesday to", "17:00")
	p.chooses("Automated messages go out", "At any time")
}

const openedHello = "Opened “Say hello”?"

func branchByMouse(p *person) {
	p.t.Helper()
	p.clicks("button", "Add a step…")
	picker := p.in("dialog", "Add a step")
	picker.clicks("tab", "Conditions")
	picker.sees("Needs an email before this place.", "Needs a phone call before this place.", "How far has the lead come?")
	picker.clicks("tab", "Commands")
	picker.sees("Not as the first step.")
	picker.clicks("tab", "Steps")
	picker.clicks("option", "Automated email…")
	p.step("Automated email").chooses("Template", "Introduction")
	p.step("Automated email").fills("Name", "Say hello")
	p.addsCondition("Add a step after Say hello", "Email opened")
	asks := p.step(openedHello)
	asks.sees("Time limit", "Otherwise Yes is taken only when the whole limit has passed.")
	asks.fills("Days", "2")
	asks.clicks("checkbox", "Go on at once")
	p.sees("Nothing happens in either lane of the condition.")
	asks.clicks("checkbox", "Opened a link")
	several := p.step("Opened or link opened?")
	several.clicks("radio", "All are needed")
	p.has("button", "Opened and link opened?")
	p.step("Opened and link opened?").clicks("checkbox", "Opened a link")
	p.addsStep("Add a step at Yes of "+openedHello, "Phone call")
	p.step("Phone call").fills("Name", "Ring up")
	p.sees("Within 2 days, at once") // on the card, where the problem was
	p.tree("Say hello, " + openedHello + " (Ring up | )")
}

// branchByKeyboard makes a second level: A adds after the chosen step, and first into the empty lanes of a condition.
func branchByKeyboard(p *person) {
	p.t.Helper()
	add := func(search, name string) {
		p.t.Helper()
		p.presses("a")
		p.has("dialog", "Add a step")
		p.types(search)
		p.presses("Enter")
		p.lacks("dialog", "Add a step")
		if name != "" {
			p.types(name)
		}
		p.presses("Escape")
	}
	p.presses("Escape")
	p.focuses("button", "Ring up")
	add("phone call out", "")
	p.focuses("button", "Call connected?")
	add("task", "Write it down")
	p.focuses("button", "Write it down")
	p.presses("Up")
	p.focuses("button", "Call connected?")
	add("update", "")
	p.focuses("button", "Update field")
	p.step("Update field").chooses("Field", "Stage")
	p.step("Clear Stage").chooses("Value", "qualify")
	p.presses("Escape")
	p.focuses("button", "Set Stage to qualify")
	p.tree("Say hello, " + openedHello + " (Ring up, Call connected? (Write it down | Set Stage to qualify) | )")
	p.presses("Left")
	p.focuses("button", "Write it down")
	p.presses("Right")
	p.focuses("button", "Set Stage to qualify")
	p.presses("Right")
	p.focuses("button", "Add a step at No of "+openedHello)
	p.presses("Left")
	p.focuses("button", "Ring up")
}

// askOfFields asks about fields, with rows and a group.
func askOfFields(p *person) {
	p.t.Helper()
	p.addsCondition("Add a step at No of "+openedHello, "Field value")
	p.focuses("combobox", "Field")
	first := p.step("Field value?").in("group", "Row 1")
	first.chooses("Field", "Country")
	first = p.step("Country is …?").in("group", "Row 1")
	first.chooses("Comparison", "is one of")
	p.in("complementary", "Settings of…").in("group", "Row 1").fills("Value, one per line", "DE\nAT")
	p.has("button", "Country is one of DE, AT?")
	p.in("complementary", "Settings of…").clicks("button", "Add row")
	second := p.in("complementary", "Settings of…").in("group", "Row 2")
	second.chooses("Field", "Company size", "Comparison", "is at least")
	second.fills("Value", "50")
	p.sees("Country is one of DE, AT and Company size is at least 50")
	p.in("complementary", "Settings of…").chooses("Which must hold", "Or: one of these holds")
	p.sees("Country is one of DE, AT or Company size is at least 50")
	p.in("complementary", "Settings of…").clicks("button", "Add group")
	group := p.in("complementary", "Settings of…").in("group", "Group of rows")
	group.in("group", "Row 1").chooses("Field", "Do not phone", "Value", "Yes")
	group.in("group", "Row 2").clicks("button", "Remove row")
	p.seesNot("A row has no field.")
	p.in("complementary", "Settings of…").fills("Name", "Worth it?")
	p.addsStep("Add a step at No of Worth it?", "Task")
	p.step("Task").fills("Name", "Think it over")
	p.seesNot("Nothing happens in either lane of the condition.")
}

// moveIntoLanes brings a step from the end into lanes, by mouse and by keyboard.
func moveIntoLanes(p *person) {
	p.t.Helper()
	const start = "Say hello, " + openedHello + " (Ring up, Call connected? (Write it down | Set Stage to qualify) | "
	p.addsStep("Add a step after both sides of "+openedHello, "Task")
	p.step("Task").fills("Name", "Offer a visit")
	p.tree(start + "Worth it? ( | Think it over)), Offer a visit")
	p.sees("both sides go on")
	p.presses("Escape", "0") // so that both ends of the way are in sight
	p.dragsUntil("Offer a visit", "Add a step at Yes of Worth it?", start+"Worth it? (Offer a visit | Think it over))")
	p.clicks("button", "Offer a visit")
	p.presses("Alt+Down")
	p.tree(start + "Worth it? ( | Offer a visit, Think it over))")
	p.presses("Alt+Down", "Alt+Down")
	p.tree(start + "Worth it? ( | Think it over), Offer a visit)")
	p.presses("Alt+Down")
	p.tree(start + "Worth it? ( | Think it over)), Offer a visit")
	p.sees("Moved to step 9 of 9.")
	p.clicks("button", "Undo")
	p.clicks("button", "Undo")
	p.tree(start + "Worth it? ( | Think it over, Offer a visit))")
	p.presses("Control+Shift+z", "Control+Shift+z")
	p.tree(start + "Worth it? ( | Think it over)), Offer a visit")
	// A condition takes its lanes along, and cannot go into itself.
	p.presses("0")
	p.drags("button", "Worth it?", "Add a step at Yes of Worth it?")
	p.tree(start + "Worth it? ( | Think it over)), Offer a visit")
	p.dragsUntil("Worth it?", "Add a step after Offer a visit", start+"), Offer a visit, Worth it? ( | Think it over)")
	p.clicks("button", "Undo")
}

func copyAndSwapLanes(p *person) {
	p.t.Helper()
	const end = " | Worth it? ( | Think it over)), Offer a visit"
	p.clicks("button", "Call connected?")
	tools := p.step("Call connected?")
	tools.clicks("button", "Copy Yes to No")
	p.tree("Say hello, " + openedHello + " (Ring up, Call connected? (Write it down | Set Stage to qualify, Write it down)" + end)
	tools.clicks("button", "Swap lanes")
	p.tree("Say hello, " + openedHello + " (Ring up, Call connected? (Set Stage to qualify, Write it down | Write it down)" + end)
	p.clicks("button", "Undo")
	p.clicks("button", "Undo")
	// What is copied along is asked about in the copy.
	p.clicks("button", openedHello)
	p.step(openedHello).clicks("button", "Copy Yes to No")
	p.tree("Say hello, " + openedHello + " (Ring up, Call connected? (Write it down | Set Stage to qualify) | Worth it? ( | Think it over), Ring up, Call connected? (Write it down | Set Stage to qualify)), Offer a visit")
	p.seesNot("problem")
	p.step(openedHello).clicks("button", "Copy step")
	p.tree("Say hello, " + openedHello + " (Ring up, Call connected? (Write it down | Set Stage to qualify) | Worth it? ( | Think it over), Ring up, Call connected? (Write it down | Set Stage to qualify)), " +
		openedHello + " (Ring up, Call connected? (Write it down | Set Stage to qualify) | Worth it? ( | Think it over), Ring up, Call connected? (Write it down | Set Stage to qualify)), Offer a visit")
	p.clicks("button", "Undo")
	p.clicks("button", "Undo")
	p.tree("Say hello, " + openedHello + " (Ring up, Call connected? (Write it down | Set Stage to qualify)" + end)
}

// removeWhatFeeds is refused to delete a step that a condition asks about, and takes the way out.
func removeWhatFeeds(p *person) {
	p.t.Helper()
	const all = "Say hello, " + openedHello + " (Ring up, Call connected? (Write it down | Set Stage to qualify) | Worth it? ( | Think it over)), Offer a visit"
	refusal := p.in("dialog", "A condition asks about this step")
	p.clicks("button", "Ring up")
	p.step("Ring up").clicks("button", "Delete step")
	refusal.sees("“Call connected?” asks about “Ring up”.", "with the 2 steps in its lanes")
	refusal.clicks("button", "Go to the condition")
	p.focuses("button", "Call connected?")
	p.tree(all)
	p.presses("Up")
	p.focuses("button", "Ring up")
	p.presses("Delete")
	refusal.clicks("button", "Delete both")
	p.sees("“Ring up” and “Call connected?” are deleted.")
	p.tree("Say hello, " + openedHello + " ( | Worth it? ( | Think it over)), Offer a visit")
	p.presses("Control+z")
	p.tree(all)
	// A condition goes with its lanes, without a question.
	p.clicks("button", "Worth it?")
	p.presses("Delete")
	p.sees("“Worth it?” is deleted.")
	p.tree("Say hello, " + openedHello + " (Ring up, Call connected? (Write it down | Set Stage to qualify) | ), Offer a visit")
	p.clicks("button", "Undo")
	p.tree(all)
}

// foldLanes folds a lane with a problem in it, and is led there.
func foldLanes(p *person) {
	p.t.Helper()
	p.clicks("button", "Write it down")
	p.step("Write it down").fills("Name", "")
	p.sees("The step has no name.")
	p.clicks("button", "Yes: lane of "+openedHello)
	p.sees("4 steps")
	p.lacks("button", "Ring up")
	p.in("main", "").has("button", "1 problem")
	p.in("list", "Yes of "+openedHello).clicks("button", "1 problem")
	p.has("button", "Ring up")
	p.focuses("button", "Task")
	p.clicks("button", "Yes: lane of Call connected?")
	p.lacks("button", "Task")
	p.clicks("button", "Step 5, Task: The step has no name. Give it a name that tells the seller what to do.")
	p.focuses("textbox", "Name")
	p.step("Task").fills("Name", "Write it down")
	p.lacks("button", "1 problem")
}

// activateLanes saves, holds what the server draws against what the script drew, and activates.
func activateLanes(p *person) {
	p.t.Helper()
	p.presses("Control+s")
	p.sees("Saved")
	p.until("see the same drawn by the server", func() (bool, string) {
		both, err := js[[]string](p, `fetch(location).then((r) => r.text()).then((html) => { const title = (li) => li.innerText === undefined ? li.textContent : [...li.querySelectorAll("button, a, button ~ span, a ~ span")].map((e) => e.textContent.trim()).filter(Boolean).join("/"); `+readTree+`
		  return [new DOMParser().parseFromString(html, "text/html"), document].map((d) => read(d.querySelector("main [data-flow]"))) })`)
		if err != nil {
			return false, err.Error()
		}
		return both[0] == both[1], "the server: " + both[0] + "\nthe script: " + both[1]
	})
	p.auditEverywhere()
	p.clicks("link", "Activate")
	p.in("dialog", "Activate version 1?").sees("1, with 9 steps")
	p.in("dialog", "Activate version 1?").clicks("button", "Activate")
	p.sees("Version 1 is active.")
	p.in("navigation", "Pages of this sequence").clicks("link", "Versions…")
	p.clicks("link", "Version 1")
	p.in("list", "Yes of "+openedHello).sees("Ring up", "Call connected?", "Write it down")
}

// auditEverywhere has axe look at the lanes, the forms of all questions and the picker, in light and dark.
func (p *person) auditEverywhere() {
	p.t.Helper()
	axe := axeSource(p.t)
	for _, scheme := range []string{"light", "dark"} {
		p.media(scheme)
		for _, title := range []string{openedHello, "Call connected?", "Worth it?", "Set Stage to qualify"} {
			p.clicks("button", title)
			p.has("complementary", "Settings of "+title)
			p.audit(axe)
		}
		p.clicks("button", "Yes: lane of "+openedHello)
		p.clicks("button", "Add a step at the start")
		p.in("dialog", "Add a step").clicks("tab", "Conditions")
		p.audit(axe)
		p.presses("Escape")
		p.clicks("button", "Yes, 4 steps: lane of "+openedHello)
	}
	p.media("light")
}

// testManySteps shows a sequence as large as they may be: the whole of it, on a screen and on a phone.
func testManySteps(t *testing.T, chrome context.Context, demo string) {
	p := signedIn(t, chrome, demo, "Mia Torres")
	p.makesSequence("Many steps")
	n := 0
	name := func(typ string) map[string]any {
		n++
		return map[string]any{"id": fmt.Sprint("s", n), "type": typ, "name": fmt.Sprint("Do this and that ", n)}
	}
	var branch func(level int) map[string]any
	branch = func(level int) map[string]any {
		c := name("condition")
		c["when"] = map[string]any{"field": "stage", "op": "=", "value": "propose"}
		yes := []any{name("task"), name("phone_call")}
		if level < 6 {
			yes = append(yes, branch(level+1))
		}
		c["yes"], c["no"] = yes, []any{name("task"), name("email")}
		return c
	}
	steps := []any{branch(1)}
	for n < 40 {
		steps = append(steps, name("task"))
	}
	sequence, err := json.Marshal(map[string]any{"name": "Many steps", "record": "lead", "steps": steps})
	if err != nil {
		t.Fatal(err)
	}
	status, err := js[int](p, fmt.Sprintf(`(() => { const d = JSON.parse(document.getElementById("designer-data").textContent);
	  return fetch(d.path + "/draft", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({rev: d.rev, sequence: %s})}).then((r) => r.status) })()`, sequence))
	if err != nil || status != 200 {
		t.Fatalf("save: %d, %v", status, err)
	}
	for _, size := range [][2]int64{{1440, 900}, {390, 844}} {
		p.do(chromedp.EmulateViewport(size[0], size[1]))
		p.open(p.path())
		p.has("button", "Do this and that 40")
		p.fits(size[0])
		p.seesAll(false)
		p.presses("0")
		p.seesAll(true)
		p.fits(size[0])
		p.clicks("button", "Zoom in")
		p.presses("+", "-")
		p.clicks("button", "Do this and that 1")
		p.presses("Down")
		p.focuses("button", "Do this and that 2")
		p.fits(size[0])
		p.presses("Escape")
	}
	// A lane that is folded up stays so on the next visit.
	p.clicks("button", "Yes: lane of Do this and that 1")
	p.lacks("button", "Do this and that 2")
	p.open(p.path())
	p.has("button", "Do this and that 40")
	p.lacks("button", "Do this and that 2")
	p.clicks("button", "Yes, 27 steps: lane of Do this and that 1")
	p.has("button", "Do this and that 2")
}

// seesAll waits until all cards lie within the canvas, or not all of them.
func (p *person) seesAll(want bool) {
	p.t.Helper()
	p.until(fmt.Sprint("see all steps: ", want), func() (bool, string) {
		out, err := js[int](p, `(() => { const c = document.querySelector("[data-canvas]").getBoundingClientRect();
		  return [...document.querySelectorAll("main li[id^=step-]")].filter((e) => { const b = e.getBoundingClientRect(); return b.left < c.left || b.right > c.right || b.top < c.top || b.bottom > c.bottom }).length })()`)
		return err == nil && (out == 0) == want, fmt.Sprintf("%d are outside, %v", out, err)
	})
}
