package delivery

import (
	"slices"
	"strings"
	"testing"

	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// TestTracking holds when a mail is followed, and under which address.
func TestTracking(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Tracking, *store.MailCandidate)
		base   string
	}{
		{"nobody forbids it", func(*Tracking, *store.MailCandidate) {}, "https://cadenza.test"},
		{"an address of its own", func(_ *Tracking, c *store.MailCandidate) { c.Tracking.URL = "https://links.test" }, "https://links.test"},
		{"off for all", func(_ *Tracking, c *store.MailCandidate) { c.Tracking.On = false }, ""},
		{"a recipient forbids it", func(_ *Tracking, c *store.MailCandidate) { c.Unwilling = true }, ""},
		{"its writer left it off", func(_ *Tracking, c *store.MailCandidate) { c.Message.Follow = false }, ""},
		{"no key", func(t *Tracking, _ *store.MailCandidate) { t.Signer = hit.Signer{} }, ""},
		{"no address known", func(t *Tracking, _ *store.MailCandidate) { t.BaseURL = "" }, ""},
		{"only the setting's", func(t *Tracking, c *store.MailCandidate) { t.BaseURL, c.Tracking.URL = "", "https://links.test" }, "https://links.test"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tracking, candidate := Tracking{Signer: hit.NewSigner([]byte("key")), BaseURL: "https://cadenza.test"}, good()
			candidate.Tracking.On, candidate.Message.Follow = true, true
			candidate.Template.HTML = `<a href="https://a.test/">a</a> <a href="mailto:x@a.test">b</a>`
			c.change(&tracking, candidate)
			candidate.Files = []store.File{{ID: 7, Name: "Größe & Preis.pdf", Size: 24 << 10}}
			v := New(Config{Tracking: tracking}).channel.gate(candidate, monday)
			if v.Kind != store.Pass || v.Message.Tracked != (c.base != "") || strings.Contains(v.Message.HTML, "/t/") {
				t.Fatalf("got %+v", v)
			}
			// The claim gives the links their numbers.
			candidate.Message, candidate.Links = v.Message, map[string]int{}
			for i, url := range v.Links {
				candidate.Links[url] = i + 1
			}
			candidate.Numbers = map[ident.File]int{7: len(v.Links) + 1}
			raw, _, err := build(nil, candidate, tracking, nil, false)
			if err != nil {
				t.Fatal(err)
			}
			m, err := message.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			if c.base == "" {
				if strings.Contains(m.HTML, "/t/") || len(v.Links) > 0 || !strings.Contains(m.HTML, `href="https://a.test/"`) {
					t.Errorf("it is followed: %s", m.HTML)
				}
				if strings.Contains(m.HTML+m.Text, "Preis") {
					t.Errorf("a file that is carried is linked, too: %s", m.HTML)
				}
				return
			}
			file := c.base + "/t/f/" + tracking.Signer.Token(1, 2)
			if !strings.Contains(m.HTML, `<a href="`+file+`">Größe &amp; Preis.pdf</a>`) || !strings.Contains(m.Text, "Größe & Preis.pdf (PDF, 24 KB): "+file) || len(v.Files) != 1 {
				t.Errorf("no link to the file %s:\n%s\n%s", file, m.HTML, m.Text)
			}
			link, pixel := c.base+"/t/c/"+tracking.Signer.Token(1, 1), c.base+"/t/o/"+tracking.Signer.Token(1, 0)+".gif"
			if !slices.Equal(v.Links, []string{"https://a.test/"}) || strings.Contains(m.HTML, `href="https://a.test/"`) ||
				!strings.Contains(m.HTML, link) || !strings.Contains(m.HTML, pixel) || !strings.Contains(m.HTML, "mailto:x@a.test") || strings.Contains(m.Text, "/t/c/") {
				t.Errorf("links %q, sent as %s\n%s", v.Links, m.HTML, m.Text)
			}
		})
	}
}
