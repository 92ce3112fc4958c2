package delivery

import (
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// TestHands holds that a connection goes on with its mailbox's mail as long as no other mailbox waits for one, and that it counts once,
// however many messages it has on the wire.
func TestHands(t *testing.T) {
	t.Parallel()
	mail := func(id, box int) *store.MailCandidate {
		return &store.MailCandidate{Message: store.Message{ID: ident.Message(id)}, Mailbox: store.Mailbox{ID: ident.Mailbox(box)}}
	}
	now := time.Now()
	h := newHands(2, 1)
	h.take([]*store.MailCandidate{mail(1, 1), mail(2, 1), mail(3, 1)}, now)
	first, ok := h.next(now)
	if !ok || first.Message.ID != 1 {
		t.Fatalf("got %v, %v", first, ok)
	}
	if c, ok := h.next(now); ok {
		t.Errorf("a mailbox of one connection is given another for %v", c.Message.ID)
	}
	if c, ok := h.another(first.Mailbox, now.Add(time.Second)); ok {
		t.Errorf("message %v was claimed too long ago", c.Message.ID)
	}
	if c, ok := h.another(store.Mailbox{ID: 1, Rev: 1}, now); ok {
		t.Errorf("message %v is for a connection of the mailbox as it was", c.Message.ID)
	}
	second, ok := h.another(first.Mailbox, now)
	if !ok || second.Message.ID != 2 {
		t.Fatalf("got %v, %v", second, ok)
	}
	h.take([]*store.MailCandidate{mail(4, 2), mail(5, 3)}, now)
	if c, ok := h.next(now); !ok || c.Message.ID != 4 {
		t.Errorf("the free connection: got %v, %v", c, ok)
	}
	if c, ok := h.another(first.Mailbox, now); ok {
		t.Errorf("message %v goes before that of a mailbox which waits for a connection", c.Message.ID)
	}
	h.landed(first, time.Millisecond, true)
	h.landed(second, time.Millisecond, true)
	h.leave(1)
	if c, ok := h.next(now); !ok || c.Message.ID != 5 {
		t.Errorf("the connection that was given back: got %v, %v", c, ok)
	}
}
