package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Words is the part of the glossary that a test can hold: the words that we do
// not use, each with the one that we do.
type Words struct {
	instead   map[string]string // forbidden word, in the singular and the plural
	forgiven  []forgiven
	forbidden *regexp.Regexp
}

// forgiven lets one word stand in the files that match a pattern, because it is
// a word of somebody else's there.
type forgiven struct {
	pattern, word, reason string
	line                  int
	used                  bool
}

// ParseWords reads the table "Words we do not use" of docs/glossary.md (rows
// "| word | instead |") and the exceptions: "PATTERN WORD reason …" lines.
func ParseWords(glossary, exceptions string) (*Words, error) {
	words := &Words{instead: map[string]string{}}
	_, table, found := strings.Cut(glossary, "## Words we do not use")
	if !found {
		return nil, fmt.Errorf("docs/glossary.md has no part \"Words we do not use\"")
	}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 4 || strings.HasPrefix(line, "|--") || strings.TrimSpace(cells[1]) == "not" {
			continue
		}
		for word := range strings.SplitSeq(cells[1], ",") {
			word = strings.ToLower(strings.TrimSpace(word))
			words.instead[word] = strings.TrimSpace(cells[2])
			words.instead[plural(word)] = strings.TrimSpace(cells[2])
		}
	}
	if len(words.instead) == 0 {
		return nil, fmt.Errorf("docs/glossary.md forbids no words")
	}
	all := []string{}
	for word := range words.instead {
		all = append(all, word)
	}
	slices.Sort(all)
	// A word with a hyphen, an equals sign or a dot beside it is somebody
	// else's: an attribute, a CSS value, a property.
	words.forbidden = regexp.MustCompile(`(?i)(?:^|[^\pL\pN_.-])(` + strings.Join(all, "|") + `)(?:$|[^\pL\pN_=-])`)
	for i, line := range strings.Split(exceptions, "\n") {
		cells := strings.Fields(line)
		if len(cells) == 0 || strings.HasPrefix(cells[0], "#") {
			continue
		}
		if len(cells) < 3 {
			return nil, fmt.Errorf("exceptions line %d: want PATTERN WORD reason", i+1)
		}
		words.forgiven = append(words.forgiven, forgiven{cells[0], cells[1], strings.Join(cells[2:], " "), i + 1, false})
	}
	return words, nil
}

func plural(word string) string {
	if stem, ok := strings.CutSuffix(word, "y"); ok {
		return stem + "ies"
	}
	return word + "s"
}

// CheckWords finds forbidden words in the names that our Go code declares, in
// its texts, and in the texts of pages and SQL. An exception that forgives
// nothing any more is a problem too.
func CheckWords(tree *Tree, words *Words) []Problem {
	var problems []Problem
	report := func(file string, line int, word, where string) {
		if !words.forgives(file, word) {
			text := fmt.Sprintf("%q in %s: the glossary says %s", word, where, words.instead[strings.ToLower(word)])
			problems = append(problems, Problem{file, line, text})
		}
	}
	for _, file := range tree.Go {
		if inHouse(file.Path) && !within(file.Dir, "internal/archtest") && !file.Generated {
			checkGoWords(tree, file, words, report)
		}
	}
	for name, text := range tree.Texts {
		if !inHouse(name) {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			switch path.Ext(name) {
			case ".templ", ".sql":
				words.search(line, func(word string) { report(name, i+1, word, "text") })
			case ".js", ".mjs":
				for _, quoted := range quotedText.FindAllString(line, -1) {
					words.search(quoted, func(word string) { report(name, i+1, word, "text") })
				}
			}
		}
	}
	for _, f := range words.forgiven {
		if !f.used {
			text := fmt.Sprintf("exception for %q in %s forgives nothing; remove it", f.word, f.pattern)
			problems = append(problems, Problem{"internal/archtest/words.txt", f.line, text})
		}
	}
	return sorted(problems)
}

// quotedText is a text of a script with a space in it: what a person may read.
var quotedText = regexp.MustCompile("\"[^\"]* [^\"]*\"|'[^']* [^']*'|`[^`]* [^`]*`")

func checkGoWords(tree *Tree, file *GoFile, words *Words, report func(string, int, string, string)) {
	name := func(id *ast.Ident) {
		for _, part := range splitName(id.Name) {
			if _, bad := words.instead[part]; bad {
				report(file.Path, tree.line(id.Pos()), part, "the name "+id.Name)
			}
		}
	}
	fields := func(list *ast.FieldList) {
		if list == nil {
			return
		}
		for _, field := range list.List {
			for _, id := range field.Names {
				name(id)
			}
		}
	}
	ast.Inspect(file.AST, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.FuncDecl:
			name(n.Name)
			fields(n.Recv)
		case *ast.FuncType:
			fields(n.Params)
			fields(n.Results)
		case *ast.StructType:
			fields(n.Fields)
		case *ast.InterfaceType:
			fields(n.Methods)
		case *ast.TypeSpec:
			name(n.Name)
		case *ast.ValueSpec:
			for _, id := range n.Names {
				name(id)
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if id, ok := left.(*ast.Ident); ok && n.Tok == token.DEFINE {
					name(id)
				}
			}
		case *ast.RangeStmt:
			for _, left := range []ast.Expr{n.Key, n.Value} {
				if id, ok := left.(*ast.Ident); ok {
					name(id)
				}
			}
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				words.search(n.Value, func(word string) { report(file.Path, tree.line(n.Pos()), word, "text") })
			}
		}
		return true
	})
}

// search calls found for each forbidden word of a text.
func (w *Words) search(text string, found func(word string)) {
	// The pattern eats the sign after a word, which may be the sign before the
	// next one; so the search goes on at the end of the word itself.
	for text != "" {
		at := w.forbidden.FindStringSubmatchIndex(text)
		if at == nil {
			return
		}
		found(strings.ToLower(text[at[2]:at[3]]))
		text = text[at[3]:]
	}
}

func (w *Words) forgives(file, word string) bool {
	for i, f := range w.forgiven {
		if match, _ := path.Match(f.pattern, file); match && f.word == word {
			w.forgiven[i].used = true
			return true
		}
	}
	return false
}

// splitName gives the words of a camel-case or snake-case name in lower case.
func splitName(name string) []string {
	var parts []string
	word := ""
	flush := func() {
		if word != "" {
			parts = append(parts, strings.ToLower(word))
		}
		word = ""
	}
	runes := []rune(name)
	for i, r := range runes {
		startsWord := unicode.IsUpper(r) && i > 0 &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if r == '_' || startsWord {
			flush()
		}
		if r != '_' {
			word += string(r)
		}
	}
	flush()
	return parts
}
