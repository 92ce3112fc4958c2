package api

import (
	"testing"
	"time"
)

// TestBatchAPI begins batches, looks at them and takes them back.
func TestBatchAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	var tasks []string
	for _, name := range []string{"One", "Two"} {
		tasks = append(tasks, h.ask(anna, "POST", "/activities", obj{"record": lead, "kind": "task", "name": name}).want(201).at("id"))
	}
	gone := h.ask(bob, "POST", "/activities", obj{"record": lead, "kind": "task", "name": "Bob's"}).want(201).at("id")
	h.ask(anna, "POST", "/batches?dry_run=true", obj{"verb": "skip", "activities": append(tasks, gone)}).want(201).
		wantAt("batch.id", "", "batch.counts.waiting", "2", "batch.counts.failed", "1", "refused.0.activity.id", gone)
	h.ask(anna, "GET", "/batches", nil).want(200).wantAt("data.0", "")

	started := h.ask(anna, "POST", "/batches", obj{"verb": "skip", "activities": append(tasks, gone)}).want(201).
		wantAt("batch.state", "waiting", "batch.counts.waiting", "2", "refused.0.state", "failed")
	id := started.at("batch.id")
	h.ask(anna, "GET", "/batches", nil).want(200).wantAt("data.0.id", id)
	h.ask(anna, "GET", "/batches/"+id+"/activities?state=waiting", nil).want(200).wantAt("data.0.activity.name", "One", "data.1.activity.name", "Two", "data.2", "")
	h.ask(anna, "POST", "/batches", obj{"verb": "skip", "activities": tasks}).want(409)
	h.ask(bob, "GET", "/batches/"+id, nil).want(403)
	h.ask(bob, "POST", "/batches/"+id+"/undo", nil).want(403)
	h.ask(anna, "POST", "/batches/"+id+"/undo", nil).want(200).wantAt("state", "undone", "counts.undone", "2", "undo_until", "")
	h.ask(anna, "POST", "/batches/"+id+"/undo", nil).want(409)

	h.ask(anna, "POST", "/batches", obj{"verb": "paint", "activities": tasks}).want(422)
	h.ask(anna, "POST", "/batches", obj{"verb": "snooze", "activities": tasks}).want(422).wantAt("errors.0.pointer", "/until")
	h.ask(anna, "POST", "/batches", obj{"verb": "skip", "activities": []string{}}).want(422)
	until := time.Now().UTC().Add(48 * time.Hour).Truncate(time.Second)
	plan := []obj{{"activity": tasks[0], "verb": "snooze", "until": until}, {"activity": tasks[1], "verb": "skip"}}
	cleaned := h.ask(anna, "POST", "/batches", obj{"verb": "clean_up", "plan": plan}).want(201).at("batch.id")
	h.ask(anna, "GET", "/batches/"+cleaned+"/activities", nil).want(200).wantAt("data.0.verb", "snooze", "data.0.until", until.Format(time.RFC3339), "data.1.verb", "skip", "data.1.until", "")
	h.ask(anna, "GET", "/batches/bat_0zzzzzzzzzzzz", nil).want(404)
}
