package main

import (
	"strings"
	"testing"

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
		for _, field := range kind.Fields {
			if !strings.Contains(part, "| `"+field.Key+"` |") {
				t.Errorf("the part about %s lacks the field %s:\n%s", kind.Label, field.Key, part)
			}
		}
	}
}
