package delivery

import (
	"slices"
	"sync"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

const (
	// aheadFor is how much work a mailbox's connections are given in advance: what they hand over within this time, measured by
	// the attempts before. A server that takes its time is given none, so that a reply can still stop what waits for it.
	aheadFor = 120 * time.Millisecond
	// mostAhead bounds it, and so what a crash leaves in doubt: (1 + mostAhead) messages for each connection.
	mostAhead = 63
	// staleAfter is how long a claimed message may wait for its connection before it goes back into the queue. It is shorter
	// than a node's lease (engine.Beat): a machine that was asleep sends nothing that another node has given up meanwhile.
	staleAfter = 5 * time.Second
)

// hands are the messages that this node has claimed. Each mailbox has a lane, so that a server which stalls holds up
// nobody else's mail.
type hands struct {
	// workers and each bound the connections: in all, and of one mailbox.
	workers, each int
	// changed is signalled when a lane could take more.
	changed chan struct{}

	mu    sync.Mutex
	lanes map[ident.Mailbox]*lane
	// order is the lanes by turns, turn the one whose turn it is.
	order []*lane
	turn  int
	// lines counts the connections, wire what is on the wire, held all that was claimed and whose result is not written.
	lines, wire, held int
	// stuck stops what waits: the database takes no results, and doubts must not pile up.
	stuck bool
}

// lane is the mail of one mailbox.
type lane struct {
	box ident.Mailbox
	// waiting was claimed and has not touched the network.
	waiting []claimed
	lines   int
	wire    map[ident.Message]bool
	// unwritten are those whose result is not in the database.
	unwritten map[ident.Message]bool
	// shut tells that the server did not let the mailbox in: what waits does not try, and goes back.
	shut bool
	// took is about how long an attempt takes; zero before the first.
	took time.Duration
}

// claimed is a message and when it was claimed, by the clock on the wall: the other one stands still while a machine sleeps.
type claimed struct {
	*store.MailCandidate
	at time.Time
}

func newHands(workers, each int) *hands {
	return &hands{workers: workers, each: each, changed: make(chan struct{}, 1), lanes: map[ident.Mailbox]*lane{}}
}

// most is how many messages may be in hand at once.
func (h *hands) most() int { return h.workers * (1 + mostAhead) }

// ahead gives how many messages each connection of the lane is given in advance.
func (l *lane) ahead() int {
	if l.took == 0 {
		return 0
	}
	return min(int(aheadFor/l.took), mostAhead)
}

func (l *lane) held() int { return len(l.waiting) + len(l.wire) + len(l.unwritten) }

// room gives how many more messages a lane may hold.
func (h *hands) room(l *lane) int { return max(0, h.each*(1+l.ahead())-len(l.waiting)-len(l.wire)) }

// hungry tells that a lane should be given more: half of what was given in advance is gone.
func (h *hands) hungry(l *lane) bool {
	return 2*len(l.waiting) <= h.each*l.ahead() && h.room(l) > 0
}

// appetite is how much may be claimed, and which mailboxes are to be left out.
type appetite struct {
	limit int
	busy  []ident.Mailbox
	// rooms is how many messages of a mailbox there is room for, where it is known.
	rooms map[ident.Mailbox]int
}

// room is that of all mailboxes that are known.
func (a appetite) room() (n int) {
	for _, r := range a.rooms {
		n += r
	}
	return n
}

// appetite gives what may be claimed now.
func (h *hands) appetite() appetite {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := appetite{rooms: map[ident.Mailbox]int{}, limit: h.fresh()}
	for _, l := range h.order {
		if h.hungry(l) {
			a.rooms[l.box] = h.room(l)
			a.limit += a.rooms[l.box]
		} else {
			a.busy = append(a.busy, l.box)
		}
	}
	a.limit = min(a.limit, h.most()-h.held)
	if h.stuck {
		a.limit = 0
	}
	return a
}

// fresh is the room of a mailbox that has no lane: of its speed nothing is known.
func (h *hands) fresh() int { return h.each }

// take lays claimed messages into their lanes.
func (h *hands) take(list []*store.MailCandidate, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range list {
		l := h.lanes[c.Mailbox.ID]
		if l == nil {
			l = &lane{box: c.Mailbox.ID, wire: map[ident.Message]bool{}, unwritten: map[ident.Message]bool{}}
			h.lanes[l.box] = l
			h.order = append(h.order, l)
		}
		l.waiting, l.shut = append(l.waiting, claimed{c, at}), false
	}
	h.held += len(list)
}

// next takes a message whose turn it is to go on the wire by a connection of its own; ok is false when there is none, or no
// connection for one. Messages that were claimed before since are left to release.
func (h *hands) next(since time.Time) (c *store.MailCandidate, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lines >= h.workers || h.stuck {
		return c, false
	}
	for range h.order {
		h.turn = (h.turn + 1) % len(h.order)
		if l := h.order[h.turn]; l.lines < h.each && l.ready(since) {
			l.lines++
			h.lines++
			return h.put(l), true
		}
	}
	return c, false
}

// another takes the next message for a connection that carries one of the same mailbox. When all connections are taken, that of a mailbox
// which waits for its first goes before.
func (h *hands) another(box store.Mailbox, since time.Time) (c *store.MailCandidate, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.lanes[box.ID]
	if h.stuck || !l.ready(since) || l.waiting[0].Mailbox.Rev != box.Rev {
		return c, false
	}
	if h.lines >= h.workers && slices.ContainsFunc(h.order, func(other *lane) bool { return other.lines < h.each && other != l && other.ready(since) }) {
		return c, false
	}
	return h.put(l), true
}

// ready tells that a message of the lane may go on the wire.
func (l *lane) ready(since time.Time) bool {
	return len(l.waiting) > 0 && !l.shut && !l.waiting[0].at.Before(since)
}

// put lays the lane's first message on the wire.
func (h *hands) put(l *lane) *store.MailCandidate {
	c := l.waiting[0].MailCandidate
	l.waiting = l.waiting[1:]
	l.wire[c.Message.ID] = true
	h.wire++
	return c
}

// leave gives a connection of a mailbox back.
func (h *hands) leave(box ident.Mailbox) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lanes[box].lines--
	h.lines--
}

// landed notes that an attempt has ended, how long it took, and whether the server let the mailbox in.
func (h *hands) landed(c *store.MailCandidate, took time.Duration, letIn bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.lanes[c.Mailbox.ID]
	delete(l.wire, c.Message.ID)
	l.unwritten[c.Message.ID] = true
	h.wire--
	l.shut = !letIn
	if l.took == 0 {
		l.took = took
	}
	l.took = max(1, (7*l.took+took)/8)
	h.tell(l)
}

// busy tells that something is in hand, moving that something is on the wire.
func (h *hands) busy() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.held > 0 }

func (h *hands) moving() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.wire > 0 }

// written notes that results are in the database.
func (h *hands) written(list []outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held -= len(list)
	for _, c := range list {
		l := h.lanes[c.Mailbox.ID]
		delete(l.unwritten, c.Message.ID)
		h.tell(l)
	}
}

func (h *hands) tell(l *lane) {
	if h.hungry(l) {
		select {
		case h.changed <- struct{}{}:
		default:
		}
	}
}

// hold says whether the database takes no results.
func (h *hands) hold(stuck bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stuck = stuck
}

// drop forgets the messages that were claimed before since and wait for their connection, and gives all others that are in
// hand. dropped counts them. Lanes of nothing go, too.
func (h *hands) drop(since time.Time) (kept []ident.Message, dropped int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	order := h.order[:0]
	for _, l := range h.order {
		fresh := l.waiting[:0:0]
		for _, c := range l.waiting {
			if c.at.Before(since) {
				dropped++
				continue
			}
			fresh = append(fresh, c)
			kept = append(kept, c.Message.ID)
		}
		if len(fresh) < len(l.waiting) {
			l.took = max(l.took, aheadFor+1) // it is slower than it was: nothing in advance
		}
		l.waiting = fresh
		for id := range l.wire {
			kept = append(kept, id)
		}
		for id := range l.unwritten {
			kept = append(kept, id)
		}
		if l.held() == 0 && l.lines == 0 {
			delete(h.lanes, l.box)
			continue
		}
		order = append(order, l)
	}
	clear(h.order[len(order):])
	h.order, h.turn = order, 0
	h.held -= dropped
	return kept, dropped
}
