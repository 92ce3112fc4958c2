package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestHowtos holds the command lines of the guides against the program: each is one that it takes. A workflow is read as the service reads it.
func TestHowtos(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../docs/howto/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d guides, %v", len(files), err)
	}
	workflows := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks(string(data)) {
			lines := strings.Split(block.text, "\n")
			if block.language == "yaml" && strings.Contains(block.text, "jobs:") {
				workflows++
				lines = commandsOf(t, block.text)
			}
			for _, line := range lines {
				if line, found := strings.CutPrefix(strings.TrimSpace(line), "cadenza "); found {
					takes(t, filepath.Base(file), line)
				}
			}
		}
	}
	if workflows == 0 {
		t.Error("no guide has a workflow any more")
	}
}

// takes fails unless the program understands a command line of a guide.
func takes(t *testing.T, file, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, "  #")
	var said bytes.Buffer
	parser, err := newParser(&environment{ctx: context.Background(), getenv: func(string) string { return "" }, stdin: strings.NewReader(""), stdout: &said, stderr: &said})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(strings.Fields(strings.ReplaceAll(line, `"`, ""))); err != nil {
		t.Errorf("%s: cadenza %s: %v", file, line, err)
	}
}

// commandsOf gives what the steps of a workflow run.
func commandsOf(t *testing.T, text string) (commands []string) {
	t.Helper()
	var workflow struct {
		On   map[string]any
		Jobs map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Needs  string
			Steps  []struct{ Uses, Run string }
		}
	}
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatal(err)
	}
	for name, job := range workflow.Jobs {
		if _, there := workflow.Jobs[job.Needs]; job.RunsOn == "" || len(job.Steps) == 0 || job.Needs != "" && !there {
			t.Errorf("the job %s is %+v", name, job)
		}
		for _, step := range job.Steps {
			commands = append(commands, step.Run)
		}
	}
	if len(workflow.On) == 0 || len(commands) == 0 {
		t.Errorf("the workflow runs %q on %v", commands, workflow.On)
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
