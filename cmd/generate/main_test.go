package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"cadenza/internal/seqfile"
	"cadenza/internal/step"
)

func TestStepsNamesEveryKindAndField(t *testing.T) {
	t.Parallel()
	text, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range step.Kinds() {
		_, after, found := strings.Cut(string(text), "\n## "+kind.Label+"\n")
		if !found {
			t.Errorf("no part about %s", kind.Label)
			continue
		}
		part, _, _ := strings.Cut(after, "\n## ")
		if !strings.Contains(part, "`type: "+kind.Type+"`") || !strings.Contains(part, kind.Help) {
			t.Errorf("the part about %s lacks its type or help:\n%s", kind.Label, part)
		}
		_, lines, _ := strings.Cut(part, "```yaml\n")
		lines, _, _ = strings.Cut(lines, "```")
		if s, problems := seqfile.Parse([]byte("name: x\nsteps:\n" + lines)); len(problems) > 0 || len(s.Steps) != 1 {
			t.Errorf("the example of %s cannot be read: %v\n%s", kind.Label, problems, lines)
		}
		for _, field := range kind.Fields {
			if !strings.Contains(part, "| `"+field.Key+"` |") {
				t.Errorf("the part about %s lacks the field %s:\n%s", kind.Label, field.Key, part)
			}
		}
	}
}

func TestDocumentsAreFresh(t *testing.T) {
	t.Parallel()
	for name, write := range documents {
		want, err := write()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run make generate, and look at the difference", name)
		}
	}
}
