package message

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// The limits of a followed mail. Links beyond them stay as they are.
const (
	linksMax   = 200
	linkURLMax = 2000 // bytes
)

// PublicPath is where the public addresses of the server begin. A link to one of them, under the base of a followed
// mail, is ours (to opt out, for instance) and never rewritten.
const PublicPath = "/t/"

// Links lists the web addresses that the links of a mail lead to, each once, in the order of the text. Anchors, other
// schemes (mailto, tel) and our own public addresses under base are none of them.
func Links(source, base string) []string {
	var list []string
	seen := map[string]bool{}
	scan(source, func(_ string, t *html.Token) {
		if t == nil || len(list) == linksMax {
			return
		}
		if to := hrefOf(t); !seen[to] && webAddress(to) && !strings.HasPrefix(to, base+PublicPath) {
			seen[to] = true
			list = append(list, to)
		}
	})
	return list
}

// Follow gives a mail with its links leading to what instead has for their address, and with a picture of one pixel at
// its end. Everything else stays as it is, byte by byte.
func Follow(source string, instead map[string]string, pixel string) string {
	var out, tail strings.Builder
	into, read := &out, 0
	scan(source, func(raw string, t *html.Token) {
		read += len(raw)
		if t == nil {
			if isBodyEnd(raw) {
				into = &tail
			}
			into.WriteString(raw)
			return
		}
		if to, ok := instead[hrefOf(t)]; ok {
			raw = withHref(t, to)
		}
		into.WriteString(raw)
	})
	// What is left is a tag that never ends. The picture goes before it, or nobody would see it.
	return out.String() + `<img src="` + html.EscapeString(pixel) + `" width="1" height="1" alt="">` + tail.String() + source[read:]
}

// scan gives every piece of the source in order, as it stands there. t is the tag when it is that of a link; the reader
// may change it.
func scan(source string, piece func(raw string, t *html.Token)) {
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return
		}
		raw := string(z.Raw()) // reading the tag changes the bytes below it
		if (kind == html.StartTagToken || kind == html.SelfClosingTagToken) && isLinkTag(raw) {
			t := z.Token()
			piece(raw, &t)
			continue
		}
		piece(raw, nil)
	}
}

// isLinkTag looks at the name only: reading all tags of a mail takes longer.
func isLinkTag(raw string) bool {
	return len(raw) > 2 && (raw[1] == 'a' || raw[1] == 'A') && strings.IndexByte(" \t\n\f\r/", raw[2]) >= 0
}

func isBodyEnd(raw string) bool {
	return len(raw) >= 7 && strings.EqualFold(raw[:6], "</body")
}

// hrefOf gives where a link leads, "" for nowhere. The first of several counts, as in every reader.
func hrefOf(t *html.Token) string {
	for _, a := range t.Attr {
		if a.Key == "href" {
			return strings.Trim(a.Val, " \t\n\f\r")
		}
	}
	return ""
}

func withHref(t *html.Token, to string) string {
	kept, done := t.Attr[:0:0], false
	for _, a := range t.Attr {
		if a.Key == "href" {
			if done {
				continue
			}
			a.Val, done = to, true
		}
		kept = append(kept, a)
	}
	t.Attr = kept
	return t.String()
}

// webAddress tells whether an address is one that a browser can be sent to.
func webAddress(s string) bool {
	if len(s) > linkURLMax || !utf8.ValidString(s) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
