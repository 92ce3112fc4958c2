//go:build browser

package ui_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cadenza/internal/web/ui"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// walk is what a person does on a page by keyboard alone. A step is keys to
// press, or after "=" what must then be true (within two seconds).
type walk struct {
	name  string
	page  string
	phone bool
	steps []string
}

const (
	escape    = "\u001b"
	enter     = "\r"
	tab       = "\t"
	arrowDown = "\u0301"
	arrowUp   = "\u0304"
)

func walks() []walk {
	focused := func(selector string) string { return "=document.activeElement.matches('" + selector + "')" }
	return []walk{
		{"skip link", "leads", false, []string{tab, focused(".skip"), enter, focused("#main")}},
		{"keys dialog", "worklist", false, []string{"?", "=document.getElementById('keys').open", escape, "=!document.getElementById('keys').open"}},
		{"rows by j and k", "worklist", false, []string{"j", focused("[href=\"/work/2\"]"), "j", focused("[href=\"/work/3\"]"), "k", focused("[href=\"/work/2\"]")}},
		{"search by slash, no keys while typing", "leads", false, []string{"/", focused("[type=search]"), "j?", "=document.activeElement.value === 'j?'", "=!document.getElementById('keys').open", escape, "=document.activeElement === document.body"}},
		{"menu by arrows", "worklist", false, []string{
			"=(document.querySelector('[data-menu=more-next]').focus(), true)", arrowDown, "=document.getElementById('more-next').matches(':popover-open')",
			focused("#more-next [href=\"/handover\"]"), arrowDown, focused("#more-next [href=\"/edit\"]"), arrowUp, arrowUp, focused("#more-next .is-danger"),
			escape, "=!document.getElementById('more-next').matches(':popover-open')", focused("[data-menu=more-next]"),
		}},
		{"dialog and back", "parts", false, []string{
			"=(document.querySelector('[data-dialog=sample-dialog]').focus(), true)", enter, "=document.getElementById('sample-dialog').open",
			"=document.getElementById('sample-dialog').contains(document.activeElement)", escape, focused("[data-dialog=sample-dialog]"),
		}},
		{"choose rows", "leads", false, []string{
			"=document.querySelector('[data-bulk-count]').textContent === '1 lead selected'",
			"=(document.querySelector('[data-select-all]').focus(), true)", " ", "=document.querySelector('[data-bulk-count]').textContent === '5 leads selected'",
			"=(document.querySelector('[data-select-none]').focus(), true)", enter, "=!document.querySelector('.bulk').checkVisibility()", focused("[data-select-all]"),
		}},
		{"theme", "leads", false, []string{
			"=(document.querySelector('.person').focus(), true)", enter, focused("[data-theme-choice=light]"), arrowDown, focused("[data-theme-choice=dark]"), enter,
			"=document.documentElement.dataset.theme === 'dark'", "=document.cookie.includes('theme=dark')", "=document.querySelector('[data-theme-choice=dark]').ariaPressed === 'true'",
		}},
		{"single keys off", "worklist", false, []string{
			"?", "=document.getElementById('keys').open", "=(document.querySelector('[data-keys-switch]').focus(), true)", " ", escape, "=!document.getElementById('keys').open",
			"?", "=!document.getElementById('keys').open", "=(localStorage.clear(), true)",
		}},
		{"drawer", "leads", true, []string{
			"=!document.querySelector('.nav-link').checkVisibility({visibilityProperty: true})", "=(document.querySelector('[data-drawer=open]').focus(), true)", enter,
			"=document.querySelector('.nav-link').checkVisibility({visibilityProperty: true})", focused("[data-drawer=close]"), escape, focused("[data-drawer=open]"),
		}},
	}
}

func TestKeyboard(t *testing.T) {
	ctx, address := browser(t), serveSamples(t)
	for _, w := range walks() {
		t.Run(w.name, func(t *testing.T) {
			at := windows()[0]
			if w.phone {
				at = windows()[3]
			}
			look(t, ctx, at, address+"/samples/"+string(ui.ThemeLight)+"/"+w.page, "")
			for _, s := range w.steps {
				step(t, ctx, s)
			}
		})
	}
}

func step(t *testing.T, ctx context.Context, s string) {
	t.Helper()
	expression, isCheck := strings.CutPrefix(s, "=")
	if !isCheck {
		if err := chromedp.Do(ctx, chromedp.KeyEvent(s, asKeyboard)); err != nil {
			t.Fatal(err)
		}
		return
	}
	// Events such as toggle come a moment after the key.
	wait := `new Promise(done => { const end = performance.now() + 2000;
		const look = () => (` + expression + `) ? done(true) : performance.now() > end ? done(false) : requestAnimationFrame(look); look(); })`
	ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	if !ok {
		active, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.activeElement.outerHTML.slice(0, 160)`))
		t.Fatalf("not true: %s\nfocus is on %s (%v)", expression, active, err)
	}
}

// asKeyboard sends a key as a real keyboard does: a page that takes the press
// for itself suppresses the letter.
func asKeyboard(k *input.DispatchKeyEventParams) {
	if k.Type == input.DispatchKeyEventTypeKeyDown {
		k.Type = input.DispatchKeyEventTypeRawKeyDown
	}
}

// What opens over a page is as accessible as the page.
func TestOverlays(t *testing.T) {
	ctx, address := browser(t), serveSamples(t)
	axe, err := os.ReadFile("../../../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: npm ci")
	}
	for _, w := range windows() {
		for name, open := range map[string]string{
			"dialog":  `document.getElementById("sample-dialog").showModal()`,
			"confirm": `document.getElementById("sample-confirm").showModal()`,
			"keys":    `document.getElementById("keys").showModal()`,
			"menu":    `document.getElementById("sample-menu").showPopover()`,
			"person":  `document.querySelector("[data-drawer=open]").checkVisibility() ? document.querySelector("[data-drawer=open]").click() : document.getElementById("person-menu").showPopover()`,
		} {
			t.Run(w.name+"/"+name, func(t *testing.T) {
				look(t, ctx, w, address+"/samples/"+string(w.theme)+"/parts", "")
				opened := `(async () => {
					const frame = () => new Promise(requestAnimationFrame);
					document.querySelector("[data-menu=sample-menu]").scrollIntoView({block: "center"});
					await frame(); await frame();
					` + open + `;
					await frame(); await frame();
					await Promise.all(document.getAnimations().filter(a => a.effect.getTiming().iterations === 1).map(a => a.finished));
					return true;
				})()`
				if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](opened, chromedp.EvalAwaitPromise)); err != nil {
					t.Fatal(err)
				}
				picture(t, ctx, chromedp.CaptureScreenshot(), name+"-"+w.name)
				checkAxe(t, ctx, string(axe))
			})
		}
	}
}

// picture keeps a picture of the page if asked.
func picture(t *testing.T, ctx context.Context, shot chromedp.Action[[]byte], name string) {
	t.Helper()
	if *storybook == "" {
		return
	}
	data, err := chromedp.Run(ctx, shot)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*storybook, name+".png"), data, 0o644); err != nil {
		t.Fatal(err)
	}
}
