package ical

import (
	"bytes"
	"strings"
	"testing"
	"time"

	parser "github.com/emersion/go-ical"
	"pgregory.net/rapid"
)

// TestWrite holds that whatever text is in an event, another program reads the same again, and no line is too long.
func TestWrite(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("a,;\\\n\r\t \"':ÄÖ日本👩‍💻\x00\x7f\u2028")))).Draw(t, "text")
		start := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "start"), 0).UTC()
		out := Write(Calendar{Name: text, Zone: "Europe/Berlin", Events: []Event{{UID: "act_1@x", Sequence: 3, Stamp: start, Start: start, Length: 30 * time.Minute, Status: Confirmed, Summary: text, Details: text, URL: "https://cadenza.test/" + text}}})
		for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\r\n"), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("the line %q is too long or broken", line)
			}
		}
		read, err := parser.NewDecoder(bytes.NewReader(out)).Decode()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		events := read.Events()
		if len(events) != 1 {
			t.Fatalf("%d events", len(events))
		}
		want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
		want = strings.Map(func(r rune) rune {
			if r != '\n' && r != '\t' && (r < ' ' || r == 0x7f) {
				return -1
			}
			return r
		}, want)
		if got, err := events[0].Props.Text("SUMMARY"); err != nil || got != want {
			t.Fatalf("summary %q, want %q, %v", got, want, err)
		}
		if at, err := events[0].DateTimeStart(nil); err != nil || !at.Equal(start) {
			t.Fatalf("start %v, want %v, %v", at, start, err)
		}
	})
}

// TestWriteNothing is a calendar all the same.
func TestWriteNothing(t *testing.T) {
	t.Parallel()
	read, err := parser.NewDecoder(bytes.NewReader(Write(Calendar{Name: "Empty"}))).Decode()
	if err != nil || len(read.Children) != 1 {
		t.Fatalf("%v, %v", read, err)
	}
}
