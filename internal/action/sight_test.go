package action

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// seeAll are the places where an action looks at sequences that whoever acts may not see, and why.
var seeAll = map[string]string{
	"enrollments.go":   "what runs goes on, and whoever works on it may resume it",
	"explain_holds.go": "an explanation of what runs says why it is paused",
	"upnext.go":        "so does the record's card",
	"why_ended.go":     "an explanation of what ran says who can begin it again",
	"owner.go":         "a last look at what was handed over",
	"rename.go":        "all drafts follow a new name",
	"sequences.go":     "a free name is free in the house",
	"sight.go":         "a taken name is said to be taken",
}

// TestSequencesAreSeen holds that actions read sequences as the actor sees them: whoever adds a place to seeAll gives a reason.
func TestSequencesAreSeen(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	raw := regexp.MustCompile(`\btx\.(GetSequence|LockSequence|SequenceByName|AllSequences)\(|For\(access\.System\(\)\)`)
	var found []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") || !raw.Match(text) {
			continue
		}
		found = append(found, file)
		if n := len(raw.FindAll(text, -1)); seeAll[file] == "" || n != 1 {
			t.Errorf("%s looks at all sequences in %d places; read them by tx.For(actor), or say why here", file, n)
		}
	}
	for file := range seeAll {
		if !slices.Contains(found, file) {
			t.Errorf("%s looks at all sequences no more; take it out here", file)
		}
	}
}
