package store_test

import (
	"testing"

	"cadenza/internal/message"
	"cadenza/internal/store"
)

// TestBouncedMessages wants a sent mail to say that it came back, how badly and why, and to be found by it.
func TestBouncedMessages(t *testing.T) {
	t.Parallel()
	soft := message.Failure{Address: "marta@buyer.test", Status: "4.2.2", Detail: "Mailbox full"}
	hard := message.Failure{Address: "marta@buyer.test", Status: "5.1.1", Detail: "No such user", Hard: true}
	each(t, func(t *testing.T, h *house) {
		c := newCorrespondence(h)
		if m := c.lookAt(); m.Bounce.Class != "" {
			t.Errorf("before anything came back it says %+v", m.Bounce)
		}
		c.bounced(0)
		come := func(want message.Class, f message.Failure, detail string) {
			t.Helper()
			c.receive(want, message.Reading{Class: want, Originals: c.about(), Failures: []message.Failure{f}}, message.Incoming{From: from("mailer-daemon@mx.test")})
			if got := c.lookAt().Bounce; got.Class == "" || got.Detail != detail || got.Mail == 0 || got.At.IsZero() {
				t.Errorf("after a %s it says %+v, want %q", want, got, detail)
			}
		}
		come(message.SoftBounce, soft, "Mailbox full")
		c.bounced(1, message.SoftBounce)
		c.bounced(0, message.HardBounce)
		come(message.HardBounce, hard, "No such user")
		come(message.SoftBounce, soft, "No such user") // the address is gone, whatever is said after that
		c.bounced(1)
		c.bounced(1, message.HardBounce)
		c.bounced(0, message.SoftBounce)
	})
}

// lookAt reads the sent mail anew.
func (c *correspondence) lookAt() (m store.Message) {
	c.Helper()
	c.read(func(tx *store.Tx) (err error) {
		m, err = tx.GetMessage(c.sent.ID)
		return err
	})
	return m
}

// bounced wants so many sent mails to be listed that bounced; without classes of any kind, and to be counted so.
func (c *correspondence) bounced(want int, classes ...message.Class) {
	c.Helper()
	all := len(classes) == 0
	if all {
		classes = store.Bounces()
	}
	c.read(func(tx *store.Tx) error {
		page, err := tx.ListMessages(store.MessageQuery{Bounced: classes})
		if err != nil || len(page.Rows) != want {
			c.Errorf("%d messages are listed by %v, %v, want %d", len(page.Rows), classes, err, want)
		}
		if n, err := tx.CountBounced(); all && (err != nil || n != want) {
			c.Errorf("%d are counted, %v, want %d", n, err, want)
		}
		return err
	})
}
