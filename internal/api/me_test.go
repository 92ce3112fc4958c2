package api

import "testing"

// TestOwnSettings has everybody choose for oneself.
func TestOwnSettings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(anna, "GET", "/me/settings", nil).want(200).wantAt("after_done", "next")
	h.ask(anna, "PATCH", "/me/settings", obj{"after_done": "ask"}).want(200).wantAt("after_done", "ask")
	h.ask(anna, "PATCH", "/me/settings", obj{}).want(200).wantAt("after_done", "ask")
	h.ask(bob, "GET", "/me/settings", nil).want(200).wantAt("after_done", "next")
	h.ask(bob, "PATCH", "/me/settings", obj{"after_done": "dance"}).want(422).wantAt("errors.0.pointer", "/after_done")

	t.Log("the organisation chooses for everybody")
	at := "/settings/work-list"
	weights := obj{"due": 40, "engagement": 30, "value": 20, "age": 10, "full_value": 50000}
	h.ask(anna, "PUT", at, obj{"sort": "due", "weights": weights, "after_done": "stay"}).want(403)
	h.ask(ada, "PUT", at, obj{"sort": "due", "weights": weights, "after_done": "dance"}).want(422).wantAt("errors.0.pointer", "/after_done")
	h.ask(ada, "PUT", at, obj{"sort": "due", "weights": weights, "after_done": "stay"}).want(200).wantAt("after_done", "stay", "after_done_fixed", "false")
	h.ask(bob, "GET", "/me/settings", nil).want(200).wantAt("after_done", "stay", "after_done_fixed", "false")
	h.ask(anna, "GET", "/me/settings", nil).want(200).wantAt("after_done", "ask")
	h.ask(ada, "PUT", at, obj{"sort": "due", "weights": weights, "after_done_fixed": true}).want(200).wantAt("after_done", "stay", "after_done_fixed", "true")
	h.ask(anna, "GET", "/me/settings", nil).want(200).wantAt("after_done", "stay", "after_done_fixed", "true")
	h.ask(anna, "PATCH", "/me/settings", obj{"after_done": "next"}).want(422).wantAt("errors.0.pointer", "/after_done", "errors.0.code", "fixed")
	h.ask(anna, "PATCH", "/me/settings", obj{"after_done": "stay"}).want(200)
	h.ask(ada, "PUT", at, obj{"sort": "due", "weights": weights, "after_done_fixed": false}).want(200)
	h.ask(anna, "GET", "/me/settings", nil).want(200).wantAt("after_done", "ask", "after_done_fixed", "false")
}

// TestCardIcons lets a user choose what the icons of cards show, until the organisation does for everybody.
func TestCardIcons(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := "/settings/work-list"
	h.ask(anna, "PATCH", "/me/settings", obj{"card_icons": obj{"lead": "initials"}}).want(200).wantAt("card_icons.lead", "initials", "after_done", "next")
	h.ask(anna, "PATCH", "/me/settings", obj{"card_icons": obj{"lead": "cat"}}).want(422).wantAt("errors.0.pointer", "/card_icons")
	h.ask(anna, "PATCH", "/me/settings", obj{"card_icons": obj{"car": "initials"}}).want(422)
	weights := obj{"due": 1, "engagement": 1, "value": 1, "age": 1, "full_value": 1000}
	h.ask(ada, "PUT", at, obj{"sort": "due", "weights": weights, "cards": obj{"lead": obj{"icon": "cat"}}}).want(422).wantAt("errors.0.pointer", "/cards.lead.icon")
	h.ask(ada, "PUT", at, obj{"sort": "due", "weights": weights, "cards": obj{"lead": obj{"icon": "record"}}, "icons_fixed": true}).want(200).wantAt("cards.lead.icon", "record", "icons_fixed", "true")
	h.ask(anna, "PATCH", "/me/settings", obj{"card_icons": obj{}}).want(422).wantAt("errors.0.code", "fixed")
	h.ask(anna, "PATCH", "/me/settings", obj{"after_done": "ask"}).want(200).wantAt("card_icons_fixed", "true")
	h.ask(ada, "PUT", at, obj{"sort": "due", "weights": weights, "icons_fixed": false}).want(200).wantAt("cards.lead.icon", "record")
	h.ask(anna, "PATCH", "/me/settings", obj{"card_icons": obj{}}).want(200).wantAt("card_icons_fixed", "false")
}

// TestRecordViews keeps how a user looks at the lists of records.
func TestRecordViews(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(anna, "GET", "/me/settings", nil).want(200).wantAt("record_views.lead", "")
	h.ask(anna, "PATCH", "/me/settings", obj{"record_views": obj{"lead": "focused", "account": "table"}}).want(200).wantAt("record_views.lead", "focused", "after_done", "next")
	h.ask(anna, "PATCH", "/me/settings", obj{"after_done": "ask"}).want(200).wantAt("record_views.lead", "focused")
	h.ask(anna, "PATCH", "/me/settings", obj{"record_views": obj{"lead": "upside_down"}}).want(422).wantAt("errors.0.pointer", "/record_views")
	h.ask(anna, "PATCH", "/me/settings", obj{"record_views": obj{"car": "focused"}}).want(422).wantAt("errors.0.pointer", "/record_views")
	h.ask(bob, "GET", "/me/settings", nil).want(200).wantAt("record_views.lead", "")
}
