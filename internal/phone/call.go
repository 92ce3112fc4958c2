package phone

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Call is one call that this process carries.
type Call struct {
	phone *Phone
	// info, rings and over are guarded by phone.mu.
	info Info
	// rings are the users for whom a call that came in rings.
	rings map[ident.User]bool
	over  time.Time

	// ending gets why the call ends; the first one counts.
	ending chan end
	// picked is signalled when a browser takes a call which came in.
	picked chan struct{}
	keys   chan string

	leg     atomic.Pointer[leg]
	browser atomic.Pointer[browser]
	talking atomic.Bool
	held    atomic.Bool
	// heard tells that the trunk plays something, so that we need not.
	heard   atomic.Bool
	pressed atomic.Bool
	working sync.WaitGroup
}

// concerns tells whether a user sees the call. phone.mu must be held.
func (c *Call) concerns(user ident.User) bool { return c.info.User == user || c.rings[user] }

// begin takes a call into the list. One user has one call at a time.
func (p *Phone) begin(call store.Call, state State, rings map[ident.User]bool) (*Call, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return nil, stopping()
	}
	live := 0
	for _, c := range p.calls {
		if c.info.State == Ended {
			continue
		}
		live++
		if call.User != 0 && c.info.User == call.User {
			return nil, busyHere()
		}
	}
	if live >= p.config.MaxCalls {
		return nil, fault.New(fault.TooMany, "There are %d calls already, and no more are possible at once.", live).WithHint("Wait until one ends.")
	}
	c := &Call{
		phone: p, info: Info{Call: call, State: state}, rings: rings,
		ending: make(chan end, 1), picked: make(chan struct{}, 1), keys: make(chan string, 8),
	}
	p.calls[call.ID] = c
	p.tell(c)
	return c, nil
}

func busyHere() error {
	return fault.New(fault.Conflict, "You are in another call.").WithHint("End it first.")
}

// MayDial tells whether another call of the user can begin; action asks before it writes the call down.
func (p *Phone) MayDial(user ident.User) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if c.info.State != Ended && c.info.User == user {
			return busyHere()
		}
	}
	for _, c := range p.elsewhere {
		if c.EndedAt.IsZero() && c.User == user {
			return busyHere()
		}
	}
	return nil
}

// Dial calls the number of a call that is written down, for the browser that made the offer, and gives what the browser must be
// told. It does not wait for the other side: see Watch.
func (p *Phone) Dial(ctx context.Context, call store.Call, offer string) (answer string, err error) {
	c, err := p.begin(call, Dialling, nil)
	if err != nil {
		return "", errors.Join(err, p.config.Book.CallEnded(ctx, call.ID, store.EndedCancelled, ""))
	}
	legs, err := p.browserLegs()
	if err == nil {
		var b *browser
		if b, answer, err = legs.answer(ctx, offer, c.fromBrowser); err == nil {
			c.browser.Store(b)
		}
	}
	if err != nil {
		c.report(context.WithoutCancel(ctx), end{reason: store.EndedCancelled})
		return "", err
	}
	p.working.Go(func() { c.dial(context.WithoutCancel(ctx)) })
	return answer, nil
}

// dial carries a call that we make from the first ring to its end.
func (c *Call) dial(ctx context.Context) {
	trying, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	answered := make(chan error, 1)
	c.working.Go(func() { c.ring(trying) })
	go func() { answered <- c.reach(trying) }()
	limit := time.NewTimer(c.phone.config.RingLimit)
	defer limit.Stop()
	var why end
	select {
	case err := <-answered:
		if err == nil {
			c.talk(ctx)
		} else {
			c.end(ctx, asEnd(err))
		}
		giveUp(nil)
		c.leave()
		return
	case why = <-c.ending:
		if why.reason == store.EndedHere {
			why.reason = store.EndedCancelled
		}
	case <-c.browser.Load().lost:
		why.reason = store.EndedBrowserLost
	case <-limit.C:
		why.reason = store.EndedNoAnswer
	}
	giveUp(why)
	c.end(ctx, why)
	if err := <-answered; err == nil { // the answer came at the very moment in which we gave up
		c.leg.Load().bye()
	}
	c.leave()
}

// leave closes the trunk's leg and waits for all that worked for the call.
func (c *Call) leave() {
	if l := c.leg.Load(); l != nil {
		l.close()
	}
	c.working.Wait()
	c.phone.settle()
}

func asEnd(err error) end {
	var e end
	if errors.As(err, &e) {
		return e
	}
	return end{store.EndedTrunkTrouble, ""}
}

// reach finds the trunk and calls the number.
func (c *Call) reach(ctx context.Context) error {
	a, err := c.phone.current(ctx)
	if err == nil && a == nil {
		err = errNoTrunk()
	}
	if err != nil {
		return err
	}
	l, err := a.newLeg(c.phone.config.Ports)
	if err != nil {
		c.phone.config.Log.Error("no port for the sound of a call", "error", err)
		return end{reason: store.EndedTrunkTrouble}
	}
	c.leg.Store(l)
	c.working.Go(func() { l.socket.receive(c.fromTrunk) })
	return a.invite(ctx, l, c.info.Number, progress{
		ringing: func() { c.set(Ringing) },
		early:   func() { c.heard.Store(true) },
	})
}

// ring plays the ringing tone to the browser until the trunk plays something itself, or the call is answered.
func (c *Call) ring(ctx context.Context) {
	var tone ringing
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for at := uint32(0); ; at += frame {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if c.talking.Load() {
			return
		}
		if c.state() == Ringing && !c.heard.Load() {
			c.browser.Load().play("tone", at, tone.next())
		}
	}
}

// talk carries an answered call to its end.
func (c *Call) talk(ctx context.Context) {
	p := c.phone
	p.mu.Lock()
	c.info.AnsweredAt, c.rings = time.Now(), nil
	user := c.info.User
	p.mu.Unlock()
	if err := p.config.Book.CallAnswered(ctx, c.info.ID, user); err != nil {
		p.config.Log.Error("write down that a call was answered", "error", err)
	}
	c.talking.Store(true)
	c.set(Talking)
	l, b := c.leg.Load(), c.browser.Load()
	done := make(chan struct{})
	c.working.Go(func() { c.press(l, done) })
	limit := time.NewTimer(p.config.MaxLength)
	defer limit.Stop()
	var why end
	select {
	case why = <-c.ending:
	case <-l.dialog.Context().Done():
		why.reason = store.EndedThere
	case <-b.lost:
		why.reason = store.EndedBrowserLost
	case <-limit.C:
		why.reason = store.EndedTooLong
	}
	close(done)
	if why.reason != store.EndedThere {
		l.bye()
	}
	l.socket.close()
	c.end(ctx, why)
}

// end closes the browser's leg and writes down how the call ended.
func (c *Call) end(ctx context.Context, why end) {
	c.talking.Store(false)
	c.report(ctx, why)
	if b := c.browser.Load(); b != nil {
		b.close()
	}
}

func (c *Call) report(ctx context.Context, why end) {
	p := c.phone
	if err := p.config.Book.CallEnded(ctx, c.info.ID, why.reason, why.detail); err != nil {
		p.config.Log.Error("write down that a call ended", "error", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c.info.State, c.info.End, c.info.Detail, c.info.EndedAt, c.over = Ended, why.reason, why.detail, time.Now(), time.Now()
	p.tell(c)
}

// finish has the call end; it does not wait.
func (c *Call) finish(why end) {
	select {
	case c.ending <- why:
	default: // it is ending already
	}
}

func (c *Call) state() State {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	return c.info.State
}

func (c *Call) set(s State) {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	if c.info.State != s && c.info.State != Ended {
		c.info.State = s
		c.phone.tell(c)
	}
}

// fromBrowser takes what the microphone gives to the trunk.
func (c *Call) fromBrowser(packet *rtp.Packet) {
	l := c.leg.Load()
	if l == nil || !c.talking.Load() || c.pressed.Load() {
		return
	}
	payload := packet.Payload
	if c.held.Load() {
		payload = still(len(payload))
	}
	l.socket.send(l.socket.out.audio("microphone", packet.Timestamp, payload))
}

// fromTrunk takes what the trunk plays to the browser; before the answer that is its own ringing tone.
func (c *Call) fromTrunk(packet *rtp.Packet) {
	b := c.browser.Load()
	if b == nil || c.state() == Ended {
		return
	}
	c.heard.Store(true)
	payload := packet.Payload
	if c.held.Load() {
		payload = still(len(payload))
	}
	b.play("trunk", packet.Timestamp, payload)
}

func still(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = silence
	}
	return b
}

// press sends the keys that somebody presses, one after the other, until the call ends.
func (c *Call) press(l *leg, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case text := <-c.keys:
			c.pressed.Store(true)
			for i := range len(text) {
				c.pressOne(l, text[i], done)
			}
			c.pressed.Store(false)
		}
	}
}

func (c *Call) pressOne(l *leg, key byte, done <-chan struct{}) {
	kind := l.takesKeys()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	wait := func() bool {
		select {
		case <-done:
			return false
		case <-ticker.C:
			return true
		}
	}
	for i, payload := range pressed(key) {
		if !wait() {
			return
		}
		l.socket.send(l.socket.out.key(kind, i == 0, payload))
	}
	for range pauseFrames {
		if !wait() {
			return
		}
	}
}
