package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"cadenza/internal/access"
)

// TestImportSequences chooses a file, reads its plan, applies it, and finds the sequence in an export.
func TestImportSequences(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	choose := func(name, text string) *answer {
		t.Helper()
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, err := form.CreateFormFile("files", name)
		if err == nil {
			_, err = part.Write([]byte(text))
		}
		if err == nil {
			err = form.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return c.send(http.MethodPost, "/sequences/import", &body, form.FormDataContentType())
	}
	wrong := choose("a.yaml", "name: From a file\nsteps:\n  - { id: a, type: taks, name: Look }\n")
	for _, want := range []string{"One thing has to be mended first", "3:20", "Did you mean", "{ id: a, type: taks, name: Look }"} {
		if !strings.Contains(wrong.Body, want) {
			t.Errorf("a wrong file: no %q", want)
		}
	}
	if a := choose("a.pdf", "x"); !strings.Contains(a.Body, "a.pdf is neither a sequence") {
		t.Error("another kind of file is taken")
	}
	plan := choose("a.yaml", "name: From a file\nsteps:\n  - { id: a, type: task, name: Look }\n")
	form := url.Values{}
	for _, name := range []string{"archive", "plan"} {
		m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(plan.Body)
		if m == nil {
			t.Fatalf("no %s in the plan", name)
		}
		form.Set(name, strings.ReplaceAll(m[1], "&#43;", "+"))
	}
	c.post("/sequences/import/apply", form)
	if list := c.get("/sequences"); !strings.Contains(list.Body, "From a file") {
		t.Error("the sequence is not in the list")
	}
	if export := c.get("/sequences/export"); !strings.Contains(export.Body, "sequences/from-a-file.yaml") {
		t.Error("the sequence is not in the export")
	}
}
