package delivery

import (
	"bufio"
	"bytes"
	"net"
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

// TestMisunderstoodChunkSpoils holds that nothing more is said to a server that does not know BDAT: it may be reading the text as
// commands.
func TestMisunderstoodChunkSpoils(t *testing.T) {
	t.Parallel()
	for answer, spoilt := range map[string]bool{"502 5.5.1 unknown": true, "503 order": true, "550 no": false, "552 too large": false, "451 later": false} {
		ours, theirs := net.Pipe()
		go func() {
			_, _ = theirs.Read(make([]byte, 1000))
			_, _ = theirs.Write([]byte(answer + "\r\n"))
		}()
		w := newWire(ours)
		w.chunking = chunking{offered: true, proven: true, now: true}
		committed, err := w.hand([]byte("Subject: Hello\r\n\r\nHello\r\n"), nil)
		if _, refused := refusal(err); !committed || !refused || w.spoilt != spoilt {
			t.Errorf("%s: got %v, committed %v, spoilt %v, want %v", answer, err, committed, w.spoilt, spoilt)
		}
		if spoilt && w.reset() == nil {
			t.Errorf("%s: the session goes on", answer)
		}
		_ = ours.Close()
	}
}
