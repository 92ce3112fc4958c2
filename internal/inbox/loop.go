package inbox

import (
	"context"
	"hash/fnv"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// Roster says which mailboxes there are to read, and who reads them.
type Roster interface {
	ReadMailboxes(ctx context.Context) ([]store.Mailbox, error)
	// MailboxSignal is signalled when a mailbox was changed, or was found to work.
	MailboxSignal() <-chan struct{}
	LivingNodes(ctx context.Context, self string) ([]string, error)
	NoteMailboxRead(ctx context.Context, id ident.Mailbox, rev int64, r store.Reading) error
}

// Memory keeps what was read.
type Memory interface {
	FolderCursors(ctx context.Context, id ident.Mailbox) (map[string]store.FolderCursor, error)
	MoveCursor(ctx context.Context, id ident.Mailbox, c store.FolderCursor) error
	Receive(ctx context.Context, box store.Mailbox, c store.FolderCursor, a store.Arrival) (message.Class, error)
	UnknownMail(ctx context.Context, user ident.User, after ident.Message, limit int) ([]store.Message, error)
	SettleSent(ctx context.Context, id ident.Message, where string) (bool, error)
}

var (
	_ Roster = (*store.DB)(nil)
	_ Memory = (*store.DB)(nil)
)

// Config is what New needs.
type Config struct {
	Roster Roster
	Memory Memory
	Server Server
	Log    *slog.Logger
	// Node names this process among those on the same database.
	Node string
}

// rosterEvery is how often the mailboxes and the living nodes are looked up besides the signals: the mailboxes of a node that died
// are taken over a little later than it is known to be dead.
const rosterEvery = 5 * time.Second

// Loop reads the mailboxes. Each is read by one of the living nodes; while nodes come and go two may read one for some
// seconds, which changes nothing: what is taken in is unique.
type Loop struct {
	c      Config
	counts counts
}

// New builds the loop.
func New(c Config) *Loop {
	l := &Loop{c: c}
	l.counts.received, l.counts.states = map[message.Class]int64{}, map[ident.Mailbox]State{}
	return l
}

// watched is a mailbox that is being read.
type watched struct {
	box  store.Mailbox
	stop context.CancelFunc
	done chan struct{}
	// mended has a value when a test found that the mailbox can be read.
	mended chan struct{}
}

// Run reads until ctx ends, and then waits until what is in hand is done.
func (l *Loop) Run(ctx context.Context) {
	running := map[ident.Mailbox]watched{}
	defer func() {
		for _, w := range running {
			w.stop()
		}
		for _, w := range running {
			<-w.done
		}
	}()
	for ctx.Err() == nil {
		if mine, err := l.mine(ctx); err == nil {
			l.arrange(ctx, running, mine)
		} else if ctx.Err() == nil {
			l.c.Log.Error("look up the mailboxes to read", "error", err, "retry_in", rosterEvery)
		}
		sleep(ctx, rosterEvery, l.c.Roster.MailboxSignal())
	}
}

// mine gives the mailboxes that this node reads.
func (l *Loop) mine(ctx context.Context) (map[ident.Mailbox]store.Mailbox, error) {
	boxes, err := l.c.Roster.ReadMailboxes(ctx)
	if err != nil || len(boxes) == 0 {
		return nil, err
	}
	nodes, err := l.c.Roster.LivingNodes(ctx, l.c.Node)
	if err != nil {
		return nil, err
	}
	mine := map[ident.Mailbox]store.Mailbox{}
	for _, b := range boxes {
		if reader(b.ID, nodes) == l.c.Node {
			mine[b.ID] = b
		}
	}
	return mine, nil
}

// reader tells which node reads a mailbox: the one with the highest number of both. When a node comes or goes only its own
// mailboxes change hands.
func reader(id ident.Mailbox, nodes []string) string {
	best, most := "", uint64(0)
	for _, n := range nodes {
		h := fnv.New64a()
		_, _ = h.Write([]byte(id.String() + " " + n))
		if sum := h.Sum64(); best == "" || sum > most {
			best, most = n, sum
		}
	}
	return best
}

// arrange starts and stops watchers so that those of mine run, with their present settings.
func (l *Loop) arrange(ctx context.Context, running map[ident.Mailbox]watched, mine map[ident.Mailbox]store.Mailbox) {
	for id, w := range maps.Clone(running) {
		if now, ok := mine[id]; ok && sameSettings(now, w.box) {
			if now.IMAPCheckError == "" && now.CheckedAt.After(w.box.CheckedAt) {
				signal(w.mended)
			}
			w.box = now
			running[id] = w
			continue
		}
		w.stop()
		<-w.done
		delete(running, id)
		l.counts.forget(id)
	}
	for id, box := range mine {
		if _, ok := running[id]; ok {
			continue
		}
		own, stop := context.WithCancel(ctx)
		w := watched{box: box, stop: stop, done: make(chan struct{}), mended: make(chan struct{}, 1)}
		running[id] = w
		go func() {
			defer close(w.done)
			l.watcher(box, w.mended).run(own)
		}()
	}
}

// sameSettings tells whether a mailbox is still read in the same way. A revision changes with everything that people edit.
func sameSettings(a, b store.Mailbox) bool { return a.Rev == b.Rev && a.GrantError == b.GrantError }

// sleep ends after d, with ctx, or by the signal, which it tells.
func sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) (woken bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
		return true
	}
	return false
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it was not heard yet
	}
}

// State is how the reading of a mailbox goes.
type State string

// The states.
const (
	Connecting State = "connecting"
	Reading    State = "reading"
	Failing    State = "failing"
)

// States lists every state.
func States() []State { return []State{Connecting, Reading, Failing} }

// Figures count what was read by this process, and its mailboxes by their state.
type Figures struct {
	Received  map[message.Class]int64
	Mailboxes map[State]int
}

type counts struct {
	mu       sync.Mutex
	received map[message.Class]int64
	states   map[ident.Mailbox]State
}

func (c *counts) add(class message.Class) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received[class]++
}

func (c *counts) set(id ident.Mailbox, s State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states[id] = s
}

func (c *counts) forget(id ident.Mailbox) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.states, id)
}

// Figures gives the figures of now.
func (l *Loop) Figures() Figures {
	l.counts.mu.Lock()
	defer l.counts.mu.Unlock()
	f := Figures{Received: map[message.Class]int64{}, Mailboxes: map[State]int{}}
	for _, class := range slices.Concat(message.Classes(), []message.Class{message.Unrelated}) {
		f.Received[class] = l.counts.received[class]
	}
	for _, s := range States() {
		f.Mailboxes[s] = 0
	}
	for _, s := range l.counts.states {
		f.Mailboxes[s]++
	}
	return f
}
