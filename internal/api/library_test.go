package api

import "testing"

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
	h.ask(bob, "POST", "/sequences/"+made.at("id")+"/activate", nil).want(200).wantAt("status", "active")
	h.ask(bob, "POST", "/sequences", obj{"from_library": "no-show", "name": "missed MEETING"}).want(422).wantAt("errors.0.pointer", "/name")
	h.ask(bob, "POST", "/sequences", obj{"from_library": "sorcery"}).want(422).wantAt("errors.0.pointer", "/from_library")
	h.ask(bob, "POST", "/sequences", obj{"from_library": "no-show", "record": "lead"}).want(422).wantAt("errors.0.pointer", "/record")
	h.ask(bob, "POST", "/sequences", obj{"name": "Empty"}).want(201).wantAt("record", "lead")
	h.ask(bob, "POST", "/sequences", obj{}).want(422).wantAt("errors.0.pointer", "/name")
}
