package store_test

import (
	"fmt"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/pace"
	"cadenza/internal/store"
)

// TestLeftPace holds that a mailbox that is deleted and made again has sent what it has sent, suffered what came back, and goes on with its
// conversations, whoever has its address; and that its mail waits for it meanwhile, also what no gate has seen yet.
func TestLeftPace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna, ben := h.user("Anna").ID, h.user("Ben").ID
		box := h.limit(anna, &store.SendLimits{Day: 2})
		s := h.sequence("Mails", mail("first"), pause("rest", "1h"), mail("second"))
		first := h.connected(s, anna, 2)
		h.due(10, 2)
		sent, _ := h.sendPaced(h.db)
		if len(sent) != 2 {
			t.Fatalf("%d mails went, want 2", len(sent))
		}
		h.due(10, 2)
		h.pass(2 * time.Hour)
		h.due(10, 2) // the follow-ups wait for tomorrow
		h.sendPaced(h.db)
		h.write(func(tx *store.Tx) error {
			_, err := tx.NoteHarm(box.ID, pace.Bounced)
			return err
		})
		fresh := h.connected(s, anna, 1)
		h.due(10, 1)

		h.write(func(tx *store.Tx) error { return tx.DeleteMailbox(anna) })
		h.verdict(3, func(c *store.MailCandidate) store.Verdict {
			if !c.Pacing.NoMailbox || c.Message.Blocker == store.NotBlocked {
				t.Errorf("the gate hears of a mailbox: %+v, blocked by %q", c.Mailbox, c.Message.Blocker)
			}
			return store.Verdict{Kind: store.Later, Blocker: store.BlockNoBox, Reason: "none", At: h.now().Add(24 * time.Hour)}
		})
		for _, id := range []ident.Enrollment{first[0], first[1], fresh[0]} {
			list := h.messages(id)
			if m := list[len(list)-1]; m.State != store.MessageQueued || m.Turn {
				t.Errorf("it is %s, its turn: %t", m.State, m.Turn)
			}
		}

		again := h.remake(anna, "Anna@test.local")
		if again.ID != box.ID {
			t.Errorf("the mailbox has the key %d, want its old one %d", again.ID, box.ID)
		}
		if h.pace(again.ID).Usage.Today(h.pace(again.ID).Limits, h.now()) != 2 {
			t.Errorf("its usage is %+v, want 2 today", h.pace(again.ID).Usage)
		}
		if harm := h.pace(again.ID).Usage.Health(h.pace(again.ID).Limits, h.now()); harm != (pace.Health{Sent: 2, Bounced: 1}) {
			t.Errorf("its health is %+v", harm)
		}
		h.verdict(3, func(c *store.MailCandidate) store.Verdict {
			if c.Mailbox.ID != again.ID || c.Pacing.MailboxGone {
				t.Errorf("it goes through %d, gone: %t, want %d", c.Mailbox.ID, c.Pacing.MailboxGone, again.ID)
			}
			if turn := c.Pacing.Next(c.Message, h.now()); turn.Why != pace.DayCap {
				t.Errorf("it may go at %+v", turn)
			}
			return store.Verdict{Kind: store.Later, Turn: true, Blocker: store.BlockDayCap, Reason: "cap", At: h.now()}
		})

		// Somebody else with the address goes on with what it has sent, and with nothing else.
		h.write(func(tx *store.Tx) error {
			if err := tx.DeleteMailbox(anna); err != nil {
				return err
			}
			return tx.DeleteMailbox(ben)
		})
		other := h.remake(ben, "anna@test.local")
		if other.ID == box.ID || h.pace(other.ID).Usage.Today(h.pace(other.ID).Limits, h.now()) != 2 {
			t.Errorf("the mailbox %d of another user has sent %+v", other.ID, h.pace(other.ID).Usage)
		}
		if fresh := h.remake(anna, "anna2@test.local"); h.pace(fresh.ID).Usage.Today(h.pace(fresh.ID).Limits, h.now()) != 0 {
			t.Errorf("a mailbox of another address has sent %+v", h.pace(fresh.ID).Usage)
		}
	})
}

// TestLeftPaceOfEitherForm holds that an address is the same one however its domain and its letters are written, also where a release before this one
// wrote down what was left.
func TestLeftPaceOfEitherForm(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna").ID
		h.write(func(tx *store.Tx) error { return tx.DeleteMailbox(anna) })
		box := h.remake(anna, "ada@bücher.example")
		h.write(func(tx *store.Tx) error {
			_, err := tx.NoteHarm(box.ID, pace.Bounced)
			return err
		})
		for _, form := range []string{"ada@xn--bcher-kva.example", "Ada@BÜCHER.example", "ADA@xn--BCHER-kva.example", "ada@bücher.example"} {
			h.write(func(tx *store.Tx) error { return tx.DeleteMailbox(anna) })
			again := h.remake(anna, form)
			if harm := h.pace(again.ID).Usage.Health(pace.Limits{}, h.now()); again.ID != box.ID || harm.Bounced != 1 {
				t.Errorf("made again as %s it has the key %d and %+v, want %d and a bounce", form, again.ID, harm, box.ID)
			}
		}
		for _, was := range []string{"ada@bücher.example", "ada@xn--bcher-kva.example"} {
			for _, form := range []string{"ada@bücher.example", "ada@xn--bcher-kva.example"} {
				h.write(func(tx *store.Tx) error { return tx.DeleteMailbox(anna) })
				h.must(h.db.Exec(t.Context(), fmt.Sprintf(`update mailbox_paces set address = '%s' where mailbox_id = %d`, was, int64(box.ID))))
				if again := h.remake(anna, form); again.ID != box.ID {
					t.Errorf("left as %s and made again as %s it has the key %d, want %d", was, form, again.ID, box.ID)
				}
			}
		}
	})
}

// remake makes a mailbox for a user who has none.
func (h *house) remake(user ident.User, address string) (box store.Mailbox) {
	h.Helper()
	h.write(func(tx *store.Tx) (err error) {
		box, err = tx.InsertMailbox(store.Mailbox{User: user, Address: address, SenderName: "x", Host: "mail.test", Port: 25, Security: store.NoTLS})
		return err
	})
	return box
}
