package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"cadenza/internal/step"
)

// SchemaPath is where the JSON Schema of sequences is served, to everybody: editors ask for it without a token.
const SchemaPath = "/schema/sequence.json"

// SequenceSchema gives the JSON Schema (2020-12) of a sequence as files have it. It is made of the same parts as the description
// of the API.
func SequenceSchema() ([]byte, error) {
	components := map[string]*huma.Schema{}
	describeDefinition(components)
	raw, err := json.Marshal(components)
	if err != nil {
		return nil, fmt.Errorf("write the schema of sequences: %w", err)
	}
	var defs map[string]any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(raw), "#/components/schemas/", "#/$defs/")), &defs); err != nil {
		return nil, fmt.Errorf("write the schema of sequences: %w", err)
	}
	delete(defs, definitionName)
	defs[anyStep] = stepByType()
	root, err := schemaMap(definitionSchema())
	if err != nil {
		return nil, err
	}
	root["$schema"], root["title"], root["$defs"] = "https://json-schema.org/draft/2020-12/schema", "Sequence of Cadenza", defs
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("write the schema of sequences: %w", err)
	}
	return out.Bytes(), nil
}

func schemaMap(s *huma.Schema) (out map[string]any, err error) {
	raw, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal([]byte(strings.ReplaceAll(string(raw), "#/components/schemas/", "#/$defs/")), &out)
	}
	if err != nil {
		return nil, fmt.Errorf("write the schema of sequences: %w", err)
	}
	return out, nil
}

// stepByType chooses the schema of a step by its type, so that editors name what is wrong with it, and not with every kind.
func stepByType() map[string]any {
	var types, rules []any
	for _, kind := range step.Kinds() {
		types = append(types, kind.Type)
		rules = append(rules, map[string]any{
			"if":   map[string]any{"properties": map[string]any{"type": map[string]any{"const": kind.Type}}, "required": []any{"type"}},
			"then": map[string]any{"$ref": "#/$defs/" + stepComponent(kind)},
		})
	}
	return map[string]any{
		"type": "object", "required": []any{"id", "type"}, "allOf": rules, "description": "A step of the sequence.",
		"properties": map[string]any{"type": map[string]any{"type": "string", "enum": types, "description": "The kind of step."}},
	}
}

// schemaOnce makes the schema when the first one asks for it.
var schemaOnce = sync.OnceValues(SequenceSchema)

// Schema is SequenceSchema, made once; nil if it cannot be made, which a test rules out.
func Schema() []byte {
	text, _ := schemaOnce()
	return text
}

// SchemaHandler serves the schema of sequences. It is public and may be kept for an hour, and asked for anew by its tag.
func SchemaHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := schemaOnce()
		if err != nil {
			http.Error(w, "The schema cannot be made.", http.StatusInternalServerError)
			return
		}
		tag := fmt.Sprintf(`"%x"`, sha256.Sum256(text))[:34] + `"`
		h := w.Header()
		h.Set("Content-Type", "application/schema+json")
		h.Set("Cache-Control", "public, max-age=3600")
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("ETag", tag)
		if strings.Contains(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(text) // a client that is gone is no matter
	})
}
