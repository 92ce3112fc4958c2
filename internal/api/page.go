package api

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string

	pageTemplate = template.Must(template.New("page").Parse(pageHTML))
	// pagePolicy lets the page's own style in and nothing else.
	pagePolicy = "default-src 'none'; style-src 'sha256-" + hashOf(pageCSS) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// page serves the description for people.
func (doc document) page() http.Handler {
	next := serve("text/html; charset=utf-8", doc.html)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", pagePolicy)
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// The shapes that the page is rendered from.
type (
	pageData struct {
		Title, Introduction, Idempotency, Prefix string
		Style                                    template.CSS
		Groups                                   []pageGroup
		Shapes                                   []pageShape
		Errors                                   []pageError
	}
	pageGroup struct {
		Name       string
		Operations []pageOperation
	}
	pageOperation struct {
		ID, Method, Path, Summary, Description string
		Parameters                             []pageField
		Bodies                                 []pageBody
		Answers                                []pageBody
		Errors                                 string
	}
	pageField struct {
		Name, Where, Type, Link, Description string
		Required                             bool
	}
	// pageBody is a body of one media type. Type is its shape in words, Link the anchor of that shape's part.
	pageBody struct{ Status, Media, Type, Link string }
	// pageShape is a named schema.
	pageShape struct {
		Name, Description string
		Fields            []pageField
	}
	pageError struct {
		Code, Title string
		Status      int
	}
)

// render writes the page.
func render(description *huma.OpenAPI) []byte {
	data := pageData{
		Title: description.Info.Title, Introduction: description.Info.Description, Idempotency: idempotencyText, Prefix: prefix,
		Style:  template.CSS(pageCSS), // our own file
		Groups: groupsOf(description), Shapes: shapesOf(description.Components.Schemas.Map()),
	}
	for _, c := range classes {
		data.Errors = append(data.Errors, pageError{Code: string(c.code), Title: c.title, Status: c.status})
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, data); err != nil {
		panic("render the API's page: " + err.Error()) // a test has rendered it
	}
	return b.Bytes()
}

func groupsOf(description *huma.OpenAPI) []pageGroup {
	var groups []pageGroup
	for _, path := range slices.Sorted(maps.Keys(description.Paths)) {
		at := description.Paths[path]
		for _, op := range []*huma.Operation{at.Get, at.Post, at.Put, at.Patch, at.Delete} {
			if op == nil {
				continue
			}
			i := slices.IndexFunc(groups, func(g pageGroup) bool { return g.Name == op.Tags[0] })
			if i < 0 {
				i = len(groups)
				groups = append(groups, pageGroup{Name: op.Tags[0]})
			}
			groups[i].Operations = append(groups[i].Operations, operationOf(op))
		}
	}
	return groups
}

func operationOf(op *huma.Operation) pageOperation {
	out := pageOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description}
	for _, p := range op.Parameters {
		if p.Ref != "" {
			continue // the key of requests, which the page explains once
		}
		what, link := typeOf(p.Schema)
		out.Parameters = append(out.Parameters, pageField{Name: p.Name, Where: p.In, Type: what, Link: link, Description: p.Description, Required: p.Required})
	}
	if op.RequestBody != nil {
		out.Bodies = bodiesOf("", op.RequestBody.Content)
	}
	var errors []string
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		response := op.Responses[status]
		if status >= "4" {
			errors = append(errors, status)
			continue
		}
		bodies := bodiesOf(status, response.Content)
		if len(bodies) == 0 {
			bodies = []pageBody{{Status: status, Media: "no body"}}
		}
		out.Answers = append(out.Answers, bodies...)
	}
	out.Errors = strings.Join(errors, ", ")
	return out
}

func bodiesOf(status string, content map[string]*huma.MediaType) []pageBody {
	var bodies []pageBody
	for _, media := range slices.Sorted(maps.Keys(content)) {
		what, link := typeOf(content[media].Schema)
		bodies = append(bodies, pageBody{Status: status, Media: media, Type: what, Link: link})
	}
	return bodies
}

func shapesOf(schemas map[string]*huma.Schema) []pageShape {
	var shapes []pageShape
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		schema := schemas[name]
		shapes = append(shapes, pageShape{Name: name, Description: schema.Description, Fields: fieldsOf("", schema)})
	}
	return shapes
}

// fieldsOf lists the fields of an object, those of inner objects without a name of their own among them.
func fieldsOf(within string, schema *huma.Schema) []pageField {
	var fields []pageField
	for _, name := range slices.SortedFunc(maps.Keys(schema.Properties), func(a, b string) int {
		// What identifies a thing comes first.
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	}) {
		property := schema.Properties[name]
		what, link := typeOf(property)
		fields = append(fields, pageField{
			Name: within + name, Type: what, Link: link, Description: property.Description,
			Required: slices.Contains(schema.Required, name),
		})
		fields = append(fields, fieldsOf(within+name+".", property)...)
	}
	return fields
}

func rank(name string) int {
	if i := slices.Index([]string{"id", "type", "key", "kind", "name"}, name); i >= 0 {
		return i
	}
	return 9
}

// typeOf says a schema in words, with the anchor of its part when it has a name.
func typeOf(s *huma.Schema) (what, link string) {
	switch {
	case s == nil:
		return "", ""
	case s.Ref != "":
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		return name, name
	case len(s.OneOf) > 0:
		var names []string
		for _, choice := range s.OneOf {
			name, _ := typeOf(choice)
			names = append(names, name)
		}
		return "one of " + strings.Join(names, ", "), ""
	case s.Items != nil:
		inner, link := typeOf(s.Items)
		return "list of " + inner, link
	case len(s.Enum) > 0:
		var words []string
		for _, word := range s.Enum {
			if text, ok := word.(string); ok {
				words = append(words, text)
			}
		}
		return strings.Join(words, " | "), ""
	case s.PatternDescription != "":
		return s.PatternDescription, ""
	case s.Format == "date-time" || s.Format == "binary":
		return map[string]string{"date-time": "time", "binary": "file"}[s.Format], ""
	}
	if s.Minimum != nil && s.Maximum != nil {
		return fmt.Sprintf("%s from %v to %v", s.Type, *s.Minimum, *s.Maximum), ""
	}
	return s.Type, ""
}
