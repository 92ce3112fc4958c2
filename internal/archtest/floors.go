package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// Floors is the table of floors.txt.
type Floors struct {
	rooms []room
	tests []string // modules that every test may import
	bans  []ban
}

// beside marks a package for tests only. It stands above all floors.
const beside = 99

type room struct {
	name    string
	floor   int
	modules []string
}

type ban struct {
	from, to int
	kind     string // import, call or go
	names    []string
}

// ParseFloors reads the table. A line that it cannot read is an error that
// names the line.
func ParseFloors(text string) (*Floors, error) {
	floors := &Floors{}
	for i, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if err := floors.add(words); err != nil {
			return nil, fmt.Errorf("floors.txt line %d: %w", i+1, err)
		}
	}
	return floors, nil
}

func (f *Floors) add(words []string) error {
	switch {
	case words[0] == "floor" && len(words) >= 3:
		floor, err := strconv.Atoi(words[1])
		if err != nil {
			return err
		}
		f.rooms = append(f.rooms, room{inFolder(words[2]), floor, words[3:]})
	case words[0] == "beside" && len(words) >= 2:
		f.rooms = append(f.rooms, room{inFolder(words[1]), beside, words[2:]})
	case words[0] == "tests":
		f.tests = append(f.tests, words[1:]...)
	case words[0] == "ban" && len(words) >= 3:
		low, high, _ := strings.Cut(words[1], "-")
		from, err := strconv.Atoi(low)
		if err != nil {
			return err
		}
		to, err := strconv.Atoi(high)
		if err != nil {
			return err
		}
		f.bans = append(f.bans, ban{from, to, words[2], words[3:]})
	default:
		return fmt.Errorf("cannot read %q", strings.Join(words, " "))
	}
	return nil
}

// inFolder turns the short name of the table into a path from the root.
func inFolder(name string) string {
	if strings.HasPrefix(name, "cmd/") {
		return name
	}
	return "internal/" + name
}

// find gives the room of a folder: the listed package that it is or is inside of.
func (f *Floors) find(dir string) (room, bool) {
	best, found := room{}, false
	for _, r := range f.rooms {
		if within(dir, r.name) && len(r.name) > len(best.name) {
			best, found = r, true
		}
	}
	return best, found
}

// within tells whether name is parent or below it.
func within(name, parent string) bool {
	return name == parent || strings.HasPrefix(name, parent+"/")
}

func withinAny(name string, parents []string) bool {
	return slices.ContainsFunc(parents, func(parent string) bool { return within(name, parent) })
}

// CheckFloors finds imports that go up or sideways, and modules of others in
// packages that the table does not give them to.
func CheckFloors(tree *Tree, floors *Floors) []Problem {
	var problems []Problem
	for dir, files := range tree.packages() {
		home, ok := floors.find(dir)
		if !ok {
			problems = append(problems, Problem{dir, 0, "is not on any floor of internal/archtest/floors.txt"})
			continue
		}
		for _, file := range files {
			problems = append(problems, checkImports(tree, floors, home, file)...)
		}
	}
	return sorted(append(problems, unusedModules(tree, floors)...))
}

// unusedModules finds modules that the table still gives to a package which
// exists and does not import them.
func unusedModules(tree *Tree, floors *Floors) []Problem {
	var problems []Problem
	for _, home := range floors.rooms {
		exists, imported := false, map[string]bool{}
		for _, file := range tree.Go {
			if other, _ := floors.find(file.Dir); other.name != home.name {
				continue
			}
			exists = true
			for _, module := range home.modules {
				for _, spec := range file.AST.Imports {
					imported[module] = imported[module] || within(importPath(spec), module)
				}
			}
		}
		for _, module := range home.modules {
			if exists && !imported[module] {
				text := fmt.Sprintf("gives %s the module %s, which it does not use", home.name, module)
				problems = append(problems, Problem{"internal/archtest/floors.txt", 0, text})
			}
		}
	}
	return problems
}

func checkImports(tree *Tree, floors *Floors, home room, file *GoFile) []Problem {
	var problems []Problem
	report := func(spec *ast.ImportSpec, format string, args ...any) {
		problems = append(problems, Problem{file.Path, tree.line(spec.Pos()), fmt.Sprintf(format, args...)})
	}
	forTests := file.Test || home.floor == beside
	for _, spec := range file.AST.Imports {
		name := importPath(spec)
		if ours, ok := strings.CutPrefix(name, tree.Module+"/"); ok {
			other, known := floors.find(ours)
			switch {
			case !known || other.name == home.name || forTests && (file.External || other.floor == beside || home.floor == beside):
			case other.floor == beside:
				report(spec, "%s is for tests only", ours)
			case other.floor > home.floor:
				report(spec, "%s (floor %d) imports %s (floor %d), which is above it", home.name, home.floor, ours, other.floor)
			case other.floor == home.floor && !within(other.name, home.name) && !within(home.name, other.name):
				report(spec, "%s imports %s, which is on the same floor (%d)", home.name, ours, home.floor)
			}
			continue
		}
		if !strings.Contains(strings.SplitN(name, "/", 2)[0], ".") {
			continue // the standard library; CheckBans knows what is not welcome
		}
		if !withinAny(name, home.modules) && !(forTests && withinAny(name, floors.tests)) {
			report(spec, "%s may not import %s: floors.txt does not give it that module", home.name, name)
		}
	}
	return problems
}

// CheckBans finds what the floors may not do: imports, calls and go statements.
// Tests may do all of it.
func CheckBans(tree *Tree, floors *Floors) []Problem {
	var problems []Problem
	for dir, files := range tree.packages() {
		home, _ := floors.find(dir)
		for _, file := range files {
			if file.Test {
				continue
			}
			for _, b := range floors.bans {
				if b.from <= home.floor && home.floor <= b.to && home.name != "" {
					problems = append(problems, broken(tree, file, b)...)
				}
			}
		}
	}
	return sorted(problems)
}

func broken(tree *Tree, file *GoFile, b ban) []Problem {
	var problems []Problem
	report := func(node ast.Node, what string) {
		text := fmt.Sprintf("floors %d to %d may not %s", b.from, b.to, what)
		problems = append(problems, Problem{file.Path, tree.line(node.Pos()), text})
	}
	ast.Inspect(file.AST, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.ImportSpec:
			if b.kind == "import" && slices.Contains(b.names, importPath(n)) {
				report(n, "import "+importPath(n))
			}
		case *ast.SelectorExpr:
			// The name alone counts, not only its call: a pure package must not
			// hand the clock on as a value either.
			if name := file.qualified(n); b.kind == "call" && slices.Contains(b.names, name) {
				report(n, "use "+name)
			}
		case *ast.GoStmt:
			if b.kind == "go" {
				report(n, "start goroutines")
			}
		}
		return true
	})
	return problems
}
