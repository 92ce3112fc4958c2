package action_test

import (
	"testing"

	"cadenza/internal/action"
)

// TestHoldSentence wants one full stop at the end of what holds something, whoever wrote it.
func TestHoldSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"The record opted out. Complaint": "The record opted out. Complaint.", "It waits.": "It waits.", "Why? ": "Why?", "": "",
		"User doesn't exist: nobody@buyer.test": "User doesn't exist: nobody@buyer.test.",
	} {
		if got := (action.Hold{Text: text}).Sentence(); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
