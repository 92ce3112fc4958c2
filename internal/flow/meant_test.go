package flow

import "testing"

// TestMeant finds the word that was meant where one is near, and none where it would be a guess.
func TestMeant(t *testing.T) {
	t.Parallel()
	known := []string{"task", "wait", "email", "phone_call"}
	for written, want := range map[string]string{
		"phonecall": `Did you mean "phone_call"?`, "Task": `Did you mean "task"?`, "e-mail": `Did you mean "email"?`, "fax": "", "": "", "walk": `Did you mean "task"?`,
	} {
		if got := meant(written, known); got != want {
			t.Errorf("%q: got %q, want %q", written, got, want)
		}
	}
}
