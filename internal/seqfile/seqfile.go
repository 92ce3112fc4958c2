// Package seqfile reads and writes sequences as YAML files, so that they can live in git beside other configuration.
//
// It turns text into flow.Sequence and back, with a line and a column for every problem. It must never look anything up
// (whether a template exists is asked elsewhere) or touch a disk.
//
// Start reading at Parse.
package seqfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"

	"go.yaml.in/yaml/v3"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
)

// MaxSize is the most bytes that a file may have.
const MaxSize = 1 << 20

// Problem is what is wrong with a file, and where. Line and Column count from 1; 0 means the file as a whole.
type Problem struct {
	Line, Column int
	fault.Problem
}

// String gives the problem in the form that editors jump to: "12:5: …".
func (p Problem) String() string {
	line := p.Message
	if p.Hint != "" {
		line += " " + p.Hint
	}
	if p.Line == 0 {
		return line
	}
	return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, line)
}

// Parse reads one sequence. It gives all problems of shape at once.
func Parse(data []byte) (flow.Sequence, []Problem) {
	if len(data) > MaxSize {
		return flow.Sequence{}, whole("too_large", fmt.Sprintf("The file has %d bytes; at most %d are read.", len(data), MaxSize))
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return flow.Sequence{}, whole("empty", "The file is empty.")
		}
		return flow.Sequence{}, syntax(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return flow.Sequence{}, whole("several", "The file holds more than one document. Write one sequence per file.")
	}
	r := reader{at: map[string]*yaml.Node{}}
	tree, ok := r.read("", document.Content[0], 0).(map[string]any)
	if !ok && len(r.problems) == 0 {
		r.add(document.Content[0], "type", "A sequence is a list of keys: name, record, steps.")
	}
	if len(r.problems) > 0 {
		return flow.Sequence{}, r.problems
	}
	s, problems := flow.FromTree(tree)
	return s, r.locate(problems)
}

// Locate finds the places of problems that were found later, for instance on activation, in the file's text.
func Locate(data []byte, problems []fault.Problem) []Problem {
	var document yaml.Node
	r := reader{at: map[string]*yaml.Node{}}
	if yaml.Unmarshal(data, &document) == nil && len(document.Content) > 0 {
		r.read("", document.Content[0], 0)
	}
	return r.locate(problems)
}

func whole(code, message string) []Problem {
	return []Problem{{Problem: fault.Problem{Code: code, Message: message}}}
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// syntax gives the place of an error of the YAML parser, which names the line in its text only.
func syntax(err error) []Problem {
	p := whole("syntax", "The file is not valid YAML: "+err.Error()+".")
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		p[0].Line, _ = strconv.Atoi(m[1])
		p[0].Column = 1
		p[0].Message = "The file is not valid YAML: " + m[2] + "."
	}
	return p
}

// maxDepth bounds nesting; a sequence needs far less.
const maxDepth = 40

type reader struct {
	// at holds the node of each JSON pointer.
	at       map[string]*yaml.Node
	problems []Problem
}

func (r *reader) add(n *yaml.Node, code, message string) {
	r.problems = append(r.problems, Problem{Line: n.Line, Column: n.Column, Problem: fault.Problem{Code: code, Message: message}})
}

// read turns a node into plain JSON values. Anchors and aliases are refused: a small file could grow without bounds.
func (r *reader) read(pointer string, n *yaml.Node, depth int) any {
	r.at[pointer] = n
	if depth > maxDepth {
		r.add(n, "too_deep", fmt.Sprintf("This is nested more than %d levels deep.", maxDepth))
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
	r.add(n, "alias", "Anchors and aliases are not read. Write the value out.")
	return nil
}

func (r *reader) mapping(pointer string, n *yaml.Node, depth int) any {
	tree := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			r.add(key, "key", "A key must be a plain text.")
			continue
		}
		if _, twice := tree[key.Value]; twice {
			r.add(key, "duplicate_key", fmt.Sprintf("The key %q stands here twice.", key.Value))
			continue
		}
		tree[key.Value] = r.read(pointer+"/"+key.Value, value, depth+1)
	}
	return tree
}

func (r *reader) scalar(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE"
	case "!!int", "!!float":
		var f float64
		if err := n.Decode(&f); err != nil {
			r.add(n, "number", fmt.Sprintf("%q is not a number.", n.Value))
		}
		return f
	}
	return n.Value
}

// locate gives problems their places, in the order of the file.
func (r *reader) locate(problems []fault.Problem) []Problem {
	out := make([]Problem, 0, len(problems))
	for _, p := range problems {
		located := Problem{Problem: p}
		for pointer := p.Field; ; {
			if n, ok := r.at[pointer]; ok {
				located.Line, located.Column = n.Line, n.Column
				break
			}
			cut := bytes.LastIndexByte([]byte(pointer), '/')
			if cut < 0 {
				break
			}
			pointer = pointer[:cut]
		}
		out = append(out, located)
	}
	sort.SliceStable(out, func(i, j int) bool {
		return out[i].Line < out[j].Line || (out[i].Line == out[j].Line && out[i].Column < out[j].Column)
	})
	if len(out) == 0 {
		return nil
	}
	return out
}
