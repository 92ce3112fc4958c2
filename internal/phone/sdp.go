package phone

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// The directions of a stream, as the one who says it sees them (RFC 3264 section 5.1).
const (
	sendRecv = "sendrecv"
	sendOnly = "sendonly"
	recvOnly = "recvonly"
	inactive = "inactive"
)

// Types of payload: PCMU has a fixed one (RFC 3551 section 6), that of keys is agreed upon.
const (
	pcmuType  = 0
	eventType = 101
)

// maxSDP bounds a description of media; real ones have less than 2 kB.
const maxSDP = 16 << 10

var errNoAudio = errors.New("the other side offers no audio that we understand (G.711 μ-law)")

// media is what one side says of its audio.
type media struct {
	addr netip.AddrPort
	// events is the payload type of telephone-event (RFC 4733); 0 when the side takes no keys.
	events    uint8
	direction string
}

// describe writes our side (RFC 4566). session stays for the call, version grows with each change of it.
func (m media) describe(session uint64, version int) []byte {
	family := "IP4"
	if m.addr.Addr().Is6() {
		family = "IP6"
	}
	types := strconv.Itoa(pcmuType)
	if m.events != 0 {
		types += " " + strconv.Itoa(int(m.events))
	}
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("v=0")
	line("o=cadenza %d %d IN %s %s", session, version, family, m.addr.Addr())
	line("s=call")
	line("c=IN %s %s", family, m.addr.Addr())
	line("t=0 0")
	line("m=audio %d RTP/AVP %s", m.addr.Port(), types)
	line("a=rtpmap:%d PCMU/8000", pcmuType)
	if m.events != 0 {
		line("a=rtpmap:%d telephone-event/8000", m.events)
		line("a=fmtp:%d 0-16", m.events)
	}
	line("a=ptime:20")
	line("a=%s", m.direction)
	return b.Bytes()
}

// readMedia reads the first audio stream of a description.
func readMedia(body []byte) (media, error) {
	if len(body) > maxSDP {
		return media{}, errors.New("the description of the media is too long")
	}
	m := media{direction: sendRecv}
	var host string
	var port int
	var inAudio, past, pcmu bool
	for line := range strings.Lines(string(body)) {
		key, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if !ok {
			continue
		}
		switch {
		case key == "m":
			past = inAudio
			if past || !strings.HasPrefix(value, "audio ") {
				continue
			}
			inAudio = true
			port, pcmu = readAudioLine(value)
		case past:
		case key == "c":
			if f := strings.Fields(value); len(f) == 3 {
				host, _, _ = strings.Cut(f[2], "/")
			}
		case key == "a":
			m.attribute(value)
		}
	}
	ip, err := netip.ParseAddr(host)
	if !pcmu || err != nil || port <= 0 || port > 65535 {
		return media{}, errNoAudio
	}
	if ip.IsUnspecified() { // the old way to say hold (RFC 3264 section 8.4)
		m.direction = inactive
	}
	m.addr = netip.AddrPortFrom(ip.Unmap(), uint16(port))
	return m, nil
}

// readAudioLine reads "audio PORT RTP/AVP TYPE…".
func readAudioLine(value string) (port int, pcmu bool) {
	f := strings.Fields(value)
	if len(f) < 4 || f[2] != "RTP/AVP" {
		return 0, false
	}
	port, _ = strconv.Atoi(f[1]) // one that is no number is 0, which is refused
	for _, kind := range f[3:] {
		pcmu = pcmu || kind == strconv.Itoa(pcmuType)
	}
	return port, pcmu
}

func (m *media) attribute(value string) {
	switch value {
	case sendRecv, sendOnly, recvOnly, inactive:
		m.direction = value
		return
	}
	kind, name, ok := strings.Cut(strings.TrimPrefix(value, "rtpmap:"), " ")
	if ok && strings.HasPrefix(value, "rtpmap:") && strings.EqualFold(name, "telephone-event/8000") {
		if n, err := strconv.ParseUint(kind, 10, 7); err == nil {
			m.events = uint8(n)
		}
	}
}

// answering gives the direction that answers one of the other side.
func answering(direction string) string {
	switch direction {
	case sendOnly:
		return recvOnly
	case recvOnly:
		return sendOnly
	}
	return direction
}
