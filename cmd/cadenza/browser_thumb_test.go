//go:build browser

package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// smallest is how high a thing that is tapped has to be, in pixels.
const smallest = 40

// testOneThumb has a seller complete calls on a phone in one hand: on a common one, and on a small one in the dark.
func testOneThumb(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	for _, phone := range []struct {
		width, height int64
		scheme        string
	}{{390, 844, "light"}, {360, 640, "dark"}} {
		p := newPerson(t, chrome, demo)
		p.media(phone.scheme)
		p.do(chromedp.EmulateViewport(phone.width, phone.height, chromedp.EmulateMobile, chromedp.EmulateTouch))
		p.open("/sign-in")
		p.taps("button", "Anna Berg…")
		p.at("/work")
		p.open("/work?kind=phone_call")
		p.fits(phone.width)
		p.taps("link", "…First call…")
		p.at("/work/act_")
		p.completesByThumb(phone.width)
	}
}

// completesByThumb completes the call that is open.
func (p *person) completesByThumb(width int64) {
	p.t.Helper()
	p.standsReady("button", "Complete")
	p.fits(width)
	p.tooLow(".upnext :is(a, button, summary, textarea, .pill), .upnext ~ .steps > summary")
	p.audit(axeSource(p.t))
	for _, outcome := range []string{"Wrong number", "Left voicemail", "Connected"} {
		p.comesUnderThumb("radio", outcome)
	}
	p.taps("radio", "Connected")
	p.comesUnderThumb("textbox", "Note")
	p.taps("textbox", "Note")
	must(p.t, p, input.InsertText, input.InsertTextParams{Text: "Calls back on Monday"})
	p.holds("Note", "Calls back on Monday")
	p.standsReady("button", "Complete") // also while the note is written
	p.taps("button", "Complete")
	p.sees("“First call” is completed.")
	p.fits(width)
}

// taps presses a thing with a finger.
func (p *person) taps(role, name string) {
	p.t.Helper()
	p.until("tap "+thing{role, name}.String(), func() (bool, string) {
		one, at := p.reach(role, name)
		if _, err := callOn[bool](p, one, watched); err != nil {
			return false, err.Error()
		}
		touch := input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: at.X, Y: at.Y}}}
		must(p.t, p, input.DispatchTouchEvent, touch)
		must(p.t, p, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}})
		how, err := js[string](p, `window.pressedByTest ?? ""`)
		return err != nil || how != "missed", "it moved away"
	})
}

// underThumb tells what keeps a thumb from a thing: it lies in the upper third of the window, outside of it or under
// something else, or the page is zoomed. What is labelled is tapped on its label; text that is small has phones zoom in.
const underThumb = `async function(bring) {
  const box = this.matches("[type=radio]") ? this.labels[0] : this;
  if (bring) box.scrollIntoView({block: "nearest", behavior: "instant"});
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const b = box.getBoundingClientRect(), middle = b.y + b.height / 2;
  if (visualViewport.scale !== 1) return "the page is zoomed by " + visualViewport.scale;
  if (this.matches("textarea") && parseFloat(getComputedStyle(this).fontSize) < 16) return "its text is so small that a phone zooms in";
  if (middle < innerHeight / 3 || b.bottom > innerHeight) return "it is at " + Math.round(b.top) + " to " + Math.round(b.bottom) + " of " + innerHeight;
  for (const y of [b.top + 4, middle, b.bottom - 4]) {
    const hit = document.elementFromPoint(b.x + b.width / 2, y);
    if (!hit || !(box.contains(hit) || hit.contains(this) && hit.matches("label"))) return "it is covered by " + (hit?.outerHTML.slice(0, 120) ?? "nothing");
  }
  return "";
}`

// comesUnderThumb waits until scrolling alone brings a thing to where a thumb reaches it.
func (p *person) comesUnderThumb(role, name string) {
	p.t.Helper()
	p.thumbOn(role, name, true)
}

// standsReady waits until a thing is where a thumb reaches it, without scrolling.
func (p *person) standsReady(role, name string) {
	p.t.Helper()
	p.thumbOn(role, name, false)
}

func (p *person) thumbOn(role, name string, bring bool) {
	p.t.Helper()
	p.until("have "+thing{role, name}.String()+" under the thumb", func() (bool, string) {
		why, err := callOn[string](p, p.find(role, name), underThumb, bring)
		if err != nil {
			return false, err.Error()
		}
		return why == "", why
	})
}

// tooLow finds what a fingertip would miss, among what a selector gives.
func (p *person) tooLow(selector string) {
	p.t.Helper()
	low, err := js[[]string](p, fmt.Sprintf(`[...document.querySelectorAll(%q)].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < %d)
	  .map((e) => Math.round(e.getBoundingClientRect().height) + " px: " + e.outerHTML.slice(0, 160))`, selector, smallest))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, one := range low {
		p.t.Errorf("%s: lower than %d px: %s", p.path(), smallest, one)
	}
}
