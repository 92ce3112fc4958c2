// Package seqfile reads and writes sequences, and the templates that go with them, as files, so that they can live in git
// beside other configuration.
//
// It turns text into flow.Sequence and Template and back, with a line and a column for every problem. It must never look
// anything up (whether a template exists is asked elsewhere) or touch a disk.
//
// Start reading at Parse, then ReadFolder (ADR 0054).
package seqfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
)

// MaxSize is the most bytes that a file may have.
const MaxSize = 1 << 20

// Parse reads one sequence. It gives all problems of shape at once.
func Parse(data []byte) (flow.Sequence, []Problem) {
	document, problems := load(data)
	if document == nil {
		return flow.Sequence{}, problems
	}
	r := newReader()
	tree, ok := r.read("", document, 0).(map[string]any)
	if !ok && len(r.problems) == 0 {
		r.add(document, "type", "A sequence is a list of keys: name, record, steps.", "Begin the file with name: and the name of the sequence.")
	}
	if !ok {
		return flow.Sequence{}, r.problems
	}
	s, found := flow.FromTree(tree)
	return s, sorted(append(r.problems, r.locate(found)...))
}

// load gives the first and only document of a YAML text, nil where there is none that can be read.
func load(data []byte) (*yaml.Node, []Problem) {
	if len(data) > MaxSize {
		return nil, tooLarge(data)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, whole("empty", "The file is empty.", "Write a sequence into it, or take it out.")
		}
		return nil, syntax(data, err)
	}
	second := new(yaml.Node)
	if err := decoder.Decode(second); !errors.Is(err, io.EOF) {
		p := whole("several", "The file holds more than one document.", "Write one sequence per file.")
		p[0].Line, p[0].Column = max(second.Line, 1), max(second.Column, 1)
		return nil, p
	}
	return document.Content[0], nil
}

// Locate finds the places of problems that were found later, for instance on activation, in the file's text.
func Locate(data []byte, problems []fault.Problem) []Problem {
	r := newReader()
	if document, _ := load(data); document != nil {
		r.read("", document, 0)
	}
	return r.locate(problems)
}

// maxDepth bounds nesting; a sequence needs far less.
const maxDepth = 40

// reader turns nodes into plain values and remembers where each stood.
type reader struct {
	// at holds the node of each JSON pointer, keys that of its key.
	at, keys map[string]*yaml.Node
	problems []Problem
}

func newReader() *reader { return &reader{at: map[string]*yaml.Node{}, keys: map[string]*yaml.Node{}} }

func (r *reader) add(n *yaml.Node, code, message, hint string) {
	r.problems = append(r.problems, Problem{Line: n.Line, Column: n.Column, Problem: fault.Problem{Code: code, Message: message, Hint: hint}})
}

// read turns a node into plain JSON values. Anchors and aliases are refused: a small file could grow without bounds.
func (r *reader) read(pointer string, n *yaml.Node, depth int) any {
	r.at[pointer] = n
	if depth > maxDepth {
		r.add(n, "too_deep", fmt.Sprintf("This is nested more than %d levels deep.", maxDepth), "Take a level out.")
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		return r.mapping(pointer, n, depth)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for i, c := range n.Content {
			list = append(list, r.read(fmt.Sprintf("%s/%d", pointer, i), c, depth+1))
		}
		return list
	case yaml.ScalarNode:
		return r.scalar(n)
	}
	r.add(n, "alias", "Anchors and aliases are not read.", "Write the value out.")
	return nil
}

func (r *reader) mapping(pointer string, n *yaml.Node, depth int) any {
	tree := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			r.add(key, "key", "A key must be a plain text.", "Write the keys out, each with its value.")
			continue
		}
		below := pointer + "/" + escape.Replace(key.Value)
		if _, twice := tree[key.Value]; twice {
			r.add(key, "duplicate_key", fmt.Sprintf("The key %q stands here twice.", key.Value),
				fmt.Sprintf("Take one of them out; the first is in line %d.", r.keys[below].Line))
			continue
		}
		r.keys[below] = key
		tree[key.Value] = r.read(below, value, depth+1)
	}
	return tree
}

// escape writes a key as part of a JSON pointer (RFC 6901, section 3).
var escape = strings.NewReplacer("~", "~0", "/", "~1")

func (r *reader) scalar(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE"
	case "!!int", "!!float":
		var f float64
		if err := n.Decode(&f); err != nil {
			r.add(n, "number", fmt.Sprintf("%q is not a number.", n.Value), "Put it in quotes if it is a text.")
		}
		return f
	}
	return n.Value
}
