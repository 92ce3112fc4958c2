package api

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"

	"cadenza/internal/ident"
)

const smallPDF = "%PDF-1.4\ntrailer <</Root 1 0 R>>\n%%EOF\n"

const downloading = `name: Downloading
steps:
  - { id: hello, type: email, name: Hello, template: offer }
  - id: fetched
    type: condition
    when: { email: hello, results: [attachment_downloaded], within: 2d, at_once: true }
    yes: [ { id: ring, type: phone_call, name: Ring } ]
  - { id: auto, type: automated_email, name: Offer, template: intro }
  - id: again
    type: condition
    when: { email: auto, results: [attachment_downloaded], within: 2d }
    yes: [ { id: thank, type: task, name: Thank } ]
`

// TestFilesWay goes the way of a file: uploaded, attached to a template, sent by hand, reported as downloaded, and
// deleted once nothing needs it.
func TestFilesWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	offer := h.ask(anna, "POST", "/files?name=Gr%C3%B6%C3%9Fe.pdf", smallPDF, "Content-Type", "application/pdf").want(201).
		wantAt("name", "Größe.pdf", "type", "application/pdf", "user.name", "Anna", "templates.0", "").at("id")
	h.ask(bob, "POST", "/files?name=Gr%C3%B6%C3%9Fe.pdf", smallPDF).want(201).wantAt("id", offer)
	got := h.ask(bob, "GET", "/files/"+offer+"/content", nil).want(200)
	if got.raw != smallPDF || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") || got.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("got %q, %v", got.raw, got.header)
	}
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	file, _ := parts.CreateFormFile("file", "terms.txt")
	_, _ = file.Write([]byte("Terms"))
	_ = parts.Close()
	terms := h.ask(anna, "POST", "/files", form.Bytes(), "Content-Type", parts.FormDataContentType()).want(201).wantAt("name", "terms.txt").at("id")
	for name, code := range map[string]string{"setup.exe": "program", "a.pdf.exe": "program", "a.png": "content", "a.html": "program", "a.xyz": "kind"} {
		refused := h.ask(anna, "POST", "/files?name="+name, smallPDF).want(422).wantAt("errors.0.code", code, "errors.0.pointer", "/file")
		if !strings.Contains(refused.raw, "Allowed are PDF") {
			t.Errorf("%s: the refusal does not say what is allowed: %s", name, refused.raw)
		}
	}
	h.ask(anna, "POST", "/files", smallPDF).want(422).wantAt("errors.0.pointer", "/name")
	h.ask(anna, "POST", "/files?name=a.pdf", "%PDF-"+strings.Repeat(" ", 10<<20)).want(422).wantAt("errors.0.code", "too_large")
	h.ask(anna, "GET", "/files?search=terms", nil).want(200).wantAt("data.0.id", terms)

	template := h.ask(ada, "POST", "/templates", obj{"key": "offer", "name": "Offer", "subject": "Offer", "html": "<p>See the file.</p>", "files": []string{offer}}).
		want(201).wantAt("files.0", offer).at("id")
	h.ask(ada, "PATCH", "/templates/"+template, obj{"name": "Our offer"}).want(200).wantAt("files.0", offer)
	h.ask(ada, "PATCH", "/templates/"+template, obj{"files": []string{ident.File(999).String()}}).want(422).wantAt("errors.0.pointer", "/files")
	h.ask(ada, "DELETE", "/files/"+offer, nil).want(409)
	h.ask(bob, "DELETE", "/files/"+terms, nil).want(403)

	made := h.ask(max1, "PUT", "/sequences/apply", downloading, "Content-Type", "application/yaml").want(201).at("sequence.id")
	h.ask(max1, "POST", "/sequences/"+made+"/activate", nil).want(422).wantAt("errors.0.step", "again", "errors.0.code", "no_file", "errors.1", "")
	intro := h.ask(ada, "GET", "/templates?search=intro", nil).want(200).at("data.0.id")
	h.ask(ada, "PATCH", "/templates/"+intro, obj{"files": []string{offer}}).want(200)
	h.ask(max1, "POST", "/sequences/"+made+"/activate", nil).want(200)
	enrollment := h.ask(anna, "POST", "/sequences/"+made+"/connect", obj{"records": []string{lead}}).want(200).at("connected.0.id")
	email := h.ask(anna, "GET", "/activities?kind=email&record_kind=lead", nil).want(200).at("data.0.id")
	draft := h.ask(anna, "POST", "/activities/"+email+"/draft", nil).want(200).wantAt("files.0", offer)
	sent := h.ask(anna, "POST", "/activities/"+email+"/send", obj{"to": draft.at("to"), "subject": "Offer", "html": draft.at("html"), "files": []string{offer, terms}}).want(200)
	sent.wantAt("files.0.name", "Größe.pdf", "files.1.name", "terms.txt", "downloads", "0")
	h.ask(anna, "DELETE", "/files/"+terms, nil).want(409)

	// The mail is on its way; another system reports the download of a mail that was sent before.
	h.ask(anna, "POST", "/events", obj{"enrollment": enrollment, "step": "hello", "result": "attachment_downloaded"}).want(200)
}
