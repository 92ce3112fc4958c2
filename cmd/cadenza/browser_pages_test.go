//go:build browser

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// aside are GET routes that are no pages of their own, with what they are.
var aside = map[string]string{
	"/{$}":                      "leads to the work list or the sign-in page",
	"/templates/fields":         "a part of the template's page",
	"/snippets/pick":            "a part of the editors",
	"/outbox/{id}/test":         "a part of the template's page",
	"/mailboxes/connected":      "where providers send people back; leads to the mailbox",
	"/templates/records":        "names of records, for the chooser of the preview",
	"/imports/{id}/refused.csv": "a file",
	"/files/{id}/content":       "a file",
	"/sequences/export":         "a file",
	"/sequences/{id}/file":      "a file",
	"/live":                     "what the pages listen to",
	"/notifications/{id}":       "leads to what it is about",
	"/work/rows":                "a part of the work list",
	"/meetings/suggest":         "names of records, for the form of a meeting",
	"/phone/events":             "what the dock listens to",
	"/phone/calls/{id}/outcome": "a part of the dock",
	"/":                         "every address that does not exist; /nowhere stands for it",
}

// pagesOf gives the address of every page, by its route. What the sample data lacks is made first.
func pagesOf(p *person) map[string]string {
	p.t.Helper()
	sequence := p.linkOn("/sequences", `^/sequences/\w+$`, "Inbound lead")
	lead := p.linkOn("/leads", `^/records/\w+$`, "")
	connected := p.linkOn(sequence+"/connected", `^/records/\w+$`, "")
	enrollment, err := js[string](p, `"/enrollments/" + document.querySelector("main input[name=id]").value`)
	if err != nil {
		p.t.Fatal(err)
	}
	template := p.linkOn("/templates", `^/templates/\w+$`, "Introduction")
	message := p.linkOn("/outbox?channel=email", `^/outbox/\w+$`, "")
	mailbox := p.linkOn("/mailboxes", `^/mailboxes/\w+$`, "")
	user := p.linkOn("/users", `^/users/\w+$`, "Anna Berg")
	unsure := importFile(p, "/imports/new?kind=lead", "Last name;Email\nAalto;nobody\nBeck;beck@example.test\n")
	pages := map[string]string{
		"/sign-in": "/sign-in", "/setup": "/setup", "/nowhere": "/nowhere", "/profile": "/profile",
		"/sequences": "/sequences", "/sequences/new": "/sequences/new",
		"/library": "/library", "/library/{key}": "/library/trial", "/library/{key}/use": "/library/trial/use", "/library/{key}/{template}/mail": "/library/trial/trial-purpose/mail",
		"/records/{id}": connected, "/records/{id} unconnected": lead, "/records/{id}/edit": lead + "/edit", "/records/{id}/activities/new": lead + "/activities/new",
		"/records/{id}/connect": lead + "/connect", "/records/{id}/why": connected + "/why", "/records/{id}/why unconnected": lead + "/why", "/enrollments/{id}": enrollment,
		"/work": "/work", "/notifications": "/notifications",
		"/calendar": "/calendar", "/calendar day": "/calendar?view=day", "/calendar week": "/calendar?view=week",
		"/templates": "/templates", "/templates/new": "/templates/new", "/templates/frame": "/templates/frame",
		"/templates/{id}": template, "/templates/{id}/mail": template + "/mail", "/templates/{id}/delete": template + "/delete",
		"/templates/new text": "/templates/new?channel=text", "/templates/{id} text": p.linkOn("/templates?channel=text", `^/templates/\w+$`, ""),
		"/outbox/{id} text": p.linkOn("/outbox?channel=text", `^/outbox/\w+$`, ""), "/settings/texts": "/settings/texts", "/settings/sending": "/settings/sending", "/settings/work-list": "/settings/work-list", "/work-filters": "/work-filters", "/work-filters/new": "/work-filters/new", "/work-filters/{id}": makeFieldFilter(p), "/mailboxes/{user}/pace": mailbox + "/pace", "/settings/texts/delete": "/settings/texts/delete",
		"/files": "/files", "/files/{id}/delete": p.linkOn("/files", `^/files/\w+/delete$`, ""),
		"/received": "/received", "/received, automatic": "/received?class=automatic", "/mailboxes": "/mailboxes", "/mailboxes/{user}": mailbox, "/mailboxes/{user}/delete": mailbox + "/delete",
		"/outbox": "/outbox", "/outbox failed": "/outbox?state=failed", "/outbox/{id}": message, "/outbox/{id} as text": message + "?part=text", "/outbox/{id}/mail": message + "/mail",
		"/demo/mail/{id}": "/demo/mail/" + path.Base(p.linkOn("/outbox?state=sent&channel=email", `^/outbox/\w+$`, "")),
		"/imports":        "/imports", "/imports/new": "/imports/new", "/imports/{id}": unsure, "/imports/{id} columns": unsure + "?step=columns",
		"/users": "/users", "/users/new": "/users/new", "/users/{id}": user, "/settings": "/settings",
	}
	tag := makeTag(p)
	pages["/tags"], pages["/tags/new"], pages["/tags/{id}/rename"], pages["/tags/{id}/delete"] = "/tags", "/tags/new", tag+"/rename", tag+"/delete"
	team := makeTeam(p)
	pages["/teams"], pages["/teams/new"], pages["/teams/{id}/change"], pages["/teams/{id}/delete"] = "/teams", "/teams/new", team+"/change", team+"/delete"
	pages["/received/{id}"] = p.receivedMail()
	pages["/received/{id}/mail"] = pages["/received/{id}"] + "/mail"
	pages["/outbox/{id}/time"] = message + "/time"
	tests := makeABTest(p) + "/tests"
	pages["/sequences/{id}/tests"], pages["/sequences/{id}/tests/{step}/stop"] = tests, tests+"/opener/stop"
	for _, part := range []string{"/uses", "/versions", "/figures"} {
		pages["/templates/{id}"+part] = template + part
	}
	pages["/templates/{id}/versions/{number}"], pages["/templates/{id}/versions/{number}/mail"] = template+"/versions/1", template+"/versions/1/mail"
	snippet := makeSnippet(p)
	pages["/snippets"], pages["/snippets/new"], pages["/snippets/{id}"], pages["/snippets/{id}/delete"] = "/snippets", "/snippets/new", snippet, snippet+"/delete"
	pages["/settings/call-outcomes"], pages["/settings/holidays"] = "/settings/call-outcomes", "/settings/holidays"
	pages["/availability"], pages["/users/{id}/working-time"], pages["/time-off/{id}"] = "/availability", user+"/working-time", makeTimeOff(p, user)
	pages["/suppressions"], pages["/settings/opt-out"] = "/suppressions", "/settings/opt-out"
	pages["/suppressions/{id}/remove"] = makeSuppression(p) + "/remove"
	pages["/settings/meeting-outcomes"] = "/settings/meeting-outcomes"
	pages["/settings/mail-providers"] = "/settings/mail-providers"
	pages["/settings/phone"], pages["/settings/phone/delete"] = "/settings/phone", "/settings/phone/delete"
	domain := "/domains/" + domainOn(p, mailbox)
	pages["/domains/{domain}"], pages["/domains/{domain}/delete-key"] = domain, domain+"/delete-key"
	for _, part := range []string{"", "/options", "/discard", "/activate", "/deactivate", "/copy", "/delete", "/preview", "/simulation", "/connected", "/connect", "/versions", "/figures", "/tags", "/hand-over", "/sharing"} {
		pages["/sequences/{id}"+part] = sequence + part
	}
	pages["/sequences/{id}/versions/{number}"] = sequence + "/versions/1"
	pages["/sequences/{id}/versions/compare"] = sequence + "/versions/compare"
	pages["/sequences/{id}/versions/{number}/restore"] = sequence + "/versions/1/restore"
	pages["/sequences/import"] = "/sequences/import"
	standing := makeStanding(p, lead)
	pages["/sequences/{id}/moves"], pages["/sequences/{id}/moves none"] = standing+"/moves", sequence+"/moves"
	pages["/sequences/{id}/versions/compare two"] = standing + "/versions/compare?from=1&to=2"
	pages["/moves/{id}"] = makeMove(p, makeStanding(p, lead))
	pages["/leads empty"] = "/leads?view=focused&q=nobody+of+this+name"
	for _, kind := range []string{"leads", "opportunities", "contacts", "accounts"} {
		pages["/"+kind] = "/" + kind
		pages["/"+kind+"/new"] = "/" + kind + "/new"
	}
	return pages
}

// receivedMail gives the page of a mail that came in, from the page of the email that it is about.
func (p *person) receivedMail() string {
	p.t.Helper()
	path, err := js[string](p, `(async () => {
	  const list = await (await fetch("/outbox?state=sent&channel=email")).text();
	  for (const [sent] of list.matchAll(/\/outbox\/msg_\w+/g)) {
	    const found = (await (await fetch(sent)).text()).match(/\/received\/\w+/);
	    if (found) return found[0];
	  }
	  return "";
	})()`)
	if err != nil || path == "" {
		p.t.Fatalf("find a received mail: %q, %v", path, err)
	}
	return path
}

// domainOn gives the domain that a mailbox's page leads to.
func domainOn(p *person, mailbox string) string {
	p.t.Helper()
	return path.Base(p.linkOn(mailbox, `^/domains/[^/]+$`, ""))
}

// makeABTest activates a sequence with an A/B test, and gives its path.
func makeABTest(p *person) string {
	p.t.Helper()
	path, err := js[string](p, `(async () => {
	  const name = "Openers " + Math.random().toString(36).slice(2);
	  const made = new URL((await fetch("/sequences", {method: "POST", body: new URLSearchParams({name, record: "lead"})})).url).pathname;
	  const steps = [{id: "opener", type: "ab_test", name: "Which opener?", template_a: "intro", template_b: "reminder", share_a: 50, metric: "opened", default: "a"}];
	  const saved = await (await fetch(made + "/draft", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({rev: 1, sequence: {name, record: "lead", steps}})})).json();
	  const active = await fetch(made + "/activate", {method: "POST", body: new URLSearchParams({rev: saved.rev})});
	  return active.ok ? made : "";
	})()`)
	if err != nil || path == "" {
		p.t.Fatalf("make a sequence with an A/B test: %q, %v", path, err)
	}
	return path
}

// makeTimeOff enters time off of a user a long way off, and gives its path.
func makeTimeOff(p *person, user string) string {
	p.t.Helper()
	path, err := js[string](p, fmt.Sprintf(`(async () => {
	  const day = new Date(Date.now() + (300 + Math.floor(Math.random() * 300)) * 864e5).toISOString().slice(0, 10);
	  const made = await fetch(%q + "/time-off", {method: "POST", body: new URLSearchParams({from: day, note: "Sailing"})});
	  const page = new DOMParser().parseFromString(await made.text(), "text/html");
	  return [...page.querySelectorAll("main a")].map((a) => a.getAttribute("href")).find((h) => h.startsWith("/time-off/")) ?? "";
	})()`, user))
	if err != nil || path == "" {
		p.t.Fatalf("enter time off: %q, %v", path, err)
	}
	return path
}

// makeFieldFilter makes a filter of the work list, and gives its path.
func makeFieldFilter(p *person) string {
	p.t.Helper()
	path, err := js[string](p, `(async () => {
	  const body = new URLSearchParams({kind: "lead", name: "Big " + Math.random().toString(36).slice(2), field: "value", op: ">=", value: "1000", when_used: "0"});
	  const made = await fetch("/work-filters", {method: "POST", body});
	  const page = new DOMParser().parseFromString(await made.text(), "text/html");
	  return made.ok ? [...page.querySelectorAll("main a")].map((a) => a.getAttribute("href")).find((h) => /^\/work-filters\/\w+_\w+$/.test(h)) ?? "" : "";
	})()`)
	if err != nil || path == "" {
		p.t.Fatalf("make a filter: %q, %v", path, err)
	}
	return path
}

// makeSnippet writes a snippet, and gives its path.
func makeSnippet(p *person) string {
	p.t.Helper()
	path, err := js[string](p, `(async () => {
	  const key = "s" + Math.random().toString(36).slice(2);
	  const made = await fetch("/snippets", {method: "POST", body: new URLSearchParams({name: "Address", key, html: "<div>Harbour Street 1</div>"})});
	  const page = new DOMParser().parseFromString(await (await fetch("/snippets")).text(), "text/html");
	  return made.ok ? [...page.querySelectorAll("main a")].map((a) => a.getAttribute("href")).find((h) => /^\/snippets\/\w+_\w+$/.test(h)) ?? "" : "";
	})()`)
	if err != nil || path == "" {
		p.t.Fatalf("make a snippet: %q, %v", path, err)
	}
	return path
}

// makeStanding makes a sequence of two versions with a record on the first, and gives its path.
func makeStanding(p *person, lead string) string {
	p.t.Helper()
	path, err := js[string](p, fmt.Sprintf(`(async () => {
	  const name = "Edited " + Math.random().toString(36).slice(2);
	  const made = new URL((await fetch("/sequences", {method: "POST", body: new URLSearchParams({name, record: "lead"})})).url).pathname;
	  const activate = async (rev, ...steps) => {
	    const saved = await (await fetch(made + "/draft", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({rev, sequence: {name, record: "lead", steps}})})).json();
	    await fetch(made + "/activate", {method: "POST", body: new URLSearchParams({rev: saved.rev})});
	    return saved.rev;
	  };
	  const ring = {id: "ring", type: "phone_call", name: "Ring"};
	  const rev = await activate(1, ring);
	  await fetch("/connect", {method: "POST", body: new URLSearchParams({kind: "lead", id: %q, sequence: made.split("/").at(-1)})});
	  await activate(rev, {...ring, name: "Ring in the morning"}, {id: "visit", type: "task", name: "Visit"});
	  return (await (await fetch(made + "/moves")).text()).includes("at-1-ring") ? made : "";
	})()`, path.Base(lead)))
	if err != nil || path == "" {
		p.t.Fatalf("make a sequence of two versions: %q, %v", path, err)
	}
	return path
}

// makeMove moves the record of makeStanding, and gives the path of the move.
func makeMove(p *person, sequence string) string {
	p.t.Helper()
	path, err := js[string](p, fmt.Sprintf(`(async () => new URL((await fetch(%q + "/moves", {method: "POST", body: new URLSearchParams({"at-1-ring": "to:visit", reason: "Visits work better"})})).url).pathname)()`, sequence))
	if err != nil || !strings.HasPrefix(path, "/moves/") {
		p.t.Fatalf("move a record: %q, %v", path, err)
	}
	return path
}

// makeTag makes a tag of sequences and gives its address.
func makeTag(p *person) string {
	p.t.Helper()
	path, err := js[string](p, `(async () => {
	  const name = "Tag " + Math.random().toString(36).slice(2);
	  const made = await fetch("/tags", {method: "POST", body: new URLSearchParams({name})});
	  const page = new DOMParser().parseFromString(await (await fetch("/tags")).text(), "text/html");
	  const rename = [...page.querySelectorAll("main a")].map((a) => a.getAttribute("href")).find((h) => /^\/tags\/\w+\/rename$/.test(h)) ?? "";
	  return made.ok ? rename.replace("/rename", "") : "";
	})()`)
	if err != nil || path == "" {
		p.t.Fatalf("make a tag: %q, %v", path, err)
	}
	return path
}

// sellersPagesOf are those that look otherwise to a seller.
func sellersPagesOf(p *person) map[string]string {
	p.t.Helper()
	activity := p.linkOn("/work?kind=email", `^/work/\w+$`, "")
	pages := map[string]string{
		"/work": "/work", "/work/{id}": activity, "/work/{id} call": p.linkOn("/work?kind=phone_call", `^/work/\w+$`, ""),
		"/work/{id} text": p.linkOn("/work?kind=text_message", `^/work/\w+$`, "") + "?do=text",
		"/work empty":     "/work?q=nobody+of+this+name", "/work later": "/work?due=all", "/work by priority": "/work?sort=priority&due=all",
		"/sequences": "/sequences", "/sequences/{id}": p.linkOn("/sequences", `^/sequences/\w+$`, "Inbound lead"), "/users refused": "/users",
	}
	pages["/leads focused"], pages["/leads opened"] = "/leads?view=focused&owner=mine", "/leads?view=focused&owner=mine&open="+path.Base(p.linkOn("/leads?owner=mine&connection=connected", `^/records/\w+$`, ""))
	pages["/calendar"], pages["/calendar day"], pages["/calendar week"] = "/calendar", "/calendar?view=day", "/calendar?view=week"
	pages["/meetings/new"], pages["/work/{id} meeting"] = "/meetings/new", p.linkOn("/work?kind=meeting&due=all", `^/work/\w+$`, "")
	pages["/calendar/{id}/move"] = strings.Replace(activity, "/work/", "/calendar/", 1) + "/move"
	pages["/notes/{id}/edit"] = p.writesNote()
	pages["/batches"], pages["/batches/{id}"], pages["/clean-up"] = "/batches", makeBatch(p), "/clean-up?per_day=5&skip_older=2"
	pages["/batches"], pages["/batches/{id}"] = "/batches", makeBatch(p)
	pages["/work/{id}/edit"] = makeOwnActivity(p)
	pages["/work/flow"], pages["/work/{id} flow"] = "/work/flow?flow=1", makeRun(p)
	for _, verb := range []string{"email", "complete", "skip", "snooze", "assign"} {
		pages["/work/{id} "+verb] = activity + "?do=" + verb
	}
	return pages
}

// makeOwnActivity adds an activity by hand, and gives the page that edits it.
func makeOwnActivity(p *person) string {
	p.t.Helper()
	path, err := js[string](p, `(async () => {
	  const lead = (await (await fetch("/leads")).text()).match(/\/records\/rec_\w+/)[0];
	  await fetch(lead + "/activities", {method: "POST", body: new URLSearchParams({kind: "task", name: "Count the boxes"})});
	  const found = (await (await fetch("/work?q=Count+the+boxes")).text()).match(/\/work\/act_\w+/);
	  return found ? found[0] + "/edit" : "";
	})()`)
	if err != nil || path == "" {
		p.t.Fatalf("add an activity: %q, %v", path, err)
	}
	return path
}

// makeRun starts flow mode and gives the address of its first activity.
func makeRun(p *person) string {
	p.t.Helper()
	path, err := js[string](p, `fetch("/work/flow", {method: "POST"}).then((answer) => new URL(answer.url)).then((at) => at.pathname + at.search)`)
	if err != nil || !strings.Contains(path, "flow=1") {
		p.t.Fatalf("start flow mode: %q, %v", path, err)
	}
	return path
}

// linkOn gives the path of the first link on a page that fits, and bears the text if one is given.
func (p *person) linkOn(page, pattern, text string) string {
	p.t.Helper()
	p.open(page)
	found := ""
	p.until("find a link like "+pattern, func() (bool, string) {
		var err error
		found, err = js[string](p, fmt.Sprintf(`[...document.querySelectorAll("main a")].find((a) => new RegExp(%q).test(a.pathname) && !a.pathname.endsWith("/new") && a.textContent.includes(%q))?.pathname ?? ""`, pattern, text))
		return found != "", fmt.Sprint("no such link ", err)
	})
	return found
}

// checkPageList holds the lists against the routes, so that no page is left out.
func checkPageList(t *testing.T, pages ...map[string]string) {
	source, err := os.ReadFile("../../internal/web/routes.go")
	if err != nil {
		t.Fatal(err)
	}
	routes := regexp.MustCompile(`t\.(?:get\("|open\("(?:GET )?)(/[^"]*)"`).FindAllStringSubmatch(string(source), -1)
	if len(routes) < 40 {
		t.Fatalf("only %d routes were found in routes.go", len(routes))
	}
	for _, route := range routes {
		listed := slices.ContainsFunc(pages, func(list map[string]string) bool { return list[route[1]] != "" })
		if !listed && aside[route[1]] == "" {
			t.Errorf("the page %s is on no list", route[1])
		}
	}
}

// testPages opens every page, on a phone in the dark and on a screen in the light.
func testPages(t *testing.T, chrome context.Context, demo string) {
	admin, seller := signedIn(t, chrome, demo, "Ada Lindgren"), signedIn(t, chrome, demo, "Anna Berg")
	pages, sellers := pagesOf(admin), sellersPagesOf(seller)
	checkPageList(t, pages, sellers)
	for _, who := range []struct {
		name  string
		p     *person
		pages map[string]string
	}{{"admin", admin, pages}, {"seller", seller, sellers}} {
		t.Run(who.name, func(t *testing.T) {
			t.Parallel()
			on := *who.p
			on.t = t
			on.walksThrough(who.pages)
		})
	}
}

// makeBatch hands an activity over and takes that back, and gives the batch's address.
func makeBatch(p *person) string {
	p.t.Helper()
	activity := path.Base(p.linkOn("/work", `^/work/\w+$`, ""))
	made, err := js[string](p, fmt.Sprintf(`(async () => {
	  const body = new URLSearchParams({activity: %q, go: "1", choice: "tomorrow"});
	  await fetch("/bulk/snooze", {method: "POST", body});
	  const page = new DOMParser().parseFromString(await (await fetch("/batches")).text(), "text/html");
	  const batch = [...page.querySelectorAll("main a")].map((a) => a.getAttribute("href")).find((h) => /^\/batches\/bat_\w+$/.test(h)) ?? "";
	  await fetch(batch + "/undo", {method: "POST"});
	  return batch;
	})()`, activity))
	if err != nil || made == "" {
		p.t.Fatalf("make a batch: %q, %v", made, err)
	}
	return made
}

// makeSuppression adds an address that must not be written to, and gives its address in the pages.
func makeSuppression(p *person) string {
	p.t.Helper()
	path, err := js[string](p, `(async () => {
	  const address = "s" + Math.random().toString(36).slice(2) + "@gone.example.test";
	  const made = await fetch("/suppressions", {method: "POST", body: new URLSearchParams({address, note: "Asked by phone"})});
	  const page = new DOMParser().parseFromString(await (await fetch("/suppressions")).text(), "text/html");
	  return made.ok ? [...page.querySelectorAll("main a")].map((a) => a.getAttribute("href")).find((h) => /^\/suppressions\/sup_\w+\/remove$/.test(h)) ?? "" : "";
	})()`)
	if err != nil || path == "" {
		p.t.Fatalf("make a suppression: %q, %v", path, err)
	}
	return strings.TrimSuffix(path, "/remove")
}

// sandboxed tells of the pages that hold the text of a mail, in which no script runs.
func sandboxed(route string) bool {
	return strings.HasSuffix(route, "/mail") || strings.HasSuffix(route, "/frame") || strings.HasPrefix(route, "/demo/mail/")
}

// walksThrough opens every page: it fits at every width, axe finds nothing, and the browser has nothing to complain about.
func (p *person) walksThrough(pages map[string]string) {
	p.t.Helper()
	axe := axeSource(p.t)
	// Nobody looks for anything here, and to know the names of all things costs the browser much.
	must(p.t, p, accessibility.Disable, cdp.Empty{})
	p.seen.allow("status of 403", "status of 404", "status of 410") // some answer with an error on purpose
	for _, route := range slices.Sorted(maps.Keys(pages)) {
		p.t.Run(strings.ReplaceAll(strings.Trim(route, "/"), "/", "."), func(t *testing.T) {
			on := *p
			on.t = t
			for i, look := range []struct {
				width  int64
				scheme string
			}{{360, "dark"}, {768, ""}, {1440, "light"}} {
				on.do(chromedp.EmulateViewport(look.width, 900))
				if look.scheme != "" {
					on.media(look.scheme)
				}
				if i == 0 {
					on.open(pages[route])
				}
				if look.scheme != "" && !sandboxed(route) {
					on.audit(axe)
				}
				on.fits(look.width)
			}
			for _, trouble := range on.seen.take() {
				t.Errorf("the browser complains: %s", trouble)
			}
		})
	}
}

// axeSource is axe-core, which finds what keeps people out.
func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("%v; do this: npm ci", err)
	}
	return string(source)
}

// rested waits until the page is loaded, with its fonts, and nothing is under way.
const rested = `new Promise((done) => {
  const look = () => document.readyState === "complete" && !document.querySelector(".htmx-request, .htmx-settling") ? document.fonts.ready.then(() => done(true)) : setTimeout(look, 20);
  look();
})`

// A page that scrolled to what has the focus has something half under the bar on top, which is there to scroll to.
const runAxe = `scrollTo(0, 0); axe.run(document, {iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations))`

// audit has axe look at the page as it is now.
func (p *person) audit(axe string) {
	p.t.Helper()
	if _, err := js[bool](p, rested); err != nil {
		p.t.Fatalf("wait for %s: %v", p.path(), err)
	}
	if there, err := js[bool](p, `"axe" in window`); err != nil || !there {
		if _, err = js[bool](p, "(() => { "+axe+"\nreturn true })()"); err != nil {
			p.t.Fatalf("load axe: %v", err)
		}
	}
	answer, err := js[string](p, runAxe)
	if err != nil {
		p.t.Fatalf("run axe on %s: %v", p.path(), err)
	}
	var violations []struct {
		ID, Help string
		Nodes    []struct {
			HTML    string `json:"html"`
			Summary string `json:"failureSummary"`
		}
	}
	if err := json.Unmarshal([]byte(answer), &violations); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range violations {
		for _, n := range v.Nodes {
			p.t.Errorf("%s: axe %s: %s\n%s\n%s", p.path(), v.ID, v.Help, n.HTML, n.Summary)
		}
	}
}

// wider names what sticks out of the window sideways, or nothing.
const wider = `(() => {
  const limit = document.documentElement.clientWidth + 1;
  if (document.documentElement.scrollWidth <= limit) return "";
  return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > limit && e.checkVisibility())
    .slice(0, 5).map((e) => e.outerHTML.slice(0, 100)).join("\n") || "something";
})()`

// fits checks that nothing is wider than the window.
func (p *person) fits(width int64) {
	p.t.Helper()
	out, err := js[string](p, wider)
	if err != nil {
		p.t.Fatal(err)
	}
	if out != "" {
		p.t.Errorf("%s is wider than %d pixels:\n%s", p.path(), width, out)
	}
}

// writesNote leaves a note on a record, and gives the address of its form.
func (p *person) writesNote() string {
	p.t.Helper()
	lead := p.createsLead("Nora", "Note", "nora@notes.test", "+49 711 654377")
	p.fills("Add a note", "Likes to be called early.")
	p.clicks("button", "Add note")
	p.sees("Likes to be called early.")
	return p.linkOn(lead, `^/notes/\w+/edit`, "")
}
