package message

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// bareURL finds a web address in the raw text of HTML, where signs such as < and & are written as entities.
var bareURL = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"'\x60]+`)

// urlEnds are entities that an address in running text does not hold.
var urlEnds = regexp.MustCompile(`(?i)&(?:lt|gt|quot|apos|nbsp|#34|#39|#60|#62);`)

// unlinked are the elements whose text stays as it is: a link already, or no text for readers.
var unlinked = map[string]bool{"a": true, "code": true, "pre": true, "script": true, "style": true, "textarea": true, "title": true}

// LinkURLs makes links of the web addresses that stand in the text of HTML, as mail programs show them, so that they are
// followed like any other. What is a link, code or preformatted stays, and so does every other byte.
//
// Invariant: a second time it changes nothing (TestLinkURLs).
func LinkURLs(source string) string {
	if !strings.Contains(source, "://") {
		return source
	}
	var out strings.Builder
	read, inside := 0, 0
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		raw := string(z.Raw()) // reading the name changes the bytes below it
		read += len(raw)
		switch kind {
		case html.StartTagToken:
			if name, _ := z.TagName(); unlinked[string(name)] {
				inside++
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); unlinked[string(name)] && inside > 0 {
				inside--
			}
		case html.TextToken:
			if inside == 0 {
				raw = linkText(raw)
			}
		}
		out.WriteString(raw)
	}
	return out.String() + source[read:]
}

// linkText makes links of the addresses in a piece of text.
func linkText(text string) string {
	var out strings.Builder
	for {
		at := bareURL.FindStringIndex(text)
		if at == nil {
			return out.String() + text
		}
		address := addressOf(text[at[0]:at[1]])
		end := at[0] + len(address)
		out.WriteString(text[:at[0]])
		if webAddress(html.UnescapeString(address)) {
			out.WriteString(`<a href="` + address + `">` + address + `</a>`)
		} else {
			out.WriteString(address)
		}
		text = text[end:]
	}
}

// addressOf leaves what belongs to the sentence around an address out. The scheme is never part of it.
func addressOf(found string) string {
	if at := urlEnds.FindStringIndex(found); at != nil {
		found = found[:at[0]]
	}
	least := strings.Index(found, "://") + len("://")
	for len(found) > least && endsSentence(found) {
		found = found[:len(found)-1]
	}
	return found
}

// endsSentence tells whether the last sign closes the sentence and not the address. A bracket does unless it was opened in
// the address; a semicolon may end an entity.
func endsSentence(address string) bool {
	switch last := address[len(address)-1]; last {
	case '.', ',', ':', '!', '?', '*', '_', '~', '|':
		return true
	case ';':
		at := strings.LastIndexByte(address, '&')
		return at < 0 || strings.ContainsAny(address[at:], "./?=")
	case ')':
		return strings.Count(address, ")") > strings.Count(address, "(")
	case ']':
		return strings.Count(address, "]") > strings.Count(address, "[")
	}
	return false
}
