package action

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/importer"
	"cadenza/internal/store"
)

// importText imports a file of addresses, and tells what became of it: what was taken for the header, how many were added,
// known and refused, and each refusal.
func (h *house) importText(text string) string {
	h.t.Helper()
	rows, err := importer.ReadRows(strings.NewReader(text))
	if err != nil {
		h.t.Fatalf("read %q: %v", text, err)
	}
	done, err := h.app.ImportSuppressionFile(h.ctx, h.admin, rows)
	if err != nil {
		h.t.Fatalf("import %q: %v", text, err)
	}
	return outcome(done.Header, done.Added, done.Known, done.RefusedCount, done.Refused)
}

func outcome(header string, added, known, refused int, shown []ListRefusal) string {
	said := strings.TrimSpace(fmt.Sprintf("%s %d added, %d known, %d refused", header, added, known, refused))
	for _, r := range shown {
		said += fmt.Sprintf("\n%d: %s", r.Line, r.Reason)
	}
	return said
}

// listed gives the list, oldest first: address, source, date and note.
func (h *house) listed() string {
	h.t.Helper()
	page, err := h.app.ListSuppressions(h.ctx, h.admin, store.SuppressionQuery{Limit: store.MaxPageSize})
	if err != nil {
		h.t.Fatal(err)
	}
	lines := make([]string, len(page.Rows))
	for i, s := range page.Rows {
		lines[len(lines)-1-i] = strings.TrimSpace(fmt.Sprintf("%s %s %s %s", s.Address, s.Source, s.At.UTC().Format("2006-01-02"), s.Note))
	}
	return strings.Join(lines, "\n")
}

// TestImportSuppressions holds what becomes of files as people have them: nothing is lost without a word, and no address that
// is not in the file gets on the list.
func TestImportSuppressions(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		const openQuote = "A quoted cell begins here and does not end. Add the closing quote."
		for _, c := range []struct{ name, file, want string }{
			{
				"a quote left open", "email,note\nq1@x.test,\"asked by phone\nq2@x.test,\nq3@x.test,\n",
				"Line 1 was taken for the header: email, note. 2 added, 0 known, 1 refused\n2: " + openQuote,
			},
			{"Western European", "info@b\xfccher.example,\nk\xf6nig-gmbh.example,\n", "2 added, 0 known, 0 refused"},
			{"a lost letter", "info@b\uFFFDcher.example\n", "0 added, 0 known, 1 refused\n1: “info@b\uFFFDcher.example” is no email address, domain or phone number."},
			{"a first line that cannot be read", "opt1@@x.test\nopt2@x.test\n", "1 added, 0 known, 1 refused\n1: “opt1@@x.test” is no email address, domain or phone number."},
			{"a tab", "tab@x.test\tby phone\n", "1 added, 0 known, 0 refused"},
			{"headings nobody knows", "Kunde;Grund\nkunde@x.test;will nicht\n", "1 added, 0 known, 1 refused\n1: “Kunde” is no email address, domain or phone number."},
			{"a German heading", ";\nE-Mail-Adresse;Grund\nTAB@x.test;nochmals\n", "Line 2 was taken for the header: E-Mail-Adresse, Grund. 0 added, 1 known, 0 refused"},
			{"a second header", "email\nemail\n", "Line 1 was taken for the header: email. 0 added, 0 known, 1 refused\n2: “email” is no email address, domain or phone number."},
			{"a note alone", "one@x.test,\n,asked by phone\n,\n", "1 added, 0 known, 1 refused\n2: The row has no address."},
			{"twice", "two@x.test\nTwo@X.test\n", "1 added, 1 known, 0 refused"},
			{"an address of two lines", "\"three@\nx.test\"\n", "0 added, 0 known, 1 refused\n1: “three@ x.test” is no email address, domain or phone number."},
			{"a long note", "long@x.test," + strings.Repeat("ü", 501) + "\nfits@x.test," + strings.Repeat("ü", 500) + "\n", "1 added, 0 known, 1 refused\n1: The note is longer than 500 characters."},
			{"nothing", "\n", "0 added, 0 known, 0 refused"},
		} {
			same(t, c.name, h.importText(c.file), c.want)
		}
		list := h.listed()
		for _, want := range []string{"info@bücher.example import", "könig-gmbh.example import", "tab@x.test import 2026-03-02 by phone", "q3@x.test import 2026-03-02\n"} {
			if !strings.Contains(list, want) {
				t.Errorf("the list lacks %q:\n%s", want, list)
			}
		}
	})
}

// TestImportExported holds that an export, imported into another list, gives the same list: source and date of what is new in it
// are those of the file, and what is there stays as it is.
func TestImportExported(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.write(func(tx *store.Tx) error {
			_, err := tx.Suppress(store.Suppression{Channel: "email", Address: "a@x.test", Source: store.FromPage, Note: "two\nlines"},
				store.Suppression{Channel: "email", Address: "b@x.test", Source: store.FromBounce}, store.Suppression{Channel: "text", Address: "+491701234567", Source: store.FromPerson, Note: "=1+1"})
			return err
		})
		before := h.listed()
		var file strings.Builder
		if err := h.app.ExportSuppressions(h.ctx, h.admin, &file); err != nil {
			t.Fatal(err)
		}
		h.pass(48 * time.Hour)
		page, err := h.app.ListSuppressions(h.ctx, h.admin, store.SuppressionQuery{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Rows {
			if err := h.app.RemoveSuppression(h.ctx, h.admin, s.ID, "another list"); err != nil {
				t.Fatal(err)
			}
		}
		const header = "Line 1 was taken for the header: address, note, channel, source, added_at, added_by. "
		same(t, "import", h.importText(file.String()), header+"3 added, 0 known, 0 refused")
		same(t, "the list", sorted(h.listed()), sorted(before))
		same(t, "import again", h.importText(strings.ReplaceAll(file.String(), "bounce", "page")), header+"0 added, 3 known, 0 refused")
		same(t, "the list again", sorted(h.listed()), sorted(before))
		same(t, "what is wrong with claims", h.importText("address,source,added_at,note\nc@x.test,web form,,\nd@x.test,page,2026-03-05,\ne@x.test,page,24.12.2025,\n"+
			"f@x.test,,2026-01-02,phone\ng@x.test,one_click,,\n"), "Line 1 was taken for the header: address, source, added_at, note. 2 added, 0 known, 3 refused\n"+
			"2: The source “web form” is not known. Use one of page, one_click, complaint, bounce, person, import, api, or leave it out.\n"+
			"3: The date “2026-03-05” is in the future.\n4: The date “24.12.2025” is not one such as 2026-12-24 or 2026-12-24T08:15:00Z.")
		same(t, "part of a claim", h.listed()[len(before)+1:], "f@x.test import 2026-01-02 phone\ng@x.test one_click 2026-03-04")
	})
}

func sorted(lines string) string {
	list := strings.Split(lines, "\n")
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// TestImportHolidayFile holds the same of holidays.
func TestImportHolidayFile(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for _, c := range []struct{ name, file, want string }{
			{"a quote left open", "2026-12-29,Fest 1\n2026-12-30,\"Fest 2\n2026-12-31,Fest 3\n", "2 added, 0 known, 1 refused\n2: A quoted cell begins here and does not end. Add the closing quote."},
			{"a first line that cannot be read", "29.12.2026,Fest 9\n", "0 added, 0 known, 1 refused\n1: The date is not one such as 2026-12-24."},
			{"Western European, with a heading", "Datum;Name\n2026-12-28;Br\xfcckentag\n", "Line 1 was taken for the header: Datum, Name. 1 added, 0 known, 0 refused"},
			{"a tab", "2026-12-27\tNach dem Fest\n", "1 added, 0 known, 0 refused"},
			{"a name alone", "2026-12-27,Again\n,Nowhere\n,\n", "0 added, 1 known, 1 refused\n2: The date is not one such as 2026-12-24."},
		} {
			rows, err := importer.ReadRows(strings.NewReader(c.file))
			if err != nil {
				t.Fatal(err)
			}
			done, err := h.app.ImportHolidayFile(h.ctx, h.admin, rows)
			if err != nil {
				t.Fatal(err)
			}
			same(t, c.name, outcome(done.Header, done.Added, done.Known, len(done.Refused), done.Refused), c.want)
		}
		s, err := h.app.Holidays(h.ctx, h.admin)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the umlaut", s.Own[1].Name, "Brückentag")
	})
}

// TestSuppressNoOtherAddress holds that an address with bytes that are no text is refused, and not made into another one.
func TestSuppressNoOtherAddress(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, err := h.app.AddSuppression(h.ctx, h.admin, SuppressionInput{Address: "info@b\xfccher.example", Source: store.FromPerson})
		refused(t, "bytes of another encoding", err, fault.Invalid, "address")
		same(t, "the list", h.listed(), "")
	})
}

// TestSuppressUnderAWish holds that a person may put down what the customer wants already: it is kept under the wish, once.
func TestSuppressUnderAWish(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		const address = "sam@okafor.test"
		if err := h.db.Write(h.ctx, func(tx *store.Tx) error {
			_, err := tx.RecordOptOut(store.OptOutFacts{Address: address, Source: store.FromPage})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		add := func() (store.Suppression, error) {
			return h.app.AddSuppression(h.ctx, h.admin, SuppressionInput{Address: address, Note: "Competitor", Source: store.FromPerson})
		}
		if s, err := add(); err != nil || s.Source != store.FromPage || s.HeldBy != store.FromPerson || s.Note != "Competitor" {
			t.Errorf("got %+v, %v, want the entry under the customer's wish", s, err)
		}
		_, err := add()
		refused(t, "said again", err, fault.Invalid, "address")
	})
}
