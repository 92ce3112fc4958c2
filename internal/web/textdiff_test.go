package web

import "testing"

func TestTextChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ before, after, want string }{
		{"Hello there", "Hello there", "Hello there"},
		{"", "New", "[+New]"},
		{"Hello {{ first_name }}, bye", "Hello {{ name }}, bye", "Hello [-{{ first_name }}][+{{ name }}], bye"},
		{"one two three four", "one three five four", "one [-two ]three[+ five] four"},
		{"{a} {{ b }}", "{a}", "{a}[- {{ b }}]"},
	} {
		got := ""
		for _, p := range textChanges(c.before, c.after) {
			switch {
			case p.Gone:
				got += "[-" + p.Text + "]"
			case p.Came:
				got += "[+" + p.Text + "]"
			default:
				got += p.Text
			}
		}
		if got != c.want {
			t.Errorf("from %q to %q: got %q, want %q", c.before, c.after, got, c.want)
		}
	}
}
