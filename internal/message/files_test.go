package message

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWithFileLinks(t *testing.T) {
	t.Parallel()
	files := []FileLink{{Name: `A & "B" <c>.pdf`, Note: "PDF, 24 KB", URL: "https://links.test/t/f/x?a=1&b=2"}, {Name: "Größe.xlsx", Note: "XLSX, 1 KB", URL: "https://links.test/t/f/y"}}
	for source, want := range map[string]string{
		"<p>Hello</p>":                          "<p>Hello</p>|",
		"<html><body>Hello</body></html>":       "<html><body>Hello|</body></html>",
		"<html><body>Hello</BODY ></html> more": "<html><body>Hello|</BODY ></html> more",
		"Hello <a href=":                        "Hello |<a href=",
		"":                                      "|",
	} {
		got, text := WithFileLinks(source, "Hello\n", files)
		before, after, _ := strings.Cut(want, "|")
		block, ok := strings.CutPrefix(got, before)
		block, end := strings.CutSuffix(block, after)
		if !ok || !end || strings.Count(block, "<a ") != 2 || !strings.Contains(block, ">A &amp; &#34;B&#34; &lt;c&gt;.pdf</a>") || !strings.Contains(block, `x?a=1&amp;b=2"`) {
			t.Errorf("%q becomes %q", source, got)
		}
		if want := "Hello\n\nFiles:\nA & \"B\" <c>.pdf (PDF, 24 KB): https://links.test/t/f/x?a=1&b=2\nGröße.xlsx (XLSX, 1 KB): https://links.test/t/f/y\n"; text != want {
			t.Errorf("got the text %q, want %q", text, want)
		}
	}
	if got, text := WithFileLinks("<p>a</p>", "a", nil); got != "<p>a</p>" || text != "a" {
		t.Errorf("without files: %q, %q", got, text)
	}
}

// TestFileLinksRules holds that whatever a file is called, its mail has just one link more, which leads to the file and
// is not followed a second time, and that everything before it stays.
func TestFileLinksRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		source := rapid.SampledFrom([]string{"", "<p>x</p>", `<body><a href="https://a.test">a</a></body>`, `<a href="https://a.test">a`}).Draw(t, "source")
		f := FileLink{Name: rapid.String().Draw(t, "name"), Note: "PDF, 1 KB", URL: "https://links.test/t/f/token"}
		out, _ := WithFileLinks(source, "", []FileLink{f})
		before, after := FindLinks(source).List("https://links.test"), FindLinks(out).List("https://links.test")
		if len(before) != len(after) || len(FindLinks(out).List("https://elsewhere.test")) != len(before)+1 {
			t.Fatalf("%q has the links %q", out, after)
		}
	})
}
