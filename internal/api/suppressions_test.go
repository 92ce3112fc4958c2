package api

import (
	"strings"
	"testing"
)

// TestSuppressions plays the list over the API: add by address and domain, refuse what is none, import, remove with a reason.
func TestSuppressions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	made := h.ask(anna, "POST", "/suppressions", obj{"address": "Sam@XN--bcher-kva.test", "note": "asked by phone"}).want(201)
	made.wantAt("address", "sam@bücher.test", "channel", "email", "source", "api", "domain", "false")
	h.ask(anna, "POST", "/suppressions", obj{"address": "sam@bücher.test"}).want(422).wantAt("errors.0.code", "taken")
	h.ask(anna, "POST", "/suppressions", obj{"address": "nobody"}).want(422).wantAt("errors.0.code", "invalid", "errors.0.pointer", "/address")
	h.ask(anna, "POST", "/suppressions", obj{"address": "rival.test"}).want(201).wantAt("domain", "true")
	h.ask(anna, "POST", "/suppressions", obj{"address": "+49 170 1234567"}).want(201).wantAt("channel", "text", "address", "+491701234567")
	list := obj{"suppressions": []obj{{"address": "a@b.test"}, {"address": "?"}, {"address": "rival.test", "note": "again"}}}
	h.ask(anna, "POST", "/suppressions/import", list).want(403)
	h.ask(ada, "POST", "/suppressions/import", list).want(200).wantAt("added", "1", "known", "1", "refused.0.index", "1",
		"refused.0.text", "?", "refused.0.reason", "“?” is no email address, domain or phone number.")
	h.ask(ada, "POST", "/suppressions/import", obj{"suppressions": []obj{{"address": "email"}, {"address": ""}}}).want(200).
		wantAt("refused.0.index", "0", "refused.1.index", "1", "refused.1.reason", "The row has no address.") // no header, no blank row
	h.ask(ada, "POST", "/suppressions/import", obj{"suppressions": []obj{{"address": "old@b.test", "source": "page", "added_at": "2020-02-03T04:05:06Z"}, {"address": "c@b.test", "source": "web"}}}).want(200).
		wantAt("added", "1", "refused.0.reason", "The source “web” is not known. Use one of page, one_click, complaint, bounce, person, import, api, or leave it out.")
	h.ask(anna, "GET", "/suppressions?source=page", nil).want(200).wantAt("data.0.address", "old@b.test", "data.0.created_at", "2020-02-03T04:05:06Z")
	h.ask(anna, "GET", "/suppressions?source=api&channel=email&search=phone", nil).want(200).wantAt("data.0.address", "sam@bücher.test", "next_cursor", "")
	id := made.at("id")
	h.ask(anna, "DELETE", "/suppressions/"+id+"?reason=x", nil).want(403)
	h.ask(ada, "DELETE", "/suppressions/"+id, nil).want(422)
	h.ask(ada, "DELETE", "/suppressions/"+id+"?reason=asked+again", nil).want(204)
	h.ask(ada, "GET", "/suppressions/"+id, nil).want(404)
	h.ask(ada, "PUT", "/settings/opt-out", obj{"footer": true, "by_hand": true, "texts": obj{"link": "Abmelden", "language": "de"}}).want(200).
		wantAt("texts.link", "Abmelden", "texts.title", "Emails from us")
	h.ask(ada, "PUT", "/settings/opt-out", obj{"footer": true, "by_hand": true, "texts": obj{"language": "<de>", "title": strings.Repeat("x", 301)}}).want(422).
		wantAt("errors.0.pointer", "/texts/title", "errors.1.pointer", "/texts/language")
	h.ask(ada, "PUT", "/settings/opt-out", obj{"footer": true, "by_hand": true, "texts": obj{"tittle": "Bye", "a/b": "", "link": "Bye"}}).want(422).
		wantAt("errors.0.pointer", "/texts/a~1b", "errors.0.code", "unknown_field", "errors.1.pointer", "/texts/tittle")
	h.ask(ada, "GET", "/settings/opt-out", nil).want(200).wantAt("texts.link", "Abmelden")
	h.ask(anna, "PUT", "/settings/opt-out", obj{"footer": true, "by_hand": true, "texts": obj{}}).want(403)
}

// TestSuppressedInWork holds that a seller's email to a suppressed address is refused with the reason, in To and in CC, and
// that a booked meeting ends what ends on it.
func TestSuppressedInWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()
	enrollment := h.ask(anna, "POST", "/sequences/"+sequence+"/connect", obj{"records": []string{lead}}).want(200).at("connected.0.id")
	email := h.ask(anna, "GET", "/activities?kind=email&record_kind=lead", nil).want(200).at("data.0.id")
	for _, address := range []string{"lena@roth.example", "rival.test"} {
		h.ask(anna, "POST", "/suppressions", obj{"address": address, "note": "Competitor"}).want(201)
	}
	h.ask(anna, "POST", "/activities/"+email+"/draft", nil).want(200).wantAt("warning", "The address is suppressed. Skip this step, or reach them in another way.")
	h.ask(anna, "POST", "/activities/"+email+"/send", obj{"to": "lena@roth.example", "subject": "Hi", "html": "<p>Hi</p>"}).want(422).
		wantAt("errors.0.code", "suppressed", "errors.0.pointer", "/to")
	h.ask(anna, "POST", "/activities/"+email+"/send", obj{"to": "else@roth.example", "cc": "ann@rival.test", "subject": "Hi", "html": "<p>Hi</p>"}).want(422).
		wantAt("errors.0.pointer", "/cc")
	h.ask(anna, "POST", "/enrollments/"+enrollment+"/meeting", nil).want(200).wantAt("exit", "suppressed") // what is pending comes first
	h.ask(anna, "GET", "/records/"+lead+"/timeline", nil).want(200).
		wantAt("data.0.title", "Inbound lead ended: the address or number was suppressed", "data.0.detail", "API: Competitor", "data.0.by", "Anna")
	h.ask(anna, "GET", "/records/"+lead+"/why", nil).want(200).wantAt("ended.0.reason", "The address or number was suppressed by Anna. API: Competitor")
}

// TestConnectUnmailed connects a record that must not be emailed, and says so before and after.
func TestConnectUnmailed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()
	h.ask(anna, "POST", "/sequences/"+sequence+"/connect?dry_run=true", obj{"records": []string{lead}}).want(200).wantAt("unmailed", "[]")
	h.ask(anna, "POST", "/suppressions", obj{"address": "lena@roth.example"}).want(201)
	for _, query := range []string{"?dry_run=true", ""} {
		h.ask(anna, "POST", "/sequences/"+sequence+"/connect"+query, obj{"records": []string{lead}}).want(200).
			wantAt("connected.0.record.name", "Lena Roth", "unmailed.0.record", lead, "unmailed.0.code", "suppressed", "unmailed.0.fate", "ends",
				"unmailed.0.reason", "The address is suppressed.", "unmailed.0.then", "The sequence ends at the first email step.")
	}
}

// TestPreviewUnreached holds that the preview and the simulation say of a suppressed record what becomes of its mail.
func TestPreviewUnreached(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()
	h.ask(anna, "GET", "/sequences/"+sequence+"/simulation", nil).want(200).wantAt("unreached", "map[]", "stuck", "map[]")
	h.ask(anna, "POST", "/suppressions", obj{"address": "lena@roth.example"}).want(201)
	h.ask(anna, "GET", "/sequences/"+sequence+"/preview?record="+lead, nil).want(200).wantAt("exit", "suppressed")
	h.ask(anna, "GET", "/sequences/"+sequence+"/simulation", nil).want(200).wantAt("exits.suppressed", "1")
}

// TestMeetingBooked ends every sequence of the record that ends on it, and no other.
func TestMeetingBooked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()
	other := h.ask(max1, "PUT", "/sequences/apply", "name: Other\noptions: { exit_on_meeting: false, exit_when: { any: [ { field: stage, op: \"=\", value: propose } ] } }\nsteps:\n  - { id: call, type: phone_call, name: Call }\n", "Content-Type", "application/yaml").want(201)
	h.ask(max1, "GET", "/sequences/"+other.at("sequence.id"), nil).want(200).wantAt("definition.options.exit_on_meeting", "false", "definition.options.exit_when.any.0.value", "propose")
	h.ask(max1, "POST", "/sequences/"+other.at("sequence.id")+"/activate", nil).want(200)
	first := h.ask(anna, "POST", "/sequences/"+sequence+"/connect", obj{"records": []string{lead}}).want(200).at("connected.0.id")
	second := h.ask(anna, "POST", "/sequences/"+other.at("sequence.id")+"/connect", obj{"records": []string{lead}}).want(200).at("connected.0.id")
	h.ask(anna, "POST", "/records/"+lead+"/meeting", nil).want(200).wantAt("data.0.id", first, "data.0.exit", "meeting_booked")
	h.ask(anna, "GET", "/enrollments/"+second, nil).want(200).wantAt("status", "active")
	h.ask(anna, "POST", "/records/"+lead+"/meeting", nil).want(409)
}

// TestBookMeeting holds that a meeting with a time, which anybody makes, ends what ends on one, and what the API says of it.
func TestBookMeeting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()
	first := h.ask(anna, "POST", "/sequences/"+sequence+"/connect", obj{"records": []string{lead}}).want(200).at("connected.0.id")
	meeting := obj{"record": lead, "kind": "meeting", "name": "Demo"}
	h.ask(anna, "POST", "/activities", meeting).want(422).wantAt("errors.0.pointer", "/due_at")
	meeting["due_at"], meeting["ends_at"] = "2030-01-08T10:00:00Z", "2030-01-08T09:00:00Z"
	h.ask(anna, "POST", "/activities", meeting).want(422).wantAt("errors.0.pointer", "/ends_at")
	h.ask(anna, "POST", "/activities", obj{"record": lead, "kind": "task", "name": "Write", "place": "Room 4"}).want(422).wantAt("errors.0.pointer", "/place")
	meeting["ends_at"], meeting["place"], meeting["people"] = "2030-01-08T11:15:00Z", "Room 4", []string{"Cara", "Dan"}
	made := h.ask(anna, "POST", "/activities", meeting).want(201).wantAt("kind", "meeting", "ends_at", "2030-01-08T11:15:00Z", "place", "Room 4", "people.1", "Dan",
		"ended.0.id", first, "ended.0.exit", "meeting_booked")
	id := "/activities/" + made.at("id")
	h.ask(anna, "GET", "/activities?kind=meeting", nil).want(200).wantAt("data.0.id", made.at("id"))
	h.ask(anna, "PATCH", id, obj{"people": []string{}, "place": "Room 5"}).want(200).wantAt("place", "Room 5", "people.0", "", "ends_at", "2030-01-08T11:15:00Z")
	h.ask(anna, "PATCH", id, obj{"ends_at": "2030-01-08T09:00:00Z"}).want(422).wantAt("errors.0.pointer", "/ends_at")
	h.ask(anna, "POST", id+"/complete", obj{"outcome": "connected"}).want(422).wantAt("errors.0.pointer", "/outcome")
	h.ask(anna, "POST", id+"/complete", obj{"outcome": "did_not_come"}).want(200).wantAt("outcome", "did_not_come", "state", "completed")
}
