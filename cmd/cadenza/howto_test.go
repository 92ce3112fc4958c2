package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestHowtos holds the command lines of the README and the guides against the program: each is one that it takes. So is what a file of GitHub Actions runs.
func TestHowtos(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"../../docs/howto/*.md", "../../docs/*.md", "../../*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d guides, %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	actions := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks(string(data)) {
			lines := strings.Split(block.text, "\n")
			if block.language == "yaml" && strings.Contains(block.text, "runs-on:") {
				actions++
				lines = commandsOf(t, block.text)
			}
			for _, line := range lines {
				if line, found := strings.CutPrefix(strings.TrimPrefix(strings.TrimSpace(line), "bin/"), "cadenza "); found {
					takes(t, filepath.Base(file), line)
				}
			}
		}
	}
	if actions == 0 {
		t.Error("no guide has a file of GitHub Actions any more")
	}
}

// takes fails unless the program understands a command line of a guide.
func takes(t *testing.T, file, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, " #")
	line, _, _ = strings.Cut(line, " > ")
	line = strings.NewReplacer("/srv/disk", os.TempDir(), "$s", "cost").Replace(line) // what a reader puts there
	words := csv.NewReader(strings.NewReader(strings.TrimSpace(line)))
	words.Comma, words.LazyQuotes = ' ', true
	args, err := words.Read()
	if err != nil {
		t.Fatalf("%s: %s: %v", file, line, err)
	}
	args = slices.DeleteFunc(args, func(arg string) bool { return arg == "" })
	var said bytes.Buffer
	parser, err := newParser(&environment{ctx: context.Background(), getenv: func(string) string { return "" }, stdin: strings.NewReader(""), stdout: &said, stderr: &said})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Errorf("%s: cadenza %s: %v", file, line, err)
	}
}

// commandsOf gives what a file of GitHub Actions runs.
func commandsOf(t *testing.T, text string) (commands []string) {
	t.Helper()
	var whole any
	if err := yaml.Unmarshal([]byte(text), &whole); err != nil {
		t.Fatal(err)
	}
	var collect func(part any)
	collect = func(part any) {
		switch p := part.(type) {
		case []any:
			for _, inner := range p {
				collect(inner)
			}
		case map[string]any:
			if command, ok := p["run"].(string); ok {
				commands = append(commands, command)
			}
			for _, inner := range p {
				collect(inner)
			}
		}
	}
	collect(whole)
	if len(commands) == 0 {
		t.Error("the file runs nothing")
	}
	return commands
}

type block struct{ language, text string }

// blocks gives the blocks of code of a text in Markdown.
func blocks(text string) (list []block) {
	parts := strings.Split(text, "```")
	for i := 1; i < len(parts); i += 2 {
		language, code, _ := strings.Cut(parts[i], "\n")
		list = append(list, block{language, code})
	}
	return list
}
