package api

import "testing"

// TestQueueIsOfWhatWaits holds that only what waits can be asked for in the order of the queue.
func TestQueueIsOfWhatWaits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(anna, "GET", "/messages?sort=queue&state=sent", nil).want(422).wantAt("errors.0.code", "state", "errors.0.parameter", "sort")
	h.ask(anna, "GET", "/messages?sort=oldest", nil).want(422)
	h.ask(anna, "GET", "/messages?sort=queue&state=queued", nil).want(200).wantAt("next_cursor", "")
}
