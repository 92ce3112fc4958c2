package main

import (
	"net"
	"net/url"
	"sync"
	"testing"
)

// link is the way of one node to PostgreSQL, which can be cut: bytes then go nowhere, and neither side is told.
type link struct {
	listener net.Listener
	socket   string // the server's Unix socket

	mu    sync.Mutex
	open  chan struct{} // closed while bytes pass
	pairs map[*pair]bool
	ended chan struct{}
}

// pair is one connection: the node's side and the server's.
type pair struct{ node, server net.Conn }

// newLink listens for one node, at an address of this machine. address is that of a database on a Unix socket; the returned one leads to it through the link.
func newLink(t *testing.T, at, address string) (*link, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(at, "0"))
	if err != nil {
		t.Fatal(err)
	}
	passing := make(chan struct{})
	close(passing)
	l := &link{listener: listener, socket: u.Query().Get("host") + "/.s.PGSQL.5432", open: passing, pairs: map[*pair]bool{}, ended: make(chan struct{})}
	go l.accept()
	t.Cleanup(l.close)
	u.Host = listener.Addr().String()
	u.RawQuery = "sslmode=disable"
	return l, u.String()
}

func (l *link) accept() {
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return
		}
		go l.connect(conn)
	}
}

// connect leads a node's new connection to the server, once bytes pass.
func (l *link) connect(node net.Conn) {
	if !l.pass() {
		_ = node.Close()
		return
	}
	server, err := net.Dial("unix", l.socket)
	if err != nil { // the server is down: the node is told, as by a refused port
		_ = node.Close()
		return
	}
	p := &pair{node, server}
	l.mu.Lock()
	l.pairs[p] = true
	l.mu.Unlock()
	go l.carry(p, node, server)
	go l.carry(p, server, node)
}

// carry brings bytes from one side to the other while they pass. The end of one side is told to the other, but not during a cut.
func (l *link) carry(p *pair, from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if !l.pass() {
			break
		}
		if n > 0 {
			if _, failed := to.Write(buffer[:n]); failed != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	l.mu.Lock()
	known := l.pairs[p]
	delete(l.pairs, p)
	l.mu.Unlock()
	if known {
		_, _ = p.node.Close(), p.server.Close()
	}
}

// pass waits until bytes pass; it is false when the test has ended.
func (l *link) pass() bool {
	l.mu.Lock()
	open := l.open
	l.mu.Unlock()
	select {
	case <-open:
		return true
	case <-l.ended:
		return false
	}
}

// silence lets nothing through any more.
func (l *link) silence() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = make(chan struct{})
}

// mend lets everything through again, also what was held back.
func (l *link) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.open)
}

// lose resets the connections on the node's side and leaves the server believing that they live, as a router does that has forgotten them.
func (l *link) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.pairs {
		delete(l.pairs, p) // nobody closes the server's side
		if tcp, ok := p.node.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = p.node.Close()
	}
}

func (l *link) close() {
	close(l.ended)
	_ = l.listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.pairs {
		_, _ = p.node.Close(), p.server.Close()
	}
}
