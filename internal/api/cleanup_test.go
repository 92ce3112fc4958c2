package api

import (
	"encoding/json"
	"testing"
	"time"
)

// TestCleanUpAPI asks for a plan, and carries it out as it came.
func TestCleanUpAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	for _, days := range []int{2, 3, 60} {
		h.ask(anna, "POST", "/activities", obj{"record": lead, "kind": "task", "name": "Old", "due_at": time.Now().AddDate(0, 0, -days)}).want(201)
	}
	h.ask(bob, "GET", "/activities/clean-up?assignee="+h.ids[anna], nil).want(403)
	h.ask(anna, "GET", "/activities/clean-up?per_day=0", nil).want(422)
	plan := h.ask(anna, "GET", "/activities/clean-up?per_day=1&skip_older=30&order=best", nil).want(200).
		wantAt("overdue", "3", "days.0.moves", "1", "days.1.moves", "1", "days.2", "", "skipped.0.name", "Old", "plan.2.verb", "skip")
	var got struct {
		Plan []obj `json:"plan"`
	}
	if err := json.Unmarshal([]byte(plan.raw), &got); err != nil {
		t.Fatal(err)
	}
	h.ask(anna, "POST", "/batches", obj{"verb": "clean_up", "plan": got.Plan}).want(201).wantAt("batch.counts.waiting", "3", "refused.0", "")
	h.ask(anna, "GET", "/activities/clean-up", nil).want(200).wantAt("overdue", "0", "days.0", "")
}

// TestBulkEmailAPI asks what each would get, and is told when the activities do not fit together.
func TestBulkEmailAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	act := h.ask(anna, "POST", "/activities", obj{"record": lead, "kind": "email", "name": "Write"}).want(201).at("id")
	email := obj{"subject": "Hello", "html": "<p>Hello</p>"}
	h.ask(anna, "POST", "/activities/preview-emails", obj{"activities": []string{act}, "email": email}).want(422).wantAt("errors.0.pointer", "/activities")
	h.ask(anna, "POST", "/activities/preview-emails", obj{"activities": []string{}, "email": email}).want(422)
	h.ask(anna, "POST", "/batches", obj{"verb": "email", "activities": []string{act}, "email": email}).want(422).wantAt("errors.0.code", "mixed")
}
