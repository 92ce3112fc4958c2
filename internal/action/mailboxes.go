package action

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/signin"
	"cadenza/internal/store"
)

// The limits of a mailbox.
const (
	maxHost      = 253
	maxAccount   = 255
	maxSignature = 5000
	// probeLimit bounds the test of a mailbox.
	probeLimit = 30 * time.Second
)

// Prober tries a mailbox's server with what signs it in.
type Prober func(ctx context.Context, m store.Mailbox, c signin.Credentials) error

// MailboxInput is the input for a user's mailbox.
type MailboxInput struct {
	// User is zero for the actor.
	User                      ident.User
	Address, SenderName, Host string
	Port                      int
	Security                  store.Security
	// Username and Password sign in at the server; an empty password keeps the old one.
	Username, Password string
	Signature          string
	// Rev is the revision that was read; 0 does not check.
	Rev int64
}

// secretName ties a mailbox's password to its user, host and account: whoever changes where it is sent to must know it.
func secretName(m store.Mailbox) string {
	return fmt.Sprintf("mailbox/%d/%s/%s", int64(m.User), strings.ToLower(m.Host), m.Username)
}

// Credentials gives what signs a mailbox in, for whoever sends its mail and reads it. A fault is what a person has to mend;
// any other error may pass by itself.
func (a *App) Credentials(_ context.Context, m store.Mailbox) (signin.Credentials, error) {
	password, err := a.vault.Open(secretName(m), m.Secret)
	return signin.Credentials{Username: m.Username, Password: password}, err
}

// ListMailboxes lists every mailbox for who manages them, and the own one for others.
func (a *App) ListMailboxes(ctx context.Context, actor access.Actor) ([]store.Mailbox, error) {
	if err := may(actor, access.UseMailbox); err != nil {
		return nil, err
	}
	var list []store.Mailbox
	err := a.db.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.ListMailboxes()
		for _, m := range all {
			if access.MayOn(actor, access.UseMailbox, m.User) {
				list = append(list, withoutSecret(m))
			}
		}
		return err
	})
	return list, err
}

// withoutSecret keeps whether there is a password, but not the password, not even encrypted.
func withoutSecret(m store.Mailbox) store.Mailbox {
	if len(m.Secret) > 0 {
		m.Secret = []byte{}
	} else {
		m.Secret = nil
	}
	return m
}

// GetMailbox gives a user's mailbox. Its Secret is nil when it has no password, and empty when it has one.
func (a *App) GetMailbox(ctx context.Context, actor access.Actor, user ident.User) (store.Mailbox, error) {
	if err := mayOn(actor, access.UseMailbox, user); err != nil {
		return store.Mailbox{}, err
	}
	m, err := a.mailboxOf(ctx, user)
	return withoutSecret(m), err
}

func (a *App) mailboxOf(ctx context.Context, user ident.User) (m store.Mailbox, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) (err error) {
		m, err = tx.MailboxOf(user)
		return err
	})
	return m, err
}

// SaveMailbox makes or changes a user's mailbox. Another server or account needs the password again.
func (a *App) SaveMailbox(ctx context.Context, actor access.Actor, in MailboxInput) (store.Mailbox, error) {
	if in.User == 0 {
		in.User = actor.ID
	}
	if err := mayOn(actor, access.UseMailbox, in.User); err != nil {
		return store.Mailbox{}, err
	}
	next, err := in.mailbox()
	if err != nil {
		return store.Mailbox{}, err
	}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.GetUser(in.User); err != nil {
			return err
		}
		old, err := tx.MailboxOf(in.User)
		fresh := fault.Is(err, fault.NotFound)
		if err != nil && !fresh {
			return err
		}
		if err := a.seal(&next, old, in.Password); err != nil {
			return err
		}
		next.ID, next.Paused, next.Rev = old.ID, old.Paused, old.Rev
		if in.Rev != 0 {
			next.Rev = in.Rev
		}
		write, verb := tx.UpdateMailbox, "update"
		if fresh {
			write, verb = tx.InsertMailbox, "create"
		}
		if next, err = write(next); err != nil {
			return err
		}
		return tx.Audit(actor.ID, verb, "mailbox", int64(next.ID), fmt.Sprintf("%s, %s:%d", next.Address, next.Host, next.Port))
	})
	if err != nil {
		return store.Mailbox{}, err
	}
	return withoutSecret(next), nil
}

// seal encrypts a new password, or keeps the old one as long as it goes to the same place. Else somebody who may change
// a mailbox could send its password to a server of their own.
func (a *App) seal(next *store.Mailbox, old store.Mailbox, password string) error {
	switch {
	case password != "":
		sealed, err := a.vault.Seal(secretName(*next), password)
		next.Secret = sealed
		return err
	case len(old.Secret) == 0 || next.Username == "":
		return nil
	case secretName(*next) != secretName(old) || weaker(next.Security, old.Security):
		return fault.Field("password", "required", "The server, the account or the protection changed: enter the password again.")
	}
	next.Secret = old.Secret
	return nil
}

// weaker tells that a password would travel in the open which did not before.
func weaker(next, old store.Security) bool { return next == store.NoTLS && old != store.NoTLS }

// mailbox checks the input and gives the mailbox.
func (in MailboxInput) mailbox() (store.Mailbox, error) {
	m := store.Mailbox{
		User: in.User, Address: strings.TrimSpace(in.Address), SenderName: strings.Join(strings.Fields(in.SenderName), " "),
		Host: strings.TrimSpace(in.Host), Port: in.Port, Security: in.Security, Username: strings.TrimSpace(in.Username), Signature: strings.TrimSpace(in.Signature),
	}
	var problems []fault.Problem
	add := func(field, code, text string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: text})
	}
	if !message.ValidEmail(m.Address) {
		add("address", "invalid", "Address is not an email address, for instance anna@example.com.")
	}
	if clean(m.SenderName) != m.SenderName || utf8.RuneCountInString(m.SenderName) > maxName {
		add("sender_name", "too_long", fmt.Sprintf("Sender name must be text of at most %d characters.", maxName))
	}
	if m.Host == "" || len(m.Host) > maxHost || strings.ContainsAny(m.Host, " \t\r\n/\\@\x00") {
		add("host", "invalid", "Server must be a host name, for instance smtp.example.com.")
	}
	if m.Port < 1 || m.Port > 65535 {
		add("port", "invalid", "Port must be a number from 1 to 65535; 587 with STARTTLS and 465 with TLS are usual.")
	}
	switch m.Security {
	case store.NoTLS, store.StartTLS, store.TLS:
	default:
		add("security", "unknown", "Protection is none, starttls or tls.")
	}
	if clean(m.Username) != m.Username || len(m.Username) > maxAccount {
		add("username", "invalid", fmt.Sprintf("User name must be text of at most %d bytes.", maxAccount))
	}
	if len(in.Password) > maxPassword || strings.Contains(in.Password, "\x00") {
		add("password", "invalid", fmt.Sprintf("Password must be text of at most %d bytes.", maxPassword))
	}
	if in.Password != "" && m.Username == "" {
		add("username", "required", "Enter the user name that belongs to the password.")
	}
	if clean(m.Signature) != m.Signature || utf8.RuneCountInString(m.Signature) > maxSignature {
		add("signature", "too_long", fmt.Sprintf("Signature must be text of at most %d characters.", maxSignature))
	}
	return m, fault.Of(problems...)
}

// TestMailbox tries to sign in at a mailbox's server and keeps the result. That the server refuses is a result too, and
// no fault: see CheckError.
func (a *App) TestMailbox(ctx context.Context, actor access.Actor, user ident.User) (store.Mailbox, error) {
	if err := mayOn(actor, access.UseMailbox, user); err != nil {
		return store.Mailbox{}, err
	}
	if a.config.Probe == nil {
		return store.Mailbox{}, fault.New(fault.Unavailable, "Mailboxes cannot be tested here.").WithHint("Test them on the running server.")
	}
	m, err := a.mailboxOf(ctx, user)
	if err != nil {
		return store.Mailbox{}, err
	}
	trouble := ""
	c, err := a.Credentials(ctx, m)
	if err == nil {
		// The network is never touched inside of a transaction.
		probing, cancel := context.WithTimeout(ctx, probeLimit)
		err = a.config.Probe(probing, m, c)
		cancel()
	}
	if ctx.Err() != nil {
		return store.Mailbox{}, ctx.Err()
	}
	if err != nil {
		trouble = probeTrouble(err)
	}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		m.CheckedAt, m.CheckError = tx.Now, trouble
		noted, err := tx.NoteMailboxCheck(m)
		if err == nil && !noted {
			err = fault.New(fault.Stale, "The mailbox was changed during the test.").WithHint("Test it again.")
		}
		return err
	})
	if err != nil {
		return store.Mailbox{}, err
	}
	return withoutSecret(m), nil
}

// probeTrouble gives the reason of a failed test. Servers' answers are shown to the mailbox's owner; they hold no
// password, because none is ever sent in clear text to be echoed.
func probeTrouble(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return strings.TrimSpace(f.Message + " " + f.Hint)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "The server did not answer in time. Check host and port."
	}
	return shortened(err.Error(), 500)
}

// PauseMailbox stops or starts the sending from a mailbox. Mail waits meanwhile.
func (a *App) PauseMailbox(ctx context.Context, actor access.Actor, user ident.User, paused bool) (store.Mailbox, error) {
	if err := mayOn(actor, access.UseMailbox, user); err != nil {
		return store.Mailbox{}, err
	}
	var m store.Mailbox
	err := a.db.Write(ctx, func(tx *store.Tx) (err error) {
		if m, err = tx.MailboxOf(user); err != nil || m.Paused == paused {
			return err
		}
		m.Paused = paused
		if m, err = tx.UpdateMailbox(m); err != nil {
			return err
		}
		verb := "resume"
		if paused {
			verb = "pause"
		}
		return tx.Audit(actor.ID, verb, "mailbox", int64(m.ID), m.Address)
	})
	if err != nil {
		return store.Mailbox{}, err
	}
	return withoutSecret(m), nil
}

// DeleteMailbox deletes a user's mailbox with its password.
func (a *App) DeleteMailbox(ctx context.Context, actor access.Actor, user ident.User) error {
	if err := mayOn(actor, access.UseMailbox, user); err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		m, err := tx.MailboxOf(user)
		if err != nil {
			return err
		}
		if err := tx.DeleteMailbox(user); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "delete", "mailbox", int64(m.ID), m.Address)
	})
}
