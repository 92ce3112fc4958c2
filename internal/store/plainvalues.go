package store

import (
	"strings"
	"unicode/utf8"

	"cadenza/internal/record"
)

// plainValues reads an object of texts as encodeValues writes it, without spaces, where nothing in it is escaped: as nearly all records are. It takes a seventh of what
// encoding/json does, and its texts are parts of the one that was read. plain is false for whatever else there is, which is left to encoding/json.
func plainValues(text string) (v record.Values, plain bool) {
	if len(text) < len("{}") || text[0] != '{' || text[len(text)-1] != '}' || strings.IndexByte(text, '\\') >= 0 || !utf8.ValidString(text) {
		return nil, false
	}
	v = make(record.Values, strings.Count(text, `":"`))
	rest := text[1 : len(text)-1]
	for first := true; rest != ""; first = false {
		if !first {
			if rest[0] != ',' {
				return nil, false
			}
			rest = rest[1:]
		}
		var name, value string
		var ok bool
		if name, rest, ok = plainText(rest); !ok || rest == "" || rest[0] != ':' {
			return nil, false
		}
		if value, rest, ok = plainText(rest[1:]); !ok {
			return nil, false
		}
		v[name] = value
	}
	return v, true
}

// plainText takes a text in quotation marks off the front, in which nothing is escaped.
func plainText(s string) (text, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	end := strings.IndexByte(s[1:], '"')
	if end < 0 {
		return "", "", false
	}
	text = s[1 : 1+end]
	for i := range len(text) {
		if text[i] < ' ' { // must be escaped (RFC 8259, section 7)
			return "", "", false
		}
	}
	return text, s[end+2:], true
}
