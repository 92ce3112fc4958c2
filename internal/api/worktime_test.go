package api

import (
	"testing"
	"time"

	"cadenza/internal/ident"
)

// day writes the date some days from today.
func day(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly) }

// TestWorkingTimeAPI sets hours and holidays: everybody their own, nobody but managers those of others.
func TestWorkingTimeAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := "/users/" + h.ids[anna] + "/working-time"
	h.ask(bob, "GET", at, nil).want(200).wantAt("own", "false", "hours.monday", "08:00-17:00", "user.name", "Anna")
	h.ask(bob, "PATCH", at, obj{"region": "DE"}).want(403)
	h.ask(anna, "PATCH", at, obj{"hours": obj{"monday": "8-12, 13:00 to 17:00"}, "region": "de-by"}).want(200).
		wantAt("own", "true", "hours.monday", "08:00-12:00, 13:00-17:00", "hours.tuesday", "", "region", "DE-BY")
	h.ask(ada, "PATCH", at, obj{"own": false}).want(200).wantAt("own", "false", "hours.tuesday", "08:00-17:00", "region", "DE-BY")
	for _, bad := range []obj{{"monday": "8-12, 11-17"}, {"monday": "12-8"}, {"monday": "8-25"}, {"monday": "early"}, {}} {
		h.ask(anna, "PATCH", at, obj{"hours": bad}).want(422).wantAt("errors.0.pointer", "/hours/monday")
	}
	h.ask(anna, "PATCH", at, obj{"region": "XX"}).want(422).wantAt("errors.0.pointer", "/region")
	h.ask(ada, "PATCH", "/settings", obj{"hours": obj{"monday": "8-12", "sunday": "20-24:00"}}).want(200).
		wantAt("hours.monday", "08:00-12:00", "from", "08:00", "to", "24:00", "days.0", "monday", "days.1", "sunday", "days.2", "")

	h.ask(anna, "PUT", "/settings/holidays", obj{"region": "AT"}).want(403)
	h.ask(ada, "PUT", "/settings/holidays", obj{"region": "AT"}).want(200).wantAt("region", "AT", "regions_in_use.0.name", "Austria", "regions_in_use.1.code", "DE-BY")
	own := h.ask(ada, "POST", "/holidays", obj{"date": "2020-02-29", "name": "Leap", "yearly": true, "region": "AT"}).want(201).wantAt("yearly", "true")
	h.ask(ada, "POST", "/holidays", obj{"date": "2024-02-29", "name": "Again", "region": "AT"}).want(422).wantAt("errors.0.pointer", "/date")
	h.ask(ada, "POST", "/holidays", obj{"date": "2024-02-30", "name": ""}).want(422)
	h.ask(anna, "GET", "/holidays?region=AT&from=2028-02-01&to=2028-04-30", nil).want(200).
		wantAt("data.0.date", "2028-02-29", "data.0.name", "Leap", "data.1.date", "2028-04-17", "data.2.date", "")
	h.ask(ada, "DELETE", "/holidays/"+own.at("id"), nil).want(204)
	h.ask(ada, "DELETE", "/holidays/"+own.at("id"), nil).want(404)
	h.ask(ada, "GET", "/settings/holidays", nil).want(200).wantAt("own.0", "")
	many := obj{"holidays": []obj{
		{"date": "2031-05-02", "name": "Bridge", "region": "AT"}, {"date": "2031-05-02", "name": "Again", "region": "AT"}, {"date": "2031-05-03", "name": ""},
	}}
	h.ask(anna, "POST", "/holidays/import", many).want(403)
	h.ask(ada, "POST", "/holidays/import", many).want(200).
		wantAt("added", "1", "known", "1", "refused.0.index", "2", "refused.0.reason", "Name is required.")
}

// TestTimeOffAPI enters time off and hands work over and back.
func TestTimeOffAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	task := h.ask(anna, "POST", "/activities", obj{"record": lead, "kind": "task", "name": "Write", "due_at": time.Now().UTC()}).want(201).at("id")
	at := "/users/" + h.ids[anna] + "/time-off"
	h.ask(bob, "POST", at, obj{"from": day(0)}).want(403)
	off := h.ask(anna, "POST", at, obj{"from": day(0), "to": day(3), "note": "Sun", "substitute": h.ids[bob], "mail_waits": true}).want(201).
		wantAt("substitute.name", "Bob", "mail_waits", "true", "user.name", "Anna")
	id := off.at("id")
	h.ask(max1, "GET", "/time-off", nil).want(200).wantAt("data.0.id", id, "data.0.stand_in.name", "Bob", "data.0.running", "true")
	for field, bad := range map[string]obj{
		"/from":       {"from": day(2), "to": day(5)}, // overlaps
		"/to":         {"from": day(9), "to": day(8)},
		"/substitute": {"from": day(9), "substitute": h.ids[anna]},
	} {
		h.ask(anna, "POST", at, bad).want(422).wantAt("errors.0.pointer", field)
	}
	h.ask(anna, "POST", at, obj{"from": day(-9), "to": day(-8)}).want(422).wantAt("errors.0.code", "past")
	h.ask(anna, "POST", at, obj{"from": day(9), "to": day(9 + 800)}).want(422).wantAt("errors.0.code", "too_long")
	h.ask(anna, "POST", at, obj{"from": "soon"}).want(422).wantAt("errors.0.pointer", "/from")

	h.ask(bob, "POST", "/time-off/"+id+"/hand-over", nil).want(403)
	h.ask(anna, "POST", "/time-off/"+id+"/hand-over", nil).want(200).wantAt("moved", "1")
	h.ask(bob, "GET", "/activities/"+task, nil).want(200).wantAt("assignee.name", "Bob", "on_behalf_of.name", "Anna")
	h.ask(bob, "POST", "/users/"+h.ids[anna]+"/take-back", nil).want(403)
	h.ask(ada, "POST", "/users/"+h.ids[anna]+"/take-back", nil).want(200).wantAt("moved", "1")
	h.ask(bob, "GET", "/activities/"+task, nil).want(200).wantAt("assignee.name", "Anna", "on_behalf_of", "")

	h.ask(anna, "PATCH", "/time-off/"+id, obj{"substitute": "", "note": "Snow"}).want(200).wantAt("substitute", "", "note", "Snow", "from", day(0), "mail_waits", "true")
	h.ask(anna, "POST", "/time-off/"+id+"/hand-over", nil).want(409)
	h.ask(bob, "DELETE", "/time-off/"+id, nil).want(403)
	h.ask(anna, "DELETE", "/time-off/"+id, nil).want(204)
	h.ask(anna, "GET", "/time-off/"+id, nil).want(404)
	h.ask(anna, "GET", "/time-off?user="+h.ids[anna], nil).want(200).wantAt("data.0", "")
	h.ask(anna, "GET", "/time-off/"+ident.TimeOff(99).String(), nil).want(404)
}
