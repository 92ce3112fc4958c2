package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/seqfile"
	"cadenza/internal/step"
)

// document is the description of the API, for programs and as a page.
type document struct {
	json []byte
	html []byte
}

// document builds the description. Its definitions of sequences are fuller than what huma checks while requests are
// served; flow checks those, with better words.
func (d *door) document() document {
	description := d.api.OpenAPI()
	undo := describeDefinition(description.Components.Schemas.Map())
	defer undo()
	raw, err := json.Marshal(description)
	if err != nil {
		panic("describe the API: " + err.Error()) // types that a test has marshalled
	}
	var indented bytes.Buffer
	_ = json.Indent(&indented, raw, "", "  ") // Marshal gives valid JSON
	indented.WriteByte('\n')
	return document{json: indented.Bytes(), html: render(description)}
}

// serve answers with a fixed text.
func serve(contentType string, text []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(text) // a client that is gone is no matter
	})
}

// describeRecord describes the body that makes a record of a kind, with the kind's fields.
func (d *door) describeRecord(kind record.Kind) *huma.RequestBody {
	values := object("The fields as text; see GET /fields/"+string(kind)+".", map[string]*huma.Schema{})
	values.AdditionalProperties = &huma.Schema{Type: huma.TypeString}
	for _, f := range record.Fields(kind) {
		description := f.Label + " (" + string(f.Type) + ")"
		if len(f.Options) > 0 {
			description += ": " + strings.Join(f.Options, ", ")
		}
		values.Properties[f.Key] = &huma.Schema{Type: huma.TypeString, Description: description + "."}
	}
	owner := id[ident.User]{}.Schema(nil)
	owner.Description = "The token's user when it is left out."
	name := "New" + kind.Label()
	schema := object("", map[string]*huma.Schema{
		"values": values, "owner": owner,
		"external_key": text("Its id in another system; unique for the kind.", 255),
	}, "values")
	schema.PrecomputeMessages()
	d.api.OpenAPI().Components.Schemas.Map()[name] = schema
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{jsonType: {Schema: &huma.Schema{Ref: component(name)}}}}
}

// describeFile describes bodies that are a whole definition. They are read by their type, not by huma.
func (d *door) describeFile(check, apply string) {
	paths := d.api.OpenAPI().Paths
	for _, op := range []*huma.Operation{paths[check].Post, paths[apply].Put} {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			jsonType:           {Schema: &huma.Schema{Ref: component(definitionName)}},
			"application/yaml": {Schema: &huma.Schema{Type: huma.TypeString, Description: "The same as YAML."}, Example: exampleFile()},
		}}
	}
}

// exampleFile is a small sequence as YAML.
func exampleFile() string {
	text, err := seqfile.Format(flow.Sequence{Name: "Inbound lead", Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{
		{ID: "intro", Type: "automated_email", Name: "Introduction", Config: step.Config{"template": "intro"}},
		{ID: "pause", Type: "wait", Config: step.Config{"for": "2d"}},
		{ID: "call", Type: "phone_call", Name: "First call"},
	}})
	if err != nil {
		return ""
	}
	return string(text)
}

// describeUpload describes a body that is a file of a type.
func (d *door) describeUpload(path, mediaType string) {
	file := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	d.api.OpenAPI().Paths[path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		mediaType:             {Schema: file},
		"multipart/form-data": {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": file}, Required: []string{"file"}}},
	}}
}
