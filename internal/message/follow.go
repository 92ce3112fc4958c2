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

// Places are where the links stand in the HTML of a mail, so that it is read once, however often they are asked for.
type Places struct {
	links []place
	// pixel is where the picture goes that follows the mail: before the end of the body, or of all but a tag that never ends.
	pixel int
}

// place is the tag of a link, from and to bytes.
type place struct {
	from, to int
	tag      html.Token
	url      string
}

// FindLinks reads the HTML of a mail.
func FindLinks(source string) Places {
	var p Places
	read, ended := 0, false
	scan(source, func(raw string, t *html.Token) {
		if t != nil {
			p.links = append(p.links, place{from: read, to: read + len(raw), tag: *t, url: hrefOf(t)})
		} else if !ended && isBodyEnd(raw) {
			p.pixel, ended = read, true
		}
		read += len(raw)
	})
	if !ended {
		p.pixel = read
	}
	return p
}

// Moved gives the places in a text of which every byte stands where at tells.
func (p Places) Moved(at func(int) int) Places {
	moved := Places{links: make([]place, len(p.links)), pixel: at(p.pixel)}
	for i, l := range p.links {
		l.from, l.to = at(l.from), at(l.to)
		moved.links[i] = l
	}
	return moved
}

// List lists the web addresses that the links of a mail lead to, each once, in the order of the text. Anchors, other
// schemes (mailto, tel) and our own public addresses under base are none of them.
func (p Places) List(base string) []string {
	var list []string
	seen := map[string]bool{}
	for _, l := range p.links {
		if len(list) == linksMax {
			break
		}
		if !seen[l.url] && webAddress(l.url) && !strings.HasPrefix(l.url, base+PublicPath) {
			seen[l.url] = true
			list = append(list, l.url)
		}
	}
	return list
}

// Follow gives the mail in which the places were found with its links leading to what instead has for their address, and with a
// picture of one pixel at its end. Everything else stays as it is, byte by byte.
func (p Places) Follow(source string, instead map[string]string, pixel string) string {
	var out strings.Builder
	out.Grow(len(source) + 200*(len(p.links)+1))
	read := 0
	upTo := func(at int) {
		out.WriteString(source[read:at])
		read = at
	}
	picture := false
	put := func() {
		upTo(p.pixel)
		picture = true
		out.WriteString(`<img src="` + html.EscapeString(pixel) + `" width="1" height="1" alt="">`)
	}
	for _, l := range p.links {
		if !picture && l.from >= p.pixel {
			put()
		}
		if to, ok := instead[l.url]; ok {
			upTo(l.from)
			out.WriteString(withHref(l.tag, to))
			read = l.to
		}
	}
	if !picture {
		put()
	}
	upTo(len(source))
	return out.String()
}

// Follow is Follow of FindLinks.
func Follow(source string, instead map[string]string, pixel string) string {
	return FindLinks(source).Follow(source, instead, pixel)
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

func withHref(t html.Token, to string) string {
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
