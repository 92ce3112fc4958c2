package phone

import (
	"math"
	"strings"
)

// ringing is one frame after the other of what a caller hears while it rings: 425 Hz, a second of tone and four of silence, as
// in most of Europe (ITU-T E.180). It is played where the trunk plays nothing itself.
type ringing struct{ at int }

func (r *ringing) next() []byte {
	out := make([]byte, frame)
	for i := range out {
		out[i] = silence
		if r.at%(5*8000) < 8000 {
			out[i] = encode(int16(4000 * math.Sin(2*math.Pi*425*float64(r.at)/8000)))
		}
		r.at++
	}
	return out
}

// encode gives a sample as μ-law (ITU-T G.711).
func encode(sample int16) byte {
	const bias, clip = 0x84, 32635
	v, sign := int(sample), byte(0)
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, clip) + bias
	exponent := 7
	for mask := 0x4000; v&mask == 0 && exponent > 0; mask >>= 1 {
		exponent--
	}
	return ^(sign | byte(exponent<<4) | byte(v>>(exponent+3))&0x0f)
}

// decode gives the sample of a μ-law byte.
func decode(b byte) int16 {
	b = ^b
	v := (int(b&0x0f)<<3 + 0x84) << (b >> 4 & 7)
	v -= 0x84
	if b&0x80 != 0 {
		v = -v
	}
	return int16(v)
}

// keys are those of a telephone; the place of each is its code (RFC 4733 section 3.2).
const keys = "0123456789*#ABCD"

// How long a key sounds, and the pause after it, in frames.
const (
	keyFrames   = 5
	pauseFrames = 3
)

// ValidKeys tells whether a text is keys of a telephone, at most 32.
func ValidKeys(text string) bool {
	return text != "" && len(text) <= 32 && strings.Trim(text, keys) == ""
}

// pressed gives the payloads of one key: it grows for keyFrames and ends three times, so that one lost packet does not matter.
func pressed(key byte) [][]byte {
	code := byte(strings.IndexByte(keys, key))
	const volume = 10
	var list [][]byte
	event := func(frames int, last bool) {
		flags := byte(volume)
		if last {
			flags |= 0x80
		}
		length := frames * frame
		list = append(list, []byte{code, flags, byte(length >> 8), byte(length)})
	}
	for i := 1; i <= keyFrames; i++ {
		event(i, false)
	}
	for range 3 {
		event(keyFrames, true)
	}
	return list
}
