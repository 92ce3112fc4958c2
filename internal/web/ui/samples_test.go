package ui_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cadenza/internal/web/ui"
)

var update = flag.Bool("update", false, "write the golden files")

// hashed matches the hash of a file's address, which changes with the file.
var hashed = regexp.MustCompile(`\?v=[0-9a-f]+`)

func render(t *testing.T, s ui.Sample) string {
	t.Helper()
	var out strings.Builder
	if err := s.View.Render(t.Context(), &out); err != nil {
		t.Fatalf("render %s: %v", s.Name, err)
	}
	// One element a line makes a golden readable as a diff.
	return strings.ReplaceAll(hashed.ReplaceAllString(out.String(), ""), "><", ">\n<") + "\n"
}

func all() []ui.Sample { return append(ui.Samples(), ui.SamplePages(ui.ThemeDark)[1:]...) }

func TestSamples(t *testing.T) {
	t.Parallel()
	for _, s := range all() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			got := render(t, s)
			file := filepath.Join("testdata", s.Name+".html")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs from %s; look at the change, then run with -update\n%s", s.Name, file, firstDifference(got, string(want)))
			}
		})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got:  " + g[i] + "\nwant: " + w[i]
		}
	}
	return "one ends before the other"
}

// The content security policy of the pages refuses inline style and script.
func TestNothingInline(t *testing.T) {
	t.Parallel()
	bad := regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|<style|<script(?:\s[^>]*)?>\s*[^<\s]|javascript:`)
	for _, s := range all() {
		if at := bad.FindString(render(t, s)); at != "" {
			t.Errorf("%s has inline style or script: %q", s.Name, at)
		}
	}
}

// Every id is one of a kind and every reference to one leads somewhere.
func TestReferences(t *testing.T) {
	t.Parallel()
	ids := regexp.MustCompile(`\sid="([^"]+)"`)
	refs := regexp.MustCompile(`\s(?:for|aria-describedby|aria-labelledby|popovertarget|data-dialog|data-copy|form)="([^"]+)"`)
	for _, page := range ui.SamplePages(ui.ThemeAuto) {
		html, known := render(t, page), map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(html, -1) {
			if known[m[1]] {
				t.Errorf("%s: id %q twice", page.Name, m[1])
			}
			known[m[1]] = true
		}
		for _, m := range refs.FindAllStringSubmatch(html, -1) {
			for id := range strings.FieldsSeq(m[1]) {
				if !known[id] && id != "sample-confirm" {
					t.Errorf("%s: %s leads nowhere", page.Name, m[0])
				}
			}
		}
	}
}

// Every icon that a component or sample names is in the list of the build.
func TestIconsAreListed(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("../../../scripts/icons.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		name = strings.Replace(name, "/", "-", 1)
		listed[name] = true
	}
	use := regexp.MustCompile(`icons\.svg#([a-z0-9-]+)`)
	for _, s := range append(all(), ui.SamplePages(ui.ThemeAuto)[0]) {
		for _, m := range use.FindAllStringSubmatch(render(t, s), -1) {
			if !listed[m[1]] {
				t.Errorf("%s uses icon %q, which scripts/icons.txt does not name", s.Name, m[1])
			}
		}
	}
}
