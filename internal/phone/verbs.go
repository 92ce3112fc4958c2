package phone

import (
	"context"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// of gives a live call of a user, or one that rings for the user.
func (p *Phone) of(id ident.Call, user ident.User) (*Call, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.calls[id]
	if c == nil || !c.concerns(user) {
		return nil, fault.New(fault.NotFound, "There is no such call.").WithHint("It may be over.")
	}
	if c.info.State == Ended {
		return nil, fault.New(fault.Stale, "The call is over.")
	}
	return c, nil
}

// HangUp ends a call of the user, or declines one that rings. lost tells that the page of the call is being left. A call that is
// over stays so.
func (p *Phone) HangUp(ctx context.Context, id ident.Call, user ident.User, lost bool) error {
	if node := p.nodeOf(ctx, id, user); node != "" {
		verb := verbHangUp
		if lost {
			verb = verbLeave
		}
		_, err := p.ask(ctx, store.CallRequest{Node: node, Call: id, User: user, Verb: verb})
		if fault.Is(err, fault.Stale) {
			return nil
		}
		return err
	}
	c, err := p.of(id, user)
	if fault.Is(err, fault.Stale) {
		return nil
	}
	if err != nil {
		return err
	}
	why := end{reason: store.EndedHere}
	if lost {
		why.reason = store.EndedBrowserLost
	}
	p.mu.Lock()
	if c.rings[user] && c.info.User != user { // declined by one; it rings on for the others
		delete(c.rings, user)
		p.tell(c)
		last := len(c.rings) == 0
		p.wake(func(u ident.User) bool { return u == user }) // the one who declined sees it go
		p.mu.Unlock()
		if last {
			c.finish(end{reason: store.EndedDeclined})
		}
		return nil
	}
	p.mu.Unlock()
	c.finish(why)
	return nil
}

// Press sends keys to the other side (RFC 4733).
func (p *Phone) Press(ctx context.Context, id ident.Call, user ident.User, keys string) error {
	if !ValidKeys(keys) {
		return fault.Field("keys", "invalid", "Keys are digits, * and #, at most 32 at once.")
	}
	if node := p.nodeOf(ctx, id, user); node != "" {
		_, err := p.ask(ctx, store.CallRequest{Node: node, Call: id, User: user, Verb: verbPress, Body: keys})
		return err
	}
	c, err := p.of(id, user)
	if err != nil {
		return err
	}
	if !c.talking.Load() {
		return notYet()
	}
	if c.leg.Load().takesKeys() == 0 {
		return fault.New(fault.Conflict, "The other side takes no keys.")
	}
	select {
	case c.keys <- keys:
		return nil
	default:
		return fault.New(fault.TooMany, "Too many keys at once.").WithHint("Wait until those before are sent.")
	}
}

func notYet() error { return fault.New(fault.Conflict, "Nobody has answered yet.") }

// holdLimit is how long the other side may take to answer that it is put on hold.
const holdLimit = 5 * time.Second

// Hold puts the other side on hold or takes it back. On hold neither side hears the other, whether the trunk agrees or not.
func (p *Phone) Hold(ctx context.Context, id ident.Call, user ident.User, on bool) error {
	if node := p.nodeOf(ctx, id, user); node != "" {
		verb := verbTakeBack
		if on {
			verb = verbHold
		}
		_, err := p.ask(ctx, store.CallRequest{Node: node, Call: id, User: user, Verb: verb})
		return err
	}
	c, err := p.of(id, user)
	if err != nil {
		return err
	}
	if !c.talking.Load() {
		return notYet()
	}
	c.held.Store(on)
	state := Talking
	if on {
		state = Held
	}
	c.set(state)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), holdLimit)
	defer cancel()
	if err := c.leg.Load().hold(ctx, on); err != nil {
		p.config.Log.Debug("hold", "error", err)
	}
	return nil
}
