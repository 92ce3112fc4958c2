package seqfile

import (
	"bytes"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"cadenza/internal/fault"
)

// Problem is what is wrong with a file, and where. Line and Column count from 1; 0 means the file as a whole.
type Problem struct {
	// File is the name of the file, "" where there is but one.
	File         string
	Line, Column int
	fault.Problem
}

// String gives the problem in the form that editors jump to: "12:5: …", after the file's name where there is one.
func (p Problem) String() string {
	line := p.Message
	if p.Hint != "" {
		line += " " + p.Hint
	}
	return p.Place() + line
}

// Place gives where the problem is, as "flows/a.yaml:12:5: "; "" for nowhere.
func (p Problem) Place() string {
	switch {
	case p.Line == 0 && p.File == "":
		return ""
	case p.Line == 0:
		return p.File + ": "
	case p.File == "":
		return fmt.Sprintf("%d:%d: ", p.Line, p.Column)
	}
	return fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Column)
}

// In names the file of problems.
func In(file string, problems []Problem) []Problem {
	out := make([]Problem, 0, len(problems))
	for _, p := range problems {
		p.File = file
		out = append(out, p)
	}
	return out
}

func whole(code, message, hint string) []Problem {
	return []Problem{{Problem: fault.Problem{Code: code, Message: message, Hint: hint}}}
}

// tooLarge points at the line in which a text exceeds the limit: the longest one, as a rule.
func tooLarge(data []byte) []Problem {
	p := whole("too_large", fmt.Sprintf("The file has %s; at most %s are read.", sizeText(len(data)), sizeText(MaxSize)),
		"Shorten the text that goes on in this line.")
	p[0].Line = bytes.Count(data[:MaxSize], []byte{'\n'}) + 1
	p[0].Column = firstSign(data[bytes.LastIndexByte(data[:MaxSize], '\n')+1:])
	return p
}

// sizeText gives a size in the unit that suits it, rounded up.
func sizeText(bytes int) string {
	if bytes >= 1<<20 && bytes%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d bytes", bytes)
}

// firstSign gives the column of the first sign in a line that is no space.
func firstSign(line []byte) int {
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	return len(line) - len(bytes.TrimLeft(line, " \t")) + 1
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// syntax gives the place of an error of the YAML parser, which names the line in its text only.
func syntax(data []byte, err error) []Problem {
	p := whole("syntax", "The file is not valid YAML: "+strings.TrimPrefix(err.Error(), "yaml: ")+".",
		"Look at the quotes, brackets and the indentation of this line and the one before it.")
	p[0].Line, p[0].Column = 1, 1
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		p[0].Line, _ = strconv.Atoi(m[1])
		p[0].Message = "The file is not valid YAML: " + m[2] + "."
		if strings.HasPrefix(m[2], "mapping values are not allowed") {
			p[0].Hint = "Put a text that holds a colon into single quotes."
		}
	}
	lines := bytes.Split(data, []byte{'\n'})
	p[0].Line = max(1, min(p[0].Line, len(lines)))
	// The parser stops in the line of a tab, or in the one before it.
	for at := p[0].Line; at <= min(p[0].Line+1, len(lines)); at++ {
		line := lines[at-1]
		if tab := bytes.IndexByte(line, '\t'); tab >= 0 && len(bytes.TrimLeft(line[:tab], " -")) == 0 {
			p[0].Line, p[0].Column = at, tab+1
			p[0].Code, p[0].Message, p[0].Hint = "tab", "The line is indented with a tab, which YAML does not allow.", "Indent it with spaces."
			return p
		}
	}
	p[0].Column = firstSign(lines[p[0].Line-1])
	return p
}

// locate gives problems their places, in the order of the file.
func (r *reader) locate(problems []fault.Problem) []Problem {
	out := make([]Problem, 0, len(problems))
	for _, p := range problems {
		located := Problem{Problem: p}
		if n := r.find(p); n != nil {
			located.Line, located.Column = n.Line, n.Column
			if first := r.firstID(p, n); first != nil {
				located.Hint = fmt.Sprintf("Choose another id; it is used first in line %d, column %d.", first.Line, first.Column)
			}
		}
		out = append(out, located)
	}
	return sorted(out)
}

// find gives the node that a problem is about: the key that does not belong there, else the value, else what holds it.
func (r *reader) find(p fault.Problem) *yaml.Node {
	if key, ok := r.keys[p.Field]; ok && p.Code == "unknown_key" {
		return key
	}
	for pointer := p.Field; ; {
		if n, ok := r.at[pointer]; ok {
			return n
		}
		cut := strings.LastIndexByte(pointer, '/')
		if cut < 0 {
			return nil
		}
		pointer = pointer[:cut]
	}
}

// firstID gives where an id that is used twice stands first.
func (r *reader) firstID(p fault.Problem, second *yaml.Node) (first *yaml.Node) {
	if p.Code != "duplicate" || !strings.HasSuffix(p.Field, "/id") {
		return nil
	}
	for pointer, n := range r.at {
		if strings.HasSuffix(pointer, "/id") && n.Value == second.Value && n != second && (first == nil || before(n, first)) {
			first = n
		}
	}
	return first
}

func before(a, b *yaml.Node) bool { return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column }

// sorted brings problems into the order of the file; nil when there are none.
func sorted(list []Problem) []Problem {
	if len(list) == 0 {
		return nil
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	return list
}
