package message

import (
	"strings"
	"testing"
)

// TestParseMeetingAnswer holds that an answer to an invitation has words, though programs send none with it.
func TestParseMeetingAnswer(t *testing.T) {
	t.Parallel()
	answer := func(lines ...string) string {
		return "Content-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n" +
			strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	accepted := answer("ATTENDEE;CN=\"Lee: Ann\";PARTSTAT=ACCEPTED:mailto:ann@buyer.test", "SUMMARY:Call")
	tests := []struct {
		name, raw, want string
	}{
		{"accepted", accepted, "Accepted: Call"},
		{"declined", answer("ATTENDEE;PARTSTAT=DECLINED:mailto:ann@buyer.test", "SUMMARY:Call"), "Declined: Call"},
		{"perhaps", answer("ATTENDEE;partstat=tentative:mailto:ann@buyer.test", "SUMMARY:Call"), "Tentatively accepted: Call"},
		{"somebody else goes", answer("ATTENDEE;PARTSTAT=DELEGATED:mailto:ann@buyer.test", "SUMMARY:Call"), "Delegated: Call"},
		{"folded and escaped", answer("ATTENDEE;PARTST", " AT=ACCEPTED:mailto:ann@buyer.test", "SUMMARY;LANGUAGE=de:Call\\, then", "  lunch"), "Accepted: Call, then lunch"},
		{"with a comment", answer("ATTENDEE;PARTSTAT=DECLINED:mailto:ann@buyer.test", "SUMMARY:Call", "COMMENT:Only in May.\\nSorry"), "Declined: Call\n\nOnly in May.\nSorry"},
		{"an unknown status", answer("ATTENDEE;PARTSTAT=X-PERHAPS:mailto:ann@buyer.test", "SUMMARY:Call"), "Re: Ten minutes"},
		{"nothing but the method", answer(), "Re: Ten minutes"},
		{"beside an empty text", multi("alternative", "Content-Type: text/plain\r\n\r\n \r\n", accepted), "Accepted: Call"},
		{"beside an empty page", multi("alternative", "Content-Type: text/html\r\n\r\n<html><body><p>&nbsp;</p></body></html>", accepted), "Accepted: Call"},
		{"beside a text", multi("alternative", "Content-Type: text/plain\r\n\r\nSee you then", accepted), "See you then"},
		{"beside a page", multi("alternative", "Content-Type: text/html\r\n\r\n<p>See you then</p>", accepted), ""},
		{"an invitation", strings.ReplaceAll(accepted, "REPLY", "REQUEST"), ""},
		{"twenty attendees", answer(strings.Repeat("ATTENDEE;CN=x:mailto:x@buyer.test\r\n", 20)+"ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@buyer.test", "SUMMARY:Call"), "Accepted: Call"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := mustParse(t, []byte("Subject: Re: Ten minutes\r\n"+tt.raw))
			if in.Text != tt.want {
				t.Errorf("text %q, want %q", in.Text, tt.want)
			}
			if len(in.Attachments) != 1 {
				t.Errorf("%d attachments, want the calendar's part", len(in.Attachments))
			}
		})
	}
}
