package archtest

import (
	"fmt"
	"go/ast"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// figures are the sizes of one package.
type figures struct {
	code, test, comments  int // lines; comments of the code only
	biggestFile, longFunc int
}

// PrintTable writes the sizes of each package and marks what misses a target.
// Targets are aims: only the hard stops of CheckSizes fail a build.
func PrintTable(w io.Writer, tree *Tree, floors *Floors) error {
	out := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(out, "package\tfloor\tcode\tcomments\ttest/code\tfile (aim %d)\tfunction (aim %d)\t\n", aimFile, aimFunction)
	all := tree.packages()
	for _, dir := range slices.Sorted(maps.Keys(all)) {
		home, _ := floors.find(dir)
		f := measure(tree, all[dir])
		fmt.Fprintf(out, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t\n", dir, floorName(home.floor), f.code,
			mark(fmt.Sprintf("%d%%", percent(f.comments, f.code)), f.code > 0 && percent(f.comments, f.code) < aimCommentsLow),
			mark(fmt.Sprintf("%.1f", float64(f.test)/float64(max(f.code, 1))), 10*f.test < aimTests(home.floor)*f.code),
			mark(fmt.Sprint(f.biggestFile), f.biggestFile > aimFile),
			mark(fmt.Sprint(f.longFunc), f.longFunc > aimFunction))
	}
	return out.Flush()
}

func measure(tree *Tree, files []*GoFile) figures {
	var f figures
	for _, file := range files {
		if file.Generated {
			continue
		}
		f.biggestFile = max(f.biggestFile, file.Lines)
		for _, decl := range file.AST.Decls {
			if function, ok := decl.(*ast.FuncDecl); ok {
				f.longFunc = max(f.longFunc, tree.lineCount(function))
			}
		}
		if file.Test {
			f.test += file.Lines
			continue
		}
		f.code += file.Lines
		for _, group := range file.AST.Comments {
			f.comments += tree.lineCount(group)
		}
	}
	return f
}

// aimTests is the wanted ratio of test lines to code lines, in tenths.
func aimTests(floor int) int {
	switch {
	case floor <= 3:
		return 15
	case floor <= 6:
		return 10
	case floor <= 8:
		return 6
	default:
		return 0
	}
}

func floorName(floor int) string {
	if floor == beside {
		return "-"
	}
	return fmt.Sprint(floor)
}

func percent(part, whole int) int { return 100 * part / max(whole, 1) }

// mark puts a star on a figure that misses its target.
func mark(figure string, missed bool) string {
	return figure + strings.Repeat("*", map[bool]int{true: 1}[missed])
}
