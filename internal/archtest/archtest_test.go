package archtest

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the wanted problems of testdata")

// root is the repository's top, seen from this package.
const root = "../.."

// checks are all rules, by the name that the small bad trees of testdata carry.
var checks = map[string]func(*house) []Problem{
	"floors":       func(h *house) []Problem { return CheckFloors(h.tree, h.floors) },
	"bans":         func(h *house) []Problem { return CheckBans(h.tree, h.floors) },
	"sizes":        func(h *house) []Problem { return CheckSizes(h.tree) },
	"comments":     func(h *house) []Problem { return CheckPackageComments(h.tree) },
	"docs":         func(h *house) []Problem { return CheckDocs(h.tree) },
	"names":        func(h *house) []Problem { return CheckNames(h.tree) },
	"words":        func(h *house) []Problem { return CheckWords(h.tree, h.words) },
	"marks":        func(h *house) []Problem { return CheckOpenMarks(h.tree) },
	"sleeps":       func(h *house) []Problem { return CheckSleeps(h.tree, h.floors) },
	"generated":    func(h *house) []Problem { return CheckGenerated(h.tree) },
	"requirements": func(h *house) []Problem { return CheckRequirements(h.tree) },
	"placeholders": func(h *house) []Problem { return CheckPlaceholders(h.tree) },
	"links":        func(h *house) []Problem { return CheckLinks(h.tree, h.exists) },
}

// house is what the checks read: a tree with its two tables.
type house struct {
	tree   *Tree
	floors *Floors
	words  *Words
	exists func(string) bool
}

func readHouse(t *testing.T, files fs.FS, floors, glossary, exceptions string) *house {
	t.Helper()
	tree, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := ParseFloors(floors)
	if err != nil {
		t.Fatal(err)
	}
	words, err := ParseWords(glossary, exceptions)
	if err != nil {
		t.Fatal(err)
	}
	exists := func(name string) bool {
		_, err := fs.Stat(files, name)
		return err == nil
	}
	return &house{tree, parsed, words, exists}
}

// ours reads this repository once for all tests.
var ours = sync.OnceValues(func() (map[string]string, error) {
	texts := map[string]string{}
	for _, name := range []string{"internal/archtest/floors.txt", "docs/glossary.md", "internal/archtest/words.txt"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		texts[name] = string(text)
	}
	return texts, nil
})

func TestHouse(t *testing.T) {
	t.Parallel()
	tables, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	house := readHouse(t, os.DirFS(root), tables["internal/archtest/floors.txt"], tables["docs/glossary.md"], tables["internal/archtest/words.txt"])
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			for _, problem := range check(house) {
				t.Error(problem)
			}
		})
	}
	if err := PrintTable(t.Output(), house.tree, house.floors); err != nil {
		t.Error(err)
	}
}

// TestChecksFail shows each check a small bad tree. A check that finds nothing
// there would find nothing anywhere.
func TestChecksFail(t *testing.T) {
	t.Parallel()
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata", name+".txtar")
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			files, want := fstest.MapFS{}, ""
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			got := strings.Join(findAll(t, files, check), "")
			if *update {
				rewrite(t, file, archive, got)
				return
			}
			if got != want || got == "" {
				t.Errorf("problems of %s:\n got:\n%s\nwant:\n%s", file, got, want)
			}
		})
	}
}

// Tables of the small trees: enough rooms for going up and sideways.
const (
	smallFloors = `
floor 1 merge example.com/liquid
floor 1 record example.com/phone
floor 2 absent example.com/nothing
floor 3 flow
floor 4 engine
floor 5 store
beside store/storetest
floor 9 cmd/cadenza
beside testmail
tests example.com/rapid
ban 0-3 import os
ban 0-3 call time.Now
ban 0-3 go
`
	smallGlossary = "## Words we do not use\n| not | but |\n|---|---|\n| job, entity | step run |\n"
	smallWords    = "internal/web/*.go job a printer's word\ninternal/gone.go job no longer there\n"
)

func findAll(t *testing.T, files fs.FS, check func(*house) []Problem) []string {
	t.Helper()
	var found []string
	for _, problem := range check(readHouse(t, files, smallFloors, smallGlossary, smallWords)) {
		found = append(found, problem.String()+"\n")
	}
	return found
}

func rewrite(t *testing.T, file string, archive *txtar.Archive, got string) {
	t.Helper()
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestSplitName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"jobID": "job id", "HTTPServer": "http server", "nextJob": "next job", "a_job": "a job", "jobber": "jobber", "": "",
	} {
		if got := strings.Join(splitName(name), " "); got != want {
			t.Errorf("splitName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestTablesAreRefused(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"floor", "floor one fault", "ban 1 import os", "ban x-3 go", "cellar wine"} {
		if _, err := ParseFloors(line); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("ParseFloors(%q): got error %v, want one that names line 1", line, err)
		}
	}
	if _, err := ParseWords("no such part", ""); err == nil {
		t.Error("ParseWords accepts a glossary without the part it reads")
	}
	if _, err := ParseWords(smallGlossary, "internal/x.go job\n"); err == nil {
		t.Error("ParseWords accepts an exception without a reason")
	}
}
