package action

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"cadenza/internal/fault"
	"cadenza/internal/merge"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// MergeGap is a merge field in the text of an email that its reader would stumble over.
type MergeGap struct {
	// Field is where it stands: subject or html.
	Field string
	// Code is what is wrong: empty_field (the recipient has no value for it), unknown_field, or unreadable.
	Code string
	// Name is the merge field, as in {{ city }}, and Label its name for people; both are "" for one that cannot be read.
	Name, Label string
	// Around is the text around its first place.
	Around string
	// Problem says what is wrong, and Fix what to do about it.
	Problem, Fix string
}

// The codes of gaps.
const (
	EmptyField   = "empty_field"
	UnknownField = "unknown_field"
	Unreadable   = "unreadable"
)

// MergedMail is an email with a recipient's values in it.
type MergedMail struct {
	Subject, HTML string
	// Gaps are what is left to look at; nil when all is well.
	Gaps []MergeGap
}

// mergeMail puts the values of one recipient into an email. It looks at each merge field of subject and text: whoever sends one
// email to many asks it for each of them. keep leaves what has no value in its place, to be seen there.
func mergeMail(to record.Record, subject, html string, values merge.Values, keep bool) MergedMail {
	m := MergedMail{}
	m.Subject, m.Gaps = mergeText(to, "subject", subject, values, keep)
	var more []MergeGap
	m.HTML, more = mergeText(to, "html", html, values, keep)
	m.Gaps = append(m.Gaps, more...)
	return m
}

func mergeText(to record.Record, field, source string, values merge.Values, keep bool) (string, []MergeGap) {
	if !unfilled(source) {
		return source, nil
	}
	format, shown := merge.Text, func(text string) string { return text }
	if field == "html" {
		format, shown = merge.HTML, message.PlainText
	}
	parsed, err := merge.Parse(source)
	if err != nil {
		plain := shown(source)
		return source, []MergeGap{{
			Field: field, Code: Unreadable, Around: around(plain, strings.IndexByte(plain, '{'), 0),
			Problem: "A merge field cannot be read.", Fix: "Write it anew as {{ first_name }}, or take the braces out.",
		}}
	}
	out, missing := parsed.FillKept(values, format)
	plain := shown(out)
	if !keep {
		out, _ = parsed.Fill(values, format)
	}
	unknown := parsed.Unknown(func(name string) bool { return store.KnownMergeField(to.Kind, name) })
	var gaps []MergeGap
	for _, name := range unknown {
		gaps = append(gaps, MergeGap{
			Field: field, Code: UnknownField, Name: name, Label: name, Around: place(plain, name),
			Problem: fmt.Sprintf("%s has no field “%s”.", to.Kind.Plural(), name),
			Fix:     likely(to.Kind, name) + "Correct its name, or write the words yourself.",
		})
	}
	for _, name := range missing {
		if known := store.KnownMergeField(to.Kind, name); known {
			gaps = append(gaps, emptyGap(to, field, name, plain))
		}
	}
	return out, gaps
}

func emptyGap(to record.Record, field, name, plain string) MergeGap {
	label := name
	for _, f := range store.MergeFields(to.Kind) {
		if f.Name == name {
			label = f.Label
		}
	}
	return MergeGap{
		Field: field, Code: EmptyField, Name: name, Label: label, Around: place(plain, name),
		Problem: fmt.Sprintf("“%s” is empty for %s.", label, to.Name()),
		Fix:     "Write the words in its place, enter it at the record, or let it stay empty.",
	}
}

// likely names the field that was probably meant, in a sentence of its own.
func likely(kind record.Kind, name string) string {
	flat := func(s string) string { return strings.Map(letters, strings.ToLower(s)) }
	for _, f := range store.MergeFields(kind) {
		if flat(f.Name) == flat(name) || flat(f.Label) == flat(name) || strings.HasPrefix(flat(f.Name), flat(name)) && len(flat(name)) > 2 {
			return fmt.Sprintf("You may mean {{ %s }}. ", f.Name)
		}
	}
	return ""
}

func letters(r rune) rune {
	if r == '_' || r == ' ' || r == '-' || r == '.' {
		return -1
	}
	return r
}

// place gives the words around the first use of a merge field.
func place(plain, name string) string {
	tag := regexp.MustCompile(`\{[{%][^{}]*` + regexp.QuoteMeta(name) + `[^{}]*[%}]\}`)
	at := tag.FindStringIndex(plain)
	if at == nil {
		return ""
	}
	return around(plain, at[0], at[1]-at[0])
}

// around gives some words before and behind a piece of text.
func around(text string, at, length int) string {
	if at < 0 || at+length > len(text) {
		return ""
	}
	before, behind := strings.Fields(text[:at]), strings.Fields(text[at+length:])
	out := text[at : at+length]
	if at > 0 && len(before) > 0 {
		lead, cut := fewWords(before, len(before)-1, -1)
		out = cut + lead + text[len(strings.TrimRight(text[:at], " \n\u00a0")):at] + out
	}
	if len(behind) > 0 {
		tail, cut := fewWords(behind, 0, 1)
		rest := text[at+length:]
		out += rest[:len(rest)-len(strings.TrimLeft(rest, " \n\u00a0"))] + tail + cut
	}
	return strings.Join(strings.Fields(out), " ")
}

// fewWords takes words from one end on, as many as one reads at a glance; cut is "…" when some are left.
func fewWords(words []string, from, step int) (text, cut string) {
	const room = 18
	for i := from; i >= 0 && i < len(words); i += step {
		if text != "" && utf8.RuneCountInString(text)+utf8.RuneCountInString(words[i]) >= room {
			return text, "…"
		}
		switch {
		case text == "":
			text = words[i]
		case step > 0:
			text += " " + words[i]
		default:
			text = words[i] + " " + text
		}
	}
	return text, ""
}

// refuseGaps gives the problems of an email's gaps. Those that are only empty pass when a person has said so.
func refuseGaps(gaps []MergeGap, emptyToo bool) []fault.Problem {
	var problems []fault.Problem
	for _, g := range gaps {
		if g.Code == EmptyField && emptyToo {
			continue
		}
		text := g.Problem + " " + g.Fix
		if g.Around != "" {
			text = g.Problem + " It stands in “" + g.Around + "”. " + g.Fix
		}
		problems = append(problems, fault.Problem{Field: g.Field, Code: g.Code, Message: text})
	}
	return problems
}

// namesOf gives the fields of an email that have no value, each once and in order.
func namesOf(gaps []MergeGap) []string {
	var names []string
	for _, g := range gaps {
		if g.Name != "" {
			names = append(names, g.Name)
		}
	}
	return sortedUnion(names, nil)
}
