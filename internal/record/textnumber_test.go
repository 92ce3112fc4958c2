package record_test

import (
	"testing"

	"cadenza/internal/record"
)

func TestTextNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, mobile, phone, want string
	}{
		{"the mobile goes first", "+491701234567", "+4930901820", "+491701234567"},
		{"else the phone", "", "+4930901820", "+4930901820"},
		{"a mobile that cannot be told", "0170 1234567", "+4930901820", "+4930901820"},
		{"groups are taken out", "+47 22 00 11 22", "", "+4722001122"},
		{"an extension takes no texts", "", "+4930901820 ext. 12", ""},
		{"local numbers only", "0170 1234567", "030 901820", ""},
		{"none", "", "", ""},
	} {
		got, ok := record.Record{Kind: record.Lead, Values: record.Values{"mobile": c.mobile, "phone": c.phone}}.TextNumber()
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: got %q %t, want %q", c.name, got, ok, c.want)
		}
	}
}
