package delivery

import (
	"context"
	"sync"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// sentBytes bounds the texts of sent mail that are kept for their copies, in bytes.
const sentBytes = 16 << 20

// sentTexts keeps the very bytes that went out until their copy is made. It may forget any of them: they are built anew
// then.
type sentTexts struct {
	mu    sync.Mutex
	kept  map[ident.Message][]byte
	order []ident.Message // oldest first
	size  int
}

func (s *sentTexts) keep(id ident.Message, raw []byte) {
	if len(raw) > sentBytes {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[ident.Message][]byte{}
	}
	if _, twice := s.kept[id]; !twice {
		s.kept[id], s.order, s.size = raw, append(s.order, id), s.size+len(raw)
	}
	for s.size > sentBytes {
		s.drop(s.order[0])
	}
}

func (s *sentTexts) get(id ident.Message) []byte { s.mu.Lock(); defer s.mu.Unlock(); return s.kept[id] }

func (s *sentTexts) forget(id ident.Message) { s.mu.Lock(); defer s.mu.Unlock(); s.drop(id) }

// drop forgets one; the oldest stands first and is mostly the one.
func (s *sentTexts) drop(id ident.Message) {
	for i, k := range s.order {
		if k == id {
			s.order, s.size = append(s.order[:i:i], s.order[i+1:]...), s.size-len(s.kept[id])
			delete(s.kept, id)
			return
		}
	}
}

// SentText gives the bytes of an email that was sent: the very ones as long as they are kept, else built anew of what is
// stored, which makes the same but for the moment in a signature and what was changed in the settings since. final tells
// that it can never be made again; why says it in a sentence.
func (l *Loop) SentText(ctx context.Context, c store.MailCandidate) (raw []byte, why string, final bool) {
	e, ok := l.channel.(*emails)
	if !ok {
		return nil, "It is no email.", true
	}
	if raw := e.sent.get(c.Message.ID); raw != nil {
		return raw, "", false
	}
	files, h := e.carried(ctx, c)
	if h.kind == store.Delivered {
		raw, _, h = e.made(c, files)
	}
	return raw, h.reason, h.kind == store.Rejected
}

// ForgetText tells that the bytes of an email are not asked for again.
func (l *Loop) ForgetText(id ident.Message) {
	if e, ok := l.channel.(*emails); ok {
		e.sent.forget(id)
	}
}
