package ui

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/a-h/templ"
)

// Tone is a meaning shown as a colour. A tone never stands alone: a word or an
// icon beside it says the same.
type Tone string

// The tones. Neutral is also what the zero value shows.
const (
	Neutral Tone = "neutral"
	Blue    Tone = "blue"   // the accent: chosen, new, in progress
	Green   Tone = "green"  // good, done, active
	Amber   Tone = "amber"  // needs attention soon
	Red     Tone = "red"    // failed, overdue, destructive
	Violet  Tone = "violet" // decisions: conditions, advance
)

func (t Tone) class() string {
	if t == "" {
		return "tone-neutral"
	}
	return "tone-" + string(t)
}

// Size of a button, an icon or a dialog. The zero value is the usual size.
type Size string

// The sizes beside the usual one.
const (
	Small Size = "sm"
	Large Size = "lg"
)

// Attr is one extra attribute of an element, such as hx-get. Empty values are
// written as flags.
type Attr struct{ Name, Value string }

// Attrs are extra attributes in order. They are for hx-*, data-* and aria-*;
// addresses belong in Href, which is checked.
type Attrs []Attr

// A makes Attrs from name, value pairs: A("hx-get", "/leads", "hx-target", "#list").
func A(pairs ...string) Attrs {
	var attrs Attrs
	for i := 0; i+1 < len(pairs); i += 2 {
		attrs = append(attrs, Attr{pairs[i], pairs[i+1]})
	}
	return attrs
}

// Items is what templ asks for when attributes are spread on an element.
func (a Attrs) Items() []templ.KeyValue[string, any] {
	pairs := make([]templ.KeyValue[string, any], 0, len(a))
	for _, attr := range a {
		var value any = attr.Value
		if attr.Value == "" {
			value = true
		}
		pairs = append(pairs, templ.KV(attr.Name, value))
	}
	return pairs
}

// with adds an attribute when it has a value.
func (a Attrs) with(name, value string) Attrs {
	if value == "" {
		return a
	}
	return append(a, Attr{name, value})
}

// flag adds an attribute without value when on is true.
func (a Attrs) flag(name string, on bool) Attrs {
	if !on {
		return a
	}
	return append(a, Attr{name, ""})
}

// classes joins the class names that are not empty.
func classes(names ...string) string {
	var kept []string
	for _, n := range names {
		if n != "" {
			kept = append(kept, n)
		}
	}
	return strings.Join(kept, " ")
}

// when gives the class name if the condition holds.
func when(on bool, name string) string {
	if on {
		return name
	}
	return ""
}

func suffix(base string, s Size) string {
	if s == "" {
		return ""
	}
	return base + "-" + string(s)
}

// orWord gives the first of two texts that is not empty.
func orWord(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// keyCap is how a key is printed: "c" as C, "Enter" as ↵, "g l" as G L, "Alt+ArrowUp" as Alt+↑.
func keyCap(key string) string {
	names := map[string]string{"Enter": "↵", "Escape": "Esc", "ArrowUp": "↑", "ArrowDown": "↓", "ArrowLeft": "←", "ArrowRight": "→", "Shift": "⇧"}
	words := strings.Fields(key)
	for i, w := range words {
		held, last := "", w
		if at := strings.LastIndex(w, "+"); at > 0 && at < len(w)-1 {
			held, last = w[:at+1], w[at+1:]
		}
		if cap, ok := names[last]; ok {
			last = cap
		} else if len(w) == 1 {
			last = strings.ToUpper(w)
		}
		words[i] = held + last
	}
	return strings.Join(words, " ")
}

// initials takes the first letters of the first and last word of a name.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' })
	if len(words) == 0 {
		return "?"
	}
	out := firstLetter(words[0])
	if len(words) > 1 {
		out += firstLetter(words[len(words)-1])
	}
	return out
}

func firstLetter(word string) string {
	for _, r := range word {
		return string(unicode.ToUpper(r))
	}
	return ""
}

// Count prints a whole number with thin groups: 1,204.
func Count(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
