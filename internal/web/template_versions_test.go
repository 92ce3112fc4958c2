package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// sending makes an active sequence of the manager that sends the template.
func (h *house) sending(name, template string) {
	h.t.Helper()
	def := flow.Sequence{Name: name, Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{
		{ID: "m", Type: "automated_email", Name: "Mail", Config: step.Config{"template": template}},
	}}
	ctx, manager := h.t.Context(), h.actor(access.SequenceManager)
	made, err := h.app.ApplySequence(ctx, manager, def, false)
	if err == nil {
		_, err = h.app.Activate(ctx, manager, made.Sequence.ID, action.ActivateInput{})
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestTemplateVersions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tpl := h.template("Introduction")
	h.sending("First try", tpl.Key)
	h.sending("Second try", tpl.Key)
	c, at := h.as(access.SequenceManager), templateAddress(tpl)
	page := c.get(at).is(http.StatusOK, "Introduction").sees("Version 1. Used by 2 sequences.").misses("Update them")
	form := url.Values{"rev": {page.value("rev")}, "name": {tpl.Name}, "record_kind": {"lead"}, "subject": {"News for you"}, "html": {greeting}}
	c.post(at, form).leadsTo(at)
	c.get(at).sees("Saved as version 2", "Used by 2 active sequences, which go on with version 1.", "Update them")
	h.as(access.Seller).get(at+"/uses").sees("First try", "Its owner can update it").misses("Use version 2")
	uses := c.get(at+"/uses").is(http.StatusOK, "").sees("First try", "Version 1, no record connected", "Use version 2 in all 2")
	c.post(at+"/adopt", url.Values{"sequence": {uses.value("sequence")}}).leadsTo(at)
	c.get(at).sees("“First try” goes on with version 2.", "Used by 1 active sequence, which goes on with version 1.", "Use version 2 in Second try")
	h.as(access.Seller).post(at+"/adopt", url.Values{"sequence": {uses.value("sequence")}}).is(http.StatusForbidden, "")

	versions := c.get(at+"/versions").is(http.StatusOK, "Introduction").sees("The newest", "News for you", "Second try")
	if got := strings.Join(versions.words("th"), " "); got != "Version Subject Used by Saved By" {
		t.Errorf("columns %q", got)
	}
	c.get(at+"/versions/1").is(http.StatusOK, "Version 1").sees("Sent by Second try", "What changed up to version 2", "Restore as new version")
	checkMailPolicy(t, c.get(at+"/versions/1/mail").is(http.StatusOK, "").sees("Hello [First name],"))
	c.get(at+"/versions/2").is(http.StatusOK, "Version 2").misses("Restore as new version")
	c.get(at+"/versions/9").is(http.StatusNotFound, "")
	h.as(access.Seller).post(at+"/versions/1/restore", nil).is(http.StatusForbidden, "")
	c.post(at+"/versions/1/restore", nil).leadsTo(at)
	restored, err := h.app.GetTemplate(t.Context(), h.actor(access.Seller), tpl.ID)
	if err != nil || restored.Version != 3 || restored.TemplateContent != tpl.TemplateContent {
		t.Errorf("restored: %+v, %v", restored, err)
	}

	// A text that the records cannot fill is refused, and says why in the question.
	if _, err := h.app.UpdateTemplate(t.Context(), h.actor(access.SequenceManager), tpl.ID,
		action.TemplateInput{Name: tpl.Name, RecordKind: record.Lead, Subject: "{{ renewal_date }}", HTML: greeting}); err != nil {
		t.Fatal(err)
	}
	c.post(at+"/adopt", url.Values{"sequence": {uses.value("sequence")}}).is(http.StatusUnprocessableEntity, "").sees("Nothing was changed", "renewal_date")
}

// TestTemplateFigures shows what became of a template's messages, and says when there are none.
func TestTemplateFigures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tpl := h.template("Introduction")
	c, at := h.as(access.SequenceManager), templateAddress(tpl)+"/figures"
	c.get(at).is(http.StatusOK, "Introduction").sees("Figures", "Nothing was sent", "the last 90 days", "365 days")
	c.get(at + "?days=30").sees("the last 30 days")
	c.get(at+"?days=0").is(http.StatusUnprocessableEntity, "").sees("This must be from 1 to 365.")
}
