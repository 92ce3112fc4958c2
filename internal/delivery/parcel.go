package delivery

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"cadenza/internal/store"
)

// Parcel is a built message on its way to a server.
type Parcel struct {
	From string
	To   []string
	Raw  []byte
	// Leaving is called before the text touches the network, and keeps it back by an error.
	Leaving func() error
	// Landed is told once how the attempt ended and, unless it was delivered, why in a sentence.
	Landed func(store.ResultKind, string)
}

// parcels are what SendAll has to hand over. Each that was taken lands, or is given back.
type parcels struct {
	next func() (Parcel, bool)
	// back are those that another session has to carry.
	back []Parcel
}

func (p *parcels) take() (Parcel, bool) {
	if len(p.back) > 0 {
		first := p.back[0]
		p.back = p.back[1:]
		return first, true
	}
	return p.next()
}

// giveBack leaves a parcel to another session.
func (p *parcels) giveBack(one Parcel) { p.back = append(p.back, one) }

// SendAll hands over messages of a mailbox, one after the other. Where the server offers PIPELINING (RFC 2920, section 3.1), the
// commands of the next go out together with the text of the one before; where it offers CHUNKING (RFC 3030, section 2), a text is one
// chunk.
func (t *SMTP) SendAll(ctx context.Context, box store.Mailbox, next func() (Parcel, bool)) {
	list := &parcels{next: next}
	for p, ok := list.take(); ok; p, ok = list.take() {
		t.carry(ctx, box, p, list)
	}
}

// carry hands over p, and what comes after it, over one session.
func (t *SMTP) carry(ctx context.Context, box store.Mailbox, p Parcel, list *parcels) {
	k := key{box.ID, box.Rev}
	opening, cancel := context.WithTimeout(ctx, attemptLimit)
	s, fresh, err := t.take(opening, k, box)
	cancel()
	if err != nil {
		kind, reason := judgeOpening(err, box)
		if kind == store.Unreached && (ctx.Err() != nil || t.stands(k)) {
			kind = store.Crowded // we stop, or the server takes no more sessions at once: the mailbox itself is well
		}
		p.Landed(kind, reason)
		return
	}
	t.ride(k, 1)
	defer t.ride(k, -1)
	r := t.newRide(ctx, s, box, fresh)
	usable := r.carry(p, list)
	if r.end(); usable {
		t.keep(k, s)
		return
	}
	_ = s.client.Close()
}

// ride is the use of a session for messages in a row.
type ride struct {
	*session
	box   store.Mailbox
	hosts *hosts
	// fresh tells that the session has just been opened. Another one may have been closed by the server meanwhile: where nothing was
	// handed over then, a message is left to the next session.
	fresh bool
	limit *time.Timer
	late  atomic.Bool
	stop  func() bool
}

func (t *SMTP) newRide(ctx context.Context, s *session, box store.Mailbox, fresh bool) *ride {
	r := &ride{session: s, box: box, hosts: &t.hosts, fresh: fresh}
	r.limit = time.AfterFunc(attemptLimit, func() { r.late.Store(true); _ = s.client.Close() })
	r.stop = context.AfterFunc(ctx, func() { _ = s.client.Close() })
	return r
}

func (r *ride) end() {
	r.limit.Stop()
	r.stop()
}

// carry hands over p and what comes after it, until there is no more; usable tells that the session can be kept.
func (r *ride) carry(p Parcel, list *parcels) (usable bool) {
	err := r.wire.open(p)
	for {
		var next Parcel
		var more bool
		r.learn(err)
		if err != nil {
			if !r.notOpened(p, err, list) {
				return false
			}
			if next, more = list.take(); more {
				err = r.wire.open(next)
			}
		} else {
			next, more = list.take()
			if err, usable = r.hand(p, next, more, list); !usable {
				if more {
					list.giveBack(next)
				}
				return false
			}
		}
		if !more {
			return true
		}
		p, r.fresh = next, false
		r.limit.Reset(attemptLimit)
	}
}

// notOpened says what comes of a message that the server did not want to begin with; usable tells that it may take another one.
func (r *ride) notOpened(p Parcel, err error, list *parcels) (usable bool) {
	kind, reason := r.judge(err, false)
	usable = r.restored(err)
	if !usable && r.leaves(kind, false) {
		list.giveBack(p)
		return false
	}
	p.Landed(kind, reason)
	return usable
}

// hand hands over the text of p and opens next, if there is one. usable tells that the session is of use for next, and opening is
// what the server said to it.
func (r *ride) hand(p, next Parcel, more bool, list *parcels) (opening error, usable bool) {
	var ahead []command
	if more {
		ahead = r.wire.ahead(next)
	}
	if err := p.Leaving(); err != nil {
		p.Landed(unnoted.kind, unnoted.reason)
		return nil, false
	}
	chunk := r.wire.chunking.now
	committed, err := r.wire.hand(p.Raw, ahead)
	kind, reason := r.judge(err, committed)
	_, refused := refusal(err)
	if chunk && r.byData(err, committed) || err != nil && !refused && r.leaves(kind, committed) {
		list.giveBack(p)
		return nil, false
	}
	p.Landed(kind, reason)
	switch {
	case err == nil && ahead != nil:
		return r.wire.answered(ahead...), true
	case ahead != nil: // what is said to the one behind a refused text may mean the refused one
		return nil, false
	case err != nil && !r.restored(err):
		return nil, false
	case more:
		return r.wire.open(next), true
	}
	return nil, true
}

// judge gives what an error means for a message.
func (r *ride) judge(err error, committed bool) (store.ResultKind, string) {
	if err == nil {
		return store.Delivered, ""
	}
	if r.late.Load() {
		err = errors.Join(err, context.DeadlineExceeded) // the connection was closed for that
	}
	return judge(err, committed, r.box)
}

// leaves tells that a message is left to another session.
func (r *ride) leaves(kind store.ResultKind, committed bool) bool {
	return kind == store.Retry && !committed && !r.fresh && !r.late.Load()
}

// restored tells that a refusal was all that went wrong, so that the session can be used again.
func (r *ride) restored(err error) bool {
	_, refused := refusal(err)
	return refused && r.wire.reset() == nil
}
