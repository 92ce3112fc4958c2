// Command platforms type-checks a program, with all that it is built of, for other systems than this one:
// usage: platforms PACKAGE SYSTEM...
//
// Building it for them says no more and takes ten times as long, for all the machine code that nobody runs. It must never
// report success for what it did not read.
//
// Start reading at check.
package main

import (
	"fmt"
	"os"

	"golang.org/x/tools/go/packages"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: platforms PACKAGE SYSTEM...")
		os.Exit(2)
	}
	wrong := false
	for _, system := range os.Args[2:] {
		read, err := check(os.Args[1], system)
		if err != nil {
			wrong = true
			fmt.Printf("FAIL  %s\n%v\n", system, err)
			continue
		}
		fmt.Printf("ok    %s, %d packages\n", system, read)
	}
	if wrong {
		os.Exit(1)
	}
}

// check reads the package and everything it imports as they are for a system, and gives how many those are.
func check(name, system string) (read int, err error) {
	list, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax,
		Env:  append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
	}, name)
	if err != nil {
		return 0, err
	}
	var found error
	packages.Visit(list, nil, func(p *packages.Package) {
		read++
		for _, e := range p.Errors {
			found = fmt.Errorf("%s: %w", p.PkgPath, e)
		}
		if p.Types == nil || p.IllTyped && found == nil {
			found = fmt.Errorf("%s could not be read", p.PkgPath)
		}
	})
	if found == nil && read < 2 {
		found = fmt.Errorf("%s names no program", name)
	}
	return read, found
}
