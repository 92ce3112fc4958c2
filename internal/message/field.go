package message

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The lengths of lines without their CRLF. 76 is RFC 2047's for lines with encoded words, and good manners for all
// others; 998 is RFC 5322's.
const (
	lineAim = 76
	lineMax = 998
)

// wordMax is the longest encoded word that we write; RFC 2047 allows 75.
const wordMax = 64

// cleanLine makes text fit for one line: valid UTF-8, runs of control characters and line separators as one space, no
// space at the ends.
func cleanLine(s string) string {
	if printable(s) { // as nearly all lines are
		return strings.TrimSpace(s)
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	breaks := func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
	if strings.ContainsFunc(s, breaks) {
		s = strings.Join(strings.FieldsFunc(s, breaks), " ")
	}
	return strings.TrimSpace(s)
}

// cleanText makes text fit for a body: valid UTF-8, lines that end in \n, no NUL (RFC 5322, 2.2 forbids it and
// PostgreSQL cannot store it), no empty lines at the end.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if strings.IndexByte(s, '\r') >= 0 || strings.IndexByte(s, 0) >= 0 {
		s = textCleaner.Replace(s)
	}
	return strings.TrimRight(s, "\n")
}

var textCleaner = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")

// appendField writes a header field from words that may be parted by a line break, behind what stands in b. A word is never cut.
func appendField(b []byte, name string, words ...string) ([]byte, error) {
	start := len(b)
	b = append(append(b, name...), ':')
	line := len(b) - start
	for i, word := range words {
		encoded := strings.HasPrefix(word, "=?")
		if line+1+len(word) > lineAim && (i > 0 || encoded) {
			b = append(b, "\r\n"...)
			line = 0
		}
		b = append(append(b, ' '), word...)
		line += 1 + len(word)
		if line > lineMax {
			return b[:start], fmt.Errorf("header %s has a word that is too long for a line", name)
		}
	}
	return append(b, "\r\n"...), nil
}

// textWords are the words of unstructured text, encoded where ASCII would not bring it back unchanged.
func textWords(s string) []string {
	s = cleanLine(s)
	if s == "" {
		return nil
	}
	if words := strings.Split(s, " "); plainWords(words) {
		return words
	}
	return encodedWords(s)
}

// plainWords tells whether words survive a header as they are: printable ASCII, none empty (two spaces may become one
// where a line is folded), none that looks encoded.
func plainWords(words []string) bool {
	for _, w := range words {
		if w == "" || len(w) > wordMax || strings.Contains(w, "=?") || !printable(w) {
			return false
		}
	}
	return true
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// nameWords are the words of a display name (a phrase of RFC 5322, 3.2.5): atoms, a quoted string, or encoded.
func nameWords(s string) []string {
	s = cleanLine(s)
	if s == "" {
		return nil
	}
	words := strings.Split(s, " ")
	if plainWords(words) {
		special := func(r rune) bool { return r != ' ' && !isAtext(byte(r)) }
		if !strings.ContainsFunc(s, special) {
			return words
		}
		if len(s) <= wordMax {
			return []string{`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`}
		}
	}
	return encodedWords(s)
}

// encodedWords writes text as encoded words of RFC 2047, each of whole characters. Q is used where most of the text
// stays readable in it, else B.
func encodedWords(s string) []string {
	escapes := 0
	for i := range len(s) {
		if !literalInQ(s[i]) {
			escapes++
		}
	}
	inQ := escapes*3 <= len(s)
	encode, room := encodeB, (wordMax-len("=?utf-8?b??="))/4*3
	if inQ {
		encode, room = encodeQ, wordMax-len("=?utf-8?q??=")
	}
	var words []string
	start, used := 0, 0
	for i, r := range s {
		cost := utf8.RuneLen(r)
		if inQ && (cost > 1 || !literalInQ(byte(r))) {
			cost *= 3
		}
		if used+cost > room {
			words = append(words, encode(s[start:i]))
			start, used = i, 0
		}
		used += cost
	}
	return append(words, encode(s[start:]))
}

// literalInQ tells whether a byte needs no escape in an encoded word within a phrase, the strictest place (RFC 2047, 5).
func literalInQ(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ' ' ||
		strings.IndexByte("!*+-/", c) >= 0
}

func encodeB(s string) string {
	return "=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
}

func encodeQ(s string) string {
	var b strings.Builder
	b.WriteString("=?utf-8?q?")
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			b.WriteByte('_')
		case literalInQ(c):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String() + "?="
}

// addressWords are the words of an address list.
func addressWords(list []Address) ([]string, error) {
	var words []string
	for i, a := range list {
		wire, err := WireEmail(a.Email)
		if err != nil {
			return nil, err
		}
		if name := nameWords(a.Name); name != nil {
			words = append(words, name...)
			wire = "<" + wire + ">"
		}
		if i < len(list)-1 {
			wire += ","
		}
		words = append(words, wire)
	}
	return words, nil
}

// extraWords are the words of a header field that the caller names. Its value may be structured, so it goes out as it
// is; only text beyond ASCII is encoded.
func extraWords(h Header) ([]string, error) {
	if !validName(h.Name) {
		return nil, errors.New("a header's name is not valid")
	}
	if ownField(h.Name) {
		return nil, fmt.Errorf("header %s is written by Build alone", h.Name)
	}
	if strings.ContainsFunc(h.Value, unicode.IsControl) || !utf8.ValidString(h.Value) {
		return nil, fmt.Errorf("header %s has a line break or another control character", h.Name)
	}
	if printable(h.Value) {
		return strings.Fields(h.Value), nil
	}
	return textWords(h.Value), nil
}

// validName holds the names of header fields that we send: letters, digits and hyphens, a part of RFC 5322, 3.6.8.
func validName(s string) bool {
	return len(s) <= 60 && validLabel(strings.ToLower(s))
}

// ownFields are those that Build writes itself, or that only servers on the way may write.
var ownFields = []string{
	"Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Message-ID", "In-Reply-To", "References",
	"MIME-Version", "Received", "Return-Path", "DKIM-Signature",
}

func ownField(name string) bool {
	for _, own := range ownFields {
		if sameName(name, own) {
			return true
		}
	}
	return len(name) >= 8 && sameName(name[:8], "Content-") || len(name) >= 7 && sameName(name[:7], "Resent-")
}

// sameName compares names of header fields, which have no case.
func sameName(a, b string) bool {
	return strings.EqualFold(a, b)
}
