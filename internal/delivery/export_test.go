package delivery

import (
	"context"

	"cadenza/internal/store"
)

// Send hands over one message by itself.
func (t *SMTP) Send(ctx context.Context, box store.Mailbox, from string, to []string, raw []byte) (kind store.ResultKind, reason string) {
	t.SendEach(ctx, box, Parcel{From: from, To: to, Raw: raw, Landed: func(k store.ResultKind, r string) { kind, reason = k, r }})
	return kind, reason
}

// SendEach hands over messages one after the other.
func (t *SMTP) SendEach(ctx context.Context, box store.Mailbox, list ...Parcel) {
	t.SendAll(ctx, box, func() (Parcel, bool) {
		if len(list) == 0 {
			return Parcel{}, false
		}
		p := list[0]
		list = list[1:]
		if p.Leaving == nil {
			p.Leaving = func() error { return nil }
		}
		return p, true
	})
}
