//go:build browser

package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/testproc"
	"cadenza/internal/web/static"
)

// tab is a signed-in tab of Chromium. What its console says against us fails the test.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
}

// tabAs opens a tab in which somebody of the role is signed in, or skips the test where there is no Chromium.
func (h *house) tabAs(role access.Role) *tab {
	h.t.Helper()
	path := testproc.Chromium(h.t)
	if missing := static.Missing(); len(missing) > 0 {
		h.t.Skipf("run npm ci && npm run build: %v are missing", missing)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true))
	alloc, stop := chromedp.NewExecAllocator(h.t.Context(), options...)
	h.t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	h.t.Cleanup(cancel)
	b := &tab{h.t, ctx, h.http.URL}
	b.do(chromedp.EmulateViewport(1440, 900))
	for _, c := range h.cookies(role) {
		b.cookie(c.Name, c.Value)
	}
	done := make(chan struct{})
	h.t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		for m, err := range chromedp.Console(ctx) {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" {
				h.t.Errorf("the console says: %s", m)
			}
		}
	}()
	return b
}

// cookies gives those of a browser in which somebody of the role is signed in.
func (h *house) cookies(role access.Role) []*http.Cookie {
	h.t.Helper()
	address, err := url.Parse(h.http.URL)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.as(role).http.Jar.Cookies(address)
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) cookie(name, value string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.base}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// says gives what a script returns.
func (b *tab) says(script string) string {
	b.t.Helper()
	said, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String((() => {"+script+"})())"))
	if err != nil {
		b.t.Fatal(err)
	}
	return said
}

// waits returns as soon as an expression holds in the page and htmx is at rest, and fails the test when that takes more
// than ten seconds.
func (b *tab) waits(expression string) {
	b.t.Helper()
	script := `new Promise((ok, no) => {
		const end = Date.now() + 10000;
		const look = () => { if ((` + expression + `) && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")) ok(true); else if (Date.now() > end) no(new Error("it stays so")); else setTimeout(look, 20); };
		look();
	})`
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
	for err != nil && strings.Contains(err.Error(), "navigated") { // the page was left while the script waited in it
		_, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
	}
	if err != nil {
		b.t.Fatalf("never true: %s (%v)\nopen: %s", expression, err, b.says("return location.pathname + ' ' + document.querySelector('main')?.innerText"))
	}
}

// press presses a key as a keyboard does: what it prints is lost when a shortcut takes it.
func (b *tab) press(key string) {
	b.t.Helper()
	p := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: key}
	if key == "Enter" {
		p.Text, p.WindowsVirtualKeyCode = "\r", 13
	}
	for _, typ := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		if p.Type = typ; typ == input.DispatchKeyEventTypeKeyUp {
			p.Text = ""
		}
		if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p); err != nil {
			b.t.Fatal(err)
		}
	}
}

// stands waits for an activity to be the opened one, with its row marked in the list.
func (b *tab) stands(name string) {
	b.t.Helper()
	quoted, _ := json.Marshal(name) // a string always is JSON
	b.waits(`document.querySelector(".upnext-title")?.textContent === ` + string(quoted) +
		` && document.querySelector(".workrow[aria-current]")?.textContent.includes(` + string(quoted) + `)`)
}

// A page that scrolled to what has the focus has something half under the bar on top, which is there to scroll to.
const sellerAxe = `scrollTo(0, 0); axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations']}).then(r =>
	r.violations.flatMap(v => v.nodes.map(n => v.id + " " + n.html + "\n  " + n.failureSummary)).join("\n"))`

const sellerTooWide = `
	const limit = document.documentElement.clientWidth + 1;
	if (document.documentElement.scrollWidth <= limit) return "";
	return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > limit && e.checkVisibility()).slice(0, 5).map(e => e.outerHTML.slice(0, 80)).join("\n")`

// sellerHouse holds long names, German and Japanese text, and each kind of activity.
func sellerHouse(t *testing.T) (*house, map[string]store.Activity) {
	h := newHouse(t)
	seller := h.actor(access.Seller)
	if _, err := h.app.SaveMailbox(t.Context(), seller, action.MailboxInput{
		User: seller.ID, Address: "seller@cadenza.test", SenderName: "Sam Seller",
		Host: "127.0.0.1", Port: 2525, Security: store.NoTLS,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.app.CreateTemplate(t.Context(), h.actor(access.Admin), action.TemplateInput{Key: "offer", Name: "Offer", Subject: "Offer", HTML: "<p>Hello {{ first_name }} in {{ city }}</p>"}); err != nil {
		t.Fatal(err)
	}
	long := h.record(access.Seller, record.Lead, record.Values{
		"first_name": "Dr. Anneliese", "last_name": "von Hohenstein-Wallrabenstein-Zwischenbrugger",
		"company": "Wallrabenstein Maschinenbau und Anlagentechnik GmbH & Co. KG", "job_title": "Leiterin der Abteilung für strategischen Einkauf",
		"phone": "+4930901820", "mobile": "+491701234567", "email": "anneliese.von.hohenstein-wallrabenstein@wallrabenstein-maschinenbau.test",
	})
	tokyo := h.record(access.Seller, record.Lead, record.Values{"first_name": "由紀子", "last_name": "田中", "company": "田中精機株式会社", "time_zone": "Asia/Tokyo", "email": "yukiko@tanaka.test"})
	h.connect(h.active("Herbst-Nachfassaktion für Bestandskunden im Maschinenbau", callStep, waitStep, taskStep), long)
	h.connect(h.active("Offers", step.Step{ID: "offer", Type: "email", Name: "Send the offer", Config: step.Config{"template": "offer"}}, taskStep), tokyo)
	h.due(tokyo, "task", "Send the price list", -50*time.Hour)
	byName := map[string]store.Activity{}
	for _, a := range h.work() {
		byName[a.Name] = a
	}
	return h, byName
}

func TestSellerPagesInBrowser(t *testing.T) {
	h, work := sellerHouse(t)
	axe, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: npm ci")
	}
	call, offer := work["First call"], work["Send the offer"]
	record := "/records/" + call.Record.String()
	paths := []string{
		"/work", "/work?q=nobody", opened(call, ""), opened(offer, "?do=email"), opened(work["Send the price list"], "?do=snooze"), opened(call, "?do=assign"),
		record, record + "/edit", record + "/connect", record + "/activities/new", "/leads", "/leads/new", "/opportunities",
	}
	b := h.tabAs(access.Seller)
	for _, w := range []struct {
		theme         string
		width, height int64
	}{{"light", 1440, 900}, {"dark", 1440, 900}, {"light", 768, 1024}, {"dark", 360, 780}} {
		b.cookie("theme", w.theme)
		b.do(chromedp.EmulateViewport(w.width, w.height))
		for _, path := range paths {
			b.open(path)
			if wide := b.says(sellerTooWide); wide != "" {
				t.Errorf("%s at %d px sticks out of the window:\n%s", path, w.width, wide)
			}
			b.says(string(axe) + "\nreturn 1")
			found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](sellerAxe, chromedp.EvalAwaitPromise))
			if err != nil || found != "" {
				t.Errorf("%s at %d px, %s: axe finds %s %v", path, w.width, w.theme, found, err)
			}
		}
	}
}

func TestWorkByKeyboardInBrowser(t *testing.T) {
	h, work := sellerHouse(t)
	b := h.tabAs(access.Seller)
	b.open("/work")
	b.stands("Send the price list")

	// the list: J and Enter open the call; Z and 2 put it off until tomorrow, and the next one opens
	b.press("j")
	b.press("j")
	b.press("k")
	b.press("Enter")
	b.stands("First call")
	b.press("z")
	b.waits(`document.activeElement.matches("dialog[open] .choice")`)
	b.press("2")
	b.stands("Send the offer")

	// the composer: E opens it with the template filled in, Ctrl+Enter sends
	b.press("e")
	b.waits(`document.querySelector("trix-editor")?.textContent.includes("Hello 由紀子 in")`)
	if where := b.says("return location.search"); where != "?do=email" {
		t.Errorf("the address of the composer is %q", where)
	}
	b.says(`document.querySelector("[name=empty_fields]")?.click(); document.querySelector("[name=subject]").focus(); return 1`)
	b.says(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", ctrlKey: true, bubbles: true, cancelable: true})); return 1`)
	b.stands("Send the price list")
	b.waits(`document.querySelector("#flash").textContent.includes("yukiko@tanaka.test is on its way")`)

	// skip with a reason; the key that opens the window is not typed into it
	b.press("s")
	b.waits(`document.activeElement.matches("dialog[open] [name=note]")`)
	for _, key := range strings.Split("old", "") {
		b.press(key)
	}
	if typed := b.says("return document.activeElement.value"); typed != "old" {
		t.Errorf("the reason holds %q", typed)
	}
	b.press("Enter")
	b.stands("Send the offer")
	skipped, err := h.app.GetActivity(t.Context(), h.actor(access.Seller), work["Send the price list"].ID)
	if err != nil || skipped.State != store.ActivitySkipped || skipped.Note != "old" {
		t.Errorf("the activity is %v with note %q, %v", skipped.State, skipped.Note, err)
	}

	// an email with nothing in it yet is written from its subject on
	var them store.Record
	them.ID = work["Send the offer"].Record
	h.due(them, "email", "Write to them", -200*time.Hour)
	b.open("/work")
	b.stands("Write to them")
	b.press("e")
	b.waits(`document.activeElement.name === "subject"`)
}

func TestCallInBrowser(t *testing.T) {
	h, work := sellerHouse(t)
	b := h.tabAs(access.Seller)
	b.open(opened(work["First call"], ""))
	b.says(`document.addEventListener("click", (e) => { if (e.target.closest("a[href^='tel:']")) e.preventDefault(); }); return 1`)
	b.press("c")
	b.waits(`document.querySelector("[role=timer]").textContent === "00:01"`)
	b.press("d") // the browser asks for the outcome first
	b.waits(`document.activeElement.name === "outcome"`)
	b.says(`document.querySelector("[value=connected]").click(); document.activeElement.blur(); return 1`)
	b.press("d")
	b.stands("Send the offer")
	done, err := h.app.GetActivity(t.Context(), h.actor(access.Seller), work["First call"].ID)
	if err != nil || done.State != store.ActivityCompleted || done.Outcome != "connected" || done.Duration < 1 {
		t.Errorf("the call is %v, %q, %d s, %v", done.State, done.Outcome, done.Duration, err)
	}
}

func TestConnectInBrowser(t *testing.T) {
	h, _ := sellerHouse(t)
	b := h.tabAs(access.Seller)
	b.open("/leads")
	b.says(`document.querySelector("[data-select-all]").click(); return 1`)
	b.waits(`document.querySelector("[data-bulk-count]").textContent === "2 leads selected"`)
	b.says(`[...document.querySelectorAll("[data-bulk] button")].find((e) => e.textContent.includes("Connect")).click(); return 1`)
	b.waits(`document.querySelector("dialog[open] [name=sequence]")`)
	b.says(`document.querySelectorAll("dialog [name=sequence]")[1].click(); return 1`)
	b.waits(`document.querySelector("#connect-plan").textContent.includes("1 will be connected, 1 will not")`)
	b.says(`document.querySelector("dialog[open] button.btn-primary").click(); return 1`)
	b.waits(`document.querySelector("h1")?.textContent === "Connected to Offers"`)
	b.open("/leads")
	b.says(`const q = document.querySelector("[type=search]"); q.value = "田中"; q.dispatchEvent(new Event("input", {bubbles: true})); return 1`)
	b.waits(`document.querySelectorAll("#records tbody tr").length === 1 && location.search.includes("q=")`)
}

// TestTurnPagesInBrowser walks by keys over the end of a page: what is open and written beside the list stays, and so does the selection.
func TestTurnPagesInBrowser(t *testing.T) {
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	for n := range store.DefaultPageSize + 2 {
		h.due(lead, "task", fmt.Sprintf("Task %03d", n), time.Duration(n-100)*time.Minute)
	}
	b := h.tabAs(access.Seller)
	b.open("/work")
	b.stands("Task 000")
	b.waits(`document.querySelectorAll(".workrow").length === 50`)
	b.says(`document.querySelector(".split-detail [name=note]").value = "Half a note"; return 1`)
	b.press("x")

	on := func(name string) { // has the focus
		b.waits(`document.activeElement.matches(".workrow") && document.activeElement.textContent.includes("` + name + `")`)
	}
	b.says(`[...document.querySelectorAll(".workrow")].at(-1).focus(); return 1`)
	b.press("j")
	on("Task 050")
	b.press("x")
	b.waits(`document.querySelector("[data-bulk-count]").textContent === "2 selected"`)
	if kept := b.says(`return document.querySelector(".split-detail [name=note]").value + location.search.slice(0, 8)`); kept != "Half a note?cursor=" {
		t.Errorf("what is open beside the list is %q", kept)
	}

	b.press("p") // into what is open, and back to the list
	b.waits(`document.activeElement.matches(".upnext")`)
	b.press("p")
	on("Task 050")
	b.press("k")
	on("Task 049")
	b.press("s")
	b.waits(`document.querySelector("#flash").textContent.includes("Skipping 2 activities")`)
	var waiting []string
	for _, a := range h.work() {
		waiting = append(waiting, a.Name)
	}
	if slices.Contains(waiting, "Task 000") || slices.Contains(waiting, "Task 050") || len(waiting) != store.DefaultPageSize {
		t.Errorf("the list still holds %q", waiting)
	}

	b.press("/") // what the search finds comes while somebody writes on: they stay in the field, and no letter is taken for a command
	b.press("T")
	b.waits(`location.search.includes("q=T")`)
	for _, key := range []string{"a", "s", "k"} {
		b.press(key)
	}
	b.waits(`location.search.includes("q=Task") && document.activeElement.type === "search" && document.activeElement.value === "Task"`)

	b.open("/work") // what another does shows by itself, in the navigation too
	if _, err := h.app.SkipActivity(t.Context(), h.actor(access.Admin), h.work()[1].ID, ""); err != nil {
		t.Fatal(err)
	}
	b.waits(`document.querySelectorAll(".workrow").length === 49 && document.querySelector('a[href="/work"] .count').textContent === "49"`)
}
