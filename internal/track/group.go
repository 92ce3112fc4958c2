package track

import (
	"errors"
	"sync"
	"time"

	"cadenza/internal/hit"
)

const (
	// gather is how long after one commit the next begins at the earliest. A lone hit waits for nothing; of many, more
	// share a transaction, and whoever else writes gets the turns between.
	gather = 10 * time.Millisecond
	// groupMax bounds the hits of one transaction, so that the engine gets its turn.
	groupMax = 500
	// waitingMax bounds the hits that wait in all. What comes beyond is not stored.
	waitingMax = 20 * groupMax
)

// errBusy says that too many hits wait already.
var errBusy = errors.New("too many hits wait to be stored")

// group stores hits of many requests in one transaction (group commit). There is no goroutine of its own: one of those
// who wait leads and commits for all, and then hands the lead to one who came meanwhile.
type group struct {
	commit func([]hit.Hit) error

	mu sync.Mutex
	// queue are the batches that nobody has begun to commit; hits are added to the last.
	queue   []*batch
	waiting int
	busy    bool
	last    time.Time // when the last commit ended
}

// batch is what is committed together. Its first hit's request leads once lead is closed, or at once.
type batch struct {
	hits []hit.Hit
	lead chan struct{}
	done chan struct{}
	err  error
}

func newGroup(commit func([]hit.Hit) error) *group { return &group{commit: commit} }

// add stores a hit, and comes back when it is on disk, or cannot be. It does not give up when its caller has left:
// others may wait for it to commit for them.
func (g *group) add(h hit.Hit) error {
	b, first, err := g.join(h)
	switch {
	case err != nil:
		return err
	case first:
		<-b.lead
		g.run(b)
	default:
		<-b.done
	}
	return b.err
}

// join puts a hit into the last batch, or begins one, whose leader the caller is then.
func (g *group) join(h hit.Hit) (b *batch, first bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting >= waitingMax {
		return nil, false, errBusy
	}
	g.waiting++
	if n := len(g.queue); n > 0 && len(g.queue[n-1].hits) < groupMax {
		b = g.queue[n-1]
		b.hits = append(b.hits, h)
		return b, false, nil
	}
	b = &batch{hits: []hit.Hit{h}, lead: make(chan struct{}), done: make(chan struct{})}
	g.queue = append(g.queue, b)
	if !g.busy {
		g.busy = true
		close(b.lead)
	}
	return b, true, nil
}

// run takes the batch off the queue, where it is the first, commits it and passes the lead on.
func (g *group) run(b *batch) {
	g.pause()
	g.mu.Lock()
	g.queue = g.queue[1:]
	g.mu.Unlock()
	defer func() {
		close(b.done)
		g.mu.Lock()
		defer g.mu.Unlock()
		g.waiting -= len(b.hits)
		g.last = time.Now()
		if len(g.queue) == 0 {
			g.busy = false
			return
		}
		close(g.queue[0].lead)
	}()
	b.err = errors.New("storing hits broke off") // for those who wait, should commit panic
	b.err = g.commit(b.hits)
}

// pause keeps commits apart. Only who leads calls it, so nobody else's hit waits longer than its own batch.
func (g *group) pause() {
	g.mu.Lock()
	rest := gather - time.Since(g.last)
	full := len(g.queue[0].hits) >= groupMax
	g.mu.Unlock()
	if rest > 0 && !full {
		time.Sleep(rest)
	}
}
