package api

import (
	"testing"
	"time"
)

// TestComposer keeps a draft, checks it, schedules it, moves it and takes it back.
func TestComposer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()
	h.ask(anna, "POST", "/sequences/"+sequence+"/connect", obj{"records": []string{lead}}).want(200)
	email := h.ask(anna, "GET", "/activities?kind=email&record_kind=lead", nil).want(200).at("data.0.id")
	at := "/activities/" + email
	h.ask(anna, "GET", at+"/draft", nil).want(404)
	h.ask(anna, "PUT", at+"/draft", obj{"subject": "Half", "thread": "maybe"}).want(422)
	h.ask(anna, "PUT", at+"/draft", obj{"to": "lena@", "subject": "Half", "html": "<p>Hi {{ city }}</p>", "signed": false}).want(200).
		wantAt("rev", "1", "subject", "Half", "signed", "false", "gaps.0.code", "empty_field", "gaps.0.field", "city", "gaps.0.in", "html", "missing.0", "city")
	h.ask(anna, "PUT", at+"/draft", obj{"subject": "Late"}).want(409).wantAt("code", "stale")
	h.ask(anna, "PUT", at+"/draft", obj{"subject": "Better", "rev": 1}).want(200).wantAt("rev", "2")
	h.ask(anna, "GET", at+"/draft", nil).want(200).wantAt("subject", "Better", "rev", "2")
	h.ask(anna, "GET", "/me/drafts", nil).want(200).wantAt("data.0.activity.id", email, "data.0.subject", "Better", "data.0.state", "open", "data.1", "")

	mail := func(more obj) obj {
		m := obj{"to": "lena@roth.example", "subject": "Hello", "html": "<p>Hi {{ first_name }} in {{ city }}</p>"}
		for k, v := range more {
			m[k] = v
		}
		return m
	}
	h.ask(anna, "POST", at+"/check", mail(obj{"cc": "wrong"})).want(200).wantAt("gaps.0.around", "Hi Lena in {{ city }}", "problems.0.field", "cc", "warning", "")
	h.ask(anna, "POST", at+"/check", mail(obj{"bcc": "wrong"})).want(200).wantAt("problems.0.field", "bcc")
	h.ask(anna, "POST", at+"/send", mail(nil)).want(422).wantAt("errors.0.pointer", "/html", "errors.0.code", "empty_field")
	h.ask(anna, "POST", at+"/send", mail(obj{"empty_fields": true, "at": "2020-01-01T10:00:00Z"})).want(422).wantAt("errors.0.pointer", "/at")
	h.ask(anna, "GET", "/records/"+lead+"/suggested-time", nil).want(200).wantAt("seen", "0")

	later := time.Now().Add(50 * time.Hour).UTC().Truncate(time.Second)
	sent := h.ask(anna, "POST", at+"/send", mail(obj{"empty_fields": true, "bcc": "log@home.example", "at": later.Format(time.RFC3339)})).want(200).
		wantAt("state", "queued", "bcc", "log@home.example", "scheduled_at", later.Format(time.RFC3339))
	h.ask(anna, "GET", at, nil).want(200).wantAt("state", "sending", "scheduled_at", later.Format(time.RFC3339), "due_at", later.Format(time.RFC3339))
	h.ask(anna, "GET", at+"/draft", nil).want(404)
	message := "/messages/" + sent.at("id")
	h.ask(anna, "POST", message+"/reschedule", obj{"at": "2020-01-01T10:00:00Z"}).want(422).wantAt("errors.0.pointer", "/at")
	later = later.Add(time.Hour)
	h.ask(anna, "POST", message+"/reschedule", obj{"at": later.Format(time.RFC3339)}).want(200).wantAt("next_at", later.Format(time.RFC3339))
	h.ask(anna, "POST", message+"/take_back", nil).want(200).wantAt("state", "withdrawn")
	h.ask(anna, "POST", message+"/take_back", nil).want(409).wantAt("code", "conflict")
	h.ask(anna, "GET", at+"/draft", nil).want(200).wantAt("subject", "Hello", "html", "<p>Hi Lena in </p>")
	h.ask(anna, "GET", at, nil).want(200).wantAt("state", "open", "scheduled_at", "")
	h.ask(anna, "DELETE", at+"/draft", nil).want(204)
	h.ask(anna, "GET", at+"/draft", nil).want(404)

	sent = h.ask(anna, "POST", at+"/send", mail(obj{"empty_fields": true, "at": later.Format(time.RFC3339)})).want(200)
	h.ask(anna, "POST", "/messages/"+sent.at("id")+"/reschedule", nil).want(200).wantAt("scheduled_at", "", "state", "queued")
}
