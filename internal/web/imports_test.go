package web_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"cadenza/internal/access"
)

const leadsFile = "Vorname;Nachname;Firma;E-Mail;Sonstiges\nJürgen;Müller;Müller & Söhne;juergen@example.com;x\nEva;Roth;Roth GmbH;not an address;y\nMia;Kern;;mia@example.com;z\n"

// upload sends a file as a browser's form does.
func (c *client) upload(path, name, text string) *answer {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write([]byte(text))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return c.send(http.MethodPost, path, &body, form.FormDataContentType())
}

// runImports carries out imports until the test ends.
func (h *house) runImports() {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := h.app.Run(ctx); err != nil {
			h.t.Errorf("run imports: %v", err)
		}
	})
	h.t.Cleanup(func() { stop(); running.Wait() })
}

// settled polls an import's page until the import is not under way any more.
func (c *client) settled(path string) *answer {
	c.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		a := c.get(path, "HX-Request", "true")
		if !strings.Contains(a.Body, "every 1s") {
			return a
		}
		<-tick.C
	}
	c.t.Fatalf("%s: the import does not end", path)
	return nil
}

func columns(fields ...string) url.Values {
	return url.Values{"do": {"check"}, "encoding": {"utf-8"}, "delimiter": {";"}, "header": {"on"}, "column": fields}
}

func TestImport(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.runImports()
	c := h.as(access.Seller)
	c.get("/imports/new?kind=lead").is(http.StatusOK, "Import leads").sees("Up to 200 MB", "Nothing is changed before you have seen the check")
	to := c.upload("/imports?kind=lead", `C:\Lists\Messe 2026.csv`, leadsFile).leadsTo("/imports/imp_")
	page := c.get(to).is(http.StatusOK, "Which column is what?").sees("Messe 2026.csv", "Vorname", "Jürgen", "Müller & Söhne", "1 column is left out")
	if got := strings.Join(page.words("th"), "|"); got != "Column|First values|Field of the lead" {
		t.Errorf("columns %q", got)
	}
	c.post(to+"/columns", columns("first_name", "first_name", "company", "email", "")).is(http.StatusUnprocessableEntity, "Which column is what?").sees("both fill First name")
	c.post(to+"/columns", columns("", "", "", "", "")).is(http.StatusUnprocessableEntity, "").sees("Choose a field for at least one column")
	c.post(to+"/columns", columns("first_name", "last_name", "company", "email", "")).leadsTo(to)
	checked := c.settled(to).sees("Nothing is changed yet", "Will be created 2", "Refused 1", "Email is not an email address", "E-Mail", "Import 2 rows", "Change columns")
	checked.misses("Work list")
	c.get("/leads").sees("No leads yet")
	c.get(to+"?step=columns").is(http.StatusOK, "Which column is what?")
	c.post(to+"/start", nil).leadsTo(to)
	c.settled(to).sees("Imported, and 1 row was refused", "Created 2", "Show leads")
	c.get("/leads").sees("Jürgen Müller", "Mia Kern").misses("Eva Roth")
	file := c.get(to+"/refused.csv").is(http.StatusOK, "")
	if !strings.Contains(file.Header.Get("Content-Disposition"), `filename="Messe 2026 refused.csv"`) || !strings.Contains(file.Body, "Eva") || strings.Contains(file.Body, "Mia") {
		t.Errorf("refused rows %q: %s", file.Header.Get("Content-Disposition"), file.Body)
	}
	c.post(to+"/start", nil).leadsTo(to)
	c.get(to).sees("This file was imported already")
	c.get("/imports").sees("Messe 2026.csv", "Done")
	h.as(access.SequenceManager).get(to).is(http.StatusForbidden, "")
}

func TestImportReadsFileAnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	to := c.upload("/imports?kind=contact", "people.csv", "Vorname;Nachname\nJ\xfcrgen;M\xfcller\nEva;Roth\n").leadsTo("/imports/imp_")
	c.get(to).sees("Jürgen", "Western European")
	c.post(to+"/columns", url.Values{"do": {"read"}, "encoding": {"windows-1251"}, "delimiter": {","}}).leadsTo(to)
	c.get(to).sees("Column 1", "Jьrgen;Mьller", "Vorname;Nachname")
	c.post(to+"/columns", url.Values{"do": {"read"}, "encoding": {"windows-1252"}, "delimiter": {";"}, "header": {"on"}}).leadsTo(to)
	c.get(to).sees("Vorname", "Jürgen").misses("Column 1")
}

func TestImportFollowsAndCancels(t *testing.T) {
	t.Parallel()
	h := newHouse(t) // nobody carries imports out, so this one stays under way
	c := h.as(access.Seller)
	to := c.upload("/imports?kind=lead", "leads.csv", leadsFile).leadsTo("/imports/imp_")
	c.post(to+"/columns", columns("first_name", "last_name", "company", "email", "")).leadsTo(to)
	page := c.get(to).is(http.StatusOK, "Import of leads.csv").sees("Checking the file", "You may leave this page", "Cancel")
	if !strings.Contains(page.Body, `<noscript><meta http-equiv="refresh"`) || !strings.Contains(page.Body, `hx-trigger="every 1s"`) {
		t.Error("the page does not follow the progress")
	}
	c.post(to+"/cancel", nil).leadsTo(to)
	c.get(to).sees("The import was cancelled", "Start again", "Check only")
	c.post(to+"/cancel", nil).leadsTo(to)
	c.get(to).sees("This import is not under way")
}

func TestImportRefusesFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	for _, one := range []struct{ name, text string }{
		{"empty.csv", ""},
		{"picture.csv", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00"},
	} {
		c.upload("/imports?kind=lead", one.name, one.text).is(http.StatusUnprocessableEntity, "Import leads").sees("There is a problem")
	}
	c.send(http.MethodPost, "/imports?kind=lead", strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--b--\r\n"), "multipart/form-data; boundary=b").
		is(http.StatusUnprocessableEntity, "Import leads").sees("Choose a file.")
	c.post("/imports?kind=lead", url.Values{"file": {"a,b"}}).is(http.StatusBadRequest, "")
	c.get("/imports/imp_0000000000000").is(http.StatusNotFound, "Not found")
}
