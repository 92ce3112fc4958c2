package record_test

import (
	"testing"

	"cadenza/internal/record"
)

func TestFormatPhone(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"+4722001122":          "+47 22 00 11 22",
		"+4930901820":          "+49 30 901820",
		"+4930901820 ext. 12":  "+49 30 901820 ext. 12",
		"0800 flowers":         "0800 flowers",
		"+1":                   "+1",
		"":                     "",
		"extension 4 at lunch": "extension 4 at lunch",
	} {
		if got := record.FormatPhone(value); got != want {
			t.Errorf("FormatPhone(%q) = %q, want %q", value, got, want)
		}
	}
}
