package record

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// FormatPhone writes a canonical phone number in groups, as people read it: +4722001122 becomes "+47 22 00 11 22".
// A text that is no international number comes back as it is.
func FormatPhone(value string) string {
	if !strings.HasPrefix(value, "+") {
		return value
	}
	n, err := phonenumbers.Parse(value, "")
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return value
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}
