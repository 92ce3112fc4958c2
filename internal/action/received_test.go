package action

import (
	"testing"

	"cadenza/internal/flow"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestWhatCameOfReceived holds what is said of the enrollment that a received mail is about.
func TestWhatCameOfReceived(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]store.Received{
		"":                         {},
		"It goes on in “Intro”.":   {SequenceName: "Intro", Standing: flow.Active},
		"It is paused in “Intro”.": {SequenceName: "Intro", Standing: flow.Paused},
		"It has left “Intro”: The customer replied.":  {SequenceName: "Intro", Standing: flow.Finished, Exit: step.ExitReplied},
		"It has left its sequence: An email bounced.": {Standing: flow.Finished, Exit: step.ExitBounced},
	} {
		if got := WhatCameOf(v); got != want {
			t.Errorf("of %+v came %q, want %q", v, got, want)
		}
	}
}
