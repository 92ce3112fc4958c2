package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/store"
)

// tries takes what may go through a mailbox that may be shut out.
func (h *house) tries() []*store.MailCandidate {
	h.Helper()
	pass, _, err := h.db.ClaimMail(context.Background(), "test", 100, func(c *store.MailCandidate, now time.Time) store.Verdict {
		if why := c.Pacing.ShutOut(now); why != "" {
			code := store.BlockShutOut
			if c.Pacing.Unreached() {
				code = store.BlockUnreached
			}
			return store.Verdict{Kind: store.Later, Blocker: code, Turn: true, At: now, Reason: why}
		}
		return passing(c)
	})
	h.must(err)
	return pass
}

// ended says how the attempts with these ended.
func (h *house) ended(kind store.ResultKind, list []*store.MailCandidate) {
	h.Helper()
	var results []store.MailResult
	for _, c := range list {
		results = append(results, store.MailResult{
			Message: c.Message, Kind: kind, Again: h.now().Add(time.Minute), Reason: "The password is wrong.", Mailbox: c.Mailbox.ID, Rev: c.Mailbox.Rev, LetIn: kind == store.Delivered && c.Pacing.Tries(),
		})
	}
	h.must(h.db.FinishMail(context.Background(), results))
}

// TestShutOut holds how the mail of a mailbox waits that its server does not let in: nothing fails or counts, one tries each
// hour, and a save, a good test or a mail that gets through lets the rest go at once.
func TestShutOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna").ID
		h.connected(h.sequence("Mails", mail("first")), anna, 12)
		h.due(20, 12)
		goes := func(when string, want int) []*store.MailCandidate {
			t.Helper()
			list := h.tries()
			if len(list) != want {
				t.Fatalf("%s %d go, want %d", when, len(list), want)
			}
			return list
		}
		box := func(fn func(tx *store.Tx, m store.Mailbox) error) {
			t.Helper()
			h.write(func(tx *store.Tx) error {
				m, err := tx.MailboxOf(anna)
				if err != nil {
					return err
				}
				return fn(tx, m)
			})
		}
		h.ended(store.Held, goes("at first", 12))
		goes("after a refusal", 0)
		box(func(_ *store.Tx, m store.Mailbox) error {
			if m.SendError != "The password is wrong." || !m.SendAgain.Equal(h.now().Add(time.Hour)) {
				t.Errorf("the mailbox says %q until %v", m.SendError, m.SendAgain)
			}
			return nil
		})
		h.pass(59 * time.Minute)
		goes("within the hour", 0)
		h.pass(2 * time.Minute)
		one := goes("after an hour", 1)
		goes("while it tries", 0)
		h.ended(store.Astray, one)
		goes("after no mail server answered", 0)
		if opens, err := h.db.NextMail(context.Background()); err != nil || opens.After(h.now().Add(5*time.Minute)) {
			t.Errorf("mail goes on at %v, %v, want within five minutes of %v", opens, err, h.now())
		}
		h.pass(6 * time.Minute)
		one = goes("five minutes later", 1)
		h.ended(store.Held, one)
		goes("after another refusal", 0)

		h.pass(61 * time.Minute)
		h.ended(store.Delivered, goes("an hour later", 1))
		rest := goes("once one got through", 11)
		h.ended(store.Held, rest)
		goes("after a refusal", 0)

		box(func(tx *store.Tx, m store.Mailbox) error {
			m.CheckError = "The password is wrong."
			_, err := tx.NoteMailboxCheck(m)
			return err
		})
		goes("after a bad test", 0)
		box(func(tx *store.Tx, m store.Mailbox) error {
			m.CheckError = ""
			_, err := tx.NoteMailboxCheck(m)
			return err
		})
		rest = goes("after a good test", 11)
		h.ended(store.Held, rest[:3])
		box(func(tx *store.Tx, m store.Mailbox) error { _, err := tx.UpdateMailbox(m); return err })
		h.ended(store.Held, rest[3:]) // with what was saved before
		h.ended(store.Delivered, goes("after a save", 11))
		for _, m := range h.allMessages() {
			if m.State != store.MessageSent || m.Attempts != 1 {
				t.Errorf("a message is %s after %d attempts", m.State, m.Attempts)
			}
		}
	})
}

// TestUnreached holds how the mail of a mailbox waits whose server cannot be reached: a minute at first and then longer, without an attempt that
// counts; a refused sign-in after it is another trouble, and all goes at once after a good test.
func TestUnreached(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna").ID
		h.connected(h.sequence("Mails", mail("first")), anna, 6)
		h.due(20, 6)
		goes := func(when string, want int) []*store.MailCandidate {
			t.Helper()
			list := h.tries()
			if len(list) != want {
				t.Fatalf("%s %d go, want %d", when, len(list), want)
			}
			return list
		}
		var told int
		box := func() (m store.Mailbox) {
			t.Helper()
			h.read(func(tx *store.Tx) (err error) {
				if m, err = tx.MailboxOf(anna); err == nil {
					var list store.Page[store.Notification]
					list, err = tx.Notifications(store.NotificationQuery{User: anna})
					told = len(list.Rows)
				}
				return err
			})
			return m
		}
		all := goes("at first", 6)
		h.ended(store.Crowded, all[:1])
		h.ended(store.Unreached, all[1:])
		since := h.now()
		for i, pause := range []int{1, 2, 5, 5, 5} {
			m := box()
			if !m.UnreachedSince.Equal(since) || !m.SendAgain.Equal(h.now().Add(time.Duration(pause)*time.Minute)) || told != i/3 {
				t.Errorf("attempt %d: away since %v, again at %v, %d told; want since %v, after %d minutes", i, m.UnreachedSince, m.SendAgain, told, since, pause)
			}
			goes("meanwhile", 0)
			for _, m := range h.allMessages() {
				if m.Blocker != store.BlockUnreached || m.Attempts != 0 {
					t.Errorf("a message waits by %q after %d attempts", m.Blocker, m.Attempts)
				}
			}
			h.pass(time.Duration(pause)*time.Minute + time.Second)
			one := goes(fmt.Sprintf("then, after %d", pause), 1)
			if i < 4 {
				h.ended(store.Unreached, one)
			} else {
				h.ended(store.Held, one)
			}
		}
		if m := box(); !m.UnreachedSince.IsZero() || !m.SendAgain.Equal(h.now().Add(time.Hour)) || told != 2 {
			t.Errorf("after a refused sign-in it is away since %v, tried again at %v, %d told", m.UnreachedSince, m.SendAgain, told)
		}
		h.pass(time.Hour)
		h.ended(store.Unreached, goes("an hour later", 1))
		if m := box(); !m.UnreachedSince.Equal(h.now()) || told != 2 {
			t.Errorf("it is away since %v, %d told, want since now", m.UnreachedSince, told)
		}
		h.write(func(tx *store.Tx) error { _, err := tx.NoteMailboxCheck(box()); return err })
		if m := box(); m.SendError != "" || !m.UnreachedSince.IsZero() {
			t.Errorf("after a good test it says %q since %v", m.SendError, m.UnreachedSince)
		}
		h.ended(store.Delivered, goes("after a good test", 6))
	})
}

func (h *house) allMessages() []store.Message {
	h.Helper()
	var page store.Page[store.Message]
	h.read(func(tx *store.Tx) (err error) {
		page, err = tx.ListMessages(store.MessageQuery{Limit: store.MaxPageSize})
		return err
	})
	return page.Rows
}

// TestDeadAddress holds that a server which says at once that the address takes no mail is believed as a report of it would be: the
// address is suppressed and the enrollment ends; a late word of it changes nothing.
func TestDeadAddress(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna").ID
		h.connected(h.sequence("Mails", mail("first"), task("call")), anna, 2)
		h.due(10, 2)
		list := h.tries()
		h.write(func(tx *store.Tx) error { // the first one's record has the address that it went to
			r, err := tx.GetRecord(list[0].Message.Record)
			if err != nil {
				return err
			}
			r.Values["email"] = "lead@buyer.test"
			_, err = tx.UpdateRecord(r)
			return err
		})
		h.ended(store.Dead, list[:1])
		h.ended(store.Delivered, list[1:])
		h.ended(store.Dead, list[1:]) // of no attempt any more
		h.due(10, 2)
		h.stands(list[0].Message.Enrollment, "finished bounced")
		h.stands(list[1].Message.Enrollment, "active in call#2 for person")
		h.message(list[0].Message.Enrollment, store.MessageFailed, "The password is wrong.")
		h.read(func(tx *store.Tx) error {
			found, err := tx.Suppressed([]string{"lead@buyer.test"})
			if len(found) != 1 || found["lead@buyer.test"].Source != store.FromBounce {
				t.Errorf("suppressed: %+v", found)
			}
			return err
		})
	})
}
