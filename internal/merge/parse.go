package merge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of a template. They keep filling cheap whatever its author writes.
const (
	// SourceMax is the longest source in bytes.
	SourceMax = 256 << 10
	tagsMax   = 1000
	depthMax  = 20
)

// ParseError says where a template is broken. Line and Column count from 1, Column in characters. Message is a
// sentence for the template's author.
type ParseError struct {
	Line, Column int
	Message      string
}

// Error gives the place and the sentence.
func (e *ParseError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Parse compiles a template. The error is a *ParseError.
func Parse(src string) (*Template, error) {
	if len(src) > SourceMax {
		return nil, &ParseError{1, 1, fmt.Sprintf("The template is too long: at most %d KiB.", SourceMax>>10)}
	}
	if at := invalidAt(src); at >= 0 {
		return nil, problemAt(src, at, "The text is not valid UTF-8.")
	}
	p := parser{src: src, open: []block{{at: -1}}}
	if err := p.run(); err != nil {
		return nil, err
	}
	t := &Template{nodes: p.open[0].then, size: len(src)}
	uses := map[string]bool{}
	collect(t.nodes, nil, uses)
	for _, name := range slices.Sorted(maps.Keys(uses)) {
		t.fields = append(t.fields, Field{Name: name, HasFallback: uses[name]})
	}
	return t, nil
}

// invalidAt is the offset of the first byte that is not UTF-8; -1 when all is well.
func invalidAt(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}

// problemAt makes the error for an offset of the source.
func problemAt(src string, at int, format string, args ...any) *ParseError {
	before := src[:at]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return &ParseError{line, column, fmt.Sprintf(format, args...)}
}

// collect notes for each field whether no use of it can leave a hole. sure are the fields that surely have a value
// where the nodes stand.
func collect(nodes []node, sure []string, uses map[string]bool) {
	note := func(name string, safe bool) {
		was, seen := uses[name]
		uses[name] = safe && (was || !seen)
	}
	for _, n := range nodes {
		switch n.kind {
		case textNode:
		case outputNode:
			note(n.field, n.hasFallback || slices.Contains(sure, n.field))
		case branchNode:
			note(n.field, true)
			collect(n.then, append(slices.Clip(sure), n.field), uses)
			collect(n.other, sure, uses)
		}
	}
}

// block is an if or unless that is still open; the first one is the template itself.
type block struct {
	at          int    // where its tag stands
	tag         string // "if" or "unless"
	field       string
	inElse      bool
	then, other []node
}

// add puts a node to the block's present branch.
func (b *block) add(n node) {
	if b.inElse {
		b.other = append(b.other, n)
		return
	}
	b.then = append(b.then, n)
}

// parser goes through the source once, tag by tag.
type parser struct {
	src  string
	open []block
	tags int
}

func (p *parser) top() *block {
	return &p.open[len(p.open)-1]
}

func (p *parser) fail(at int, format string, args ...any) error {
	return problemAt(p.src, at, format, args...)
}

func (p *parser) run() error {
	for pos := 0; pos < len(p.src); {
		at := nextTag(p.src, pos)
		if at > pos {
			p.top().add(node{kind: textNode, text: p.src[pos:at]})
		}
		if at == len(p.src) {
			break
		}
		end, err := p.tag(at)
		if err != nil {
			return err
		}
		pos = end
	}
	if b := p.top(); len(p.open) > 1 {
		return p.fail(b.at, "This %s is never closed. Write {%% end%s %%} where it ends.", b.tag, b.tag)
	}
	return nil
}

// nextTag is the offset of the next {{ or {% at or after pos, or the source's length.
func nextTag(src string, pos int) int {
	for {
		i := strings.IndexByte(src[pos:], '{')
		if i < 0 || pos+i+1 >= len(src) {
			return len(src)
		}
		pos += i
		if c := src[pos+1]; c == '{' || c == '%' {
			return pos
		}
		pos++
	}
}

// tag reads the tag at an offset and gives the offset behind it.
func (p *parser) tag(at int) (end int, err error) {
	if p.tags++; p.tags > tagsMax {
		return 0, p.fail(at, "The template has too many merge fields: at most %d.", tagsMax)
	}
	opening, closing := p.src[at:at+2], "}}"
	if opening == "{%" {
		closing = "%}"
	}
	length := strings.Index(p.src[at+2:], closing)
	if length < 0 || nextTag(p.src[at+2:at+2+length], 0) < length {
		return 0, p.fail(at, "This %s is never closed. Write %s behind it.", opening, closing)
	}
	l := lexer{src: p.src, pos: at + 2, end: at + 2 + length}
	if opening == "{{" {
		err = p.output(&l)
	} else {
		err = p.control(&l, at)
	}
	return l.end + 2, err
}

// output reads the inside of {{ }}.
func (p *parser) output(l *lexer) error {
	name, err := l.field()
	if err != nil {
		return err
	}
	n := node{kind: outputNode, field: name}
	for l.take('|') {
		f, err := l.filter()
		if err != nil {
			return err
		}
		n.filters = append(n.filters, f)
		n.hasFallback = n.hasFallback || f.op == opDefault
	}
	if err := l.done(); err != nil {
		return err
	}
	p.top().add(n)
	return nil
}

// control reads the inside of {% %}, whose tag stands at an offset.
func (p *parser) control(l *lexer, at int) error {
	tag, err := l.word("a tag such as if")
	if err != nil {
		return err
	}
	switch tag {
	case "if", "unless":
		field, err := l.field()
		if err != nil {
			return err
		}
		if len(p.open) > depthMax {
			return p.fail(at, "Too many ifs inside of each other: at most %d.", depthMax)
		}
		if !l.atEnd() {
			return l.fail("An %s can only ask whether a field has a value. Write {%% %s %s %%}.", tag, tag, field)
		}
		p.open = append(p.open, block{at: at, tag: tag, field: field})
		return nil
	case "else":
		b := p.top()
		if len(p.open) == 1 || b.inElse {
			return p.fail(at, "This else belongs to no if.")
		}
		b.inElse = true
	case "endif", "endunless":
		b := *p.top()
		if len(p.open) == 1 {
			return p.fail(at, "This %s belongs to no %s.", tag, strings.TrimPrefix(tag, "end"))
		}
		if tag != "end"+b.tag {
			return p.fail(at, "This %s should be end%s.", tag, b.tag)
		}
		p.open = p.open[:len(p.open)-1]
		if b.tag == "unless" {
			b.then, b.other = b.other, b.then
		}
		p.top().add(node{kind: branchNode, field: b.field, then: b.then, other: b.other})
	default:
		return p.fail(at, "There is no tag %q here. Use if, unless, else, endif or endunless.", shorten(tag))
	}
	return l.done()
}
