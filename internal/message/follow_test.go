package message

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

const pixelTag = `<img src="https://t.test/t/o/X.gif" width="1" height="1" alt="">`

func TestFollow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, out string }{
		{"nothing to rewrite", `<p>Dear <b>Marta</b></p>`, `<p>Dear <b>Marta</b></p>` + pixelTag},
		{"empty", ``, pixelTag},
		{"a link", `<p><a href="https://a.test/x?a=1&amp;b=2">here</a></p>`, `<p><a href="L1">here</a></p>` + pixelTag},
		{"other attributes stay", `<a class='c' HREF=http://a.test title="a &quot;b&quot;">x</a>`, `<a class="c" href="L1" title="a &#34;b&#34;">x</a>` + pixelTag},
		{"one address, one link", `<a href="http://a.test">x</a><a href=" http://a.test ">y</a><a href="http://b.test">z</a>`, `<a href="L1">x</a><a href="L1">y</a><a href="L2">z</a>` + pixelTag},
		{"the first of two", `<a href="http://a.test" href="http://b.test">x</a>`, `<a href="L1">x</a>` + pixelTag},
		{"mail, phone, anchors, nothing", `<a href="mailto:a@b.test">a</a><a href="tel:+1">b</a><a href="#c">c</a><a name=d>d</a><a href="">e</a><a>f</a>`, ""},
		{"relative, scripts, files", `<a href="/x">a</a><a href="javascript:x()">b</a><a href="ftp://a.test">c</a><a href="//a.test">d</a><a href="http:">e</a><a href="http://">f</a>`, ""},
		{"our own opt-out", `<a href="https://t.test/t/u/abc">stop</a>`, ""},
		{"not ours", `<a href="https://t.test.evil.test/t/u/abc">x</a>`, `<a href="L1">x</a>` + pixelTag},
		{"other elements", `<abbr href="http://a.test">x</abbr><img src="http://a.test/x.png"><area href="http://a.test">`, ""},
		{"in a comment and a style", `<!-- <a href="http://a.test">x</a> --><style>a{}</style>`, ""},
		{"before the end of the body", `<html><body><p>x</p></BODY></html>`, `<html><body><p>x</p>` + pixelTag + `</BODY></html>`},
		{"a tag that never ends", `<p>x</p><a href="http://a.test`, `<p>x</p>` + pixelTag + `<a href="http://a.test`},
		{"line breaks stay", "<p>a\r\nb</p>\r\n<a\r\nhref='http://a.test'>x</a>", "<p>a\r\nb</p>\r\n<a href=\"L1\">x</a>" + pixelTag},
		{"letters of any script", `<a href="https://bücher.test/ä">ü</a>`, `<a href="L1">ü</a>` + pixelTag},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := c.out
			if want == "" {
				want = c.in + pixelTag
			}
			if got := followed(c.in); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// followed rewrites the links of a mail to L1, L2, ….
func followed(source string) string {
	instead := map[string]string{}
	for i, url := range FindLinks(source).List("https://t.test") {
		instead[url] = fmt.Sprint("L", i+1)
	}
	return Follow(source, instead, "https://t.test/t/o/X.gif")
}

func TestLinksLimits(t *testing.T) {
	t.Parallel()
	long := `<a href="http://a.test/` + strings.Repeat("x", linkURLMax) + `">x</a>`
	if got := FindLinks(long).List(""); got != nil {
		t.Errorf("a link of more than %d bytes is followed", linkURLMax)
	}
	var many strings.Builder
	for i := range linksMax + 5 {
		fmt.Fprintf(&many, `<a href="http://a.test/%d">x</a>`, i)
	}
	if got := FindLinks(many.String()).List(""); len(got) != linksMax {
		t.Errorf("%d links are followed, want %d", len(got), linksMax)
	}
}

// FuzzFollow holds for any HTML: it parses to the same links, each that is listed replaced and all others as they were,
// and everything beside the tags of links stays byte by byte.
func FuzzFollow(f *testing.F) {
	for _, seed := range []string{
		`<p>Hi</p><a href="https://a.test/?a&amp;b">x</a>`, `<a href=http://a.test/x/>`, `<A HREF='HTTP://A.test' href=x>`, `<!--<a href="http://a.test">`,
		`<a "=' href="http://a.test">`, `<a =x href=http://a.test =y>`, `</body><a href="http://a.test`, "<a\x00 href=http://a.test>", `<textarea><a href="http://a.test">`,
		`<svg><a href="http://a.test"><title></a>`, `<a/href=http://a.test>`, `<a href="http://a.test&#10;">`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		urls := FindLinks(source).List("https://t.test")
		instead := map[string]string{}
		for i, url := range urls {
			instead[url] = fmt.Sprint("https://t.test/t/c/", i)
		}
		out := Follow(source, instead, "https://t.test/t/o/X.gif")
		var want []string
		for _, href := range hrefs(t, source) {
			if to, ok := instead[href]; ok {
				href = to
			}
			want = append(want, href)
		}
		if got := hrefs(t, out); !slices.Equal(got, want) {
			t.Errorf("links %q became %q, want %q, of %q: %q", hrefs(t, source), got, want, source, out)
		}
		if strings.Count(out, pixelTag) != strings.Count(source, pixelTag)+1 {
			t.Errorf("not one pixel more in %q", out)
		}
		if len(urls) == 0 && strings.Replace(out, pixelTag, "", 1) != source && !strings.Contains(source, "<img") {
			t.Errorf("%q changed to %q without a link", source, out)
		}
		if again := FindLinks(out).List("https://t.test"); len(again) > 0 && len(urls) < linksMax {
			t.Errorf("a followed mail still has links to follow: %q", again)
		}
		if _, err := html.Parse(strings.NewReader(out)); err != nil {
			t.Errorf("the result does not parse: %v", err)
		}
	})
}

// hrefs lists where the link tags of a text lead, in order, whoever reads them.
func hrefs(t *testing.T, source string) (list []string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(source))
	for z.Next() != html.ErrorToken {
		if token := z.Token(); (token.Type == html.StartTagToken || token.Type == html.SelfClosingTagToken) && token.Data == "a" {
			list = append(list, hrefOf(&token))
		}
	}
	return list
}
