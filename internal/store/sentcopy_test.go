package store_test

import (
	"context"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// copying has the mailbox of a user read, with a choice of copies.
func (h *house) copying(user ident.User, choice store.SentCopy) (box store.Mailbox) {
	h.Helper()
	h.write(func(tx *store.Tx) (err error) {
		if box, err = tx.MailboxOf(user); err != nil {
			return err
		}
		box.IMAPHost, box.CopySent = "imap.test", choice
		box, err = tx.UpdateMailbox(box)
		return err
	})
	return box
}

// sentNow sends the one queued mail.
func (h *house) sentNow() store.Message {
	h.Helper()
	pass := h.verdict(1, passing)
	h.finish(store.Delivered, pass[0].Message, "")
	return pass[0].Message
}

// owed wants a number of copies that a mailbox waits for.
func (h *house) owed(box store.Mailbox, want int) {
	h.Helper()
	h.read(func(tx *store.Tx) error {
		n, err := tx.CopiesOwed(box.ID)
		if n != want {
			h.Errorf("%d copies are owed, want %d", n, want)
		}
		return err
	})
}

// claimCopies wants the copies that may be made now.
func (h *house) claimCopies(box store.Mailbox, want ...ident.Message) []*store.MailCandidate {
	h.Helper()
	list, err := h.db.ClaimCopies(context.Background(), box, 10)
	h.must(err)
	boxes, err := h.db.CopyMailboxes(context.Background())
	h.must(err)
	if len(boxes) != 0 {
		h.Errorf("after all were claimed %d mailboxes have copies to make", len(boxes))
	}
	if len(list) != len(want) {
		h.Fatalf("claimed %d copies, want %d", len(list), len(want))
	}
	for i, c := range list {
		if c.Message.ID != want[i] || c.Mailbox.ID != box.ID || c.Message.AttemptAt.IsZero() || c.Message.Subject != "Hello" || c.Message.HTML == "" {
			h.Errorf("claimed %+v, want message %s as it went out", c.Message, want[i])
		}
	}
	return list
}

// TestOwedCopies holds who makes a copy and when, that nobody else does meanwhile, and what becomes of it.
func TestOwedCopies(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		id := h.queued()
		box := h.copying(h.enrollment(id).Assignee, store.CopyAutomatic)
		m := h.sentNow()
		h.owed(box, 1)
		h.claimCopies(box, m.ID)
		h.pass(time.Minute)
		h.claimCopies(box) // nobody else while somebody may be at it
		h.must(h.db.FinishCopies(ctx, box.ID, []store.CopyResult{{Message: m.ID, Trouble: "The folder is full."}}))
		h.claimCopies(box)
		h.pass(time.Minute)
		h.claimCopies(box, m.ID)
		h.read(func(tx *store.Tx) error {
			b, err := tx.GetMailbox(box.ID)
			if b.CopyError != "The folder is full." {
				t.Errorf("the mailbox says %q", b.CopyError)
			}
			return err
		})
		h.pass(16 * time.Minute) // the node was killed: the lease ends
		h.claimCopies(box, m.ID)
		h.must(h.db.FinishCopies(ctx, box.ID, []store.CopyResult{{Message: m.ID}}))
		h.owed(box, 0)
		h.read(func(tx *store.Tx) error {
			b, err := tx.GetMailbox(box.ID)
			if b.CopyError != "" {
				t.Errorf("after a copy was made the mailbox says %q", b.CopyError)
			}
			return err
		})
	})
}

// TestCopiesOfSettledMail are owed from the moment on that a person or a folder says that a mail in doubt was sent.
func TestCopiesOfSettledMail(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		id := h.queued()
		box := h.copying(h.enrollment(id).Assignee, store.CopyAlways)
		pass := h.verdict(1, passing)
		h.finish(store.Unknown, pass[0].Message, "The line broke.")
		h.owed(box, 0)
		_, err := h.db.SettleSent(context.Background(), pass[0].Message.ID, "Sent")
		h.must(err)
		h.owed(box, 1)
	})
}

// TestUnwantedCopies holds that what is not wanted any more is forgotten, and what nobody could make is given up.
func TestUnwantedCopies(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		user := h.enrollment(h.queued()).Assignee
		box := h.copying(user, store.CopyAlways)
		h.sentNow()
		h.owed(box, 1)
		box = h.copying(user, store.CopyNever)
		h.owed(box, 0)
		h.due(10, 1)
		user = h.enrollment(h.queued()).Assignee
		box = h.copying(user, store.CopyAlways)
		h.sentNow()
		h.due(10, 1)
		h.pass(13 * 24 * time.Hour)
		h.must(h.db.Tidy(ctx))
		h.owed(box, 1)
		h.pass(25 * time.Hour)
		h.must(h.db.Tidy(ctx))
		h.owed(box, 0)
		user = h.enrollment(h.queued()).Assignee
		box = h.copying(user, store.CopyAlways)
		h.sentNow()
		h.write(func(tx *store.Tx) error { return tx.DeleteMailbox(user) })
		h.owed(box, 0)
	})
}

// TestCopiesSent holds where copies are made by us.
func TestCopiesSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		box  store.Mailbox
		want bool
	}{
		{"own server", store.Mailbox{Host: "mail.test", IMAPHost: "mail.test", CopySent: store.CopyAutomatic}, true},
		{"only sends", store.Mailbox{Host: "mail.test", CopySent: store.CopyAlways}, false},
		{"never", store.Mailbox{Host: "mail.test", IMAPHost: "mail.test", CopySent: store.CopyNever}, false},
		{"a grant", store.Mailbox{Host: "mail.test", IMAPHost: "mail.test", Auth: store.GoogleAuth, CopySent: store.CopyAutomatic}, false},
		{"Gmail by a password", store.Mailbox{Host: "SMTP.gmail.com.", IMAPHost: "imap.gmail.com", CopySent: store.CopyAutomatic}, false},
		{"Outlook", store.Mailbox{Host: "smtp.office365.com", IMAPHost: "outlook.office365.com", CopySent: store.CopyAutomatic}, false},
		{"Outlook, always", store.Mailbox{Host: "smtp.office365.com", IMAPHost: "outlook.office365.com", CopySent: store.CopyAlways}, true},
	} {
		if got := c.box.CopiesSent(); got != c.want {
			t.Errorf("%s: copies are made: %v, want %v", c.name, got, c.want)
		}
	}
}
