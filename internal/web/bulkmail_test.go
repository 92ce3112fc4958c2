package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// TestBulkMail shows what each person would get, leaves out who cannot be written to, and sends to the others.
func TestBulkMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seq := h.active("Trial", step.Step{ID: "write", Type: "email", Name: "Write"}, taskStep)
	h.connect(seq, h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist", "email": "marta@nordlys.test"}),
		h.record(access.Seller, record.Lead, record.Values{"last_name": "Herrera"}))
	list := h.work()
	seller := h.as(access.Seller)
	task := h.due(h.record(access.Seller, record.Lead, record.Values{"last_name": "Okafor"}), "task", "Task", -time.Minute)
	seller.post("/bulk/email", selected(append(list, task)...)).leadsTo("/work")
	seller.get("/work").sees("Emails go out together only for one step of one sequence.")

	seller.post("/bulk/email", selected(list...)).is(http.StatusOK, "Email to many").
		sees("Herrera has no email address.", "Preview 1 of 2", "no email address", "1 of 2 people", "The text is not ready").labels("Send to Lindqvist", "Send to Herrera", "Send at", "Subject").buttons("Send", "Update the preview")
	form := selected(list...)
	for name, value := range map[string]string{"begun": "1", "subject": "For {{ last_name }}", "html": "<p>Dear {{ last_name }}</p>", "do": "own", "show": list[0].ID.String()} {
		form.Set(name, value)
	}
	form["to"] = []string{list[0].ID.String(), list[1].ID.String()}
	seller.post("/bulk/email", form).is(http.StatusOK, "Email to many").sees("Own text", list[0].RecordName+" alone", "Use the text for all")
	form.Set("do", "send")
	form.Set("at", "2020-01-01T09:00")
	seller.post("/bulk/email", form).is(http.StatusUnprocessableEntity, "Email to many").sees("Choose a time that is still to come")
	form.Set("at", "")
	form.Set("do", "template")
	seller.post("/bulk/email", form).is(http.StatusOK, "Email to many").sees("Choose a template.").buttons("Begin with it")
	form.Set("choose", "gone")
	seller.post("/bulk/email", form).is(http.StatusOK, "Email to many").sees("There is no such template")
	form.Set("choose", h.template("Our offer").Key)
	seller.post("/bulk/email", form).is(http.StatusOK, "Email to many").sees("Our offer", "For you", "Choose a template")
	form.Set("do", "send")
	none := url.Values{}
	for k, v := range form {
		none[k] = v
	}
	none["to"] = nil
	seller.post("/bulk/email", none).is(http.StatusUnprocessableEntity, "Email to many").sees("Nothing was sent", "Tick at least one person.")
}
