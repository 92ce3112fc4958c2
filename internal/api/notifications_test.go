package api

import "testing"

// TestNotifications has a colleague hand over work, and its reader read of it.
func TestNotifications(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	for _, name := range []string{"Call back", "Send the offer"} {
		h.ask(anna, "POST", "/activities", obj{"record": lead, "kind": "task", "name": name, "assignee": h.ids[bob]}).want(201)
	}
	h.ask(anna, "GET", "/notifications/count", nil).want(200).wantAt("unread", "0")
	h.ask(bob, "GET", "/notifications/count", nil).want(200).wantAt("unread", "2")
	list := h.ask(bob, "GET", "/notifications?unread=true", nil).want(200)
	list.wantAt("data.0.kind", "handover").wantAt("data.0.by.name", "Anna").wantAt("data.0.record.id", lead)
	newest, oldest := list.at("data.0.id"), list.at("data.1.id")
	h.ask(anna, "GET", "/notifications/"+newest, nil).want(404)
	h.ask(anna, "POST", "/notifications/"+newest+"/read", nil).want(404)
	h.ask(bob, "POST", "/notifications/read", obj{"up_to": oldest}).want(200).wantAt("read", "1")
	h.ask(bob, "POST", "/notifications/read", obj{"up_to": "nonsense"}).want(422).wantAt("errors.0.pointer", "/up_to")
	h.ask(bob, "POST", "/notifications/"+newest+"/read", nil).want(200)
	h.ask(bob, "GET", "/notifications/count", nil).want(200).wantAt("unread", "0")
	h.ask(bob, "POST", "/notifications/"+newest+"/unread", nil).want(200).wantAt("read_at", "")
	h.ask(bob, "GET", "/notifications/"+newest, nil).want(200)
	h.ask(bob, "POST", "/notifications/read", obj{}).want(200).wantAt("read", "1")

	h.ask(bob, "GET", "/me/notification-settings", nil).want(200).wantAt("kinds.open", "true")
	h.ask(bob, "PATCH", "/me/notification-settings", obj{"kinds": obj{"handover": false}}).want(200).wantAt("kinds.handover", "false").wantAt("kinds.open", "true")
	h.ask(bob, "PATCH", "/me/notification-settings", obj{"kinds": obj{"open": true}}).want(200).wantAt("kinds.handover", "false")
	h.ask(bob, "PATCH", "/me/notification-settings", obj{"kinds": obj{"weather": true}}).want(422).wantAt("errors.0.pointer", "/kinds")
	h.ask(bob, "PATCH", "/me/notification-settings", obj{"kinds": obj{}, "digest": "07:00"}).want(200).wantAt("digest", "07:00").wantAt("kinds.handover", "false")
	h.ask(bob, "PATCH", "/me/notification-settings", obj{"kinds": obj{}, "digest": "noon"}).want(422).wantAt("errors.0.pointer", "/digest")
	h.ask(anna, "POST", "/activities", obj{"record": lead, "kind": "task", "name": "One more", "assignee": h.ids[bob]}).want(201)
	h.ask(bob, "GET", "/notifications/count", nil).want(200).wantAt("unread", "0")
}

// TestTimelineByPages reads a timeline by pages and by sort, and marks what is new since the last visit.
func TestTimelineByPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	at := "/records/" + lead
	for _, text := range []string{"One", "Two", "Three"} {
		h.ask(bob, "POST", at+"/notes", obj{"body": text}).want(201)
	}
	first := h.ask(anna, "GET", at+"/timeline?show=notes&limit=2", nil).want(200)
	first.wantAt("data.0.detail", "Three", "data.0.sort", "notes", "data.0.new", "false")
	h.ask(anna, "GET", at+"/timeline?show=notes&limit=2&cursor="+first.at("next_cursor"), nil).want(200).wantAt("data.0.detail", "One", "next_cursor", "")
	h.ask(anna, "GET", at+"/timeline?show=calls", nil).want(200).wantAt("data.0.sort", "")
	h.ask(anna, "GET", at+"/timeline?show=weather", nil).want(422)
	h.ask(anna, "GET", at+"/timeline?cursor=weather", nil).want(400)
	h.ask(anna, "POST", at+"/visit", nil).want(200).wantAt("new_since", "")
	h.ask(anna, "POST", "/records/rec_nothing/visit", nil).want(404)
}
