package api

import (
	"net/http/httptest"
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

// TestCalendarFeedAPI makes and revokes an address.
func TestCalendarFeedAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(anna, "GET", "/me/calendar-feed", nil).want(404)
	if secret := h.ask(anna, "POST", "/me/calendar-feed", nil).want(201).at("secret"); len(secret) < 64 {
		t.Errorf("secret %q", secret)
	}
	h.ask(anna, "GET", "/me/calendar-feed", nil).want(200)
	h.ask(bob, "GET", "/me/calendar-feed", nil).want(404)
	h.ask(anna, "DELETE", "/me/calendar-feed", nil).want(204)
	h.ask(anna, "GET", "/me/calendar-feed", nil).want(404)
}

// TestCalendarFeedIsNotKept holds that the secret is not among the answers that are kept for an Idempotency-Key.
func TestCalendarFeedIsNotKept(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("POST", prefix+"/me/calendar-feed", nil)
	if kept := string(withoutSecret(r, []byte(`{"secret":"cal_1"}`))); kept != "{}" {
		t.Errorf("kept %s", kept)
	}
}
