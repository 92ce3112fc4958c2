package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

// The hard stops, and the targets that the printed table compares with.
const (
	maxFile, aimFile         = 600, 400
	maxFunction, aimFunction = 100, 60
	maxMethods               = 7
	aimCommentsLow           = 15 // percent
)

// CheckSizes finds files, functions and interfaces beyond the hard stops.
func CheckSizes(tree *Tree) []Problem {
	var problems []Problem
	for _, file := range tree.Go {
		if file.Generated {
			continue
		}
		if file.Lines > maxFile {
			text := fmt.Sprintf("has %d lines; the most is %d: split it by meaning", file.Lines, maxFile)
			problems = append(problems, Problem{file.Path, 0, text})
		}
		ast.Inspect(file.AST, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.FuncDecl:
				if lines := tree.lineCount(n); lines > maxFunction {
					text := fmt.Sprintf("%s has %d lines; the most is %d", n.Name.Name, lines, maxFunction)
					problems = append(problems, Problem{file.Path, tree.line(n.Pos()), text})
				}
			case *ast.InterfaceType:
				if count := n.Methods.NumFields(); count > maxMethods {
					text := fmt.Sprintf("interface of %d methods; the most is %d: the boundary is wrong", count, maxMethods)
					problems = append(problems, Problem{file.Path, tree.line(n.Pos()), text})
				}
			}
			return true
		})
	}
	return sorted(problems)
}

// CheckPackageComments wants exactly one package comment for each package, that
// says what the package must never do and where to start reading.
func CheckPackageComments(tree *Tree) []Problem {
	var problems []Problem
	for dir, files := range tree.packages() {
		comments, code := []string{}, false
		for _, file := range files {
			code = code || !file.Test
			if !file.Test && !file.Generated && file.AST.Doc != nil {
				comments = append(comments, strings.ToLower(file.AST.Doc.Text()))
			}
		}
		switch {
		case !code:
		case len(comments) != 1:
			text := fmt.Sprintf("has %d package comments; one is wanted", len(comments))
			problems = append(problems, Problem{dir, 0, text})
		default:
			for _, word := range []string{"never", "start"} {
				if !strings.Contains(comments[0], word) {
					text := fmt.Sprintf("package comment lacks %q: say what it holds, what it must never do, where to start reading", word)
					problems = append(problems, Problem{dir, 0, text})
				}
			}
		}
	}
	return sorted(problems)
}

// wellKnown are methods whose name is their documentation: an interface of the
// standard library says what they do.
var wellKnown = []string{
	"String", "Error", "Unwrap", "Is", "As", "Len", "Less", "Swap", "Read", "Write", "Close", "ServeHTTP", "Scan", "Value",
	"MarshalText", "UnmarshalText", "MarshalJSON", "UnmarshalJSON", "MarshalYAML", "UnmarshalYAML", "Format", "GoString",
}

// CheckDocs wants a doc sentence on every exported name outside tests. That of
// a type or function starts with its name.
func CheckDocs(tree *Tree) []Problem {
	var problems []Problem
	promised := promises(tree)
	for _, file := range tree.Go {
		if file.Test || file.Generated || !inHouse(file.Path) || file.AST.Name.Name == "main" {
			continue
		}
		report := func(name *ast.Ident, text string) {
			problems = append(problems, Problem{file.Path, tree.line(name.Pos()), name.Name + " " + text})
		}
		for _, decl := range file.AST.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if isPublic(d) && !(d.Recv != nil && promised[file.Dir+"."+d.Name.Name]) {
					checkDoc(d.Name, d.Doc, report)
				}
			case *ast.GenDecl:
				checkGroup(d, report)
			}
		}
	}
	return sorted(problems)
}

// promises are the methods that an interface, or another method of that name,
// documents in the same package: what they do is said there, once. Keys are
// "folder.Method".
func promises(tree *Tree) map[string]bool {
	found := map[string]bool{}
	for _, file := range tree.Go {
		ast.Inspect(file.AST, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.InterfaceType:
				for _, method := range n.Methods.List {
					for _, name := range method.Names {
						if method.Doc != nil || method.Comment != nil {
							found[file.Dir+"."+name.Name] = true
						}
					}
				}
			case *ast.FuncDecl:
				if n.Recv != nil && n.Doc != nil {
					found[file.Dir+"."+n.Name.Name] = true
				}
			}
			return true
		})
	}
	return found
}

// isPublic tells whether a function can be seen from outside and is not well known.
func isPublic(f *ast.FuncDecl) bool {
	if !f.Name.IsExported() {
		return false
	}
	if f.Recv == nil {
		return true
	}
	kind := f.Recv.List[0].Type
	for {
		switch k := kind.(type) {
		case *ast.StarExpr:
			kind = k.X
		case *ast.IndexExpr:
			kind = k.X
		case *ast.IndexListExpr:
			kind = k.X
		case *ast.Ident:
			return k.IsExported() && !slices.Contains(wellKnown, f.Name.Name)
		default:
			return false
		}
	}
}

func checkGroup(d *ast.GenDecl, report func(*ast.Ident, string)) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			switch {
			case !s.Name.IsExported():
			case s.Doc == nil && s.Comment == nil && d.Lparen == token.NoPos:
				checkDoc(s.Name, d.Doc, report)
			case s.Doc == nil && s.Comment == nil && d.Doc == nil:
				report(s.Name, "is exported and has no doc sentence")
			}
		case *ast.ValueSpec:
			// One sentence may speak for a group of constants or variables.
			for _, name := range s.Names {
				if name.IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
					report(name, "is exported and has no doc sentence")
				}
			}
		}
	}
}

func checkDoc(name *ast.Ident, doc *ast.CommentGroup, report func(*ast.Ident, string)) {
	if doc == nil {
		report(name, "is exported and has no doc sentence")
		return
	}
	first := strings.Fields(doc.Text())
	if len(first) > 1 && first[0] != name.Name && slices.Contains([]string{"A", "An", "The"}, first[0]) {
		first = first[1:]
	}
	if len(first) == 0 || strings.Trim(first[0], ",:.;'s") != strings.Trim(name.Name, "s") {
		report(name, "has a doc comment that does not start with its name")
	}
}

var (
	vaguePackages = regexp.MustCompile(`^(utils?|commons?|helpers?|models?|types|managers?|services?|base|misc|shared)$`)
	vagueFiles    = regexp.MustCompile(`^(utils?|commons?|helpers?|types|misc)$`)
)

// CheckNames refuses packages and files whose name says nothing.
func CheckNames(tree *Tree) []Problem {
	var problems []Problem
	for dir := range tree.packages() {
		if vaguePackages.MatchString(path.Base(dir)) {
			problems = append(problems, Problem{dir, 0, "a package is named after what it holds, one plain noun"})
		}
	}
	for _, file := range tree.Go {
		if name := strings.TrimSuffix(path.Base(file.Path), ".go"); inHouse(file.Path) && vagueFiles.MatchString(name) {
			problems = append(problems, Problem{file.Path, 0, "a file is named after the noun or verb it holds"})
		}
	}
	return sorted(problems)
}
