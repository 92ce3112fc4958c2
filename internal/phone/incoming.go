package phone

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/nyaruka/phonenumbers"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// incomingLimit is how long a call that comes in rings; the caller has no voice mail to go to, so not for ever.
const incomingLimit = 45 * time.Second

// arrived takes a call from the trunk: it is written down, and rings for those who are at a page.
func (p *Phone) arrived(a *agent, req *sip.Request, tx sip.ServerTransaction) {
	p.mu.Lock()
	if p.stopped {
		p.mu.Unlock()
		a.respond(tx, req, 503, "Service Unavailable")
		return
	}
	p.working.Add(1)
	p.mu.Unlock()
	defer p.working.Done()
	ctx := context.Background()
	session, err := a.dialogs.ReadInvite(req, tx)
	if err != nil {
		a.respond(tx, req, 400, "Bad Request")
		return
	}
	refuse := func(status int, reason string) {
		if err := session.Respond(status, reason, nil); err != nil {
			a.log.Debug("refuse a call", "error", err)
		}
	}
	l, err := a.newLeg(p.config.Ports)
	if err != nil {
		a.log.Error("no port for the sound of a call", "error", err)
		refuse(503, "Service Unavailable")
		return
	}
	defer l.close()
	l.dialog, l.server, l.id = session, session, callID(req)
	if contact := req.Contact(); contact != nil {
		l.contact = contact.Address
	}
	a.keep(l)
	if err := l.settle(req.Body()); err != nil {
		refuse(488, "Not Acceptable Here")
		return
	}
	call, owner, err := p.config.Book.CallArrived(ctx, callerOf(req, a.trunk.Number), p.config.Node)
	if err != nil {
		a.log.Error("write down a call that comes in", "error", err)
		refuse(500, "Server Internal Error")
		return
	}
	rings := p.ringsFor(ctx, owner)
	nobody := len(rings) == 0 // asked now: whoever declines at once leaves nobody behind, too
	c, err := p.begin(call, Ringing, rings)
	if err != nil {
		refuse(486, "Busy Here")
		_ = p.config.Book.CallEnded(ctx, call.ID, store.EndedMissed, "")
		return
	}
	c.leg.Store(l)
	c.receive(ctx, l, refuse, nobody)
}

// ringsFor says for whom a call rings: for the owner of the caller's record if free and at a page, of whichever node, else for all who are.
func (p *Phone) ringsFor(ctx context.Context, owner ident.User) map[ident.User]bool {
	others := p.presentElsewhere(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	free := p.present()
	for _, user := range others {
		free[user] = true
	}
	for _, c := range p.elsewhere {
		if c.EndedAt.IsZero() {
			delete(free, c.User)
		}
	}
	for _, c := range p.calls {
		if c.info.State != Ended {
			delete(free, c.info.User)
		}
	}
	if free[owner] {
		return map[ident.User]bool{owner: true}
	}
	return maps.Clone(free)
}

// receive carries a call that came in from the first ring to its end.
func (c *Call) receive(ctx context.Context, l *leg, refuse func(int, string), nobody bool) {
	if nobody {
		c.end(ctx, end{reason: store.EndedMissed})
		refuse(480, "Temporarily Unavailable")
		return
	}
	if err := l.server.Respond(180, "Ringing", nil); err != nil {
		l.agent.log.Debug("ring", "error", err)
	}
	limit := time.NewTimer(incomingLimit)
	defer limit.Stop()
	select {
	case <-c.picked:
		c.working.Go(func() { l.socket.receive(c.fromTrunk) })
		if err := l.server.RespondSDP(l.offer(answering(sendRecv))); err != nil {
			c.end(ctx, end{reason: store.EndedThere})
			break
		}
		c.talk(ctx)
	case why := <-c.ending:
		c.end(ctx, why)
		if why.reason == store.EndedDeclined {
			refuse(603, "Decline")
		} else {
			refuse(480, "Temporarily Unavailable")
		}
	case <-l.dialog.Context().Done(): // the caller gave up
		c.end(ctx, end{reason: store.EndedMissed})
	case <-limit.C:
		c.end(ctx, end{reason: store.EndedMissed})
		refuse(480, "Temporarily Unavailable")
	}
	l.socket.close()
	c.working.Wait()
}

// Answer takes a call that rings, for the browser that made the offer, and gives what the browser must be told.
func (p *Phone) Answer(ctx context.Context, id ident.Call, user ident.User, offer string) (answer string, err error) {
	if node := p.nodeOf(ctx, id, user); node != "" {
		return p.ask(ctx, store.CallRequest{Node: node, Call: id, User: user, Verb: verbAnswer, Body: offer})
	}
	c, err := p.of(id, user)
	if err != nil {
		return "", err
	}
	if err := p.MayDial(user); err != nil {
		return "", err
	}
	legs, err := p.browserLegs()
	if err != nil {
		return "", err
	}
	b, answer, err := legs.answer(ctx, offer, c.fromBrowser)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	taken := c.info.State != Ringing || c.info.User != 0 || !c.rings[user]
	if !taken {
		p.tell(c)
		c.info.User, c.rings = user, nil
		c.browser.Store(b)
	}
	p.mu.Unlock()
	if taken {
		b.close()
		return "", fault.New(fault.Stale, "The call was answered by somebody else, or is over.")
	}
	c.picked <- struct{}{}
	return answer, nil
}

// callerOf gives the number that calls, in the international form where that can be told. A number without a country is one of
// the country of ours.
func callerOf(req *sip.Request, ours string) string {
	from := req.From()
	if from == nil {
		return ""
	}
	user := from.Address.User
	if strings.HasPrefix(user, "00") {
		user = "+" + user[2:]
	}
	region := ""
	if own, err := phonenumbers.Parse(ours, ""); err == nil {
		region = phonenumbers.GetRegionCodeForNumber(own)
	}
	n, err := phonenumbers.Parse(user, region)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return printable(user)
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}
