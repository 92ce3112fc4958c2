package phone

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Board is what nodes on one database share of their calls, so that a browser rings and speaks whichever of them its page reached
// (ADR 0060). Sound never goes over it: that goes from the browser to the node that carries the call.
type Board interface {
	// CallSignal is closed after the next change of a call, or of what is asked of one, on any node.
	CallSignal() <-chan struct{}
	ShareCall(ctx context.Context, c store.SharedCall) error
	CallsElsewhere(ctx context.Context, node string, ended time.Duration) ([]store.SharedCall, error)
	SharePresence(ctx context.Context, node string, users []ident.User) error
	PresentElsewhere(ctx context.Context, node string) ([]ident.User, error)
	Relay
}

// Relay brings what somebody does with a call to the node that carries it, and back what came of it.
type Relay interface {
	AskCall(ctx context.Context, r store.CallRequest) (answer string, err error)
	TakeCallRequests(ctx context.Context, node string) ([]store.CallRequest, error)
	FinishCallRequest(ctx context.Context, id int64, answer string, failed error) error
}

var _ Board = (*store.DB)(nil)

const (
	// presenceEvery is how often this node looks who has left its pages: they count as there for AwayAfter.
	presenceEvery = time.Second
	// shareAgain is how often it tells and reads everything without a sign: a signal may be lost with its connection.
	shareAgain = 15 * time.Second
)

// share tells the other nodes of our calls and of who is at our pages, reads theirs, and does what they ask, until ctx ends. Then
// nobody is here any more.
func (p *Phone) share(ctx context.Context) {
	var there []ident.User // what the others were told
	var again time.Time
	ticker := time.NewTicker(presenceEvery)
	defer ticker.Stop()
	heard := true
	for ctx.Err() == nil {
		changed := p.config.Board.CallSignal()
		all := !time.Now().Before(again)
		if all {
			again = time.Now().Add(shareAgain)
		}
		there = p.sharePresence(ctx, there, all)
		p.shareCalls(ctx)
		if heard || all {
			p.readElsewhere(ctx)
			p.serve(ctx)
		}
		heard = false
		select {
		case <-changed:
			heard = true
		case <-p.stirred:
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), byeLimit)
	defer cancel()
	p.shareCalls(last)
	p.failed(last, "say that nobody is here", p.config.Board.SharePresence(last, p.config.Node, nil))
}

// stir has share look at once.
func (p *Phone) stir() {
	select {
	case p.stirred <- struct{}{}:
	default:
	}
}

// failed notes what did not work; it is tried again.
func (p *Phone) failed(ctx context.Context, what string, err error) bool {
	if err != nil && ctx.Err() == nil {
		p.config.Log.Warn("share calls with the other nodes", "step", what, "error", err)
	}
	return err != nil
}

// sharePresence tells who is at our pages, when that has changed, and gives what the others know now.
func (p *Phone) sharePresence(ctx context.Context, told []ident.User, anew bool) []ident.User {
	p.mu.Lock()
	here := slices.Sorted(maps.Keys(p.present()))
	p.mu.Unlock()
	if !anew && slices.Equal(here, told) || p.failed(ctx, "who is here", p.config.Board.SharePresence(ctx, p.config.Node, here)) {
		return told
	}
	return here
}

// shareCalls tells of those of our calls that have changed.
func (p *Phone) shareCalls(ctx context.Context) {
	p.mu.Lock()
	list := make([]store.SharedCall, 0, len(p.unshared))
	for id := range p.unshared {
		if c := p.calls[id]; c != nil {
			list = append(list, store.SharedCall{Call: c.info.Call, State: string(c.info.State), Rings: slices.Sorted(maps.Keys(c.rings))})
		}
	}
	clear(p.unshared)
	p.mu.Unlock()
	for _, c := range list {
		if p.failed(ctx, "a call", p.config.Board.ShareCall(ctx, c)) {
			p.mu.Lock()
			p.unshared[c.ID] = true
			p.mu.Unlock()
		}
	}
}

// readElsewhere reads the calls of the other nodes, and wakes the watchers whom a difference concerns.
func (p *Phone) readElsewhere(ctx context.Context) {
	list, err := p.config.Board.CallsElsewhere(ctx, p.config.Node, keepEnded)
	if p.failed(ctx, "read theirs", err) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.elsewhere
	p.elsewhere = list
	differs := func(c store.SharedCall, among []store.SharedCall) bool {
		i := slices.IndexFunc(among, func(o store.SharedCall) bool { return o.ID == c.ID })
		return i < 0 || !reflect.DeepEqual(among[i], c)
	}
	p.wake(func(user ident.User) bool {
		return slices.ContainsFunc(list, func(c store.SharedCall) bool { return sharedWith(c, user) && differs(c, old) }) ||
			slices.ContainsFunc(old, func(c store.SharedCall) bool { return sharedWith(c, user) && differs(c, list) })
	})
}

// sharedWith tells whether a user sees a call of another node.
func sharedWith(c store.SharedCall, user ident.User) bool {
	return c.User == user || c.User == 0 && slices.Contains(c.Rings, user)
}

// infoOf gives a call of another node as one of ours.
func infoOf(c store.SharedCall) Info {
	i := Info{Call: c.Call, State: State(c.State)}
	switch {
	case !c.EndedAt.IsZero():
		i.State = Ended
	case i.State == "" && c.Incoming:
		i.State = Ringing
	case i.State == "":
		i.State = Dialling
	}
	return i
}

// presentElsewhere gives who is at pages of other nodes.
func (p *Phone) presentElsewhere(ctx context.Context) []ident.User {
	if p.config.Board == nil {
		return nil
	}
	list, err := p.config.Board.PresentElsewhere(ctx, p.config.Node)
	p.failed(ctx, "who is there", err)
	return list
}

// The verbs between nodes.
const (
	verbAnswer   = "answer"
	verbHangUp   = "hang_up"
	verbLeave    = "leave"
	verbPress    = "press"
	verbHold     = "hold"
	verbTakeBack = "take_back"
)

// nodeOf gives the node that carries a call, "" when it is this one or none. What was read last may be older than the call, so it
// looks once more for one that nobody knows.
func (p *Phone) nodeOf(ctx context.Context, id ident.Call, user ident.User) string {
	find := func() (node string, ours bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, c := range p.elsewhere {
			if c.ID == id && sharedWith(c, user) {
				return c.Node, false
			}
		}
		return "", p.calls[id] != nil
	}
	node, ours := find()
	if p.config.Board == nil || node != "" || ours {
		return node
	}
	p.readElsewhere(ctx)
	node, _ = find()
	return node
}

func (p *Phone) endedElsewhere(id ident.Call) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.elsewhere, func(c store.SharedCall) bool { return c.ID == id && !c.EndedAt.IsZero() })
}

// askLimit is how long another node may take: as long as the other side of a call may take to be put on hold, and a little.
const askLimit = holdLimit + 5*time.Second

// ask has another node do something with a call that it carries.
func (p *Phone) ask(ctx context.Context, r store.CallRequest) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	if len(r.Body) > maxOffer {
		return "", fault.Field("offer", "too_long", "The offer of the browser is too long.")
	}
	if p.endedElsewhere(r.Call) {
		return "", fault.New(fault.Stale, "The call is over.")
	}
	answer, err := p.config.Board.AskCall(ctx, r)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return "", fault.New(fault.Unavailable, "The server that carries the call does not answer.").WithHint("Try again in a moment.").WithInner(err)
	}
	return answer, err
}

// serve does what other nodes ask of our calls. Each is done beside the others: one that waits for the trunk holds up nobody.
func (p *Phone) serve(ctx context.Context) {
	list, err := p.config.Board.TakeCallRequests(ctx, p.config.Node)
	if p.failed(ctx, "take what is asked", err) {
		return
	}
	for _, r := range list {
		p.mu.Lock()
		stopped := p.stopped
		if !stopped {
			p.working.Add(1)
		}
		p.mu.Unlock()
		if stopped {
			p.failed(ctx, "answer", p.config.Board.FinishCallRequest(ctx, r.ID, "", stopping()))
			continue
		}
		go func() {
			defer p.working.Done()
			answer, err := p.do(ctx, r)
			if err != nil && fault.CodeOf(err) == "" {
				p.config.Log.Error("do what another node asks of a call", "verb", r.Verb, "error", err)
			}
			p.failed(ctx, "answer", p.config.Board.FinishCallRequest(ctx, r.ID, answer, err))
		}()
	}
}

// do does one thing that was asked, as if it had been asked here. A call that is not ours is asked of nobody else.
func (p *Phone) do(ctx context.Context, r store.CallRequest) (answer string, err error) {
	if _, err := p.of(r.Call, r.User); err != nil && !fault.Is(err, fault.Stale) {
		return "", err
	}
	switch r.Verb {
	case verbAnswer:
		return p.Answer(ctx, r.Call, r.User, r.Body)
	case verbHangUp, verbLeave:
		return "", p.HangUp(ctx, r.Call, r.User, r.Verb == verbLeave)
	case verbPress:
		return "", p.Press(ctx, r.Call, r.User, r.Body)
	case verbHold, verbTakeBack:
		return "", p.Hold(ctx, r.Call, r.User, r.Verb == verbHold)
	}
	return "", fault.New(fault.Unavailable, "The server that carries the call is older than this one, and cannot do that.").WithHint("Upgrade all servers.")
}
