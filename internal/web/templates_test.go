package web_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

const greeting = `<p>Hello {{ first_name | default: "there" }},</p>` + "\n" + `<p>how is {{ city }}? <a href="https://example.com/{{ company | default: &quot;you&quot; }}">Read more</a></p>`

// template makes a template for leads.
func (h *house) template(name string) store.Template {
	h.t.Helper()
	t, err := h.app.CreateTemplate(h.t.Context(), h.actor(access.SequenceManager),
		action.TemplateInput{Name: name, Subject: `For {{ company | default: "you" }}`, HTML: greeting, RecordKind: record.Lead})
	if err != nil {
		h.t.Fatal(err)
	}
	return t
}

func templateAddress(t store.Template) string { return "/templates/" + t.ID.String() }

func TestTemplateList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	c.get("/templates").is(http.StatusOK, "Templates").sees("Write your first template", "New template")
	h.as(access.Seller).get("/templates").is(http.StatusOK, "Templates").misses("New template")
	h.template("Introduction")
	h.template("Friendly reminder")
	list := c.get("/templates").sees("Introduction", "introduction", "Leads", "Not used", "For [Company]", "2 templates")
	if got := strings.Join(list.words("th"), " "); got != "Name Key For Used by Changed Actions" {
		t.Errorf("columns %q", got)
	}
	c.get("/templates?q=remind").sees("Friendly reminder", "1 template").misses("Introduction")
	c.get("/templates?kind=account").sees("No template matches")
	c.get("/templates?q=remind", "HX-Request", "true").sees("Friendly reminder").misses("Work list")
	c.get("/templates/tpl_0000000000000").is(http.StatusNotFound, "Not found")
}

func TestSaveTemplate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lead("Marta", "Lindqvist")
	c := h.as(access.SalesManager)
	c.get("/templates/new").is(http.StatusOK, "New template").labels("Name", "Key", "For", "Subject", "Text").sees("Preview", "first_name")
	form := url.Values{"name": {" "}, "key": {"In tro"}, "record_kind": {"lead"}, "subject": {"For {{ company"}, "html": {"<p>Dear {{ first_name | nonsense }}</p>"}}
	again := c.post("/templates", form).is(http.StatusUnprocessableEntity, "New template").
		sees("Name is required", "Key must be at most 60", "Line 1, column 5", "Dear {{ first_name | nonsense }}", "This cannot be filled yet")
	if got := again.value("key"); got != "In tro" {
		t.Errorf("key in the refused form %q, want what was typed", got)
	}
	form = url.Values{"name": {"Introduction"}, "record_kind": {"lead"}, "subject": {"For {{ company }}"}, "html": {strings.ReplaceAll(greeting, "\n", "\r\n") + "<script>alert(1)</script>"}}
	to := c.post("/templates", form).leadsTo("/templates/tpl_")
	page := c.get(to).is(http.StatusOK, "Introduction").sees("introduction", "No sequence uses it yet", "For Lindqvist Ltd", "Marta Lindqvist has no value for: City").misses("alert(1)")
	if !strings.Contains(page.Body, html.EscapeString(greeting)) {
		t.Errorf("the editor does not hold the text as it was written: %s", greeting)
	}
	form.Set("rev", page.value("rev"))
	form.Set("name", "First contact")
	c.post(to, form).leadsTo(to)
	c.get(to).is(http.StatusOK, "First contact").sees("Template saved")
	c.post(to, form).is(http.StatusUnprocessableEntity, "First contact").sees("changed")
	h.as(access.Seller).post(to, form).is(http.StatusForbidden, "")
}

func TestSellerReadsTemplate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lead("Marta", "Lindqvist")
	tpl := h.template("Introduction")
	c := h.as(access.Seller)
	c.get(templateAddress(tpl)).is(http.StatusOK, "Introduction").sees("For Lindqvist Ltd", "can change templates").misses("Save template")
	c.get("/templates/new").is(http.StatusForbidden, "")
	c.post("/templates", url.Values{"name": {"Mine"}, "subject": {"S"}}).is(http.StatusForbidden, "")
}

func TestTemplatePreview(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	marta, tomas := h.lead("Marta", "Lindqvist"), h.lead("Tomás", "Herrera")
	tpl := h.template("Introduction")
	c := h.as(access.SequenceManager)
	form := url.Values{"record_kind": {"lead"}, "subject": {"Hello {{ first_name }}"}, "html": {"<p>{{ renewal_date }} {{ mobile }}</p>"}, "record": {tomas.ID.String()}}
	c.post("/templates/preview", form, "HX-Request", "true").is(http.StatusOK, "").
		sees("Hello Tomás", "Leads have no field renewal_date", "Tomás Herrera has no value for: Mobile").misses("Work list")
	form.Set("html", "<p>{{ first_name")
	c.post("/templates/preview", form, "HX-Request", "true").is(http.StatusOK, "").sees("This cannot be filled yet", "Line 1, column 4")
	form.Set("html", `<p style="color: #c00">Dear {{ first_name }}</p><script>alert(1)</script>`)
	mail := c.post("/templates/preview", form).is(http.StatusOK, "").sees("Hello Tomás", "Dear Tomás").misses("alert(1)")
	checkMailPolicy(t, mail)
	checkMailPolicy(t, c.get(templateAddress(tpl)+"/mail?record="+marta.ID.String()).is(http.StatusOK, "").sees("Hello Marta,"))
	c.get("/templates/records?record_kind=lead&find=herrera", "HX-Request", "true").sees("Tomás Herrera").misses("Marta")
	c.get("/templates/fields?record_kind=account", "HX-Request", "true").sees("Sender's first name", "No accounts found").misses("Mobile")
}

// checkMailPolicy wants a mail to be unable to act, and to be shown only inside of our own pages.
func checkMailPolicy(t *testing.T, a *answer) {
	t.Helper()
	policy := a.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "sandbox allow-same-origin", "frame-ancestors 'self'", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if strings.Contains(policy, "script") {
		t.Errorf("policy %q lets scripts run", policy)
	}
}

func TestCopyAndDeleteTemplate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tpl := h.template("Introduction")
	c := h.as(access.SequenceManager)
	to := c.post(templateAddress(tpl)+"/copy", nil).leadsTo("/templates/tpl_")
	c.get(to).is(http.StatusOK, "Copy of Introduction")
	c.get(to+"/delete").is(http.StatusOK, "Delete Copy of Introduction?").sees("No sequence uses it")
	c.post(to+"/delete", nil).leadsTo("/templates")
	c.get("/templates").sees("1 template").misses("Copy of Introduction was not")
	h.active("Trial follow-up", step.Step{ID: "mail", Type: "automated_email", Name: "Hello", Config: step.Config{"template": tpl.Key}})
	c.get(templateAddress(tpl)+"/delete", "HX-Request", "true").sees("It is named by 1 sequence")
	c.post(templateAddress(tpl)+"/delete", nil).is(http.StatusUnprocessableEntity, "Delete Introduction?").sees("used by Trial follow-up", "deactivate the sequence")
	c.get("/templates").sees("1 sequence")
}
