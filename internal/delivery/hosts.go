package delivery

import (
	"sync"

	"cadenza/internal/store"
)

// host is where a mailbox's server listens.
type host struct {
	name string
	port int
}

func hostOf(box store.Mailbox) host { return host{box.Host, box.Port} }

// hostsMax bounds of how many servers is remembered what became of their chunks. Beyond it all are forgotten, and each is tried
// once more.
const hostsMax = 1000

// hosts remembers which servers take a text as a chunk, among those that offer it. The zero value knows none.
type hosts struct {
	mu sync.Mutex
	// takes holds true for one that is proven, and false for one that is to be sent no chunk.
	takes map[host]bool
}

func (l *hosts) get(h host) (takes, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	takes, known = l.takes[h]
	return takes, known
}

// prove notes that a server is proven. One that another session found wanting is sent no chunk for all that.
func (l *hosts) prove(h host) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.takes[h]; !known {
		l.set(h, true)
	}
}

// refuse notes that a server is to be sent no chunk.
func (l *hosts) refuse(h host) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set(h, false)
}

// lose notes that a connection broke over a chunk, and tells whether the server is to be sent none for that: where it is not proven,
// the chunk may have been the reason.
func (l *hosts) lose(h host) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.takes[h] {
		return false
	}
	l.set(h, false)
	return true
}

func (l *hosts) set(h host, takes bool) {
	if _, known := l.takes[h]; l.takes == nil || !known && len(l.takes) >= hostsMax {
		l.takes = map[host]bool{}
	}
	l.takes[h] = takes
}
