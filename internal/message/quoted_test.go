package message

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
)

// FuzzQuoted holds that quoted-printable is written as the standard library writes it, and read as what it was.
func FuzzQuoted(f *testing.F) {
	long := strings.Repeat("a line that is longer than seventy-six characters, ", 4)
	for _, text := range []string{
		"", " ", "\t", "=", "a=b", "grün", "a \r\nb\t\r\n ", "a\nb\rc\r\n\r\n", long, long + " ", strings.Repeat("ä", 60), strings.Repeat("x", 75), strings.Repeat("x", 76),
		strings.Repeat("x", 74) + " ", strings.Repeat("x", 73) + " \n", strings.Repeat("x", 72) + "=", strings.Repeat("x", 73) + "=", "\x00\x7f\x80",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n") // after a lone \r and a byte to escape the library loses a \n
		for _, text := range []string{text, strings.ReplaceAll(text, "\n", "\r\n")} {
			var want bytes.Buffer
			w := quotedprintable.NewWriter(&want)
			if _, err := io.WriteString(w, text); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			got := appendQuoted([]byte("before"), text)
			if string(got) != "before"+want.String() {
				t.Fatalf("%q is written\n%q, want\n%q", text, got[len("before"):], want.String())
			}
			back, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(got[len("before"):])))
			if err != nil || string(back) != strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n") {
				t.Fatalf("%q is read as %q, %v", text, back, err)
			}
		}
	})
}

// TestQuotedLineEnds holds that each kind of line end is one.
func TestQuotedLineEnds(t *testing.T) {
	t.Parallel()
	if got := string(appendQuoted(nil, "a\rb\nc\r\nd\r\ré\n")); got != "a\r\nb\r\nc\r\nd\r\n\r\n=C3=A9\r\n" {
		t.Errorf("wrote %q", got)
	}
}
