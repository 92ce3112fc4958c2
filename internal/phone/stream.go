package phone

import (
	"crypto/rand"
	"encoding/binary"
	"sync"

	"github.com/pion/rtp"
)

// frame is one packet of PCMU: 20 ms at 8 kHz.
const frame = 160

// silence is the byte of PCMU that says nothing.
const silence = 0xff

// stream numbers the packets that we send to one side. Whatever feeds it (the other leg, a ringing tone, keys), the receiver
// sees one unbroken stream: one SSRC, numbers without holes, a clock that only goes forward.
type stream struct {
	mu   sync.Mutex
	ssrc uint32
	seq  uint16
	at   uint32
	// source and last say where the present feed stood, so that its pauses are kept.
	source string
	last   uint32
}

func newStream() *stream {
	var b [10]byte
	_, _ = rand.Read(b[:]) // it never fails: see its documentation
	return &stream{ssrc: binary.BigEndian.Uint32(b[:]), seq: binary.BigEndian.Uint16(b[4:]), at: binary.BigEndian.Uint32(b[6:])}
}

// audio gives the next packet for a payload which had the time at in its source.
func (s *stream) audio(source string, at uint32, payload []byte) *rtp.Packet {
	s.mu.Lock()
	defer s.mu.Unlock()
	step := uint32(frame)
	fresh := source != s.source
	if !fresh {
		step = at - s.last
		if step == 0 || step > 8000*10 { // a source that jumps or goes back
			step = frame
		}
	}
	s.source, s.last = source, at
	s.at += step
	return s.packet(pcmuType, fresh, payload)
}

// key gives a packet of a key that is pressed (RFC 4733 section 2.5.1.2): all packets of one key bear the time of its beginning.
func (s *stream) key(kind uint8, first bool, payload []byte) *rtp.Packet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.packet(kind, first, payload)
}

func (s *stream) packet(kind uint8, marker bool, payload []byte) *rtp.Packet {
	s.seq++
	return &rtp.Packet{
		Header:  rtp.Header{Version: 2, Marker: marker, PayloadType: kind, SequenceNumber: s.seq, Timestamp: s.at, SSRC: s.ssrc},
		Payload: payload,
	}
}
