package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/record"
)

// What a seller does beside an activity brings the list anew in its place: a page that is loaded ends a running call.
func TestFormsStayInTheWorkList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist", "phone": "+4722001122"})
	h.connect(h.active("Inbound", callStep, taskStep), lead)
	nurture := h.active("Nurture", waitStep, taskStep)
	call := h.work()[0]
	seller := h.as(access.Seller)
	here := opened(call, "?record=lead")
	enrollment := "/enrollments/" + call.Enrollment.String()
	for _, form := range []struct {
		path   string
		fields url.Values
		sees   string
	}{
		{recordAt(lead, "/notes"), url.Values{"body": {"Wants a visit"}}, "The note is added."},
		{enrollment + "/pause", nil, "Resume sequence"},
		{enrollment + "/resume", nil, "How did it end?"},
		{recordAt(lead, "/activities"), url.Values{"kind": {"task"}, "name": {"Send the price list"}}, "“Send the price list” is added."},
		{"/connect", url.Values{"kind": {"lead"}, "id": {lead.ID.String()}, "sequence": {nurture.ID.String()}}, "Also for Lindqvist"},
	} {
		fields := url.Values{"back": {here}}
		for name, values := range form.fields {
			fields[name] = values
		}
		answer := seller.post(form.path, fields, "HX-Request", "true").is(http.StatusOK, "Work list").sees(form.sees, "First call")
		if got := answer.Header.Get("HX-Push-Url"); got != here {
			t.Errorf("%s leads to %q, want %q", form.path, got, here)
		}
		if strings.Contains(answer.Body, "<body") {
			t.Errorf("%s answers with a whole page", form.path)
		}
	}
	answer := seller.post(enrollment+"/disconnect", url.Values{"back": {"/work"}}, "HX-Request", "true").is(http.StatusOK, "Work list").sees("disconnected")
	if got := answer.Header.Get("HX-Push-Url"); got != "/work" {
		t.Errorf("after disconnecting the address is %q", got)
	}
}

// What is wrong with an activity is said in the dialog over the work list.
func TestAddActivityOverTheWorkList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	task := h.due(lead, "task", "Ring them", 0)
	seller := h.as(access.Seller)
	at := h.http.URL + opened(task, "?record=lead")
	dialog := seller.get(recordAt(lead, "/activities/new"), "HX-Request", "true", "HX-Current-URL", at).labels("Kind", "Name", "Due", "Who does it")
	if !strings.Contains(dialog.Body, "<dialog") || !strings.Contains(dialog.Body, `value="`+opened(task, "?record=lead")+`"`) {
		t.Errorf("no dialog that leads back:\n%s", dialog.Body)
	}
	seller.post(recordAt(lead, "/activities"), url.Values{"kind": {"task"}, "name": {""}, "back": {opened(task, "")}}, "HX-Request", "true").
		is(http.StatusUnprocessableEntity, "").sees("Say what is to be done.")
}

// An activity that no sequence gave is edited and deleted where it stands, and the message after a deletion takes it back.
func TestEditActivityOverTheWorkList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	task := h.due(lead, "task", "Ring them", 0)
	h.due(lead, "task", "Ring again", 0)
	seller := h.as(access.Seller)
	here := opened(task, "?record=lead")
	seller.get(here).sees("Edit", "Delete")
	seller.get(opened(task, "/edit"), "HX-Request", "true", "HX-Current-URL", h.http.URL+here).labels("Name", "Description", "Due")
	seller.post(opened(task, "/edit"), url.Values{"name": {""}, "due": {"whenever"}, "back": {here}}, "HX-Request", "true").
		is(http.StatusUnprocessableEntity, "").sees("Choose a date and time.")
	seller.post(opened(task, "/edit"), url.Values{"name": {"Ring their boss"}, "due": {"2030-01-01T10:00"}, "back": {here}}, "HX-Request", "true").
		is(http.StatusUnprocessableEntity, "").sees("within one year")
	due := task.DueAt.In(time.UTC).Format("2006-01-02T15:04")
	seller.post(opened(task, "/edit"), url.Values{"name": {"Ring their boss"}, "due": {due}, "back": {here}}, "HX-Request", "true").
		is(http.StatusOK, "Work list").sees("“Ring their boss” is changed.", "Ring again")
	seller.post(opened(task, "/delete"), url.Values{"back": {"/work"}}, "HX-Request", "true").is(http.StatusOK, "Work list").sees("“Ring their boss” is deleted.", "Undo")
	seller.post(opened(task, "/restore"), nil).leadsTo(opened(task, ""))
	seller.get(recordAt(lead, "")).sees("Up next · added by hand", "Ring their boss", "Also to do", "Ring again")
	h.connect(h.active("Inbound", callStep), lead)
	for _, a := range h.work() {
		if a.Enrollment != 0 {
			seller.get(opened(a, "/edit")).is(http.StatusConflict, "")
			seller.post(opened(a, "/delete"), nil).is(http.StatusConflict, "").sees("belongs to a step")
		}
	}
}
