package phone

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"cadenza/internal/store"
)

// dialog is what a call that we made and one that came in have in common.
type dialog interface {
	Context() context.Context
	Bye(ctx context.Context) error
	ReadBye(req *sip.Request, tx sip.ServerTransaction) error
	TransactionRequest(ctx context.Context, req *sip.Request) (sip.ClientTransaction, error)
	WriteRequest(req *sip.Request) error
}

var (
	_ dialog = (*sipgo.DialogClientSession)(nil)
	_ dialog = (*sipgo.DialogServerSession)(nil)
)

// leg is the side of a call that is at the trunk.
type leg struct {
	agent  *agent
	id     string // Call-ID
	dialog dialog
	// server is the dialog of a call that came in; nil for one that we made.
	server *sipgo.DialogServerSession
	// contact is where requests within the call go.
	contact sip.Uri
	socket  *socket

	mu      sync.Mutex
	session uint64
	version int
	remote  media
	held    bool
}

// byeLimit is how long the trunk may take to hear that a call is over.
const byeLimit = 3 * time.Second

func (a *agent) newLeg(ports PortRange) (*leg, error) {
	s, err := openSocket(a.host, ports)
	if err != nil {
		return nil, err
	}
	var b [8]byte
	_, _ = rand.Read(b[:])
	return &leg{agent: a, socket: s, session: binary.BigEndian.Uint64(b[:]) >> 2}, nil
}

// offer describes our side anew.
func (l *leg) offer(direction string) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.version++
	m := media{addr: netip.AddrPortFrom(l.agent.public, l.socket.port()), events: l.remote.events, direction: direction}
	if !l.remote.addr.IsValid() { // an offer: the other side has not said yet whether it takes keys
		m.events = eventType
	}
	return m.describe(l.session, l.version)
}

// settle takes the other side's description.
func (l *leg) settle(body []byte) error {
	m, err := readMedia(body)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.remote = m
	l.mu.Unlock()
	l.socket.aim(m.addr)
	return nil
}

// takesKeys gives the payload type of keys, 0 when the other side takes none.
func (l *leg) takesKeys() uint8 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.remote.events
}

// progress is told what happens before a call is answered.
type progress struct {
	ringing func()
	// early tells that the trunk plays something itself.
	early func()
}

// invite calls a number and waits for the answer. The cause of ctx is an end when somebody gave up; the trunk is told so.
func (a *agent) invite(ctx context.Context, l *leg, number string, p progress) error {
	req := a.request(sip.INVITE, a.uri(number))
	req.AppendHeader(a.from(a.trunk.caller()))
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.AppendHeader(sip.NewHeader("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE"))
	req.SetBody(l.offer(sendRecv))
	session, err := a.dialogs.WriteInvite(context.WithoutCancel(ctx), req)
	if err != nil {
		return ofTrouble(err)
	}
	l.dialog, l.id = session, callID(req)
	a.keep(l)
	silent, heard := context.WithCancelCause(ctx)
	defer heard(nil)
	timer := time.AfterFunc(answerLimit, func() { heard(sipgo.WaitAnswerForceCancelErr) })
	defer timer.Stop()
	err = session.WaitAnswer(silent, sipgo.AnswerOptions{
		Username: a.trunk.login(), Password: a.trunk.Password,
		OnResponse: func(res *sip.Response) error {
			timer.Stop()
			l.progressed(res, p)
			return nil
		},
	})
	if err != nil {
		return l.unanswered(ctx, silent, session, err)
	}
	if contact := session.InviteResponse.Contact(); contact != nil {
		l.contact = contact.Address
	} else {
		l.contact = req.Recipient
	}
	if err := session.Ack(context.WithoutCancel(ctx)); err != nil {
		return ofTrouble(err)
	}
	if err := l.settle(session.InviteResponse.Body()); err != nil {
		l.bye()
		return end{reason: store.EndedNoAudio}
	}
	return nil
}

func (l *leg) progressed(res *sip.Response, p progress) {
	if res.StatusCode != 180 && res.StatusCode != 183 {
		return
	}
	p.ringing()
	if len(res.Body()) > 0 && l.settle(res.Body()) == nil {
		p.early()
	}
}

// unanswered says why a call came to nothing.
func (l *leg) unanswered(ctx, silent context.Context, session *sipgo.DialogClientSession, err error) error {
	var refused *sipgo.ErrDialogResponse
	switch {
	case errors.As(err, &refused):
		return ofStatus(refused.Res)
	case ctx.Err() != nil:
		// Somebody picked up at the very moment in which we gave up: they must not be left with silence.
		if res := session.InviteResponse; res != nil && res.IsSuccess() {
			if session.Ack(context.WithoutCancel(ctx)) == nil {
				l.bye()
			}
		}
		return context.Cause(ctx)
	case context.Cause(silent) == sipgo.WaitAnswerForceCancelErr:
		return ofTrouble(errSilent)
	}
	return ofTrouble(err)
}

// bye ends the leg. The trunk is told so; whether it hears us or not, the leg is over.

func (l *leg) bye() {
	if l.dialog == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), byeLimit)
	defer cancel()
	if err := l.dialog.Bye(ctx); err != nil {
		l.agent.log.Debug("hang up", "error", err)
	}
}

// hold asks the other side to stop sending, or to go on. A side that refuses is silenced here all the same.
func (l *leg) hold(ctx context.Context, on bool) error {
	l.mu.Lock()
	l.held = on
	l.mu.Unlock()
	direction := sendRecv
	if on {
		direction = sendOnly
	}
	body := l.offer(direction)
	var challenge *sip.Response
	for range 2 {
		req := sip.NewRequest(sip.INVITE, l.contact)
		req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
		req.SetBody(body)
		if challenge != nil && !l.agent.authorize(req, challenge) {
			break
		}
		res, err := l.reinvite(ctx, req)
		if err != nil {
			return err
		}
		switch {
		case res.IsSuccess():
			return l.settle(res.Body())
		case res.StatusCode != 401 && res.StatusCode != 407:
			return fmt.Errorf("hold: %d %s", res.StatusCode, printable(res.Reason))
		}
		challenge = res
	}
	return errors.New("hold: the trunk refuses our password")
}

// reinvite sends an INVITE within the call, and the ACK that its answer needs.
func (l *leg) reinvite(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	tx, err := l.dialog.TransactionRequest(ctx, req)
	if err != nil {
		return nil, err
	}
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			if res.IsProvisional() {
				continue
			}
			if res.IsSuccess() {
				ack := sip.NewRequest(sip.ACK, l.contact)
				if err := l.dialog.WriteRequest(ack); err != nil {
					return nil, err
				}
			}
			return res, nil
		case <-tx.Done():
			return nil, tx.Err()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// reinvited answers a change that the other side makes within the call: it holds us, or sends its sound from elsewhere.
func (l *leg) reinvited(req *sip.Request, tx sip.ServerTransaction) {
	direction := sendRecv
	if len(req.Body()) > 0 {
		if err := l.settle(req.Body()); err != nil {
			l.agent.respond(tx, req, 488, "Not Acceptable Here")
			return
		}
		l.mu.Lock()
		direction = answering(l.remote.direction)
		if l.held && direction == sendRecv {
			direction = sendOnly
		}
		l.mu.Unlock()
	}
	res := sip.NewSDPResponseFromRequest(req, l.offer(direction))
	if req.Method == sip.UPDATE && len(req.Body()) == 0 {
		res = sip.NewResponseFromRequest(req, 200, "OK", nil)
	}
	res.AppendHeader(sip.HeaderClone(&l.agent.dialogs.ContactHDR))
	if err := tx.Respond(res); err != nil {
		l.agent.log.Debug("answer a change of the call", "error", err)
	}
}

// acked tells the dialog of a call that came in that the trunk has our answer.
func (l *leg) acked(req *sip.Request, tx sip.ServerTransaction) {
	if l.server == nil {
		return
	}
	if err := l.server.ReadAck(req, tx); err != nil {
		l.agent.log.Debug("read the acknowledgement of a call", "error", err)
	}
}

func (l *leg) close() {
	l.agent.forget(l)
	l.socket.close()
}
