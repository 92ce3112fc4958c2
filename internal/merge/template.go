package merge

import (
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Values are the fields' values by flat name: "first_name", "company", "sender.name". A value that is missing, empty
// or blank counts as none.
type Values map[string]string

// Format is the kind of text that a template makes.
type Format int

// The formats. Text puts values in as they are; HTML escapes them.
const (
	Text Format = iota
	HTML
)

// Field is a field that a template asks for. HasFallback is true when no use of it can leave a hole: each has a
// default, is the condition of an if, or stands inside of an if on that very field.
type Field struct {
	Name        string
	HasFallback bool
}

// Template is a compiled template. It does not change and may be used by many at once.
type Template struct {
	nodes  []node
	fields []Field
	size   int // bytes of the source, a first guess for the size of the result
}

type nodeKind int

const (
	textNode   nodeKind = iota // fixed text
	outputNode                 // the value of a field, through filters
	branchNode                 // then when the field has a value, other when not; unless swaps the two in Parse
)

// node is one piece of a compiled template.
type node struct {
	kind        nodeKind
	text        string // of a textNode
	field       string
	filters     []filter
	hasFallback bool
	then, other []node
}

// Fields lists what the template asks for, sorted by name, each once.
func (t *Template) Fields() []Field {
	return slices.Clone(t.fields)
}

// Unknown lists the fields that known does not know, sorted by name, each once.
func (t *Template) Unknown(known func(name string) bool) []string {
	var unknown []string
	for _, f := range t.fields {
		if !known(f.Name) {
			unknown = append(unknown, f.Name)
		}
	}
	return unknown
}

// Fill puts the values in. missing lists the fields that left a hole, because they had neither value nor fallback where
// the template used them; it is sorted, each name once. A mail with a hole is not to be sent without a person's look.
func (t *Template) Fill(v Values, f Format) (out string, missing []string) {
	w := writer{values: v, format: f}
	w.out.Grow(t.size + t.size/4)
	w.write(t.nodes)
	slices.Sort(w.missing)
	return w.out.String(), w.missing
}

// FillKept is Fill, which leaves the fields that would leave a hole in their places, as "{{ city }}", for a person to see there.
func (t *Template) FillKept(v Values, f Format) (out string, missing []string) {
	w := writer{values: v, format: f, keep: true}
	w.out.Grow(t.size + t.size/4)
	w.write(t.nodes)
	slices.Sort(w.missing)
	return w.out.String(), w.missing
}

// FirstMark is the mark of the first value in a marked filling; those of the others follow it. They are of Unicode's private use.
const FirstMark = '\uE000'

// FillMarked is Fill, which also gives the result with a mark in the place of each value, and the values as they were put in.
// What is the same for all records of the same shape can be found out once, by the marked text.
func (t *Template) FillMarked(v Values, f Format) (out, marked string, values, missing []string) {
	w := writer{values: v, format: f, marked: &strings.Builder{}}
	w.out.Grow(t.size + t.size/4)
	w.marked.Grow(t.size)
	w.write(t.nodes)
	slices.Sort(w.missing)
	return w.out.String(), w.marked.String(), w.put, w.missing
}

// FillLine fills a template whose result must stay on one line, such as a subject. Line breaks and other control
// characters, of values and template alike, become a space, so that nothing can add a header to a mail (RFC 5322,
// 2.2: a header field's body has no bare CR or LF).
func (t *Template) FillLine(v Values) (out string, missing []string) {
	out, missing = t.Fill(v, Text)
	return oneLine(out), missing
}

// oneLine turns each run of control characters and line separators into one space.
func oneLine(s string) string {
	breaks := func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
	if strings.IndexFunc(s, breaks) < 0 {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.Join(strings.FieldsFunc(s, breaks), " "))
}

// writer is one filling of a template.
type writer struct {
	values  Values
	format  Format
	out     strings.Builder
	missing []string
	// keep puts the field itself where a hole would be.
	keep bool
	// marked is the result with marks, and put the values that they stand for, where somebody asked.
	marked *strings.Builder
	put    []string
}

func (w *writer) write(nodes []node) {
	for i := range nodes {
		n := &nodes[i]
		switch n.kind {
		case textNode:
			w.out.WriteString(n.text)
			if w.marked != nil {
				w.marked.WriteString(n.text)
			}
		case outputNode:
			w.writeField(n)
		case branchNode:
			if blank(w.values[n.field]) {
				w.write(n.other)
			} else {
				w.write(n.then)
			}
		}
	}
}

func (w *writer) writeField(n *node) {
	value := w.values[n.field]
	for _, f := range n.filters {
		value = f.apply(value, w.format)
	}
	if blank(value) {
		if !n.hasFallback && !slices.Contains(w.missing, n.field) {
			w.missing = append(w.missing, n.field)
		}
		if w.keep && !n.hasFallback {
			w.out.WriteString("{{ " + n.field + " }}")
		}
		return
	}
	if w.format == HTML {
		value = html.EscapeString(value)
	}
	w.out.WriteString(value)
	if w.marked != nil {
		w.marked.WriteRune(FirstMark + rune(len(w.put)))
		w.put = append(w.put, value)
	}
}

// blank tells whether a value counts as none.
func blank(s string) bool {
	return strings.TrimSpace(s) == ""
}

// filterOp is one of the filters that a template may use.
type filterOp string

const (
	opDefault    filterOp = "default"
	opUpcase     filterOp = "upcase"
	opDowncase   filterOp = "downcase"
	opCapitalize filterOp = "capitalize"
	opStrip      filterOp = "strip"
)

// filter is a filter as used. fallback is the argument of default.
type filter struct {
	op       filterOp
	fallback string
}

// apply gives the filtered value, not yet escaped. In HTML the template's author may have written the fallback with
// entities, as editors do; it is read as HTML so that the escaping of the result does not double them.
func (f filter) apply(value string, format Format) string {
	switch f.op {
	case opDefault:
		if !blank(value) {
			return value
		}
		if format == HTML {
			return html.UnescapeString(f.fallback)
		}
		return f.fallback
	case opUpcase:
		return strings.ToUpper(value)
	case opDowncase:
		return strings.ToLower(value)
	case opCapitalize:
		first, size := utf8.DecodeRuneInString(value)
		if size == 0 || first == utf8.RuneError {
			return value
		}
		return string(unicode.ToUpper(first)) + value[size:]
	case opStrip:
		return strings.TrimSpace(value)
	}
	return value
}
