package phone

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"

	"github.com/pion/rtp"
)

// socket sends and receives the sound of one call on the trunk's side (RFC 3550).
type socket struct {
	conn *net.UDPConn
	out  *stream
	// remote is where the other side said that it listens, until its first packet shows where it really is: behind a router that
	// is another address, and answering there is what works (RFC 4961).
	remote atomic.Pointer[netip.AddrPort]
	named  atomic.Pointer[netip.AddrPort]
	heard  atomic.Bool
}

// openSocket takes a free port of the range, or any when the range is empty.
func openSocket(host netip.Addr, ports PortRange) (*socket, error) {
	if ports.Low == 0 {
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(host, 0)))
		if err != nil {
			return nil, fmt.Errorf("open a port for sound: %w", err)
		}
		return &socket{conn: conn, out: newStream()}, nil
	}
	// RTP has the even ports (RFC 3550 section 11).
	for port := int(ports.Low) + int(ports.Low)%2; port <= int(ports.High); port += 2 {
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(host, uint16(port))))
		if err == nil {
			return &socket{conn: conn, out: newStream()}, nil
		}
	}
	return nil, fmt.Errorf("open a port for sound: all of %d to %d are taken", ports.Low, ports.High)
}

func (s *socket) port() uint16 { return uint16(s.conn.LocalAddr().(*net.UDPAddr).Port) }

// aim says where the other side listens.
func (s *socket) aim(at netip.AddrPort) {
	if old := s.named.Swap(&at); old == nil || *old != at {
		s.heard.Store(false)
		s.remote.Store(&at)
	}
}

// send writes a packet; one that nobody takes is lost, as sound is.
func (s *socket) send(p *rtp.Packet) {
	to := s.remote.Load()
	if to == nil || !to.Addr().IsValid() || to.Addr().IsUnspecified() {
		return
	}
	b, err := p.Marshal()
	if err != nil {
		return
	}
	_, _ = s.conn.WriteToUDPAddrPort(b, *to)
}

// receive gives each packet of sound to take, until the socket is closed.
func (s *socket) receive(take func(*rtp.Packet)) {
	buffer := make([]byte, 2048)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		var p rtp.Packet
		if p.Unmarshal(buffer[:n]) != nil || p.Version != 2 || p.PayloadType != pcmuType || len(p.Payload) == 0 || len(p.Payload) > 1200 {
			continue
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if !s.from(from) {
			continue
		}
		p.Payload = append([]byte(nil), p.Payload...)
		take(&p)
	}
}

// from tells whether a packet is of the other side. The first sender is held to be it; a stranger may not take the call over
// later, except from the address that the other side has named.
func (s *socket) from(at netip.AddrPort) bool {
	remote, named := s.remote.Load(), s.named.Load()
	if named == nil {
		return false
	}
	if s.heard.CompareAndSwap(false, true) {
		s.remote.Store(&at)
		return true
	}
	if at == *remote {
		return true
	}
	if at == *named {
		s.remote.Store(&at)
		return true
	}
	return false
}

func (s *socket) close() { _ = s.conn.Close() }
