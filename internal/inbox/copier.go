package inbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Copies says which copies of sent mail are owed.
type Copies interface {
	CopyMailboxes(ctx context.Context) ([]store.Mailbox, error)
	ClaimCopies(ctx context.Context, box store.Mailbox, limit int) ([]*store.MailCandidate, error)
	FinishCopies(ctx context.Context, box ident.Mailbox, results []store.CopyResult) error
}

var _ Copies = (*store.DB)(nil)

// SentTexts gives the bytes of sent mail.
type SentTexts interface {
	// SentText gives the bytes, or why there are none, and whether that is final.
	SentText(ctx context.Context, c *store.MailCandidate) (raw []byte, why string, final bool)
}

// CopierConfig is what NewCopier needs.
type CopierConfig struct {
	Copies Copies
	Texts  SentTexts
	Server Server
	Log    *slog.Logger
}

const (
	// copyEvery is how often owed copies are looked for: nobody waits for one, and the look costs one small query.
	copyEvery = 2 * time.Second
	// copyChunk is how many copies are claimed at once, and copyLimit the time for them: shorter than the lease of a claim, so
	// that nobody else can make the same copy meanwhile.
	copyChunk = 20
	copyLimit = 8 * time.Minute
	// copiersMax is how many mailboxes are written into at once.
	copiersMax = 4
	// copyPause is the first pause after trouble with a mailbox's server; it doubles up to longestPause.
	copyPause = 10 * time.Second
)

// Copier writes copies of sent mail into the mailboxes' folders of sent mail, by connections of its own that stand beside
// the reading: so no mail and no reading ever waits for a copy.
type Copier struct {
	c    CopierConfig
	mu   sync.Mutex
	busy map[ident.Mailbox]bool
	rest map[ident.Mailbox]rest
}

// rest is how long a mailbox is left alone after trouble, in the revision that had it.
type rest struct {
	rev   int64
	pause time.Duration
	until time.Time
}

// NewCopier builds the copier.
func NewCopier(c CopierConfig) *Copier {
	return &Copier{c: c, busy: map[ident.Mailbox]bool{}, rest: map[ident.Mailbox]rest{}}
}

// Run copies until ctx ends, and then waits until what is in hand is done.
func (k *Copier) Run(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	for ; ctx.Err() == nil; sleep(ctx, copyEvery, nil) {
		boxes, err := k.c.Copies.CopyMailboxes(ctx)
		if err != nil {
			if ctx.Err() == nil {
				k.c.Log.Error("look for copies to make", "error", err, "retry_in", copyEvery)
			}
			continue
		}
		for _, box := range boxes {
			if k.take(box) {
				workers.Go(func() { k.done(box, k.copyAll(ctx, box)) })
			}
		}
	}
}

// take tells whether a mailbox is to be written into now, and marks it as being in hand.
func (k *Copier) take(box store.Mailbox) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	r := k.rest[box.ID]
	if k.busy[box.ID] || len(k.busy) >= copiersMax || r.rev == box.Rev && time.Now().Before(r.until) {
		return false
	}
	k.busy[box.ID] = true
	return true
}

// done notes how it went with a mailbox.
func (k *Copier) done(box store.Mailbox, well bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.busy, box.ID)
	if well {
		delete(k.rest, box.ID)
		return
	}
	pause := copyPause
	if r := k.rest[box.ID]; r.rev == box.Rev {
		pause = min(max(2*r.pause, copyPause), longestPause)
	}
	k.rest[box.ID] = rest{box.Rev, pause, time.Now().Add(pause)}
}

// copyAll makes the copies of a mailbox that are due. It tells whether its server let that be done.
func (k *Copier) copyAll(ctx context.Context, box store.Mailbox) (well bool) {
	for ctx.Err() == nil {
		list, err := k.c.Copies.ClaimCopies(ctx, box, copyChunk)
		if err != nil {
			if ctx.Err() == nil {
				k.c.Log.Error("claim copies", "error", err, "mailbox", box.ID.String())
			}
			return false
		}
		if len(list) == 0 {
			return true
		}
		results, well := k.copySome(ctx, box, list)
		if err := k.c.Copies.FinishCopies(context.WithoutCancel(ctx), box.ID, results); err != nil {
			k.c.Log.Error("finish copies", "error", err, "mailbox", box.ID.String()) // they are looked up again when their lease is over
			return false
		}
		if !well {
			return false
		}
	}
	return true
}

// copySome makes copies through one connection. well is false when the server could not be used.
func (k *Copier) copySome(ctx context.Context, box store.Mailbox, list []*store.MailCandidate) (results []store.CopyResult, well bool) {
	ctx, cancel := context.WithTimeout(ctx, copyLimit)
	defer cancel()
	fail := func(rest []*store.MailCandidate, why string) {
		for _, c := range rest {
			results = append(results, store.CopyResult{Message: c.Message.ID, Trouble: why})
		}
	}
	s, err := k.open(ctx, box)
	if err != nil {
		reason, _ := Trouble(err, box)
		fail(list, reason)
		k.c.Log.Warn("sent mail cannot be copied", "reason", reason, "mailbox", box.ID.String())
		return results, false
	}
	defer s.close()
	for i, c := range list {
		r, err := s.copy(ctx, c)
		if err != nil {
			reason, _ := Trouble(err, box)
			fail(list[i:], reason)
			k.c.Log.Warn("the copying of sent mail was interrupted", "reason", reason, "mailbox", box.ID.String())
			return results, false
		}
		results = append(results, r)
	}
	return results, true
}
