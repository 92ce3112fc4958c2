package library_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cadenza/internal/flow"
	"cadenza/internal/merge"
	"cadenza/internal/message"
	"cadenza/internal/seqfile/library"
	"cadenza/internal/step"
)

// maxSubject is how much of a subject a phone shows.
const maxSubject = 50

// TestSequences holds that every sequence could be activated, ends on every way, and does not take forever.
func TestSequences(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, e := range library.All() {
		templates := map[string]bool{}
		for _, tpl := range e.Templates {
			templates[tpl.Key] = true
		}
		env := flow.FileEnv(e.Def)
		env.Outcomes = step.Shipped()
		env.Template = func(key string) *flow.TemplateFacts {
			if !templates[key] {
				return nil
			}
			return &flow.TemplateFacts{Name: key, Channel: message.EmailChannel}
		}
		for _, p := range flow.Problems(e.Def, env) {
			t.Errorf("%s: %s %s", e.Key, p.Step, p.Message)
		}
		if e.Whom == "" || e.Def.Description == "" || e.Steps < 4 || e.Days < 3 || e.Days > 60 || names[e.Def.Name] {
			t.Errorf("%s: for %q, %q, %d steps in %d days", e.Key, e.Whom, e.Def.Description, e.Steps, e.Days)
		}
		names[e.Def.Name] = true
		version := flow.NewVersion(1, 1, 1, e.Def)
		monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		for _, side := range []bool{true, false} {
			way := flow.Foresee(version, flow.Surroundings{Facts: step.Facts{Kind: e.Def.Record, Outcomes: step.Shipped()}}, monday, func(step.Step) bool { return side })
			took := way.EndAt.Sub(monday)
			// A reply that a condition hopes for ends most of them.
			if way.Exit != step.ExitCompleted && way.Exit != step.ExitReplied || took > time.Duration(e.Days)*24*time.Hour {
				t.Errorf("%s, conditions %v: it ends with %q after %s, want its end within %d days", e.Key, side, way.Exit, took, e.Days)
			}
		}
	}
}

// TestTemplates holds that every email is used, short, personal and without a hole.
func TestTemplates(t *testing.T) {
	t.Parallel()
	keys := map[string]bool{}
	for _, e := range library.All() {
		for _, tpl := range e.Templates {
			if keys[tpl.Key] {
				t.Errorf("%s: the key stands in the library twice", tpl.Key)
			}
			keys[tpl.Key] = true
			sender := merge.Values{"sender.first_name": "Anna", "unsubscribe_link": "https://example.com", "sequence.name": e.Def.Name, "name": "Nordwind"}
			line, missing := fill(t, tpl.Subject, sender)
			if n := utf8.RuneCountInString(line); n == 0 || n > maxSubject || len(missing) > 0 {
				t.Errorf("%s: the subject %q has %d characters, at most %d are shown; without value: %v", tpl.Key, line, n, maxSubject, missing)
			}
			html, missing := fill(t, tpl.HTML, sender)
			words := len(strings.Fields(message.PlainText(html)))
			if words < 30 || words > 120 || len(missing) > 0 {
				t.Errorf("%s: %d words; without value: %v", tpl.Key, words, missing)
			}
			if n := strings.Count(html, "?"); n < 1 || n > 3 {
				t.Errorf("%s asks %d questions", tpl.Key, n)
			}
			if tpl.Name == "" || !strings.Contains(html, "Anna") {
				t.Errorf("%s: name %q, or nobody signs it", tpl.Key, tpl.Name)
			}
		}
	}
	written, err := fs.Glob(os.DirFS("."), "*/*.html")
	if err != nil || len(written) != len(keys) {
		t.Errorf("%d files of emails (%v), of which the sequences use %d", len(written), err, len(keys))
	}
}

func fill(t *testing.T, text string, values merge.Values) (string, []string) {
	t.Helper()
	parsed, err := merge.Parse(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return parsed.Fill(values, merge.HTML)
}
