//go:build browser

package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// testSuppressions keeps the list of whom nobody writes to: by hand, by a file with wrong lines, and back again.
func testSuppressions(t *testing.T, chrome context.Context, demo string) {
	anna := signedIn(t, chrome, demo, "Anna Berg")
	anna.clicks("link", "Suppressions")
	form := anna.in("form", "Add a suppression")
	form.fills("Address", "no address", "Note", "By phone")
	form.clicks("button", "Add")
	anna.sees("Give an email address, a domain such as example.com, or a phone number in international form.")
	form.holds("Note", "By phone")
	// Going back to a form that was refused shows it; nothing is asked to be sent again.
	anna.clicks("link", "Outbox")
	anna.has("heading", "Outbox")
	anna.goesBack("/suppressions")
	anna.has("heading", "Suppressions")
	form = anna.in("form", "Add a suppression")
	form.fills("Note", "By phone")
	form.fills("Address", "Lea@List.test")
	form.clicks("button", "Add")
	anna.sees("lea@list.test is written to no more.", "Added by a person", "By phone", "Anna Berg", "just now")
	form.fills("Address", "domain.list.test", "Note", "Competitor")
	form.clicks("button", "Add")
	anna.sees("domain.list.test is written to no more.")
	anna.lacks("button", "Import")
	anna.lacks("link", "Export")

	ada := signedIn(t, chrome, demo, "Ada Lindgren")
	ada.open("/suppressions")
	file := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(file, []byte("\uFEFFAddress;Note\nkim@list.test;Fair\nnonsense;?\n+49 711 998877;Text\nLEA@list.test;Twice\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ada.uploads("CSV file…", file)
	ada.in("form", "Import suppressions").clicks("button", "Import")
	ada.sees("2 added, 1 on the list before", "Line 1 was taken for the header: Address, Note.", "1 row was refused", "Row 3: “nonsense” is no email address, domain or phone number.")
	ada.in("table", "Suppressions").sees("kim@list.test", "+49711998877")

	// A quote that is not closed costs its own row, and no row behind it.
	if err := os.WriteFile(file, []byte("list.test\t\"Fair\njo@list.test\tFair\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ada.uploads("CSV file…", file)
	ada.in("form", "Import suppressions").clicks("button", "Import")
	ada.sees("1 added, 0 on the list before", "1 row was refused", "Row 1: A quoted cell begins here and does not end. Add the closing quote.")
	ada.in("table", "Suppressions").sees("jo@list.test")

	// The file that goes out again holds them all.
	csvText, err := js[string](ada, `fetch(document.querySelector("a[download]").href).then((r) => r.text())`)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(csvText)).ReadAll()
	if err != nil {
		t.Fatalf("%v in the exported file:\n%s", err, csvText)
	}
	exported := fmt.Sprint(rows)
	for _, want := range []string{"lea@list.test", "domain.list.test", "kim@list.test", "+49711998877"} {
		if !strings.Contains(exported, want) {
			t.Errorf("the exported file lacks %s:\n%s", want, csvText)
		}
	}

	// An exported list keeps its sources and dates, here and elsewhere.
	if err := os.WriteFile(file, []byte("address,note,source,added_at\nold@list.test,,page,2020-02-03T04:05:06Z\njo@list.test,,page,2020-02-03T04:05:06Z\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ada.uploads("CSV file…", file)
	ada.in("form", "Import suppressions").clicks("button", "Import")
	ada.sees("1 added, 1 on the list before")
	ada.in("table", "Suppressions").sees("old@list.test", "Opt-out page", "2020")

	ada.fills("Search address or note", "kim@list")
	ada.in("table", "Suppressions").lacks("link", "Remove lea@list.test")
	ada.clicks("link", "Remove kim@list.test")
	dialog := ada.in("dialog", "Write to kim@list.test again?")
	dialog.clicks("button", "Remove")
	dialog.fills("Reason", "Asked for it")
	dialog.clicks("button", "Remove")
	ada.sees("kim@list.test may be written to again.")
	ada.open("/suppressions?q=kim@list")
	ada.sees("No suppression matches")
	ada.clicks("link", "Show all suppressions")
	ada.in("table", "Suppressions").sees("lea@list.test")
}

// testOptOut is a customer's way out of mail: by keyboard, on a phone, at night.
func testOptOut(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	anna, link := wayOut(t, chrome, demo)
	customer := newPerson(t, chrome, demo)
	customer.media("dark")
	customer.do(chromedp.EmulateViewport(390, 800))
	customer.open(link)
	customer.has("heading", "Emails from us")
	customer.fits(390)
	customer.audit(axeSource(t))
	// Opening it, however often, changes nothing.
	customer.open(link)
	anna.open("/suppressions")
	anna.in("table", "Suppressions").seesNot("Opt-out page")
	customer.tabsTo("checkbox", "No more emails")
	customer.tabsTo("button", "Save")
	customer.presses("Enter")
	customer.in("status", "").sees("Done. You get no more messages of the kind that you chose.")
	out := customer.path()
	customer.fits(390)
	customer.audit(axeSource(t))
	anna.open("/suppressions")
	anna.in("table", "Suppressions").sees("Opt-out page")
	anna.in("table", "Suppressions").clicks("link", "…")
	anna.sees("the customer opted out")

	customer.tabsTo("button", "I want them again")
	customer.presses("Enter")
	customer.in("status", "").sees("Done. You get our messages again.")
	// The answer is a page to look at, so going back shows the one before and asks for nothing to be sent again.
	customer.goesBack(out)
	customer.seesNot("Done. You get our messages again.")
	customer.has("button", "Save")
	anna.open("/suppressions")
	anna.in("table", "Suppressions").seesNot("Opt-out page")

	customer.seen.allow("status of 404")
	customer.open(link[:len(link)-4] + "AAAA")
	customer.sees("There is nothing at this address.")
}

// wayOut gives the link of an automated email that the demo has sent, as its recipient sees it, to a seller who is signed in.
func wayOut(t *testing.T, chrome context.Context, demo string) (seller *person, link string) {
	t.Helper()
	seller = signedIn(t, chrome, demo, "Anna Berg")
	message := seller.linkOn("/outbox?state=sent&channel=email", `^/outbox/\w+$`, "")
	seller.open("/demo/mail/" + filepath.Base(message))
	seller.has("link", "Unsubscribe")
	html, err := js[string](seller, `[...document.links].find((a) => a.textContent.trim() === "Unsubscribe").pathname`)
	if err != nil {
		t.Fatal(err)
	}
	return seller, html
}
