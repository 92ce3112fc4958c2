package web_test

import (
	"net/http"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// TestNoWayOut holds that who activates a sequence, and who sets how customers get out of mail, sees that nobody could, and
// what to do.
func TestNoWayOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address string
		warned  bool
	}{{"https://crm.example.com", false}, {"", true}} {
		h := newHouseAt(t, c.address)
		key := h.template("Hello").Key
		made, err := h.app.ApplySequence(t.Context(), h.actor(access.SequenceManager), flow.Sequence{
			Name: "Automated", Record: record.Lead, Options: flow.DefaultOptions(),
			Steps: []step.Step{{ID: "m", Type: "automated_email", Name: "Hello", Config: step.Config{"template": key}}},
		}, false)
		if err != nil {
			t.Fatal(err)
		}
		dialog := h.as(access.SequenceManager).get(path(made.Sequence.ID, "/activate")).is(http.StatusOK, "Activate version 1?")
		settings := h.as(access.Admin).get("/settings/opt-out").is(http.StatusOK, "Opt-out")
		if c.warned {
			dialog.sees("Nobody could opt out", "(--url)", "Activate")
			settings.sees("Nobody can opt out yet", "(--url)").misses("a button of their own")
		} else {
			dialog.misses("Nobody could opt out")
			settings.sees("a button of their own", "The link leads to https://crm.example.com.").misses("Nobody can opt out yet")
		}
	}
}
