package message_test

import (
	"testing"

	"pgregory.net/rapid"

	"cadenza/internal/message"
)

func TestLinkURLs(t *testing.T) {
	t.Parallel()
	link := func(to string) string { return `<a href="` + to + `">` + to + `</a>` }
	for _, c := range []struct{ name, source, want string }{
		{"nothing to do", `<p>See us</p>`, `<p>See us</p>`},
		{"in a sentence", `<p>See https://example.com/visit.</p>`, `<p>See ` + link("https://example.com/visit") + `.</p>`},
		{"in brackets", `(https://example.com/a_(b))`, `(` + link("https://example.com/a_(b)") + `)`},
		{"between angle brackets", `&lt;https://example.com&gt; now`, `&lt;` + link("https://example.com") + `&gt; now`},
		{"a query", `https://example.com/?a=1&amp;b=2; then`, link("https://example.com/?a=1&amp;b=2") + `; then`},
		{"a sign at the end", `https://example.com/?a&amp;`, link("https://example.com/?a&amp;")},
		{"two", `http://a.test, HTTPS://b.test`, link("http://a.test") + `, ` + link("HTTPS://b.test")},
		{"a link already", `<a href="https://example.com"><b>https://example.com</b></a>`, `<a href="https://example.com"><b>https://example.com</b></a>`},
		{"code", `<code>https://example.com</code> https://b.test`, `<code>https://example.com</code> ` + link("https://b.test")},
		{"an attribute", `<img src="https://example.com/a.png">`, `<img src="https://example.com/a.png">`},
		{"no host", `https:// and https://.`, `https:// and https://.`},
		{"a tag that never ends", `https://example.com <a`, link("https://example.com") + ` <a`},
		{"other letters", `https://例え.test/日本`, link("https://例え.test/日本")},
	} {
		if got := message.LinkURLs(c.source); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestLinkURLsTwice holds that what is linked is not linked again, whatever stands around it.
func TestLinkURLsTwice(t *testing.T) {
	t.Parallel()
	pieces := []string{"https://a.test/x", "http://b.test/?q=1&amp;r=2", " ", ".", ")", "(", ";", "&gt;", "&amp;", "<a href=\"https://c.test\">", "</a>", "<p>", "</p>", "<code>", "</code>", "<b", "é", "x"}
	rapid.Check(t, func(t *rapid.T) {
		source := ""
		for _, p := range rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "pieces") {
			source += p
		}
		once := message.LinkURLs(source)
		if twice := message.LinkURLs(once); twice != once {
			t.Fatalf("%q\nonce  %q\ntwice %q", source, once, twice)
		}
	})
}
