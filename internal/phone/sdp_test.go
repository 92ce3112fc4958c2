package phone_test

import (
	"math"
	"strings"
	"testing"

	"cadenza/internal/phone"
)

// TestReadMedia reads what other sides say of their audio.
func TestReadMedia(t *testing.T) {
	t.Parallel()
	const head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
	for _, c := range []struct{ name, text, want string }{
		{"plain", head + "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n", "192.0.2.1:4000 101 sendrecv"},
		{"address of the stream", head + "m=audio 4000 RTP/AVP 8 0\r\nc=IN IP4 192.0.2.9\r\na=sendonly\r\n", "192.0.2.9:4000 0 sendonly"},
		{"video beside it", head + "m=audio 4000 RTP/AVP 0\r\nm=video 5000 RTP/AVP 96\r\nc=IN IP4 192.0.2.7\r\na=inactive\r\n", "192.0.2.1:4000 0 sendrecv"},
		{"hold of old", strings.ReplaceAll(head, "192.0.2.1", "0.0.0.0") + "m=audio 4000 RTP/AVP 0\r\n", "0.0.0.0:4000 0 inactive"},
		{"lines that end bare", strings.ReplaceAll(head, "\r", "") + "m=audio 4000 RTP/AVP 0\n", "192.0.2.1:4000 0 sendrecv"},
		{"no PCMU", head + "m=audio 4000 RTP/AVP 8\r\n", ""},
		{"encrypted", head + "m=audio 4000 RTP/SAVP 0\r\n", ""},
		{"refused stream", head + "m=audio 0 RTP/AVP 0\r\n", ""},
		{"no address", "v=0\r\nm=audio 4000 RTP/AVP 0\r\n", ""},
		{"nothing", "", ""},
		{"too long", head + strings.Repeat("a=x\r\n", 10_000), ""},
	} {
		if got := phone.DescribeMedia([]byte(c.text)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzReadMedia(f *testing.F) {
	f.Add([]byte("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"))
	f.Add([]byte("m=\nc=\na=rtpmap:"))
	f.Add([]byte("c=0 0 0.0.0.0\nm=audio 1 RTP/AVP 0"))
	f.Fuzz(func(t *testing.T, text []byte) {
		said := phone.DescribeMedia(text)
		if said == "" {
			return
		}
		if again := phone.DescribeMedia(phone.Redescribe(text)); again != said {
			t.Errorf("%q reads as %q, and what we write of it as %q", text, said, again)
		}
	})
}

// TestMuLaw codes every sample and reads it again: the error grows with the loudness, as G.711 wants it.
func TestMuLaw(t *testing.T) {
	t.Parallel()
	for s := math.MinInt16; s <= math.MaxInt16; s++ {
		got := int(phone.Decode(phone.Encode(int16(s))))
		if limit := 8 + max(s, -s)/16; got-s > limit && s > -32635 || s-got > limit && s < 32635 {
			t.Fatalf("%d comes back as %d", s, got)
		}
	}
}

// TestValidKeys knows what a telephone has.
func TestValidKeys(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"0": true, "12*#": true, "": false, "x": false, "1 2": false, strings.Repeat("1", 33): false} {
		if got := phone.ValidKeys(text); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}
