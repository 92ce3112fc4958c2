package delivery

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cadenza/internal/merge"
	"cadenza/internal/message"
)

// TestSkeleton holds that the plain text of a mail and the places of its links are the same whether they come by its skeleton or
// from its HTML, for whatever templates and values.
func TestSkeleton(t *testing.T) {
	t.Parallel()
	kept := newSkeletons()
	used := 0
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom([]string{
			"<p>", "</p>", "<div>", "</div>", "<br>", "<b>", "</b>", "</body>", "<ul><li>", "</li></ul>", `<a href="https://shop.test/x">`, "</a>", `<a href="{{ a }}">`,
			"<h2>", "</h2>", "<blockquote>", "</blockquote>", "<table><tr><td>", "</td></tr></table>", "<pre>", "</pre>", "<style>", "</style>", "<img alt='x'>",
			"{{ a }}", "{{ b | default: \"there\" }}", "{{ a | upcase }}", "{% if b %}yes {{ b }}{% else %}no{% endif %}", " ", "\n", "Hello", ".", "&amp;", "&", "&nbsp;", "<", ">", "word, ", "\uE001",
		}), 1, 14).Draw(t, "pieces")
		source := strings.Join(pieces, "")
		tpl, err := merge.Parse(source)
		if err != nil {
			t.Skip("no template")
		}
		value := rapid.OneOf(rapid.SampledFrom([]string{"Marta", "Miller & Sons", "Acme Inc.", " Bo", "<b>", "lt", "x.com", "https://shop.test/x", ".net", "Ann  Lee", ""}), rapid.String())
		for range 2 {
			values := merge.Values{"a": value.Draw(t, "a"), "b": value.Draw(t, "b")}
			html, marked, put, _ := tpl.FillMarked(values, merge.HTML)
			if filled, _ := tpl.Fill(values, merge.HTML); filled != html {
				t.Fatalf("%q with %q: filled as %q and, with marks, as %q", source, values, filled, html)
			}
			got, want := kept.read(html, marked, put), reading{message.PlainText(html), message.FindLinks(html)}
			if got.plain != want.plain {
				t.Fatalf("%q with %q:\n got %q\nwant %q", source, values, got.plain, want.plain)
			}
			instead := map[string]string{"https://shop.test/x": "https://links.test/1"}
			if a, b := got.links.Follow(html, instead, "p"), want.links.Follow(html, instead, "p"); a != b {
				t.Fatalf("%q with %q is followed:\n as %q\nwant %q", source, values, a, b)
			}
			if kept.kept[marked].usable && len(put) > 0 {
				used++
			}
		}
	})
	if used == 0 {
		t.Error("no text came by its skeleton")
	}
}
