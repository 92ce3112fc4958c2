package delivery

import (
	"bufio"
	"bytes"
	"net/textproto"
	"testing"

	"pgregory.net/rapid"
)

// TestAppendText holds that a text leaves as the standard library would write it, whatever stands in it.
func TestAppendText(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{".", "..", "\r\n", "\r\n.", "\n", "\n.", "\r", "a", "=2E", " ", "\r\n.\r\n"})
	rapid.Check(t, func(t *rapid.T) {
		var raw []byte
		for _, p := range rapid.SliceOf(piece).Draw(t, "pieces") {
			raw = append(raw, p...)
		}
		var want bytes.Buffer
		out := bufio.NewWriter(&want)
		w := textproto.NewWriter(out).DotWriter()
		if _, err := w.Write(raw); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got := appendText([]byte("before"), raw)
		if string(got) != "before"+want.String() {
			t.Errorf("%q leaves as %q, want %q", raw, got[6:], want.String())
		}
		if end := []byte("\r\n.\r\n"); bytes.Count(append([]byte("\r\n"), got[6:]...), end) != 1 {
			t.Errorf("%q leaves with more than one end, or none: %q", raw, got)
		}
	})
}
