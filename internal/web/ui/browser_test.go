//go:build browser

package ui_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"cadenza/internal/testproc"
	"cadenza/internal/web/static"
	"cadenza/internal/web/ui"

	"github.com/chromedp/chromedp"
)

var storybook = flag.String("storybook", "", "folder to write pictures of all pages to")

const policy = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// window is a size and theme in which the pages must hold.
type window struct {
	name          string
	width, height int64
	theme         ui.Theme
}

func windows() []window {
	return []window{
		{"light", 1440, 900, ui.ThemeLight},
		{"dark", 1440, 900, ui.ThemeDark},
		{"tablet", 900, 1100, ui.ThemeLight},
		{"phone-light", 390, 844, ui.ThemeLight},
		{"phone-dark", 360, 780, ui.ThemeDark},
	}
}

// serveSamples answers /samples/{theme}/{page} with a sample page under the policy of
// the real server.
func serveSamples(t *testing.T) string {
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler())
	mux.HandleFunc("GET /samples/{theme}/{page}", func(w http.ResponseWriter, r *http.Request) {
		for _, p := range ui.SamplePages(ui.ThemeOf(r.PathValue("theme"))) {
			if p.Name == r.PathValue("page") {
				w.Header().Set("Content-Security-Policy", policy)
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				if err := p.View.Render(r.Context(), w); err != nil {
					t.Errorf("render %s: %v", p.Name, err)
				}
				return
			}
		}
		http.NotFound(w, r)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// browser starts Chromium, or skips the test where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := testproc.Chromium(t)
	if missing := static.Missing(); len(missing) > 0 {
		t.Skipf("run npm ci && npm run build: %v are missing", missing)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// finding is what axe says of one broken rule.
type finding struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

const runAxe = `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))`

// wider says what sticks out of the window sideways.
const wider = `(() => {
  const limit = document.documentElement.clientWidth + 1;
  if (document.documentElement.scrollWidth <= limit) return "";
  return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > limit && e.checkVisibility())
    .slice(0, 5).map(e => e.tagName + "." + e.className).join(", ");
})()`

// small lists controls below the 24 px of WCAG 2.5.8; links in a sentence are free.
const small = `[...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")].filter(e => {
  if (!e.checkVisibility({visibilityProperty: true}) || e.closest(".sr-only, p, dd, li:not(:has(> a:only-child)), .crumbs, label, .skip")) return false;
  const b = e.getBoundingClientRect();
  return b.width > 0 && (b.height < 24 || b.width < 24);
}).map(e => e.outerHTML.slice(0, 90)).join("\n")`

func TestPagesInBrowser(t *testing.T) {
	ctx, address := browser(t), serveSamples(t)
	axe, err := os.ReadFile("../../../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: npm ci")
	}
	for _, w := range windows() {
		for _, p := range ui.SamplePages(w.theme) {
			t.Run(w.name+"/"+p.Name, func(t *testing.T) {
				look(t, ctx, w, address+"/samples/"+string(w.theme)+"/"+p.Name, p.Name)
				checkText(t, ctx, "sticks out of the window", wider)
				checkText(t, ctx, "is smaller than 24 px", small)
				checkAxe(t, ctx, string(axe))
			})
		}
	}
}

// look opens a page at the size of the window, and with a name keeps a picture.
func look(t *testing.T, ctx context.Context, w window, address, name string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(w.width, w.height), chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.fonts.ready.then(() => true)`, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatal(err)
	}
	if name == "" {
		return
	}
	shot := chromedp.CaptureScreenshot()
	if name == "parts" || name == "leads" {
		shot = chromedp.FullScreenshot(100)
	}
	picture(t, ctx, shot, name+"-"+w.name)
}

// checkText runs a script that answers with what is wrong, or nothing.
func checkText(t *testing.T, ctx context.Context, says, script string) {
	t.Helper()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[string](script))
	if err != nil {
		t.Fatal(err)
	}
	if found != "" {
		t.Errorf("%s: %s", says, found)
	}
}

func checkAxe(t *testing.T, ctx context.Context, source string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("(() => {"+source+"\nreturn true})()")); err != nil {
		t.Fatal(err)
	}
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[string](runAxe, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var found []finding
	if err := json.Unmarshal([]byte(answer), &found); err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		var where []string
		for _, n := range f.Nodes {
			where = append(where, fmt.Sprintf("%s\n\t%s", n.HTML, n.Summary))
		}
		t.Errorf("axe %s: %s\n%s", f.ID, f.Help, strings.Join(where, "\n"))
	}
}
