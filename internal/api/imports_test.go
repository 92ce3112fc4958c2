package api

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"
)

const leads = "Last name;Company;E-mail;Moon\nRoth;Roth GmbH;lena@roth.example;full\n;;not an address;new\n"

func TestImport(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- h.app.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	up := h.ask(anna, "POST", "/imports?kind=lead&file_name=leads.csv", leads, "Content-Type", "text/csv").want(201)
	up.wantAt("state", "uploaded", "delimiter", ";", "mapping.0", "last_name", "mapping.2", "email", "mapping.3", "", "sample.0.1", "Roth GmbH", "file_name", "leads.csv")
	at := "/imports/" + up.at("id")
	h.ask(anna, "GET", at+"/refused.csv", nil).want(404).wantAt("code", "not_found")
	h.ask(anna, "PUT", at+"/mapping", obj{"mapping": []string{"last_name", "company", "email", "sun"}}).want(422).wantAt("errors.0.pointer", "/mapping/3")
	h.ask(anna, "PUT", at+"/mapping", obj{"mapping": []string{"last_name", "company", "email", "city"}}).want(200).wantAt("mapping.3", "city")
	h.ask(anna, "POST", at+"/start?dry_run=true", nil).want(200).wantAt("state", "checking")
	h.waitFor(at, "checked").wantAt("counts.created", "1", "counts.refused", "1", "refused.0.line", "3")
	h.ask(anna, "GET", "/records/lead", nil).want(200).wantAt("total", "0")
	h.ask(anna, "POST", at+"/start", nil).want(200).wantAt("state", "running")
	h.waitFor(at, "done").wantAt("counts.created", "1", "progress", "100")
	h.ask(anna, "GET", "/records/lead", nil).want(200).wantAt("data.0.name", "Roth", "data.0.values.city", "full")
	refused := h.ask(anna, "GET", at+"/refused.csv", nil).want(200)
	if !strings.HasPrefix(refused.header.Get("Content-Type"), "text/csv") || !strings.Contains(refused.raw, "not an address") {
		t.Errorf("refused.csv is %s\n%s", refused.header.Get("Content-Type"), refused.raw)
	}
	h.ask(anna, "POST", at+"/start", nil).want(409)
	h.ask(anna, "POST", at+"/cancel", nil).want(409)
	h.ask(anna, "GET", "/imports", nil).want(200).wantAt("data.0.id", up.at("id"))
	h.ask(bob, "GET", at, nil).want(403)
	h.ask(ada, "GET", at, nil).want(200)
}

// waitFor looks at an import after each change of the database until it has the state.
func (h *house) waitFor(path, state string) answer {
	h.t.Helper()
	limit := time.After(30 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		a := h.ask(anna, "GET", path, nil).want(200)
		if a.at("state") == state {
			return a
		}
		select {
		case <-tick.C:
		case <-limit:
			h.t.Fatalf("the import does not become %s: %s", state, a.raw)
		}
	}
}

func TestUploadForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	form := func(field, name, text string) (body []byte, contentType string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		if err := w.SetBoundary("frame"); err != nil {
			t.Fatal(err)
		}
		part, err := w.CreateFormFile(field, name)
		if field == "" {
			part, err = w.CreateFormField("note")
		}
		if err == nil {
			_, err = io.WriteString(part, text)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.Bytes(), w.FormDataContentType()
	}
	body, kind := form("file", "C:\\my leads.csv", leads)
	first := h.ask(anna, "POST", "/imports?kind=lead", body, "Content-Type", kind, "Idempotency-Key", "up").want(201).wantAt("file_name", "my leads.csv", "header.1", "Company")
	h.ask(anna, "POST", "/imports?kind=lead", body, "Content-Type", kind, "Idempotency-Key", "up").want(201).wantAt("id", first.at("id"))
	other, _ := form("file", "C:\\my leads.csv", strings.ReplaceAll(leads, "Roth", "Rath"))
	h.ask(anna, "POST", "/imports?kind=lead", other, "Content-Type", kind, "Idempotency-Key", "up").want(422)

	none, kind := form("", "", "hello")
	h.ask(anna, "POST", "/imports?kind=lead", none, "Content-Type", kind).want(422).wantAt("errors.0.pointer", "/file")
	h.ask(anna, "POST", "/imports?kind=lead", body[:len(body)-30], "Content-Type", kind).want(400).wantAt("code", "malformed")
	h.ask(anna, "POST", "/imports?kind=lead", body, "Content-Type", "multipart/form-data").want(400)
	h.ask(anna, "POST", "/imports?kind=lead", "", "Content-Type", "text/csv").want(422).wantAt("errors.0.code", "empty_file")
	h.ask(anna, "POST", "/imports?kind=moon", leads).want(422).wantAt("errors.0.parameter", "kind")
	h.ask(anna, "POST", "/imports", leads).want(422).wantAt("errors.0.parameter", "kind")
}

// TestUploadLimit sends a file beyond the limit without holding it in memory.
func TestUploadLimit(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes 200 MiB")
	}
	h := newHouse(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, prefix+"/imports?kind=lead", io.LimitReader(endless{}, maxImport+1))
	if err != nil {
		t.Fatal(err)
	}
	h.send(anna, r).want(http.StatusRequestEntityTooLarge).wantAt("code", "too_large")
}

// endless is a file of empty lines.
type endless struct{}

// Read gives empty lines.
func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}
