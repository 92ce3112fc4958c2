package api

import "testing"

// TestOwnLimits holds that a seller's own limits stay within those of the organisation, with each field named, and an admin's may not.
func TestOwnLimits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.furnish()
	h.ask(ada, "PUT", "/sending", obj{"limits": limits(40, -1), "windows": false, "days": []any{}}).want(422).wantAt("errors.0.pointer", "/limits/gap_seconds")
	h.ask(ada, "PUT", "/sending", obj{"limits": limits(40, 60), "windows": false, "days": []any{}}).want(200)
	pace := "/mailboxes/" + h.ids[anna] + "/pace"
	h.ask(anna, "PUT", pace, obj{"own": limits(41, 59)}).want(422).
		wantAt("errors.0.pointer", "/own/day", "errors.0.code", "above_organisation", "errors.1.pointer", "/own/gap_seconds")
	h.ask(anna, "PUT", pace, obj{"own": limits(0, 60)}).want(422).wantAt("errors.0.message", "Emails per day may be at most 40, as the organisation has it. An admin may allow more.")
	h.ask(anna, "PUT", pace, obj{"own": limits(39, 61)}).want(200)
	h.ask(ada, "PUT", pace, obj{"own": limits(400, 0)}).want(200)
	h.ask(anna, "PUT", pace, obj{}).want(200)
}

func limits(day, gap int) obj {
	return obj{"hour": 0, "day": day, "gap_seconds": gap, "jitter_seconds": 0, "ramp_first": 0, "ramp_step": 0}
}

// TestMidnightEnds holds that a window, the hours of a day and a sequence's own window may all end at 00:00, which is 24:00.
func TestMidnightEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.furnish()
	h.ask(ada, "PUT", "/sending", obj{"limits": limits(0, 0), "windows": true, "days": []obj{{"day": "monday", "from": "18:00", "to": "00:00"}, {"day": "friday", "from": "00:00", "to": "00:00"}}}).want(200).
		wantAt("days.0.from", "18:00", "days.0.to", "24:00", "days.1.from", "00:00", "days.1.to", "24:00")
	h.ask(ada, "PATCH", "/settings", obj{"days": []string{"monday"}, "from": "16:00", "to": "00:00"}).want(200).wantAt("hours.monday", "16:00-24:00")
	h.ask(ada, "PATCH", "/settings", obj{"hours": obj{"tuesday": "08:00-12:00, 20:00-00:00"}}).want(200).wantAt("hours.tuesday", "08:00-12:00, 20:00-24:00")
	own := "name: Late\noptions: { sending: own_windows, send_windows: [ { day: monday, from: \"18:00\", to: \"00:00\" } ] }\nsteps:\n  - { id: call, type: phone_call, name: Call }\n"
	made := h.ask(max1, "PUT", "/sequences/apply", own, "Content-Type", "application/yaml").want(201)
	h.ask(max1, "GET", "/sequences/"+made.at("sequence.id"), nil).want(200).wantAt("definition.options.send_windows.0.to", "24:00")
}

// TestWindowPointers holds that what is wrong with a window is told of its place in the list, and that a day has one window.
func TestWindowPointers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	save := func(days ...obj) answer {
		return h.ask(ada, "PUT", "/sending", obj{"limits": limits(0, 0), "windows": true, "days": days})
	}
	friday := obj{"day": "friday", "from": "08:00", "to": "12:00"}
	save(friday, obj{"day": "monday", "from": "18:00", "to": "08:00"}, obj{"day": "sunday", "from": "early", "to": "09:00"}).want(422).
		wantAt("errors.0.pointer", "/days/2/from", "errors.0.code", "invalid", "errors.1.pointer", "/days/1/to", "errors.1.code", "order")
	save(friday, obj{"day": "monday", "from": "08:00", "to": "late"}).want(422).wantAt("errors.0.pointer", "/days/1/to")
	save(friday, obj{"day": "monday", "from": "", "to": ""}).want(422).wantAt("errors.0.pointer", "/days/1/from", "errors.0.code", "required")
	save(friday, obj{"day": "friday", "from": "13:00", "to": "17:00"}).want(422).
		wantAt("errors.0.pointer", "/days/1", "errors.0.code", "duplicate", "errors.0.message", "Friday has two windows. A day has one.")
	save([]obj{}...).want(422).wantAt("errors.0.pointer", "/windows")
	save(friday).want(200).wantAt("days.0.day", "friday")
}

// TestSendingRev holds that what somebody else saved meanwhile is not overwritten: rules of sending, limits of a mailbox, texts of
// the opt-out. Without a rev nothing is checked.
func TestSendingRev(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.furnish()
	sending := obj{"limits": limits(40, 0), "windows": false, "days": []any{}, "rev": 1}
	h.ask(ada, "GET", "/sending", nil).want(200).wantAt("rev", "1")
	h.ask(ada, "PUT", "/sending", sending).want(200).wantAt("rev", "2")
	h.ask(ada, "PUT", "/sending", sending).want(409).wantAt("code", "stale", "detail", "Somebody else changed the rules of sending meanwhile.")
	delete(sending, "rev")
	h.ask(ada, "PUT", "/sending", sending).want(200).wantAt("rev", "3")

	optOut := obj{"footer": true, "by_hand": false, "texts": obj{"title": "Bye"}, "rev": 1}
	h.ask(ada, "GET", "/settings/opt-out", nil).want(200).wantAt("rev", "1")
	h.ask(ada, "PUT", "/settings/opt-out", optOut).want(200).wantAt("rev", "2")
	h.ask(ada, "PUT", "/settings/opt-out", optOut).want(409).wantAt("code", "stale")

	h.ask(ada, "GET", "/settings", nil).want(200).wantAt("rev", "1")
	h.ask(ada, "PATCH", "/settings", obj{"organisation": "Nordlys", "rev": 1}).want(200).wantAt("rev", "2")
	h.ask(ada, "PATCH", "/settings", obj{"organisation": "Other", "rev": 1}).want(409).wantAt("code", "stale")
	h.ask(ada, "PATCH", "/settings", obj{"zone": "Europe/Oslo"}).want(200).wantAt("rev", "3", "organisation", "Nordlys")

	pace := "/mailboxes/" + h.ids[anna] + "/pace"
	h.ask(anna, "GET", pace, nil).want(200).wantAt("rev", "1")
	first := h.ask(anna, "PUT", pace, obj{"own": limits(10, 0), "rev": 1}).want(200).at("rev")
	h.ask(anna, "PUT", pace, obj{"own": limits(20, 0), "rev": 1}).want(409).wantAt("code", "stale")
	h.ask(anna, "GET", pace, nil).want(200).wantAt("rev", first, "own.day", "10")
	h.ask(anna, "PUT", pace, obj{"rev": 1}).want(409)
	h.ask(anna, "PUT", pace, obj{}).want(200).wantAt("rev", "1")
}
