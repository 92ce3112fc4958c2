package main

import (
	"net"
	"sync"
	"sync/atomic"
)

// grouped is a listener whose connections send their answers to commands that came together as a unit, once all that came is read. RFC 2920,
// section 3.2, asks that of a server which offers PIPELINING; go-smtp sends each answer by itself.
type grouped struct{ net.Listener }

// Accept waits for a connection.
func (g grouped) Accept() (net.Conn, error) {
	conn, err := g.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &groupedConn{Conn: conn}, nil
}

// groupedConn keeps what is written until its owner reads, which is when nothing more of what came is left, or closes it.
type groupedConn struct {
	net.Conn

	mu      sync.Mutex
	answers []byte
	// ended tells that nothing more comes.
	ended atomic.Bool
}

// answersKept bounds what is kept, in bytes: the answers to some twenty commands.
const answersKept = 1 << 10

// Read sends what is kept, and reads.
func (c *groupedConn) Read(p []byte) (int, error) {
	if err := c.send(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	if err != nil {
		c.ended.Store(true)
	}
	return n, err
}

// Write keeps p, or sends it where there is no room.
func (c *groupedConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.answers = append(c.answers, p...)
	full := len(c.answers) > answersKept
	c.mu.Unlock()
	if full {
		return len(p), c.send()
	}
	return len(p), nil
}

// Close sends what is kept, the answer to QUIT, and closes the connection.
func (c *groupedConn) Close() error {
	_ = c.send() // nobody waits for it any more where it cannot be sent
	return c.Conn.Close()
}

func (c *groupedConn) send() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.answers) == 0 {
		return nil
	}
	_, err := c.Conn.Write(c.answers)
	c.answers = c.answers[:0]
	return err
}
