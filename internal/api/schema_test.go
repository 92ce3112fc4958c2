package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/seqfile"
	"cadenza/internal/step"
)

// sequenceSchema compiles the schema that is served.
func sequenceSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := SequenceSchema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sequence.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sequence.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// fits holds a file against the schema, as an editor does.
func fits(t *testing.T, schema *jsonschema.Schema, file []byte) error {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal(file, &tree); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(document)
}

// TestSchemaTakesFiles holds the sequences of the demo, as they are written and as they are exported, against the schema, and one with
// every kind of step and field.
func TestSchemaTakesFiles(t *testing.T) {
	t.Parallel()
	schema := sequenceSchema(t)
	samples, err := filepath.Glob("../../cmd/cadenza/demo/*.yaml")
	if err != nil || len(samples) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var defs []flow.Sequence
	for _, name := range samples {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := fits(t, schema, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		def, problems := seqfile.Parse(text)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		defs = append(defs, def)
	}
	for _, def := range append(defs, everything()) {
		text, err := seqfile.Format(def)
		if err != nil {
			t.Fatal(err)
		}
		if err := fits(t, schema, text); err != nil {
			t.Errorf("%s: %v\n%s", def.Name, err, text)
		}
	}
}

// everything is a sequence with every kind of step, field and option.
func everything() flow.Sequence {
	def := flow.Sequence{Name: "Everything", Record: record.Lead, Description: "All of it", Options: flow.DefaultOptions()}
	def.Options.Sending, def.Options.ExitOnReply = flow.InOwnWindows, true
	def.Options.Windows[1] = calendar.Span{From: 9 * 3600e9, To: 11 * 3600e9}
	def.Options.ExitWhen = &record.Condition{All: []record.Condition{{Field: "stage", Op: record.Equals, Values: []string{"new"}}, {Field: "do_not_email", Op: record.Equals, Values: []string{"true"}}}}
	for _, kind := range step.Kinds() {
		s := step.Step{ID: kind.Type, Type: kind.Type, Name: "Step", Config: step.Config{}}
		for _, f := range kind.Fields {
			switch f.Type {
			case step.DurationField:
				s.Config[f.Key] = "2d4h"
			case step.PercentField:
				s.Config[f.Key] = float64(f.Low)
			case step.ChoiceField:
				s.Config[f.Key] = f.Options[0].Value
			case step.TruthField:
				s.Config[f.Key] = true
			case step.MomentField:
				s.Config[f.Key] = "2026-12-24T09:00"
			default:
				s.Config[f.Key] = "stage"
			}
		}
		if kind.Branches {
			s.When = &step.When{Email: &step.EmailTest{Step: "email", Results: step.Results(), Within: "2d", AtOnce: true}}
			s.Yes = []step.Step{{ID: "inner", Type: "condition", When: &step.When{Call: &step.CallTest{Step: "phone_call", Outcomes: []string{"connected"}}}}}
			s.No = []step.Step{{ID: "field", Type: "condition", When: &step.When{Field: def.Options.ExitWhen}}}
		}
		def.Steps = append(def.Steps, s)
	}
	return def
}

// TestSchemaRefusesFiles holds wrong files against the schema.
func TestSchemaRefusesFiles(t *testing.T) {
	t.Parallel()
	schema := sequenceSchema(t)
	for name, file := range map[string]string{
		"no name":         "steps: []\n",
		"unknown key":     "name: A\ncolour: red\n",
		"unknown type":    "name: A\nsteps: [ { id: a, type: fax } ]\n",
		"bad duration":    "name: A\nsteps: [ { id: a, type: wait, for: 3 days } ]\n",
		"no id":           "name: A\nsteps: [ { type: task } ]\n",
		"a bad id":        "name: A\nsteps: [ { id: A b, type: task } ]\n",
		"a strange field": "name: A\nsteps: [ { id: a, type: task, for: 2d } ]\n",
		"in a lane":       "name: A\nsteps: [ { id: a, type: condition, yes: [ { id: b, type: wait } ] } ]\n",
		"a bad option":    "name: A\noptions: { waits: sometimes }\n",
		"a bad kind":      "name: A\nrecord: deal\n",
	} {
		if err := fits(t, schema, []byte(file)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	err := fits(t, schema, []byte("name: A\nsteps: [ { id: a, type: wait, for: 3 days } ]\n"))
	if err != nil && !strings.Contains(err.Error(), "/steps/0/for") {
		t.Errorf("it does not say where: %v", err)
	}
}

// TestSchemaIsServed serves the schema to everybody, and once to who keeps it.
func TestSchemaIsServed(t *testing.T) {
	t.Parallel()
	ask := func(tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, SchemaPath, nil)
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		SchemaHandler().ServeHTTP(w, r)
		return w
	}
	first := ask("")
	if first.Code != http.StatusOK || !strings.Contains(first.Header().Get("Cache-Control"), "public") || !json.Valid(first.Body.Bytes()) {
		t.Errorf("got %d, %v", first.Code, first.Header())
	}
	if again := ask(first.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("asked for by its tag: %d with %d bytes", again.Code, again.Body.Len())
	}
}
