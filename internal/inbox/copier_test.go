package inbox_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"cadenza/internal/inbox"
	"cadenza/internal/signin"
	"cadenza/internal/store"
)

// plainTexts gives a mail of its Message-ID only.
type plainTexts struct{}

func (plainTexts) SentText(_ context.Context, c *store.MailCandidate) (raw []byte, why string, final bool) {
	return []byte("Message-ID: <" + c.Message.RFCID + ">\r\nSubject: Hello\r\n\r\nHello\r\n"), "", false
}

// copying runs a copier beside the reading until the office closes.
func (o *office) copying() (stop func()) {
	k := inbox.NewCopier(inbox.CopierConfig{
		Copies: o.db, Texts: plainTexts{}, Log: slog.New(slog.DiscardHandler),
		Server: inbox.Server{Credentials: func(context.Context, store.Mailbox) (signin.Credentials, error) {
			return signin.Credentials{Username: "anna", Password: "secret"}, nil
		}, Dial: o.dial},
	})
	ctx, cancel := context.WithCancel(o.ctx)
	done := make(chan struct{})
	go func() { defer close(done); k.Run(ctx) }()
	return func() { cancel(); <-done }
}

// sentFolder wants a number of mails in the folder of sent mail, and nothing owed.
func (o *office) sentFolder(want uint32) {
	o.Helper()
	status, err := o.server.Status("Sent", &imap.StatusOptions{NumMessages: true})
	o.must(err)
	if *status.NumMessages != want {
		o.Errorf("%d mails in Sent, want %d", *status.NumMessages, want)
	}
	box := o.mailbox()
	o.must(o.db.Read(o.ctx, func(tx *store.Tx) error {
		n, err := tx.CopiesOwed(box.ID)
		if n != 0 {
			o.Errorf("%d copies are still owed", n)
		}
		return err
	}))
}

// TestCopyIsMadeOnce puts a copy where there is none, and none where one is: the provider's, or ours of which a crash kept the
// note.
func TestCopyIsMadeOnce(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		id := o.send(store.Delivered)
		o.arrive("Sent", "Message-ID: <"+id+">\nSubject: Hello\n\nHello\n")
		stop := o.copying()
		o.pass(10 * time.Second)
		stop()
		o.sentFolder(1)
	})
	inOffice(t, withIdle, func(o *office) {
		o.send(store.Delivered)
		stop := o.copying()
		o.pass(10 * time.Second)
		o.sentFolder(1)
		o.pass(time.Hour)
		stop()
		o.sentFolder(1)
	})
}

// TestCopyAfterTrouble is made once the server is back, which is not called all the time meanwhile.
func TestCopyAfterTrouble(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		o.refuse.Store(true)
		o.send(store.Delivered)
		stop := o.copying()
		o.pass(30 * time.Minute)
		if box := o.mailbox(); box.CopyError == "" {
			o.Error("the mailbox says nothing of the missing copy")
		}
		o.refuse.Store(false)
		o.pass(2 * time.Hour)
		stop()
		o.sentFolder(1)
		if box := o.mailbox(); box.CopyError != "" {
			o.Errorf("after the copy was made the mailbox says %q", box.CopyError)
		}
	})
}
