package api

import (
	"testing"
	"time"
)

// TestPlannedAPI asks what is planned, and moves an activity there and back.
func TestPlannedAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	due := time.Now().UTC().AddDate(0, 0, 2).Truncate(24 * time.Hour).Add(10 * time.Hour)
	date := due.Format(time.DateOnly)
	act := h.ask(anna, "POST", "/activities", obj{"record": lead, "kind": "task", "name": "Write", "due_at": due}).want(201).at("id")
	at := "/planned?from=" + date + "&to=" + date
	h.ask(anna, "GET", at, nil).want(200).wantAt("activities.0.id", act, "user.name", "Anna", "zone", "Europe/Berlin", "days.0.date", date, "days.1", "", "more", "false")
	h.ask(anna, "GET", "/planned", nil).want(200).wantAt("activities.0.id", act, "days.6.holiday", "")
	h.ask(bob, "GET", at, nil).want(200).wantAt("activities.0", "")
	h.ask(bob, "GET", at+"&user="+h.ids[anna], nil).want(403)
	h.ask(ada, "GET", at+"&user="+h.ids[anna], nil).want(200).wantAt("activities.0.id", act)
	h.ask(anna, "GET", "/planned?from="+date+"&to=2020-01-01", nil).want(422)
	h.ask(anna, "GET", "/planned?from=soon", nil).want(422)

	h.ask(anna, "POST", "/activities/"+act+"/unsnooze", nil).want(409)
	h.ask(anna, "POST", "/activities/"+act+"/snooze", obj{"until": due.Add(time.Hour)}).want(200)
	h.ask(bob, "POST", "/activities/"+act+"/unsnooze", nil).want(403)
	h.ask(anna, "POST", "/activities/"+act+"/unsnooze", nil).want(200).wantAt("due_at", due.Format(time.RFC3339))
}
