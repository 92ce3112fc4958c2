package archtest

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Problem is one broken rule at one place.
type Problem struct {
	Path string
	Line int // 0 when the whole file is meant
	Text string
}

// String gives the place first, so that editors can jump to it.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.Path + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.Path, p.Line, p.Text)
}

// Tree is a repository in memory: its Go files parsed, its other texts as they are.
type Tree struct {
	Module string
	Go     []*GoFile
	Texts  map[string]string // every text file by path, Go files too
	fset   *token.FileSet
}

// GoFile is one parsed file.
type GoFile struct {
	Path      string
	Dir       string // the package, as a path from the root
	Test      bool   // a _test.go file
	External  bool   // of a package whose name ends in _test
	Generated bool
	AST       *ast.File
	Lines     int
}

// textEndings are the files that the checks of texts read.
var textEndings = []string{
	".go", ".templ", ".sql", ".js", ".mjs", ".css", ".sh", ".md", ".yml", ".yaml", ".txt", ".json", "go.mod", "Makefile", "Dockerfile", "run",
}

// skipped are folders with nothing of ours in them.
var skipped = []string{".git", "node_modules", "bin", "testdata", "vendor", "demo-data"}

var generatedMark = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// Load reads the tree at root. A Go file that does not parse is an error, for
// nothing can be said about the rest then.
func Load(root fs.FS) (*Tree, error) {
	tree := &Tree{Texts: map[string]string{}, fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if slices.Contains(skipped, path.Base(name)) {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular() || !hasEnding(name, textEndings):
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		tree.Texts[name] = string(text)
		if strings.HasSuffix(name, ".go") {
			return tree.addGo(name, string(text))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load tree: %w", err)
	}
	for line := range strings.Lines(tree.Texts["go.mod"]) {
		if module, ok := strings.CutPrefix(line, "module "); ok {
			tree.Module = strings.TrimSpace(module)
		}
	}
	return tree, nil
}

func (t *Tree) addGo(name, text string) error {
	file, err := parser.ParseFile(t.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	t.Go = append(t.Go, &GoFile{
		Path:      name,
		Dir:       path.Dir(name),
		Test:      strings.HasSuffix(name, "_test.go"),
		External:  strings.HasSuffix(file.Name.Name, "_test"),
		Generated: generatedMark.MatchString(text),
		AST:       file,
		Lines:     strings.Count(text, "\n"),
	})
	return nil
}

// line is the line of a position.
func (t *Tree) line(pos token.Pos) int { return t.fset.Position(pos).Line }

// lineCount is the number of lines from the first to the last of a node.
func (t *Tree) lineCount(node ast.Node) int {
	return t.line(node.End()) - t.line(node.Pos()) + 1
}

// packages groups the Go files of internal and cmd by folder.
func (t *Tree) packages() map[string][]*GoFile {
	found := map[string][]*GoFile{}
	for _, f := range t.Go {
		if inHouse(f.Path) {
			found[f.Dir] = append(found[f.Dir], f)
		}
	}
	return found
}

// inHouse tells whether a file belongs to the module's own packages.
func inHouse(name string) bool {
	return strings.HasPrefix(name, "internal/") || strings.HasPrefix(name, "cmd/")
}

// qualified gives "pkg.Name" for a name of another package, with the import
// path's last element for pkg even when the file renames it.
func (f *GoFile) qualified(sel *ast.SelectorExpr) string {
	left, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	for _, spec := range f.AST.Imports {
		last := path.Base(importPath(spec))
		name := last
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == left.Name {
			return last + "." + sel.Sel.Name
		}
	}
	return ""
}

// uses tells whether a node names something of another package: "pkg.Name".
func (f *GoFile) uses(node ast.Node, name string) bool {
	found := false
	ast.Inspect(node, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && f.qualified(sel) == name {
			found = true
		}
		return !found
	})
	return found
}

func importPath(spec *ast.ImportSpec) string { return strings.Trim(spec.Path.Value, `"`) }

func hasEnding(name string, endings []string) bool {
	return slices.ContainsFunc(endings, func(end string) bool { return strings.HasSuffix(name, end) })
}

// sorted puts problems in the order of a listing.
func sorted(problems []Problem) []Problem {
	slices.SortFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(problems)
}
