package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"cadenza/internal/access"
)

// files posts a form with files, as a browser does; fields and files take turns of name and value.
func (c *client) files(path string, fields, files []string) *answer {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = form.WriteField(fields[i], fields[i+1])
	}
	for i := 0; i+1 < len(files); i += 2 {
		w, _ := form.CreateFormFile("file", files[i])
		_, _ = w.Write([]byte(files[i+1]))
	}
	_ = form.Close() // all of it goes to memory
	return c.send(http.MethodPost, path, &body, form.FormDataContentType())
}

// TestTemplateWithFiles attaches without scripts: the files travel with the form, and what is right stays when the rest
// is refused.
func TestTemplateWithFiles(t *testing.T) {
	t.Parallel()
	c := newHouse(t).as(access.SequenceManager)
	refused := c.files("/templates", []string{"name", "Offer", "subject", "", "html", "x"}, []string{"offer.pdf", "%PDF-1.4 x", "setup.exe", "MZ"}).is(422, "")
	refused.sees("offer.pdf", "Files of the kind .exe are not sent", "Allowed are PDF")
	_, rest, _ := strings.Cut(refused.Body, `name="files" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	to := c.files("/templates", []string{"name", "Offer", "subject", "Offer", "html", "x", "files", id}, []string{"terms.txt", "Terms"}).leadsTo("/templates/")
	c.get(to).is(200, "Offer").sees("offer.pdf", "terms.txt").labels("Files")
	got := c.get("/files/" + id + "/content")
	if got.Body != "%PDF-1.4 x" || got.Header.Get("Content-Disposition") != "attachment; filename=offer.pdf" || !strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%q %v", got.Body, got.Header)
	}
	c.files("/files/"+id+"/delete", nil, nil).is(422, "").sees("goes with the template Offer")
	c.files("/files/attach", []string{"files", id}, []string{"page.html", "<html>"}).is(422, "").sees("offer.pdf", "a computer may run them")
	c.files("/files", nil, []string{"Brochure.pdf", "%PDF-1.4 y"}).leadsTo("/files")
	c.get("/files").is(200, "Files").sees("Brochure.pdf", "1 file is uploaded")
	c.files("/files", nil, nil).is(422, "Files").sees("Choose a file.")
}
