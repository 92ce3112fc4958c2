package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"cadenza/internal/flow"
	"cadenza/internal/step"
)

// TestDescriptionIsWhole looks for what readers would miss, and follows every reference.
func TestDescriptionIsWhole(t *testing.T) {
	t.Parallel()
	text, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var whole obj
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`"(#/[^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		var here any = whole
		for word := range strings.SplitSeq(strings.TrimPrefix(match[1], "#/"), "/") {
			here, _ = here.(obj)[word]
		}
		if here == nil {
			t.Errorf("the reference %s leads nowhere", match[1])
		}
	}
	for path, at := range whole["paths"].(obj) {
		for method, op := range at.(obj) {
			o := op.(obj)
			if o["summary"] == nil || o["responses"].(obj)["401"] == nil {
				t.Errorf("%s %s lacks a summary or its errors", method, path)
			}
			if wants := method == "post" || method == "put" || method == "patch"; wants && o["responses"].(obj)["413"] == nil {
				t.Errorf("%s %s does not say that bodies have a limit", method, path)
			}
		}
	}
	for _, kind := range step.Kinds() {
		properties := whole["components"].(obj)["schemas"].(obj)[stepComponent(kind)].(obj)["properties"].(obj)
		for _, field := range kind.Fields {
			if properties[field.Key] == nil {
				t.Errorf("the description of %s lacks the field %s", kind.Type, field.Key)
			}
		}
	}
}

// TestDefinitionSchema holds the described shape of a definition against flow: what one takes, the other takes.
func TestDefinitionSchema(t *testing.T) {
	t.Parallel()
	d := newDoor(nil, nil)
	registry := d.api.OpenAPI().Components.Schemas
	describeDefinition(registry.Map())
	registry.Map()[definitionName].PrecomputeMessages()
	for _, kind := range step.Kinds() {
		registry.Map()[stepComponent(kind)].PrecomputeMessages()
	}
	for _, c := range []struct {
		what, json string
		good       bool
	}{
		{"least", `{"name": "x"}`, true},
		{"every kind", `{"name": "x", "record": "contact", "options": {"exit_on_reply": true, "waits": "working_time"}, "steps": [
			{"id": "a", "type": "email", "template": "t"}, {"id": "b", "type": "automated_email", "template": "t"}, {"id": "c", "type": "phone_call"},
			{"id": "d", "type": "task", "name": "n", "description": "d"}, {"id": "e", "type": "wait", "for": "2d"}, {"id": "f", "type": "advance", "to": "Other"}]}`, true},
		{"no name", `{"steps": []}`, false},
		{"unknown key", `{"name": "x", "stepz": []}`, false},
		{"unknown record", `{"name": "x", "record": "moon"}`, false},
		{"unknown option", `{"name": "x", "options": {"speed": 9}}`, false},
		{"unknown step", `{"name": "x", "steps": [{"id": "a", "type": "magic"}]}`, false},
		{"field of another step", `{"name": "x", "steps": [{"id": "a", "type": "task", "for": "2d"}]}`, false},
		{"capital id", `{"name": "x", "steps": [{"id": "A", "type": "task"}]}`, false},
	} {
		var tree obj
		if err := json.Unmarshal([]byte(c.json), &tree); err != nil {
			t.Fatal(err)
		}
		result := &huma.ValidateResult{}
		huma.Validate(registry, registry.Map()[definitionName], huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, map[string]any(tree), result)
		_, problems := flow.FromTree(tree)
		if described, taken := len(result.Errors) == 0, len(problems) == 0; described != c.good || taken != c.good {
			t.Errorf("%s: described %v (%v), taken %v (%v), want %v", c.what, described, result.Errors, taken, problems, c.good)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := New(nil, nil)
	fetch := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, prefix+path, http.NoBody))
		if w.Code != http.StatusOK {
			t.Fatalf("GET %s: got %d without a token, want 200", path, w.Code)
		}
		return w
	}
	if w := fetch("/openapi.json"); !strings.Contains(w.Body.String(), `"openapi": "3.1.0"`) {
		t.Errorf("openapi.json begins %.100s", w.Body)
	}
	w := fetch("/docs")
	page := w.Body.String()
	if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
		t.Errorf("policy is %q", policy)
	}
	for _, bad := range []string{"<script", "http://", "https://", "style=", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, good := range []string{`id="save-draft"`, "/sequences/{id}/activate", `id="SequenceDefinition"`, `id="error-stale"`, "Idempotency-Key"} {
		if !strings.Contains(page, good) {
			t.Errorf("the page lacks %q", good)
		}
	}
	ids := map[string]bool{}
	for _, match := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if ids[match[1]] {
			t.Errorf("the page has two parts with the id %s", match[1])
		}
		ids[match[1]] = true
	}
	for _, match := range regexp.MustCompile(` href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !ids[match[1]] {
			t.Errorf("the link to #%s leads nowhere", match[1])
		}
	}
}
