//go:build browser

package main

import (
	"strings"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// point is where a thing can be hit, or why not.
type point struct {
	X, Y float64
	Why  string
}

// hittable brings a thing into sight and gives its middle, once the page is loaded, nothing is under way and nothing
// lies above it.
const hittable = `async function() {
  if (!this.isConnected) return {Why: "it left the page"};
  if (document.readyState !== "complete") return {Why: "the page is loading"};
  if (document.querySelector(".htmx-request, .htmx-settling, .htmx-swapping")) return {Why: "the page is being brought anew"};
  if (this.matches(":disabled") || this.ariaDisabled === "true") return {Why: "it is disabled"};
  const box = () => [...this.getClientRects()].find((r) => r.width > 0 && r.height > 0) ?? this.getBoundingClientRect();
  this.scrollIntoView({block: "center", inline: "nearest", behavior: "instant"});
  const before = box();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const b = box();
  if (before.x !== b.x || before.y !== b.y) return {Why: "it moves"};
  const X = b.x + b.width / 2, Y = b.y + b.height / 2;
  const hit = document.elementFromPoint(X, Y);
  const own = (e) => e && (this.contains(e) || [...(this.labels ?? [])].some((l) => l.contains(e)) || (e.contains(this) && e.matches("label, summary")));
  if (!own(hit)) return {Why: "it is covered by " + (hit?.outerHTML.slice(0, 120) ?? "nothing")};
  return {X, Y, Why: ""};
}`

// reach waits until a thing can be hit, and gives where.
func (p *person) reach(role, name string) (found, point) {
	p.t.Helper()
	g := thing{role, name}
	var one found
	var at point
	p.until("reach "+g.String(), func() (bool, string) {
		list, err := p.look(g, 1)
		if err != nil {
			return false, err.Error()
		}
		if len(list) == 0 {
			return false, errMissing.Error()
		}
		one = list[0]
		if at, err = callOn[point](p, one, hittable); err != nil {
			return false, err.Error()
		}
		return at.Why == "", at.Why
	})
	return one, at
}

// watched has the page remember whether the next press of the mouse falls on a thing.
const watched = `function() {
  const own = (e) => this.contains(e) || [...(this.labels ?? [])].some((l) => l.contains(e)) || (e.contains(this) && e.matches("label, summary"));
  window.pressedByTest = "";
  document.addEventListener("pointerdown", (event) => { window.pressedByTest = own(event.target) ? "hit" : "missed"; }, {once: true, capture: true});
  return true;
}`

// clicks presses a thing with the mouse. When it moved away at the last moment, because a line came in above it, she tries
// again, as anybody would.
func (p *person) clicks(role, name string) {
	p.t.Helper()
	p.until("press "+thing{role, name}.String(), func() (bool, string) {
		one, at := p.reach(role, name)
		if _, err := callOn[bool](p, one, watched); err != nil {
			return false, err.Error()
		}
		p.do(chromedp.MouseClickXY(at.X, at.Y))
		how, err := js[string](p, `window.pressedByTest ?? ""`)
		return err != nil || how != "missed", "it moved away"
	})
}

// fieldRoles are what a label can name that takes text.
var fieldRoles = []string{"textbox", "searchbox", "spinbutton", "combobox", "Date", "DateTime", "InputTime"}

// field waits for what a label names.
func (p *person) field(label string) found {
	p.t.Helper()
	var one found
	p.until("find the field “"+label+"”", func() (bool, string) {
		for _, role := range fieldRoles {
			list, err := p.look(thing{role, label}, 1)
			if err != nil {
				return false, err.Error()
			}
			if len(list) > 0 {
				one = list[0]
				at, err := callOn[point](p, one, hittable)
				if err != nil {
					return false, err.Error()
				}
				return at.Why == "", at.Why
			}
		}
		return false, errMissing.Error()
	})
	return one
}

// fills replaces the text of a field: pairs of label and text.
func (p *person) fills(pairs ...string) {
	p.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		one := p.field(pairs[i])
		typed, err := callOn[bool](p, one, `function(text) {
		  this.focus();
		  if (this.isContentEditable) { document.getSelection().selectAllChildren(this); return true; }
		  if (this.matches("[type=date], [type=datetime-local], [type=time]")) {
		    this.value = text;
		    this.dispatchEvent(new Event("input", {bubbles: true}));
		    this.dispatchEvent(new Event("change", {bubbles: true}));
		    return false;
		  }
		  this.select();
		  return true;
		}`, pairs[i+1])
		if err != nil {
			p.t.Fatalf("fill in %q: %v", pairs[i], err)
		}
		if !typed {
			continue
		}
		if pairs[i+1] == "" {
			p.presses("Backspace")
			continue
		}
		must(p.t, p, input.InsertText, input.InsertTextParams{Text: pairs[i+1]})
	}
}

// holds waits until a field has a value.
func (p *person) holds(label, value string) {
	p.t.Helper()
	p.until("see “"+value+"” in the field “"+label+"”", func() (bool, string) {
		now, err := callOn[string](p, p.field(label), `function() { return this.selectedOptions ? this.selectedOptions[0]?.text ?? "" : this.value ?? this.innerText }`)
		if err != nil {
			return false, err.Error()
		}
		return strings.TrimSpace(now) == value, "it holds “" + now + "”"
	})
}

// chooses picks options of fields by their texts: pairs of label and option.
func (p *person) chooses(pairs ...string) {
	p.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		label, option := pairs[i], pairs[i+1]
		p.until("choose “"+option+"” for “"+label+"”", func() (bool, string) {
			offers, err := callOn[string](p, p.field(label), `function(want) {
			  const at = [...this.options].findIndex((o) => o.text.trim() === want && !o.disabled);
			  if (at < 0) return "it offers " + [...this.options].map((o) => o.text.trim()).join(", ");
			  this.focus();
			  if (this.selectedIndex === at) return "";
			  this.selectedIndex = at;
			  this.dispatchEvent(new Event("input", {bubbles: true}));
			  this.dispatchEvent(new Event("change", {bubbles: true}));
			  return "";
			}`, option)
			if err != nil {
				return false, err.Error()
			}
			return offers == "", offers
		})
	}
}

// uploads gives a file to the chooser with this label.
func (p *person) uploads(label, file string) {
	p.t.Helper()
	one := p.find("button", label)
	must(p.t, p, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, ObjectID: one.object})
}

// keyNames are the keys that have no character of their own.
var keyNames = map[string]string{
	"Enter": kb.Enter, "Tab": kb.Tab, "Escape": kb.Escape, "Space": " ", "Backspace": kb.Backspace, "Delete": kb.Delete,
	"Up": kb.ArrowUp, "Down": kb.ArrowDown, "Left": kb.ArrowLeft, "Right": kb.ArrowRight,
}

// presses presses keys after each other: "a", "Enter", "Control+s", "Alt+Up", "Shift+Tab".
func (p *person) presses(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		var with chromedp.Modifier
		for {
			name, rest, more := strings.Cut(key, "+")
			if !more || rest == "" {
				break
			}
			with |= map[string]chromedp.Modifier{"Control": chromedp.ModifierCtrl, "Alt": chromedp.ModifierAlt, "Shift": chromedp.ModifierShift}[name]
			key = rest
		}
		if name, special := keyNames[key]; special {
			key = name
		}
		p.strikes([]rune(key)[0], with)
	}
}

// strikes presses one key and lets it go. The text rides on the press, so that a shortcut that takes the press also takes
// the character, as on a real keyboard.
func (p *person) strikes(key rune, with chromedp.Modifier) {
	p.t.Helper()
	events := kb.Encode(key)
	down, up := events[0], events[len(events)-1]
	if len(events) == 3 && with&^chromedp.ModifierShift == 0 {
		down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
	}
	for _, e := range []*input.DispatchKeyEventParams{down, up} {
		e.Modifiers |= int64(with)
		must(p.t, p, input.DispatchKeyEvent, *e)
	}
}

// types writes text key by key into what has the focus.
func (p *person) types(text string) {
	p.t.Helper()
	for _, key := range text {
		p.strikes(key, chromedp.ModifierNone)
	}
}

// resting gives the middle of a thing once it has kept its place over ten frames: what slides in beside it, or a page that is
// laid out anew, moves it later than its neighbours.
const resting = `async function() {
  const place = () => { const b = this.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; };
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const [X, Y] = place();
  for (let i = 0; i < 10; i++) {
    await frame();
    const [x, y] = place();
    if (x !== X || y !== Y) return {X, Y, Why: "it moves"};
  }
  return {X, Y, Why: ""};
}`

// drags pulls one thing onto another with the mouse, in small steps as a hand does. When the first one moved away at the last
// moment, she tries again.
func (p *person) drags(role, from, to string) {
	p.t.Helper()
	p.until("drag “"+from+"” to “"+to+"”", func() (bool, string) {
		p.reach(role, to) // brings it into sight
		one, _ := p.reach(role, from)
		end, err := callOn[point](p, p.find(role, to), resting)
		if err != nil || end.Why != "" {
			return false, to + ": " + end.Why
		}
		start, err := callOn[point](p, one, resting)
		if err != nil || start.Why != "" {
			return false, from + ": " + start.Why
		}
		if _, err := callOn[bool](p, one, watched); err != nil {
			return false, err.Error()
		}
		p.do(chromedp.DragAndDropXY(start.X, start.Y, end.X, end.Y, 12))
		how, err := js[string](p, `window.pressedByTest ?? ""`)
		return err != nil || how != "missed", "it moved away"
	})
}
