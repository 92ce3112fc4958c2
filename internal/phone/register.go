package phone

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"cadenza/internal/store"
)

const (
	// registerFor is how long we ask the trunk to send us calls; it is renewed at half of what the trunk grants.
	registerFor = 5 * time.Minute
	// answerLimit is how long a trunk may take to say anything at all. By UDP nothing else tells that it is down.
	answerLimit = 8 * time.Second
)

// register asks the trunk to send incoming calls here (RFC 3261 section 10); zero takes that back. It gives for how long the trunk does.
func (a *agent) register(ctx context.Context, span time.Duration) (time.Duration, error) {
	contact := sip.HeaderClone(&a.dialogs.ContactHDR).(*sip.ContactHeader)
	contact.Address.User = a.trunk.User
	res, err := a.ask(ctx, sip.REGISTER, contact, sip.NewHeader("Expires", strconv.Itoa(int(span.Seconds()))))
	if err != nil {
		return 0, err
	}
	if res.StatusCode != 200 {
		return 0, ofRegister(res)
	}
	return granted(res, span), nil
}

// granted reads for how long the trunk keeps us.
func granted(res *sip.Response, asked time.Duration) time.Duration {
	if c := res.Contact(); c != nil {
		if text, ok := c.Params.Get("expires"); ok {
			if n, err := strconv.Atoi(text); err == nil && n > 0 && n < 1<<20 {
				return time.Duration(n) * time.Second
			}
		}
	}
	return asked
}

// ask sends a request outside of calls to the trunk and gives its final answer, with our password where that is asked for.
func (a *agent) ask(ctx context.Context, method sip.RequestMethod, more ...sip.Header) (*sip.Response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, answerLimit, errSilent)
	defer cancel()
	r := a.request(method, a.uri(""))
	r.AppendHeader(a.from(a.trunk.User))
	r.AppendHeader(&sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: a.trunk.User, Host: a.trunk.domain()}})
	for _, h := range more {
		r.AppendHeader(h)
	}
	res, err := a.client.Do(ctx, r)
	if err == nil && (res.StatusCode == 401 || res.StatusCode == 407) && a.authorize(r, res) {
		r.CSeq().SeqNo++
		r.RemoveHeader("Via")
		res, err = a.client.Do(ctx, r, sipgo.ClientRequestAddVia)
	}
	if err != nil {
		return nil, ofTrouble(errors.Join(err, context.Cause(ctx)))
	}
	return res, nil
}

func ofRegister(res *sip.Response) end {
	switch res.StatusCode {
	case 401, 403, 407:
		return end{reason: store.EndedWrongPassword}
	}
	return end{store.EndedTrunkTrouble, fmt.Sprintf("%d %s", res.StatusCode, printable(res.Reason))}
}

// Try signs in to a trunk without changing anything there: it asks where calls for us go now (RFC 3261 section 10.2.3), which
// needs the password. note says what could not be tried.
func Try(ctx context.Context, t Trunk, c Config) (note string, err error) {
	a, err := openAgent(ctx, t, c.address(), c.Log)
	if err != nil {
		return "", err
	}
	defer func() { _ = a.close() }()
	method := sip.REGISTER
	if t.User == "" {
		method = sip.OPTIONS
	}
	res, err := a.ask(ctx, method)
	switch {
	case err != nil:
		return "", err
	case res.StatusCode == 200:
		return "", nil
	case res.StatusCode == 401, res.StatusCode == 403, res.StatusCode == 407:
		return "", end{reason: store.EndedWrongPassword}
	case t.Register && method == sip.REGISTER:
		return "", ofRegister(res)
	}
	return fmt.Sprintf("The trunk answers. It says %d %s to signing in, so only a call shows whether the password is right.", res.StatusCode, printable(res.Reason)), nil
}
