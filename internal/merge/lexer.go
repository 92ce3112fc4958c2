package merge

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// nameMax is the longest name of a field in bytes.
const nameMax = 100

// reserved are words that mean something else in Liquid, so they are no names of fields.
var reserved = []string{"and", "blank", "contains", "empty", "false", "in", "nil", "null", "or", "true"}

// lexer reads the inside of one tag: src from pos to end.
type lexer struct {
	src      string
	pos, end int
}

func (l *lexer) fail(format string, args ...any) error {
	return problemAt(l.src, l.pos, format, args...)
}

// spaces are what counts as a space inside of a tag. Rich text editors put hard spaces there and break long lines.
var spaces = []string{" ", "\t", "\n", "\r", "\u00a0", "&nbsp;"}

func (l *lexer) skipSpace() {
	for l.takeOne(spaces) != "" {
	}
}

// takeOne takes the first of the given strings that comes next and gives it; empty when none does.
func (l *lexer) takeOne(list []string) string {
	for _, s := range list {
		if strings.HasPrefix(l.src[l.pos:l.end], s) {
			l.pos += len(s)
			return s
		}
	}
	return ""
}

// take takes a character if it comes next.
func (l *lexer) take(c byte) bool {
	l.skipSpace()
	if l.pos < l.end && l.src[l.pos] == c {
		l.pos++
		return true
	}
	return false
}

func (l *lexer) atEnd() bool {
	l.skipSpace()
	return l.pos >= l.end
}

// done makes sure that nothing is left in the tag.
func (l *lexer) done() error {
	if l.atEnd() {
		return nil
	}
	return l.surprise("the end of the tag")
}

// surprise is the error for something else than what was expected.
func (l *lexer) surprise(want string) error {
	if l.atEnd() {
		return l.fail("Here %s is missing.", want)
	}
	r, _ := utf8.DecodeRuneInString(l.src[l.pos:l.end])
	switch r {
	case '<', '>', '&':
		return l.fail("There is formatting inside of the braces. Select the merge field and clear its formatting.")
	case '\u201c', '\u201d', '\u201e', '\u2018', '\u2019', '\u00ab', '\u00bb':
		return l.fail("Use straight quotes, like \"there\".")
	case '-':
		return l.fail("A - next to the braces is not supported. Remove it.")
	}
	return l.fail("Expected %s, found %q.", want, string(r))
}

// word takes a name without dots.
func (l *lexer) word(want string) (string, error) {
	l.skipSpace()
	start := l.pos
	for l.pos < l.end && nameByte(l.src[l.pos], l.pos == start) {
		l.pos++
	}
	if l.pos == start {
		return "", l.surprise(want)
	}
	return l.src[start:l.pos], nil
}

// nameByte tells whether a byte may stand in a name; a digit or hyphen may not begin it.
func nameByte(c byte, first bool) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		return true
	case c >= '0' && c <= '9', c == '-':
		return !first
	}
	return false
}

// field takes the name of a field, with dots, and gives its flat form: "record." in front is left out.
func (l *lexer) field() (string, error) {
	l.skipSpace()
	start := l.pos
	for {
		if _, err := l.word("the name of a field"); err != nil {
			return "", err
		}
		if l.pos >= l.end || l.src[l.pos] != '.' {
			break
		}
		l.pos++
		if l.pos >= l.end || !nameByte(l.src[l.pos], true) {
			return "", l.surprise("a name after the dot")
		}
	}
	name := l.src[start:l.pos]
	problem := ""
	switch {
	case len(name) > nameMax:
		problem = "The name of this field is too long."
	case strings.HasSuffix(name, "-"):
		problem = "A - next to the braces is not supported. Remove it."
	case slices.Contains(reserved, name):
		problem = "\"" + name + "\" is not a field."
	}
	if problem != "" {
		l.pos = start
		return "", l.fail("%s", problem)
	}
	if flat, ok := strings.CutPrefix(name, "record."); ok && !strings.Contains(flat, ".") {
		return flat, nil
	}
	return name, nil
}

// filter takes what follows a |.
func (l *lexer) filter() (filter, error) {
	l.skipSpace()
	start := l.pos
	name, err := l.word("a filter such as default")
	if err != nil {
		return filter{}, err
	}
	switch op := filterOp(name); op {
	case opDefault:
		if !l.take(':') {
			return filter{}, l.surprise("a colon and the fallback, like default: \"there\",")
		}
		text, err := l.quoted()
		return filter{op, text}, err
	case opUpcase, opDowncase, opCapitalize, opStrip:
		return filter{op: op}, nil
	}
	l.pos = start
	return filter{}, l.fail("There is no filter %q here. Use default, upcase, downcase, capitalize or strip.", shorten(name))
}

// quotes are the ways in which a quote may come out of an editor. Each ends with the same.
var quotes = []string{`"`, `'`, "&quot;", "&#34;", "&#39;", "&apos;"}

// quoted takes a text in quotes. There are no escapes, as in Liquid: a text with " stands in '.
func (l *lexer) quoted() (string, error) {
	l.skipSpace()
	start := l.pos
	quote := l.takeOne(quotes)
	if quote == "" {
		return "", l.surprise("a fallback in quotes, like \"there\",")
	}
	length := strings.Index(l.src[l.pos:l.end], quote)
	if length < 0 {
		l.pos = start
		return "", l.fail("This quote is never closed.")
	}
	text := l.src[l.pos : l.pos+length]
	l.pos += length + len(quote)
	return text, nil
}

// shorten keeps a piece of a broken template short enough to quote in an error.
func shorten(s string) string {
	if len(s) <= 40 {
		return s
	}
	return s[:40] + "..."
}
