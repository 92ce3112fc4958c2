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
}
