package main

import (
	"testing"
	"time"
)

// TestNodes disturbs three nodes on one PostgreSQL, for shorter than a lease: one is killed, one is paused, one is cut from the database and its
// connections are lost. All emails go out once, also by a capped mailbox no more than it may. `make soak` does worse for longer.
func TestNodes(t *testing.T) {
	t.Parallel()
	c := newCluster(t, make([]machine, 3), loopback, false)
	c.limit = time.Minute // a busy machine
	stop := c.feed(40, 50*time.Millisecond)
	defer stop()
	more := func() {
		until := c.sink.Count() + 100
		c.within(time.Minute, "more emails arrived", func() bool { return c.sink.Count() >= until })
	}
	more()
	c.killed(c.nodes[0], true)
	more()
	c.paused(c.nodes[1], 2*time.Second)
	more()
	c.away(c.nodes[2], time.Second, true)
	more()
	stop()
	c.end()
}
