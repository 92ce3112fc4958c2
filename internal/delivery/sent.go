package delivery

import (
	"context"

	"cadenza/internal/store"
)

// SentText builds an email that was sent for its copy among the sent mail of its seller. It makes the bytes that went out, but
// for what follows the customer: a seller who opens the copy must not count as an open, nor their click as a click. So files stand in it
// themselves, and those in BCC stand in its header. The moment of a signature and settings that were changed since may differ, too. final tells that it can
// never be made; why says it in a sentence.
func (l *Loop) SentText(ctx context.Context, c *store.MailCandidate) (raw []byte, why string, final bool) {
	e, ok := l.channel.(*emails)
	if !ok {
		return nil, "It is no email.", true
	}
	c.Message.Tracked = false
	files, h := e.carried(ctx, c)
	if h.kind == store.Delivered {
		raw, _, h = e.made(nil, c, files, true)
	}
	return raw, h.reason, h.kind == store.Rejected
}
