package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cadenza/internal/ident"
)

const inbound = `name: Inbound lead
record: lead
description: First touch
steps:
  - { id: intro, type: email, name: Introduction, template: intro }
  - { id: call, type: phone_call, name: First call, description: Ask about the project }
  - { id: pause, type: wait, for: 2d4h }
  - { id: book, type: task, name: Schedule a meeting }
`

// furnish gives the house a template, anna's mailbox, an active sequence and a lead of anna's.
func (h *house) furnish() (sequence, lead string) {
	h.t.Helper()
	h.ask(ada, "POST", "/templates", obj{
		"key": "intro", "name": "Introduction", "subject": "Hello {{ first_name | default: \"there\" }}",
		"html": "<p>News for {{ company }}</p>",
	}).want(201)
	h.ask(anna, "PUT", "/mailboxes/"+h.ids[anna], obj{
		"address": "anna@example.com", "host": "smtp.example.com", "port": 587, "security": "starttls",
		"username": "anna", "password": "hunter2hunter2",
	}).want(200)
	made := h.ask(max1, "PUT", "/sequences/apply", inbound, "Content-Type", "application/yaml").want(201).wantAt("change", "created", "sequence.status", "inactive")
	sequence = made.at("sequence.id")
	h.ask(max1, "POST", "/sequences/"+sequence+"/activate", nil).want(200).wantAt("status", "active", "version", "1", "changed", "false")
	lead = h.ask(anna, "POST", "/records/lead", obj{"values": obj{
		"first_name": "Lena", "last_name": "Roth", "company": "Roth GmbH",
		"email": "lena@roth.example", "phone": "+49 30 901820",
	}}).want(201).at("id")
	return sequence, lead
}

const branching = `name: Branching
steps:
  - { id: hello, type: email, name: Hello, template: intro }
  - id: opened
    type: condition
    when: { email: hello, results: [opened, replied], within: 2d, at_once: true }
    yes: [ { id: ring, type: phone_call, name: Ring } ]
    no: [ { id: remind, type: task, name: Remind } ]
`

// TestEvents reports what a customer did, and the record goes the way of the condition.
func TestEvents(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	made := h.ask(max1, "PUT", "/sequences/apply", branching, "Content-Type", "application/yaml").want(201)
	sequence := made.at("sequence.id")
	h.ask(max1, "GET", "/sequences/"+sequence, nil).want(200).wantAt("definition.steps.1.yes.0.id", "ring", "definition.steps.1.when.within", "2d")
	h.ask(max1, "POST", "/sequences/"+sequence+"/activate", nil).want(200)
	enrollment := h.ask(anna, "POST", "/sequences/"+sequence+"/connect", obj{"records": []string{lead}}).want(200).at("connected.0.id")
	event := obj{"enrollment": enrollment, "result": "opened"}
	h.ask(anna, "POST", "/events", event).want(409)
	email := h.ask(anna, "GET", "/activities?kind=email&record_kind=lead", nil).want(200).at("data.0.id")
	h.ask(anna, "POST", "/activities/"+email+"/complete", obj{}).want(200)
	h.ask(anna, "GET", "/records/"+lead+"/up-next", nil).want(200).wantAt("tracks.0.current.id", "opened", "tracks.0.position", "2")
	for field, bad := range map[string]any{"result": "printed", "step": "opened", "enrollment": "enr_none", "at": "2999-01-01T00:00:00Z"} {
		wrong := obj{"enrollment": enrollment, "result": "opened"}
		wrong[field] = bad
		if got := h.ask(anna, "POST", "/events", wrong).status; got != 422 && got != 404 {
			t.Errorf("%s %v: got %d", field, bad, got)
		}
	}
	h.ask(anna, "POST", "/events", event).want(200).wantAt("step", "ring", "wait", "person")
	h.ask(anna, "POST", "/events", event).want(200).wantAt("step", "ring")
}

// TestWay goes the main way: a sequence from a file, a record through it, and off it again.
func TestWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()

	h.ask(anna, "POST", "/sequences/"+sequence+"/connect?dry_run=true", obj{"records": []string{lead}}).want(200).wantAt("connected.0.record.name", "Lena Roth")
	on := h.ask(anna, "POST", "/sequences/"+sequence+"/connect", obj{"records": []string{lead, unknownRecord()}}).want(200)
	on.wantAt("connected.0.status", "active", "connected.0.step", "intro", "refused.0.code", "not_found")
	enrollment := on.at("connected.0.id")
	h.ask(anna, "POST", "/sequences/"+sequence+"/connect", obj{"records": []string{lead}}).want(200).wantAt("refused.0.code", "already_connected")

	work := h.ask(anna, "GET", "/activities?kind=email&record_kind=lead", nil).want(200).wantAt("data.0.name", "Introduction", "next_cursor", "")
	email := work.at("data.0.id")
	draft := h.ask(anna, "POST", "/activities/"+email+"/draft", nil).want(200).wantAt("subject", "Hello Lena", "to", "lena@roth.example", "from", "anna@example.com")
	sent := h.ask(anna, "POST", "/activities/"+email+"/send", obj{"to": draft.at("to"), "subject": draft.at("subject"), "html": draft.at("html")}).want(200)
	sent.wantAt("state", "queued", "recipient", "lena@roth.example")
	if !strings.Contains(sent.at("message_id"), "@example.com") {
		t.Errorf("message id %q is not of the mailbox's domain", sent.at("message_id"))
	}
	h.ask(anna, "GET", "/activities/"+email, nil).want(200).wantAt("state", "sending")
	h.ask(anna, "GET", "/messages?state=queued", nil).want(200).wantAt("data.0.id", sent.at("id"))
	h.ask(anna, "GET", "/messages/counts", nil).want(200).wantAt("counts.queued", "1", "counts.sent", "0")
	h.ask(anna, "GET", "/messages/"+sent.at("id"), nil).want(200).wantAt("subject", "Hello Lena")
	sent.wantAt("tracked", "false", "opens", "0", "clicks", "0")
	h.ask(anna, "GET", "/messages/"+sent.at("id")+"/hits", nil).want(200).wantAt("next_cursor", "")
	h.ask(anna, "POST", "/messages/"+sent.at("id")+"/hits/"+ident.Hit(1).String()+"/count", nil).want(404)
	h.ask(anna, "POST", "/messages/"+sent.at("id")+"/settle", obj{"sent": true}).want(409).wantAt("code", "conflict")

	h.ask(anna, "GET", "/records/"+lead+"/up-next", nil).want(200).wantAt("tracks.0.current.id", "intro", "tracks.0.total", "4", "tracks.0.upcoming.0.type", "phone_call")
	h.ask(anna, "GET", "/enrollments?status=live&record="+lead, nil).want(200).wantAt("data.0.id", enrollment)
	h.ask(anna, "GET", "/enrollments/"+enrollment+"/explanation", nil).want(200).wantAt("current.id", "intro", "reasons.0.text", "Connected by Anna.", "holds.0.code", "sending")
	h.ask(anna, "GET", "/records/"+lead+"/explanations", nil).want(200).wantAt("data.0.enrollment.id", enrollment)
	h.ask(anna, "GET", "/records/"+unknownRecord()+"/explanations", nil).want(404)
	h.ask(anna, "GET", "/records/"+lead+"/why", nil).want(200).wantAt("live.0.enrollment.id", enrollment, "messages.0.id", sent.at("id"), "messages.0.reasons.0.text", "Connected by Anna.")
	h.ask(anna, "GET", "/records/"+unknownRecord()+"/why", nil).want(404)
	h.ask(anna, "GET", "/messages/"+sent.at("id")+"/why", nil).want(200).wantAt("state", "queued", "reasons.1.text", "Anna wrote the email by hand.")
	h.ask(anna, "POST", "/enrollments/"+enrollment+"/pause", nil).want(200).wantAt("status", "paused")
	h.ask(anna, "POST", "/enrollments/"+enrollment+"/pause", nil).want(409)
	h.ask(anna, "POST", "/enrollments/"+enrollment+"/resume", nil).want(200).wantAt("status", "active")
	h.ask(anna, "POST", "/enrollments/"+enrollment+"/skip_wait", nil).want(409)
	h.ask(anna, "POST", "/enrollments/"+enrollment+"/reply", nil).want(409)
	h.ask(anna, "POST", "/records/"+lead+"/notes", obj{"body": "Met at the fair"}).want(201).wantAt("user.name", "Anna", "body", "Met at the fair")
	h.ask(anna, "GET", "/records/"+lead+"/timeline?limit=10", nil).want(200).wantAt("data.0.kind", "note")
	h.ask(anna, "POST", "/enrollments/"+enrollment+"/disconnect", nil).want(200).wantAt("status", "finished", "exit", "disconnected")
	h.ask(anna, "POST", "/enrollments/"+enrollment+"/disconnect", nil).want(409)
	h.ask(anna, "GET", "/enrollments/"+enrollment+"/history", nil).want(200).wantAt("data.0.kind", "connected")
	h.ask(anna, "GET", "/enrollments/"+enrollment, nil).want(200).wantAt("exit", "disconnected")
	h.ask(anna, "GET", "/enrollments/"+enrollment+"/explanation", nil).want(200).wantAt("exit", "disconnected", "holds.0.code", "ended", "holds.0.path", "/records/"+lead+"/connect")
	h.ask(anna, "GET", "/enrollments/"+ident.Enrollment(1<<40).String()+"/explanation", nil).want(404)
	h.ask(anna, "POST", "/enrollments/disconnect", obj{"enrollments": []string{enrollment}}).want(200).wantAt("disconnected", "0")
	h.ask(anna, "GET", "/sequences/"+sequence+"/figures", nil).want(200).wantAt("connected", "1", "here", "0", "exits.disconnected", "1", "versions.0", "1",
		"steps.0.step", "intro", "steps.0.title", "Introduction", "steps.0.entered", "1", "steps.0.exits.disconnected", "1", "steps.1.entered", "0")
	h.ask(anna, "GET", "/sequences/"+sequence+"/figures?version=1", nil).want(200).wantAt("version", "1", "connected", "1")
	h.ask(anna, "GET", "/sequences/"+sequence+"/figures?version=2", nil).want(404)
}

// TestByHand does the activities that a person does.
func TestByHand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()
	h.ask(anna, "POST", "/sequences/"+sequence+"/connect", obj{"records": []string{lead}}).want(200)
	first := h.ask(anna, "GET", "/activities", nil).want(200).at("data.0.id")
	h.ask(anna, "POST", "/activities/"+first+"/retry", nil).want(409)
	h.ask(anna, "POST", "/activities/"+first+"/skip", obj{"note": "Knows us"}).want(200).wantAt("state", "skipped", "note", "Knows us")
	call := h.ask(anna, "GET", "/activities?kind=phone_call", nil).want(200).wantAt("data.0.description", "Ask about the project").at("data.0.id")
	h.ask(anna, "POST", "/activities/"+call+"/complete", nil).want(422).wantAt("errors.0.pointer", "/outcome", "errors.0.code", "required")
	later := time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)
	h.ask(anna, "POST", "/activities/"+call+"/snooze", obj{"until": later}).want(200).wantAt("due_at", later, "snoozes", "1")
	h.ask(anna, "POST", "/activities/"+call+"/reassign", obj{"assignee": h.ids[bob]}).want(200).wantAt("assignee.name", "Bob")
	h.ask(bob, "POST", "/activities/"+call+"/complete", obj{"outcome": "connected", "note": "Wants an offer", "duration": 95}).want(200).wantAt("state", "completed", "duration", "95")
	h.ask(bob, "POST", "/activities/"+call+"/complete", obj{"outcome": "connected"}).want(409).wantAt("code", "stale")
	enrollment := h.ask(anna, "GET", "/enrollments?sequence="+sequence, nil).want(200).wantAt("data.0.wait", "time").at("data.0.id")
	h.ask(anna, "POST", "/enrollments/"+enrollment+"/skip_wait", nil).want(200).wantAt("step", "book")

	made := h.ask(anna, "POST", "/activities", obj{"record": lead, "kind": "task", "name": "Send the book"}).want(201).wantAt("enrollment", "", "assignee.name", "Anna")
	h.ask(anna, "GET", "/records/"+lead+"/up-next", nil).want(200).wantAt("manual.0.id", made.at("id"))
	h.ask(anna, "GET", "/records/lead?include=next_activities", nil).want(200).wantAt("data.0.id", lead, "data.0.next_activities.1.id", made.at("id"), "data.0.next_activities.2", "")
	h.ask(anna, "GET", "/records/lead", nil).want(200).wantAt("data.0.id", lead, "data.0.next_activities", "")
	h.ask(anna, "GET", "/records/lead?include=everything", nil).want(422)
	h.ask(anna, "PATCH", "/activities/"+made.at("id"), obj{"name": "Send the catalogue"}).want(200).wantAt("name", "Send the catalogue")
	h.ask(anna, "PATCH", "/activities/"+made.at("id"), obj{"name": ""}).want(422).wantAt("errors.0.pointer", "/name")
	h.ask(anna, "DELETE", "/activities/"+made.at("id"), nil).want(204)
	h.ask(anna, "DELETE", "/activities/"+made.at("id"), nil).want(409)
	h.ask(anna, "POST", "/activities/"+made.at("id")+"/restore", nil).want(200).wantAt("state", "open")
	h.ask(anna, "GET", "/activities/counts?until="+time.Now().Add(time.Hour).UTC().Format(time.RFC3339), nil).want(200).wantAt("overdue", "2")
	h.ask(anna, "GET", "/activities?limit=1&until="+later, nil).want(200)
	h.ask(anna, "POST", "/activities", obj{"record": unknownRecord(), "kind": "task", "name": "x"}).want(422).wantAt("errors.0.pointer", "/record")
}

// TestSequenceLife changes, deactivates, copies and deletes a sequence.
func TestSequenceLife(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()
	at := "/sequences/" + sequence
	h.ask(anna, "POST", at+"/connect", obj{"records": []string{lead}}).want(200)
	h.ask(max1, "GET", "/sequences?status=active&sort=-connected&search=inbound", nil).want(200).wantAt("data.0.connected", "1", "next_cursor", "")

	h.ask(max1, "PUT", "/sequences/apply", inbound, "Content-Type", "application/yaml").want(200).wantAt("change", "unchanged")
	read := h.ask(max1, "GET", at, nil).want(200).wantAt("may_edit", "true", "definition.steps.2.for", "2d4h")
	def := read.body["definition"].(obj)
	def["steps"] = append(def["steps"].([]any), obj{"id": "rest", "type": "wait", "for": "1d"})
	saved := h.ask(max1, "PATCH", at, obj{"rev": read.body["rev"], "definition": def}).want(200).wantAt("changed", "true", "problems.0.step", "rest", "problems.0.code", "last")
	stale := h.ask(ada, "PATCH", at, obj{"rev": read.body["rev"], "definition": def}).want(409).wantAt("code", "stale", "status", "409")
	if !strings.Contains(stale.at("detail"), "Max") || stale.at("hint") == "" {
		t.Errorf("a stale edit does not say who changed it and what to do: %s", stale.raw)
	}
	h.ask(max1, "POST", at+"/activate?dry_run=true", nil).want(200).wantAt("version", "1", "problems.0.step", "rest")
	h.ask(max1, "POST", at+"/activate", obj{"note": "Second"}).want(422).wantAt("errors.0.step", "rest", "errors.0.pointer", "/steps/4", "code", "invalid")
	h.ask(max1, "POST", at+"/discard", obj{"rev": saved.body["rev"]}).want(200).wantAt("changed", "false")
	h.ask(max1, "GET", at+"/versions", nil).want(200).wantAt("data.0.number", "1", "data.0.connected", "1")
	h.ask(max1, "GET", at+"/versions/1", nil).want(200).wantAt("definition.steps.0.id", "intro")
	h.ask(max1, "GET", at+"/versions/9", nil).want(404)
	h.ask(max1, "GET", at+"/versions/1/diff", nil).want(200).wantAt("from", "1", "to", "draft", "summary", "")
	h.ask(max1, "PUT", "/sequences/apply", strings.Replace(inbound, "2d4h", "3d", 1), "Content-Type", "application/yaml").want(200)
	h.ask(max1, "GET", at+"/versions/1/diff", nil).want(200).wantAt("summary", "Wait now 3 days", "changes.0.kind", "changed", "changes.0.step", "pause",
		"changes.0.fields.0.label", "Wait for", "changes.0.fields.0.from", "2 days 4 hours", "changes.0.fields.0.to", "3 days")
	h.ask(max1, "GET", at+"/versions/1/diff?to=9", nil).want(404)
	h.ask(max1, "GET", at+"/versions/1/diff?to=x", nil).want(422)
	h.ask(max1, "POST", at+"/discard", nil).want(200).wantAt("changed", "false")

	h.ask(max1, "POST", at+"/deactivate", obj{"mode": "pause"}).want(200).wantAt("affected", "1", "sequence.status", "inactive", "sequence.paused", "1")
	h.ask(anna, "POST", at+"/connect", obj{"records": []string{lead}}).want(409)
	copied := h.ask(max1, "POST", at+"/copy", nil).want(201).wantAt("name", "Copy of Inbound lead", "status", "inactive").at("id")
	h.ask(max1, "DELETE", "/sequences/"+copied, nil).want(204)
	h.ask(max1, "GET", "/sequences/"+copied, nil).want(404)
	h.ask(max1, "POST", "/sequences", obj{"name": "Deals", "record": "opportunity"}).want(201).wantAt("record", "opportunity", "problems.0.code", "empty")
	h.ask(max1, "POST", "/sequences", obj{"name": "Plain"}).want(201).wantAt("record", "lead")
	h.ask(max1, "DELETE", at, nil).want(204)
	h.ask(anna, "GET", "/enrollments?record="+lead, nil).want(200).wantAt("data.0.exit", "sequence_closed")
}

// TestFiles checks and applies definitions as JSON and YAML.
func TestFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	broken := "name: Broken\nrecord: lead\nsteps:\n  - { id: a, type: wait, for: 1d }\n  - { id: a, type: magic }\n"
	for _, path := range []string{"/sequences/check", "/sequences/apply"} {
		method, problems := "POST", "problems"
		if path == "/sequences/apply" {
			method, problems = "PUT", "errors"
		}
		a := h.ask(max1, method, path, broken, "Content-Type", "application/yaml; charset=utf-8")
		a.wantAt(problems+".0.line", "5", problems+".0.column", "11", problems+".0.pointer", "/steps/1/id", problems+".1.code", "unknown")
	}
	h.ask(max1, "POST", "/sequences/check", "name: [", "Content-Type", "text/yaml").want(200).wantAt("problems.0.code", "syntax")
	h.ask(max1, "POST", "/sequences/check", obj{"name": "Good", "steps": []obj{{"id": "a", "type": "task", "name": "Write"}}}).want(200).wantAt("problems.0", "")
	h.ask(max1, "POST", "/sequences/check", obj{"name": "Ends", "steps": []obj{{"id": "a", "type": "wait", "for": "1d"}}}).want(200).wantAt("problems.0.code", "last", "problems.0.hint", "Add a step after it, or remove the wait.")
	h.ask(max1, "PUT", "/sequences/apply", obj{"name": "Good", "stepz": []obj{}}).want(422).wantAt("errors.0.pointer", "/stepz", "errors.0.code", "unknown_key")
	h.ask(max1, "PUT", "/sequences/apply?dry_run=true", obj{"name": "Good", "steps": []obj{}}).want(200).wantAt("change", "created", "sequence", "")
	h.ask(max1, "PUT", "/sequences/apply", obj{"name": "Good", "steps": []obj{}}).want(201).wantAt("sequence.definition.record", "lead")
	h.ask(max1, "PUT", "/sequences/apply", "<sequence/>", "Content-Type", "text/xml").want(415).wantAt("code", "unsupported_type")
	h.ask(max1, "PUT", "/sequences/apply", "[1]").want(422)
	h.ask(max1, "PUT", "/sequences/apply", "{").want(400).wantAt("detail", "The body is not valid JSON, at line 1, column 1.")
	h.ask(max1, "PUT", "/sequences/apply", nil).want(400)
}

// TestHouseKeeping covers people, tokens, templates, mailboxes and settings.
func TestHouseKeeping(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(anna, "GET", "/me", nil).want(200).wantAt("id", h.ids[anna], "role", "seller", "zone", "Europe/Berlin")
	carl := h.ask(ada, "POST", "/users", obj{"name": "Carl", "email": "carl@example.com", "password": "long enough 1", "role": "seller"}).want(201).wantAt("zone", "UTC", "active", "true").at("id")
	h.ask(ada, "PATCH", "/users/"+carl, obj{"role": "sales_manager", "zone": "Europe/Paris"}).want(200).wantAt("role", "sales_manager", "name", "Carl")
	h.ask(ada, "DELETE", "/users/"+carl, nil).want(204)
	h.ask(anna, "GET", "/users/"+carl, nil).want(200).wantAt("active", "false")
	h.ask(ada, "PATCH", "/users/"+h.ids[ada], obj{"role": "seller"}).want(409)
	if n := h.ask(anna, "GET", "/users", nil).want(200).count("data"); n != 5 {
		t.Errorf("got %d users, want 5", n)
	}
	h.ask(anna, "POST", "/users/"+h.ids[anna]+"/password", obj{"current": "wrong", "password": "another long one"}).want(422).wantAt("errors.0.pointer", "/current")
	h.ask(anna, "POST", "/users/"+h.ids[anna]+"/password", obj{"current": "correct horse", "password": "another long one"}).want(204)

	token := h.ask(anna, "POST", "/tokens", obj{"name": "CRM"}).want(201)
	h.tokens["crm"] = token.at("secret")
	h.ask("crm", "GET", "/me", nil).want(200).wantAt("name", "Anna")
	h.ask(anna, "GET", "/tokens", nil).want(200).wantAt("data.0.secret", "")
	h.ask(anna, "DELETE", "/tokens/"+token.at("id"), nil).want(204)
	h.ask("crm", "GET", "/me", nil).want(401)

	tpl := h.ask(max1, "POST", "/templates", obj{"name": "Offer", "subject": "Your offer", "html": "<p>{{ company }} {{ moon }}</p><script>x</script>"}).want(201).wantAt("key", "offer", "used_by", "0")
	at := "/templates/" + tpl.at("id")
	h.ask(max1, "PATCH", at, obj{"subject": "Our offer", "rev": tpl.body["rev"]}).want(200).wantAt("subject", "Our offer", "name", "Offer")
	h.ask(max1, "GET", at+"/versions", nil).want(200).wantAt("data.0.number", "2", "data.0.subject", "Our offer", "data.1.created_by.name", "Max")
	h.ask(max1, "GET", at+"/versions/1", nil).want(200).wantAt("subject", "Your offer")
	h.ask(max1, "GET", at+"/versions/3", nil).want(404)
	h.ask(max1, "POST", at+"/versions/2/restore", nil).want(409)
	h.ask(anna, "POST", at+"/versions/1/restore", nil).want(403)
	h.ask(max1, "GET", at+"/uses", nil).want(200).wantAt("data", "[]")
	h.ask(max1, "POST", at+"/adopt", obj{"sequences": []string{}}).want(422).wantAt("errors.0.pointer", "/sequences")
	h.ask(max1, "PATCH", at, obj{"subject": "No", "rev": tpl.body["rev"]}).want(409).wantAt("code", "stale")
	h.ask(max1, "POST", at+"/preview", nil).want(200).wantAt("subject", "Our offer", "unknown.0", "moon")
	h.ask(max1, "POST", "/templates/preview", obj{"subject": "Hi {{ first_name }}", "html": "<p>x</p>"}).want(200).wantAt("missing.0", "first_name")
	h.ask(max1, "POST", at+"/copy", obj{"name": "Offer two"}).want(201).wantAt("name", "Offer two")
	h.ask(max1, "GET", "/templates?search=two", nil).want(200).wantAt("data.0.name", "Offer two")
	h.ask(max1, "DELETE", at, nil).want(204)
	h.ask(max1, "GET", at, nil).want(404)

	snp := h.ask(max1, "POST", "/snippets", obj{"name": "Terms", "html": "<p>For {{ first_name }}</p>"}).want(201).wantAt("key", "terms")
	snippet := "/snippets/" + snp.at("id")
	h.ask(max1, "POST", "/snippets", obj{"name": "Bad", "html": "{{ moon }}"}).want(422).wantAt("errors.0.pointer", "/html")
	h.ask(max1, "PATCH", snippet, obj{"key": "agb", "rev": snp.body["rev"]}).want(200).wantAt("key", "agb", "html", "<p>For {{ first_name }}</p>")
	h.ask(anna, "PATCH", snippet, obj{"key": "x"}).want(403)
	h.ask(anna, "GET", "/snippets?search=agb", nil).want(200).wantAt("data.0.name", "Terms")
	h.ask(anna, "POST", snippet+"/fill", obj{"record": "rec_b8v32ngyx7vvh"}).want(404)
	h.ask(max1, "DELETE", snippet, nil).want(204)
	h.ask(max1, "GET", snippet, nil).want(404)

	box := "/mailboxes/" + h.ids[anna]
	h.ask(anna, "GET", box, nil).want(404)
	saved := h.ask(anna, "PUT", box, obj{"address": "anna@example.com", "host": "smtp.example.com", "port": 587, "security": "starttls", "username": "anna", "password": "sesame sesame"}).want(200)
	saved.wantAt("has_password", "true", "paused", "false")
	for _, got := range []answer{saved, h.ask(anna, "GET", box, nil).want(200), h.ask(ada, "GET", "/mailboxes", nil).want(200)} {
		if strings.Contains(got.raw, "sesame") {
			t.Errorf("%s gives the password away: %s", got.what, got.raw)
		}
	}
	h.ask(anna, "POST", box+"/pause", nil).want(200).wantAt("paused", "true")
	h.ask(anna, "POST", box+"/resume", nil).want(200).wantAt("paused", "false")
	h.ask(anna, "POST", box+"/test", nil).want(503).wantAt("code", "unavailable")
	h.ask(anna, "DELETE", box, nil).want(204)

	h.ask(ada, "GET", "/settings", nil).want(200).wantAt("follow_emails", "true", "tracking_url", "")
	h.ask(ada, "PATCH", "/settings", obj{"follow_emails": false, "tracking_url": "https://links.test/"}).want(200).wantAt("follow_emails", "false", "tracking_url", "https://links.test")
	h.ask(ada, "PATCH", "/settings", obj{"organisation": "Roth & Sons", "zone": "Europe/Berlin", "days": []string{"monday", "friday"}}).want(200).wantAt("days.1", "friday", "days.2", "")
	h.ask(anna, "GET", "/settings", nil).want(200).wantAt("organisation", "Roth & Sons")
	h.ask(ada, "PUT", "/sending", obj{"limits": obj{"hour": -1}, "windows": true, "days": []obj{}}).want(422)
	h.ask(ada, "PUT", "/sending", obj{"limits": obj{"hour": 0, "day": 40, "gap_seconds": 60, "jitter_seconds": 0, "ramp_first": 0, "ramp_step": 0}, "windows": true, "days": []obj{{"day": "monday", "from": "08:00", "to": "18:00"}}}).
		want(200).wantAt("limits.day", "40", "days.0.day", "monday")
	h.ask(anna, "GET", "/sending", nil).want(200).wantAt("windows", "true", "limits.gap_seconds", "60")
	h.keepOutcomes()
}

// keepOutcomes changes how calls and meetings end, and has sequences ask for it.
func (h *house) keepOutcomes() {
	outcomes := h.ask(anna, "GET", "/settings/call-outcomes", nil).want(200).wantAt("outcomes.0.key", "connected")
	list := append(outcomes.body["outcomes"].([]any), obj{"label": "Meeting booked"})
	list[1] = obj{"key": "left_voicemail", "label": "Mailbox", "retired": true}
	list[2] = obj{"key": "no_answer", "label": "No answer", "default": true}
	h.ask(ada, "PUT", "/settings/call-outcomes", obj{"outcomes": list, "rev": outcomes.body["rev"]}).want(200).
		wantAt("outcomes.1.label", "Mailbox", "outcomes.1.retired", "true", "outcomes.2.default", "true", "outcomes.5.key", "meeting_booked")
	h.ask(ada, "PUT", "/settings/call-outcomes", obj{"outcomes": list, "rev": outcomes.body["rev"]}).want(409).wantAt("code", "stale")
	h.ask(ada, "PUT", "/settings/call-outcomes", obj{"outcomes": []obj{{"key": "connected", "label": ""}}}).want(422).wantAt("errors.0.pointer", "/outcomes/0/label")
	meetings := h.ask(anna, "GET", "/settings/meeting-outcomes", nil).want(200).wantAt("outcomes.0.key", "held", "outcomes.0.held", "true", "outcomes.0.default", "true", "outcomes.1.held", "")
	ends := append(meetings.body["outcomes"].([]any), obj{"label": "Wants an offer", "held": true})
	h.ask(anna, "PUT", "/settings/meeting-outcomes", obj{"outcomes": ends}).want(403)
	h.ask(ada, "PUT", "/settings/meeting-outcomes", obj{"outcomes": ends, "rev": meetings.body["rev"]}).want(200).wantAt("outcomes.4.key", "wants_an_offer", "outcomes.4.held", "true")
	h.ask(ada, "PUT", "/settings/meeting-outcomes", obj{"outcomes": ends[1:2]}).want(422).wantAt("errors.0.code", "held")
	met := func(outcome string) obj {
		return obj{"name": "After", "steps": []obj{{
			"id": "if", "type": "condition", "when": obj{"meeting": "latest", "outcomes": []string{outcome}}, "yes": []obj{{"id": "offer", "type": "task", "name": "Offer"}},
		}}}
	}
	h.ask(max1, "POST", "/sequences/check", met("wants_an_offer")).want(200).wantAt("problems.0", "")
	h.ask(max1, "POST", "/sequences/check", met("busy")).want(200).wantAt("problems.0.code", "unknown", "problems.0.step", "if")
	asks := func(outcome string) obj {
		return obj{"name": "Calls", "steps": []obj{{"id": "ring", "type": "phone_call", "name": "Ring"}, {
			"id": "if", "type": "condition", "when": obj{"call": "ring", "outcomes": []string{outcome}}, "yes": []obj{{"id": "meet", "type": "task", "name": "Meet"}},
		}}}
	}
	h.ask(max1, "POST", "/sequences/check", asks("meeting_booked")).want(200).wantAt("problems.0", "")
	h.ask(max1, "POST", "/sequences/check", asks("left_voicemail")).want(200).wantAt("problems.0.code", "retired", "problems.0.step", "if")
	h.ask(max1, "POST", "/sequences/check", asks("fax")).want(200).wantAt("problems.0.code", "unknown")
}

// TestRecords lists, changes and deletes records.
func TestRecords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(anna, "GET", "/fields/lead", nil).want(200).wantAt("data.0.key", "first_name")
	var last string
	for _, name := range []string{"Adler", "Berger", "Conrad"} {
		last = h.ask(anna, "POST", "/records/contact", obj{"values": obj{"last_name": name, "country": "de", "phone": "030 901820"}}).want(201).
			wantAt("name", name, "owner.name", "Anna", "values.phone", "+4930901820", "open", "true").at("id")
	}
	h.ask(anna, "GET", "/fields/opportunity", nil).want(200).wantAt("data.4.key", "account", "data.4.type", "lookup", "data.4.names", "account")
	dora := h.ask(anna, "POST", "/records/contact", obj{"values": obj{"last_name": "Dorn"}}).want(201).at("id")
	account := h.ask(anna, "POST", "/records/account", obj{"values": obj{"name": "Nordlys", "country": "Norway"}}).want(201).at("id")
	h.ask(anna, "PATCH", "/records/"+dora, obj{"values": obj{"account": account}}).want(200).wantAt("values.account", account, "related.account.name", "Nordlys", "related.account.kind", "account")
	h.ask(anna, "GET", "/records/contact?account="+account, nil).want(200).wantAt("data.0.id", dora, "data.0.related.account.id", account, "total", "1")
	h.ask(anna, "PATCH", "/records/"+dora, obj{"values": obj{"account": dora}}).want(422).wantAt("errors.0.pointer", "/values/account", "errors.0.code", "record_kind")
	h.ask(anna, "PATCH", "/records/"+dora, obj{"values": obj{"account": unknownRecord()}}).want(422).wantAt("errors.0.pointer", "/values/account", "errors.0.code", "not_found")
	h.ask(anna, "PATCH", "/records/"+dora, obj{"values": obj{"account": "Nordlys"}}).want(422).wantAt("errors.0.pointer", "/values/account", "errors.0.code", "invalid")
	h.ask(anna, "DELETE", "/records/"+account, nil).want(204)
	h.ask(anna, "GET", "/records/"+dora, nil).want(200).wantAt("values.account", "", "related.account", "")
	h.ask(anna, "DELETE", "/records/"+dora, nil).want(204)
	first := h.ask(anna, "GET", "/records/contact?limit=2&sort=-name", nil).want(200).wantAt("data.0.name", "Conrad", "total", "3")
	h.ask(anna, "GET", "/records/contact?limit=2&sort=-name&cursor="+first.at("next_cursor"), nil).want(200).wantAt("data.0.name", "Adler", "next_cursor", "")
	h.ask(anna, "GET", "/records/contact?search=berg&connection=unconnected&owner="+h.ids[anna], nil).want(200).wantAt("data.0.name", "Berger", "data.1", "")
	at := "/records/" + last
	changed := h.ask(anna, "PATCH", at, obj{"values": obj{"city": "Bonn", "phone": ""}, "rev": 1}).want(200).wantAt("values.city", "Bonn", "values.phone", "", "values.country", "de")
	h.ask(anna, "PATCH", at, obj{"values": obj{"city": "Kiel"}, "rev": 1}).want(409).wantAt("code", "stale")
	h.ask(anna, "PATCH", at, obj{"owner": ""}).want(200).wantAt("owner", "")
	h.ask(anna, "GET", at, nil).want(200).wantAt("name", changed.at("name"))
	h.ask(anna, "DELETE", at, nil).want(http.StatusNoContent)
	h.ask(anna, "GET", at, nil).want(404)
	h.ask(anna, "DELETE", at, nil).want(404)
}

// TestABTestAPI applies a file with an A/B test, reads its figures and stops it.
func TestABTestAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.furnish()
	h.ask(ada, "POST", "/templates", obj{"key": "tell", "name": "Tell", "subject": "A fact", "html": "<p>Did you know?</p>"}).want(201)
	file := `name: Openers
steps:
  - { id: opener, type: ab_test, name: "Which opener?", name_a: Question, template_a: intro, template_b: %s, share_a: %s, metric: opened, default: a }
`
	bad := h.ask(max1, "PUT", "/sequences/apply", fmt.Sprintf(file, "intro", "95"), "Content-Type", "application/yaml").want(201)
	for _, text := range []string{"same template", "from 10 to 90"} {
		if !strings.Contains(bad.raw, text) {
			t.Errorf("the problems do not say %q: %s", text, bad.raw)
		}
	}
	made := h.ask(max1, "PUT", "/sequences/apply", fmt.Sprintf(file, "tell", "60"), "Content-Type", "application/yaml").want(200)
	sequence := made.at("sequence.id")
	h.ask(max1, "GET", "/sequences/"+sequence+"/tests", nil).want(200).wantAt("data", "[]")
	h.ask(max1, "POST", "/sequences/"+sequence+"/activate", nil).want(200)
	h.ask(anna, "GET", "/sequences/"+sequence+"/tests", nil).want(200).
		wantAt("data.0.step", "opener", "data.0.state", "running", "data.0.metric", "opened", "data.0.variants.0.name", "Question", "data.0.variants.1.share", "40", "data.0.variants.1.tested.sent", "0")
	stop := "/sequences/" + sequence + "/tests/opener/stop"
	h.ask(anna, "POST", stop, obj{"variant": "b"}).want(403)
	h.ask(max1, "POST", stop, obj{"variant": "c"}).want(422)
	h.ask(max1, "POST", stop, obj{"variant": "b"}).want(200).wantAt("state", "stopped", "chosen", "b")
	h.ask(max1, "POST", stop, obj{"variant": "a"}).want(409)
	h.ask(max1, "POST", "/sequences/"+sequence+"/tests/gone/stop", obj{"variant": "a"}).want(404)
}

// TestSimulationAPI asks what a sequence would bring.
func TestSimulationAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, _ := h.furnish()
	h.ask(anna, "GET", "/sequences/"+sequence+"/simulation", nil).want(200).
		wantAt("records", "1", "days.0.activities", "2", "days.0.emails", "0", "days.0.sellers.Anna", "2", "later", "0", "exits.completed", "1")
	h.ask(anna, "GET", "/sequences/"+sequence+"/simulation?days=1", nil).want(200).wantAt("later", "1")
	h.ask(anna, "GET", "/sequences/"+sequence+"/simulation?records=0&opened=2", nil).want(422)
}
