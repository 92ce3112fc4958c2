package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestTextTemplate writes a template of text messages, which only text steps and text activities offer.
func TestTextTemplate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist"})
	h.template("Introduction")
	c := h.as(access.SequenceManager)
	c.get("/templates/new?channel=text").is(http.StatusOK, "New text template").labels("Name", "For", "Key", "Text").misses("Subject")
	form := url.Values{"channel": {"text"}, "name": {"Ping"}, "record_kind": {"lead"}, "text": {"Hello {{ first_name"}}
	c.post("/templates", form).is(http.StatusUnprocessableEntity, "New text template").sees("Line 1", "Hello {{ first_name")
	form.Set("text", "Hello {{ first_name }}, here is {{ sender.first_name }} 👍")
	if got := c.post("/templates/preview", form, "HX-Request", "true"); !strings.Contains(got.Body, "Hello Marta") || !strings.Contains(got.Body, "1 part") {
		t.Errorf("the preview is %s", got.Body)
	}
	to := c.post("/templates", form).leadsTo("/templates/")
	c.get(to).is(http.StatusOK, "Ping").sees("Hello Marta", "with letters that take more room", "38 left.")
	form.Set("text", strings.Repeat("long ", 320))
	c.post(to, form).is(http.StatusUnprocessableEntity, "Ping").sees("more than 10 parts")
	h.as(access.Seller).get(to).is(http.StatusOK, "Ping").sees("Hello Marta").misses("Save template")
	c.get("/templates?channel=text").sees("Ping", "Text message", "1 template").misses("Introduction")
	s := h.active("Mixed", step.Step{ID: "mail", Type: "email", Name: "Mail"}, step.Step{ID: "text", Type: "text_message", Name: "Text"})
	panel := c.get("/sequences/" + s.ID.String()).Body
	if strings.Count(panel, `<option value="ping"`) != 2 || strings.Count(panel, `<option value="introduction"`) != 4 {
		t.Error("the two text steps offer text templates, and the four places for emails those of emails")
	}
}

// TestWriteText goes from an activity to the outbox: without a provider by hand, with one through it.
func TestWriteText(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, seller := t.Context(), h.as(access.Seller)
	lead := h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist", "mobile": "+4741306678"})
	if _, err := h.app.CreateTemplate(ctx, h.actor(access.Admin), action.TemplateInput{Key: "ping", Name: "Ping", Channel: message.TextChannel, Text: "Hello {{ first_name }} of {{ company }}"}); err != nil {
		t.Fatal(err)
	}
	h.connect(h.active("Texts", step.Step{ID: "ping", Type: "text_message", Name: "Ping them", Config: step.Config{"template": "ping"}}), lead)
	a := h.work()[0]
	seller.get("/work?kind=text_message").sees("Ping them")
	seller.get(opened(a, "")).is(http.StatusOK, "Work list").sees("Write text message", "Complete")
	page := seller.get(opened(a, "?do=text")).labels("Template", "To", "Text").sees("Send it from your own phone", "Copy text", "Mark complete", "Open on this device")
	if !strings.Contains(page.Body, `href="sms:+4741306678?body=Hello%20Marta`) {
		t.Error("the text cannot be opened on the device")
	}
	h.provider()
	seller.get(opened(a, "?do=text")).sees("From Cadenza. Sending completes the activity.", "1 merge field is empty").misses("own phone")
	if got := seller.post("/work/text/size", url.Values{"text": {strings.Repeat("a", 161)}}, "HX-Request", "true"); !strings.Contains(got.Body, "161 characters · 2 parts") {
		t.Errorf("measured %s", got.Body)
	}
	typed := url.Values{"text_to": {"0170 1"}, "text": {"My own words"}, "template": {"ping"}, "missing": {"company"}}
	seller.post(opened(a, "/text"), typed).is(http.StatusUnprocessableEntity, "Work list").sees("tick the box", "My own words")
	typed.Set("filled", "1")
	seller.post(opened(a, "/text"), typed).is(http.StatusUnprocessableEntity, "").sees("international form", "My own words").seesOnce("There is a problem")
	typed.Set("text_to", "+47 41 30 66 78")
	seller.post(opened(a, "/text"), typed).leadsTo("/work")
	seller.get(opened(a, "")).sees("The text message to +4741306678 is on its way.", "when the provider has taken it")
	list, err := h.app.ListMessages(ctx, h.actor(access.Admin), store.MessageQuery{Channel: message.TextChannel})
	if err != nil || len(list.Rows) != 1 {
		t.Fatalf("the outbox holds %+v, %v", list.Rows, err)
	}
	seller.get("/outbox?channel=text").sees("My own words", "Text message, 1 part", "+4741306678")
	seller.get("/outbox?channel=email").sees("No message matches")
	seller.get(messageAddress(list.Rows[0])).is(http.StatusOK, "My own words").sees("12 characters · 1 part", "Id at the provider", "+4741306678").misses("Headers", "Followed")

	quiet := h.record(access.Seller, record.Lead, record.Values{"last_name": "Quiet", "mobile": "+4741306678", "do_not_text": "true"})
	q := h.due(quiet, "text_message", "Text them", 0)
	seller.get(opened(q, "")).sees("has asked not to get text messages", "Do not text")
	seller.post(opened(q, "/text"), url.Values{"text_to": {"+4741306678"}, "text": {"Hi"}}).is(http.StatusUnprocessableEntity, "").sees("must not be sent text messages")
	unknown := h.due(h.record(access.Seller, record.Lead, record.Values{"last_name": "Raman"}), "text_message", "Text them", 0)
	seller.get(opened(unknown, "")).sees("No number for text messages", "Add a number")
}

// provider sets a provider of text messages up.
func (h *house) provider() {
	h.t.Helper()
	_, err := h.app.SaveTextProvider(h.t.Context(), h.actor(access.Admin), action.TextProviderInput{
		URL: "https://sms.test/send", Method: "POST", Format: message.JSONFormat, Body: `{"to": "{{to}}", "text": "{{text}}"}`, Sender: "Cadenza",
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// TestTextProvider sets the provider up in the settings, and never shows its secret.
func TestTextProvider(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.as(access.SequenceManager).get("/settings/texts").is(http.StatusForbidden, "")
	c := h.as(access.Admin)
	c.get("/settings").sees("Text messages")
	c.get("/settings/texts").is(http.StatusOK, "Text messages").labels("Address", "Method", "Form", "Body", "Sender", "Header", "Secret").sees("None", "Save the provider first")
	form := url.Values{
		"url": {"ftp://sms.test"}, "method": {"POST"}, "format": {"json"}, "body": {`{"to": "{{to}}", "text": {{text}}}`}, "sender": {"Cadenza"},
		"header": {"Authorization"}, "secret": {"Bearer hush-hush"},
	}
	refused := c.post("/settings/texts", form).is(http.StatusUnprocessableEntity, "Text messages").sees("must be one such as https://", "not valid JSON")
	form.Set("url", "https://sms.test/send")
	form.Set("body", `{"to": "{{to}}", "text": "{{text}}"}`)
	c.post("/settings/texts", form).leadsTo("/settings/texts")
	page := c.get("/settings/texts").sees("Not tested", "A secret is kept and never shown", "Send a test text", "Remove provider")
	for _, body := range []string{refused.Body, page.Body} {
		if strings.Contains(body, "hush") {
			t.Error("the page shows the secret")
		}
	}
	c.post("/settings/texts/test", url.Values{"to": {"0170"}, "text": {"Test"}}).is(http.StatusUnprocessableEntity, "Text messages").sees("international form")
	c.post("/settings/texts/delete", nil).leadsTo("/settings/texts")
	c.get("/settings/texts").sees("None")
}
