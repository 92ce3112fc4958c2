package signin_test

import (
	"testing"

	"cadenza/internal/signin"
)

// TestXOAuth2 holds the form of the first word against the example of the providers' documents.
func TestXOAuth2(t *testing.T) {
	t.Parallel()
	x := signin.NewXOAuth2(signin.Credentials{Username: "anna@example.com", AccessToken: "ya29.vF9dft4"})
	mechanism, first, err := x.Start()
	want := "user=anna@example.com\x01auth=Bearer ya29.vF9dft4\x01\x01"
	if mechanism != "XOAUTH2" || string(first) != want || err != nil {
		t.Errorf("got %q %q %v, want XOAUTH2 %q", mechanism, first, err, want)
	}
	if answer, err := x.Next([]byte(`{"status":"401"}`)); answer == nil || len(answer) != 0 || err != nil {
		t.Errorf("the answer to a refusal is %q, %v; it must be empty", answer, err)
	}
	if _, _, err := signin.NewXOAuth2(signin.Credentials{Username: "anna\x01auth=Bearer other", AccessToken: "t"}).Start(); err == nil {
		t.Error("a user name with a separator is taken")
	}
}
