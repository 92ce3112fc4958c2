package delivery

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// claim takes as many messages as there is room for, again and again, and lays them before the connections.
func (r *run) claim(ctx context.Context) {
	pause := time.Second
	for ctx.Err() == nil {
		r.sweep()
		a, wanted := r.appetite()
		if !wanted {
			r.rest(ctx)
			continue
		}
		if a.room() < (r.c.PerMailbox+1)/2 && r.hands.busy() {
			wait(ctx, gather, nil)
			if a, wanted = r.appetite(); !wanted {
				continue
			}
		}
		if err := r.claimOnce(ctx, a); err != nil {
			r.c.Log.Error("claim outbox", "error", err, "retry_in", pause)
			r.owed = true
			wait(ctx, pause, nil)
			pause = min(2*pause, 5*time.Second)
			continue
		}
		pause = time.Second
	}
}

// appetite gives what is to be claimed now; wanted is false when nothing is.
func (r *run) appetite() (a appetite, wanted bool) {
	select {
	case <-r.c.Outbox.MailSignal():
		r.quiet = false
	default:
	}
	now := time.Now()
	if !now.Before(r.until) {
		r.quiet = false
	}
	a = r.hands.appetite()
	switch {
	case a.limit <= 0 || slices.Contains(a.busy, 0): // what goes through no mailbox has one lane
		return a, false
	case r.quiet:
		return a, slices.ContainsFunc(r.drained, func(box ident.Mailbox) bool { return !slices.Contains(a.busy, box) })
	case len(a.busy) > 0 && len(a.rooms) == 0 && now.Before(r.notBefore):
		return a, false
	}
	return a, true
}

// claimOnce makes one claim, and notes what it tells of what else is due.
func (r *run) claimOnce(ctx context.Context, a appetite) error {
	began := time.Now().Round(0) // by the clock on the wall
	left := map[ident.Mailbox]bool{}
	var asked []*store.MailCandidate // for the log
	logs := r.c.Log.Enabled(ctx, slog.LevelDebug)
	pass, looked, err := r.c.Outbox.ClaimMail(context.WithoutCancel(ctx), r.c.Node, a.limit, func(c *store.MailCandidate, now time.Time) store.Verdict {
		box := c.Mailbox.ID
		if _, known := a.rooms[box]; !known {
			a.rooms[box] = r.hands.fresh()
		}
		if a.rooms[box] == 0 {
			left[box] = true
			return store.Verdict{Kind: store.Leave}
		}
		v := r.channel.gate(c, now)
		if v.Kind == store.Pass {
			a.rooms[box]--
		} else if logs {
			asked = append(asked, c)
		}
		return v
	}, a.busy...)
	if err != nil {
		return err
	}
	r.tell(ctx, asked)
	r.hands.take(pass, began)
	r.dispatch()
	if len(pass) == 0 && len(a.busy)+len(left) > 0 {
		r.notBefore = time.Now().Add(max(10*time.Since(began), shortestLook)) // a look past what others wait for is not cheap
	}
	if looked == a.limit {
		return nil
	}
	r.drained = a.busy
	for box := range left {
		r.drained = append(r.drained, box)
	}
	r.quiet, r.until = true, time.Now().Add(r.pause(ctx, len(pass) > 0 || len(left) > 0))
	return nil
}

// pause gives how long nothing else will be due: until the next message's time. When messages are due and none could be
// taken it is short, and then longer and longer, because they are in another node's hands.
func (r *run) pause(ctx context.Context, taken bool) time.Duration {
	pause := safetyPoll
	next, err := r.c.Outbox.NextMail(ctx, r.drained...)
	if err == nil && !next.IsZero() {
		pause = min(pause, next.Sub(r.c.Outbox.Now()))
	}
	if pause > 0 || taken {
		r.look = 0
		return max(pause, 0)
	}
	r.look = min(max(2*r.look, shortestLook), longestLook)
	return r.look
}

// rest waits until something may have changed.
func (r *run) rest(ctx context.Context) {
	pause := safetyPoll
	now := time.Now()
	for _, at := range []time.Time{r.until, r.notBefore} {
		if at.After(now) {
			pause = min(pause, at.Sub(now))
		}
	}
	if r.owed || r.hands.busy() {
		pause = min(pause, sweepEvery)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-r.hands.changed:
	case <-r.c.Outbox.MailSignal():
		r.quiet = false
	}
}

// sweep gives back what has waited too long for its connection, and what a broken claim may have left.
func (r *run) sweep() {
	now := time.Now()
	if now.Sub(r.swept) < sweepEvery {
		return
	}
	r.swept = now
	kept, dropped := r.hands.drop(now.Round(0).Add(-staleAfter))
	if dropped > 0 || r.owed {
		r.release(kept)
	}
}

// release gives back what this node has claimed but for what is kept.
func (r *run) release(kept []ident.Message) {
	n, err := r.c.Outbox.ReleaseMail(context.WithoutCancel(r.ctx), r.c.Node, kept)
	if r.owed = err != nil; r.owed {
		r.c.Log.Error("give messages back", "error", err)
		return
	}
	if n > 0 {
		r.quiet = false
		r.c.Log.Info("messages given back", "messages", n)
	}
}

// releaseAll gives back everything that waits for a connection.
func (r *run) releaseAll() {
	for pause := 200 * time.Millisecond; ; pause *= 2 {
		kept, dropped := r.hands.drop(time.Now().Add(time.Hour))
		if dropped == 0 && !r.owed {
			return
		}
		r.release(kept)
		if !r.owed || r.ctx.Err() != nil {
			return
		}
		wait(r.ctx, pause, nil)
	}
}

func wait(ctx context.Context, pause time.Duration, wake <-chan struct{}) {
	if pause <= 0 {
		return
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}

// dispatch starts as many connections as there are messages and room for.
func (r *run) dispatch() {
	for {
		c, ok := r.hands.next(stale())
		if !ok {
			return
		}
		r.workers.Go(func() { r.carry(c) })
	}
}

// stale is the moment before which a message must not have been claimed to go on the wire.
func stale() time.Time { return time.Now().Round(0).Add(-staleAfter) }

// carry hands messages over as long as there are some: those of one mailbox in a row, as long as no other waits for a connection.
func (r *run) carry(c *store.MailCandidate) {
	for ok := true; ok; c, ok = r.hands.next(stale()) {
		box, first, began := c.Mailbox, true, time.Now()
		r.channel.send(r.ctx, box, sending{
			next: func() (*store.MailCandidate, bool) {
				if first {
					first = false
					return c, true
				}
				return r.hands.another(box, stale())
			},
			leaving: r.leaving,
			landed: func(c *store.MailCandidate, h handover) {
				now := time.Now()
				result := r.result(c, h)
				r.hands.landed(c, now.Sub(began), result.Kind == store.Crowded || !beforeMail(result.Kind))
				r.results <- outcome{c, result}
				began = now
			},
		})
		r.hands.leave(box.ID)
	}
}

// finish writes results down, as many at once as have come in.
func (r *run) finish() {
	batch := make([]outcome, 0, resultsAtOnce)
	results := make([]store.MailResult, 0, resultsAtOnce)
	for first := range r.results {
		batch = append(batch[:0], first)
		limit := time.NewTimer(resultsFor)
	more:
		for len(batch) < resultsAtOnce {
			select {
			case o, ok := <-r.results:
				if !ok {
					break more
				}
				batch = append(batch, o)
				continue
			default:
			}
			if !r.hands.moving() {
				break // nothing else will come at once
			}
			select {
			case o, ok := <-r.results:
				if !ok {
					break more
				}
				batch = append(batch, o)
			case <-limit.C:
				break more
			}
		}
		limit.Stop()
		results = results[:0]
		for _, o := range batch {
			results = append(results, o.result)
		}
		r.write(batch, results)
		clear(batch) // until the next results nothing holds on to these mails
		clear(results)
	}
}

// write stores a batch of results. While the database does not answer it tries again, and nothing else goes on the wire; what
// cannot be stored before the server stops is unknown after its next start, never sent twice.
func (r *run) write(batch []outcome, results []store.MailResult) {
	pause := 200 * time.Millisecond
	for {
		err := r.c.Outbox.FinishMail(context.WithoutCancel(r.ctx), results)
		if err == nil {
			break
		}
		r.hands.hold(true)
		r.c.Log.Error("write results of sending", "error", err, "messages", len(batch), "retry_in", pause)
		wait(r.ctx, pause, nil)
		if r.ctx.Err() != nil {
			return
		}
		pause = min(2*pause, 5*time.Second)
	}
	r.c.Journal.settle(batch)
	r.hands.hold(false)
	r.hands.written(batch)
	r.dispatch()
}
