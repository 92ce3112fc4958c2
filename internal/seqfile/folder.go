package seqfile

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
)

// The parts of a folder, and the schema beside them that editors read.
const (
	SequencesDir = "sequences"
	TemplatesDir = "templates"
	SchemaFile   = "sequence.schema.json"
	// SchemaBeside is where a sequence in its folder finds the schema.
	SchemaBeside = "../" + SchemaFile
)

// The limits of a folder. They bound memory: an installation has hundreds of sequences at most.
const (
	MaxFiles  = 2000
	MaxFolder = 64 << 20
)

// File is one file with its name, its folders parted by slashes.
type File struct {
	Name string
	Data []byte
}

// Sequence is a sequence of a file.
type Sequence struct {
	File string
	Text []byte
	Def  flow.Sequence
	// Problems are those of shape: with one the sequence cannot even be kept as a draft.
	Problems []Problem
}

// Locate finds the places of problems in the file.
func (s Sequence) Locate(problems []fault.Problem) []Problem {
	return In(s.File, Locate(s.Text, problems))
}

// TemplateOf is a template of a file.
type TemplateOf struct {
	File string
	Template
	// Files are the contents of its attachments, in their order.
	Files    []File
	Problems []Problem
	text     templateText
}

// Locate finds the places of problems in the file.
func (t TemplateOf) Locate(problems []fault.Problem) []Problem {
	return In(t.File, t.text.locate(problems))
}

// LocateIn finds the place of a problem with the body, of which line and column are known, or with the subject.
func (t TemplateOf) LocateIn(field string, line, column int, p fault.Problem) Problem {
	p.Field = field
	located := t.Locate([]fault.Problem{p})[0]
	if field == Body {
		located.Line, located.Column = located.Line+line-1, column
	}
	return located
}

// Folder is what files hold. Its lists are in the order of the files' names.
type Folder struct {
	Sequences []Sequence
	Templates []TemplateOf
	// Whole tells that it holds everything that its sequences name.
	Whole bool
}

// Count gives how many sequences and templates there are.
func (f Folder) Count() int { return len(f.Sequences) + len(f.Templates) }

// Pick chooses the names of files that count, in their order: below sequences and templates where there are such folders, otherwise all of
// them. Hidden files and folders never do. whole tells that there are such folders.
func Pick(names []string) (picked []string, whole bool) {
	below := func(name, dir string) bool { return slices.Contains(strings.Split(path.Dir(name), "/"), dir) }
	var all, laidOut []string
	for _, name := range names {
		if slices.ContainsFunc(strings.Split(name, "/"), hidden) {
			continue
		}
		all = append(all, name)
		if below(name, SequencesDir) || below(name, TemplatesDir) {
			laidOut = append(laidOut, name)
		}
	}
	if len(laidOut) > 0 {
		all = laidOut
	}
	slices.Sort(all)
	return all, len(laidOut) > 0
}

// hidden tells names that stand for no content of ours: those that begin with a dot, and what a Mac puts into archives.
func hidden(part string) bool {
	return strings.HasPrefix(part, ".") && part != "." && part != ".." || part == "__MACOSX" || part == "node_modules"
}

// ReadFolder reads files: .yaml and .yml are sequences, .html and .txt templates, and what stands in a folder that is named as a
// template beside it are its attachments. Everything else is left alone.
func ReadFolder(files []File, whole bool) Folder {
	f := Folder{Whole: whole}
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	owners := map[string]bool{}
	for _, file := range files {
		if isTemplate(file.Name) {
			owners[stem(file.Name)] = true
		}
	}
	for _, file := range files {
		switch {
		case attached(file.Name, owners):
		case isSequence(file.Name):
			s := Sequence{File: file.Name, Text: file.Data}
			s.Def, s.Problems = Parse(file.Data)
			s.Problems = In(file.Name, s.Problems)
			f.Sequences = append(f.Sequences, s)
		case isTemplate(file.Name):
			f.Templates = append(f.Templates, readTemplate(file, files))
		}
	}
	f.twice()
	return f
}

func isSequence(name string) bool { return path.Ext(name) == ".yaml" || path.Ext(name) == ".yml" }
func isTemplate(name string) bool { return path.Ext(name) == ".html" || path.Ext(name) == ".txt" }
func stem(name string) string     { return strings.TrimSuffix(name, path.Ext(name)) }

// Counts tells whether a file by itself would be read as a sequence or a template.
func Counts(name string) bool { return isSequence(name) || isTemplate(name) }

// attached tells whether a file stands in the folder of a template: of one that is there, or anywhere below templates/.
func attached(name string, owners map[string]bool) bool {
	if dirs := strings.Split(path.Dir(name), "/"); slices.Contains(dirs[:len(dirs)-1], TemplatesDir) {
		return true
	}
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if owners[dir] {
			return true
		}
	}
	return false
}

func readTemplate(file File, files []File) TemplateOf {
	t := TemplateOf{File: file.Name}
	var problems []Problem
	t.text, problems = parseTemplate(file.Name, file.Data)
	t.Template = t.text.Template
	for i, name := range t.Attachments {
		at, ok := slices.BinarySearchFunc(files, path.Join(stem(file.Name), name), func(f File, name string) int { return strings.Compare(f.Name, name) })
		if !ok {
			problems = append(problems, t.text.r.locate([]fault.Problem{{
				Field: fmt.Sprintf("/attachments/%d", i), Code: "not_found", Message: fmt.Sprintf("There is no file %s.", path.Join(t.Key, name)),
				Hint: "Put it into that folder beside the template, or take it out of attachments.",
			}})...)
			continue
		}
		t.Files = append(t.Files, File{Name: path.Base(name), Data: files[at].Data})
	}
	t.Problems = In(file.Name, sorted(problems))
	return t
}

// twice marks sequences of one name and templates of one key in the later file, with the place of the earlier one.
func (f *Folder) twice() {
	names := map[string]Sequence{}
	for i := range f.Sequences {
		s := &f.Sequences[i]
		key := strings.ToLower(s.Def.Name)
		if key == "" {
			continue
		}
		if first, ok := names[key]; ok {
			at := first.Locate([]fault.Problem{{Field: "/name"}})[0]
			s.Problems = append(s.Problems, s.Locate([]fault.Problem{{
				Field: "/name", Code: "duplicate", Message: fmt.Sprintf("Another file has a sequence %q: %s:%d:%d.", s.Def.Name, at.File, at.Line, at.Column),
				Hint: "Give one of them another name, or take a file out.",
			}})...)
			s.Problems = sorted(s.Problems)
			continue
		}
		names[key] = *s
	}
	keys := map[string]string{}
	for i := range f.Templates {
		t := &f.Templates[i]
		if first, ok := keys[t.Key]; ok {
			t.Problems = append(t.Problems, Problem{File: t.File, Line: 1, Column: 1, Problem: fault.Problem{
				Code: "duplicate", Message: fmt.Sprintf("Another file is the template %q, too: %s:1:1.", t.Key, first), Hint: "Give one of them another name, or take a file out.",
			}})
			continue
		}
		keys[t.Key] = t.File
	}
}

// FileName makes a file's name of a sequence's: letters and digits of any script, in lower case, joined by dashes.
func FileName(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return strings.ContainsRune(" /\\:*?\"<>|.,;'`!#$%&()[]{}=+~^@–—", r) || r < ' '
	})
	if len(words) == 0 {
		return "sequence"
	}
	// A name of a file has at most 255 bytes in most systems.
	out := []rune(strings.Join(words, "-"))
	return string(out[:min(len(out), 60)])
}

// FreeName gives a name for the file of a sequence that no earlier one has; taken holds those, in lower case.
func FreeName(name string, taken map[string]bool) string {
	base := FileName(name)
	free := base
	for n := 2; taken[free]; n++ {
		free = fmt.Sprintf("%s-%d", base, n)
	}
	taken[free] = true
	return SequencesDir + "/" + free + ".yaml"
}
