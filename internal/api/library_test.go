package api

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestLibrary looks through the library and begins with one of its sequences.
func TestLibrary(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if n := h.ask(bob, "GET", "/library", nil).want(200).wantAt("data.0.key", "enquiry", "data.0.record", "lead").count("data"); n < 10 {
		t.Errorf("%d sequences", n)
	}
	h.ask(bob, "GET", "/library?record=account", nil).want(200).wantAt("data.0.key", "renewal")
	h.ask(bob, "GET", "/library?record=planet", nil).want(422)
	h.ask(bob, "GET", "/library/no-show", nil).want(200).wantAt("title", "Missed meeting", "definition.record", "contact", "templates.0.key", "no-show-missed")
	h.ask(bob, "GET", "/library/sorcery", nil).want(404)

	made := h.ask(bob, "POST", "/sequences", obj{"from_library": "no-show"}).want(201).wantAt("name", "Missed meeting", "record", "contact", "definition.steps.0.template", "no-show-missed")
	// This house knows no address for people outside, so there is no way out of its emails.
	h.ask(bob, "GET", "/sequences/"+made.at("id"), nil).want(200).wantAt("warnings.0.code", "no_opt_out_link")
	h.ask(bob, "POST", "/sequences/"+made.at("id")+"/activate", nil).want(200).wantAt("status", "active", "warnings.0.code", "no_opt_out_link")
	h.ask(ada, "PATCH", "/settings", obj{"tracking_url": "https://links.example.com"}).want(200)
	h.ask(bob, "GET", "/sequences/"+made.at("id"), nil).want(200).wantAt("warnings.0", "")
	h.ask(bob, "POST", "/sequences", obj{"from_library": "no-show", "name": "missed MEETING"}).want(422).wantAt("errors.0.pointer", "/name")
	h.ask(bob, "POST", "/sequences", obj{"from_library": "sorcery"}).want(422).wantAt("errors.0.pointer", "/from_library")
	h.ask(bob, "POST", "/sequences", obj{"from_library": "no-show", "record": "lead"}).want(422).wantAt("errors.0.pointer", "/record")
	h.ask(bob, "POST", "/sequences", obj{"name": "Empty"}).want(201).wantAt("record", "lead")
	h.ask(bob, "POST", "/sequences", obj{}).want(422).wantAt("errors.0.pointer", "/name")
}

// TestLibraryWithoutItsOutcome begins with a sequence that asks for an outcome of calls which the organisation has deleted: the copy says so, and is
// activated once it asks for another.
func TestLibraryWithoutItsOutcome(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(ada, "PUT", "/settings/call-outcomes", obj{"outcomes": []obj{{"label": "Talked"}, {"key": "busy", "label": "Busy"}}}).want(200)
	for _, key := range []string{"enquiry", "demo"} {
		made := h.ask(max1, "POST", "/sequences", obj{"from_library": key}).want(201).
			wantAt("problems.0.code", "unknown", "problems.0.message", `A call has no outcome "connected".`, "problems.0.hint", "Use one of talked, busy.")
		if n := made.count("problems"); n != 1 {
			t.Errorf("%s: %d problems", key, n)
		}
		path := "/sequences/" + made.at("id")
		h.ask(max1, "POST", path+"/activate", nil).want(422).wantAt("errors.0.message", `A call has no outcome "connected".`)
		definition, err := json.Marshal(made.body["definition"])
		if err != nil {
			t.Fatal(err)
		}
		mended := strings.Replace(string(definition), `["connected"]`, `["talked"]`, 1)
		h.ask(max1, "PUT", "/sequences/apply", mended, "Content-Type", "application/json").want(200)
		h.ask(max1, "POST", path+"/activate", nil).want(200).wantAt("status", "active")
	}
}
