package store

import (
	"context"
	"sync"
	"time"

	"cadenza/internal/portion"
)

// On SQLite, which has one writer, the next portion of a backlog is read and decided on while this one is written: on another
// connection, whose snapshot is the database as it was when this one began. What came of it is used only if nothing was written between the two
// but this portion, by anybody, and if this portion wrote nothing that another enrollment's decision reads. So it is what the transaction
// would have found itself; otherwise it is thrown away, and the transaction reads for itself (ADR 0064).

// ahead is what was read and decided on beside the portion before.
type ahead struct {
	list []*loaded
	w    writes
	now  time.Time
	err  error
	// mark is the writer's once the portion before was written.
	mark mark
}

// mark tells how often the database was changed, on the writer's connection and by all others: it is the same again if nobody has changed a row.
type mark struct{ own, others int64 }

const (
	markQuery = `select total_changes(), data_version from pragma_data_version`
	// aheadFor is for how long a decision waits for the writer at most.
	aheadFor = time.Second
	// readerWait is for how long a portion that is written waits for a reader of the next one.
	readerWait = time.Second / 4
	// longestRest bounds for how many portions nothing is read ahead where what was read could not be used: others write all the time.
	longestRest = 64
)

// aheads hands what was read from one portion to the next.
type aheads struct {
	mu   sync.Mutex
	next *ahead
	// rest is for how many portions nothing is read ahead, rested how many of them are over.
	rest, rested int
}

func (a *aheads) take() *ahead {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := a.next
	a.next = nil
	return next
}

func (a *aheads) put(next *ahead) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next = next
}

// used notes whether what was read was of use.
func (a *aheads) used(ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rested = 0
	if ok {
		a.rest = 0
	} else {
		a.rest = min(2*a.rest+1, longestRest)
	}
}

// wanted tells whether it is worth while to read ahead of the next portion.
func (a *aheads) wanted() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.rested >= a.rest {
		return true
	}
	a.rested++
	return false
}

// playAhead is Play on SQLite.
func (db *DB) playAhead(ctx context.Context, p *portion.Portion) (int, error) {
	before := db.aheads.take()
	var beside *besides
	var at mark
	played, err := db.WriteSome(ctx, p, func(tx *Tx, most int) (int, error) {
		list, w, err := tx.duePortion(before, most)
		if err != nil {
			return 0, err
		}
		if len(list) == most && len(w.sets) == 0 && len(w.connects) == 0 && db.mayReadAhead() {
			beside = db.readBeside(ctx, list[most-1], most)
		}
		next, err := tx.perform(&w)
		if err == nil {
			err = tx.follow(next)
		}
		if err == nil && beside != nil {
			at, err = tx.mark()
		}
		return len(list), err
	})
	if beside != nil {
		switch next := beside.wait(); {
		case next.err != nil:
			db.aheads.used(false)
		case err == nil:
			next.mark = at
			db.aheads.put(next)
		}
	}
	return played, err
}

// mayReadAhead tells whether another processor is likely to be free: whoever reads a page at the moment comes first.
func (db *DB) mayReadAhead() bool { return db.reader.Stats().InUse == 0 && db.aheads.wanted() }

// duePortion gives what is due and what its moves write: what was read ahead, if it still holds, or else what it reads itself.
func (tx *Tx) duePortion(before *ahead, most int) ([]*loaded, writes, error) {
	if before != nil {
		at, err := tx.mark()
		if err != nil {
			return nil, writes{}, err
		}
		late := tx.Now.Sub(before.now)
		ok := at == before.mark && late >= 0 && late <= aheadFor
		tx.db.aheads.used(ok)
		if ok && len(before.list) == most { // another number is the end of the backlog, or the portions have another size now
			tx.Now = before.now
			return before.list, before.w, nil
		}
	}
	list, err := tx.loadDue(most)
	return list, decideAll(list, nil, tx.Now), err
}

func (tx *Tx) mark() (m mark, err error) {
	return m, tx.row(markQuery).Scan(&m.own, &m.others)
}

// besides is a portion that is being read.
type besides struct {
	begun chan struct{}
	stop  context.CancelFunc
	done  chan *ahead
}

// readBeside reads the portion that follows an enrollment, on the next processor. The caller waits for it.
func (db *DB) readBeside(ctx context.Context, last *loaded, most int) *besides {
	ctx, stop := context.WithCancel(ctx)
	b := &besides{begun: make(chan struct{}), stop: stop, done: make(chan *ahead, 1)}
	due, id := last.due, int64(last.snap.Enrollment)
	go func() {
		a := &ahead{}
		a.err = db.Read(ctx, func(tx *Tx) (err error) {
			close(b.begun)
			a.now = tx.Now
			if a.list, err = tx.load(dueQuery+` and (due_at, id) > ($3, $4)`+dueOrder, tx.Now.UnixMicro(), most, due, id); err == nil {
				a.w = decideAll(a.list, nil, tx.Now)
			}
			return err
		})
		b.done <- a
	}()
	return b
}

// wait gives what was read. Where all readers are taken by others it does not wait long for one of them.
func (b *besides) wait() *ahead {
	defer b.stop()
	patience := time.NewTimer(readerWait)
	defer patience.Stop()
	select {
	case a := <-b.done:
		return a
	case <-b.begun:
	case <-patience.C:
		b.stop()
	}
	return <-b.done
}
