package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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
	maxFolder    = 200
	maxAliases   = 20
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
	// Aliases are more addresses of it.
	Aliases []string
	// IMAPHost is empty for a mailbox that is not read. SentFolder is empty where the server marks it.
	IMAPHost     string
	IMAPPort     int
	IMAPSecurity store.Security
	SentFolder   string
	// CopySent is automatic when empty.
	CopySent store.SentCopy
	// Auth is the password when empty. With a provider's grant the servers and the user name are the provider's.
	Auth store.Auth
	// Username and Password sign in at the servers; an empty password keeps the old one.
	Username, Password string
	Signature          string
	// Rev is the revision that was read; 0 does not check.
	Rev int64
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
	m.Grant = nil
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
		if err := unclaimed(tx, next, old); err != nil {
			return err
		}
		if err := notSignedInBy(tx, actor, next, old); err != nil {
			return err
		}
		if next.Auth.OAuth() {
			if next, err = granted(tx, next, old); err != nil {
				return err
			}
		} else if err := a.seal(&next, old, in.Password); err != nil {
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
		if _, err = write(next); err != nil {
			return err
		}
		if next, err = tx.MailboxOf(in.User); err != nil { // with what a save does not change
			return err
		}
		return tx.Audit(actor.ID, verb, "mailbox", int64(next.ID), fmt.Sprintf("%s, %s:%d", next.Address, next.Host, next.Port))
	})
	if err != nil {
		return store.Mailbox{}, err
	}
	return withoutSecret(next), nil
}

// granted keeps what the provider gave, or says that nobody has consented yet. A provider with which nobody can consent is not chosen
// anew.
func granted(tx *store.Tx, next, old store.Mailbox) (store.Mailbox, error) {
	next.Username, next.GrantError = next.Address, "Nobody has connected it yet."
	if next.Auth == old.Auth && len(old.Grant) > 0 {
		next.Username, next.Grant, next.GrantError = old.Username, old.Grant, old.GrantError
	}
	if next.Auth != old.Auth {
		client, err := tx.OAuthClient(next.Auth)
		if err != nil {
			return next, err
		}
		if !client.Ready() {
			f := notSetUp(next.Auth)
			f.Problems = []fault.Problem{{Field: "auth", Code: "not_set_up", Message: f.Message, Hint: f.Hint}}
			return next, f
		}
	}
	return withServers(next), nil
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
	case secretName(*next) != secretName(old) || weaker(next.Security, old.Security) || next.Reads() && weaker(next.IMAPSecurity, old.IMAPSecurity):
		return fault.Field("password", "required", "A server, the account or the protection changed: enter the password again.")
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
		IMAPHost: strings.TrimSpace(in.IMAPHost), IMAPPort: in.IMAPPort, IMAPSecurity: in.IMAPSecurity, SentFolder: strings.TrimSpace(in.SentFolder),
		Auth: in.Auth, CopySent: in.CopySent,
	}
	if m.Auth == "" {
		m.Auth = store.PasswordAuth
	}
	if m.CopySent == "" {
		m.CopySent = store.CopyAutomatic
	}
	var problems []fault.Problem
	add := func(field, code, text string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: text})
	}
	m.Aliases = in.aliases(m.Address, add)
	switch m.Auth {
	case store.PasswordAuth:
		checkServers(&m, add)
	case store.GoogleAuth, store.MicrosoftAuth: // its servers are the provider's
	default:
		add("auth", "unknown", "The way to sign in is password, google or microsoft.")
	}
	if !message.ValidEmail(m.Address) {
		add("address", "invalid", "Address is not an email address, for instance anna@example.com.")
	}
	if clean(m.SenderName) != m.SenderName || utf8.RuneCountInString(m.SenderName) > maxName {
		add("sender_name", "too_long", fmt.Sprintf("Sender name must be text of at most %d characters.", maxName))
	}
	if clean(m.SentFolder) != m.SentFolder || utf8.RuneCountInString(m.SentFolder) > maxFolder {
		add("sent_folder", "invalid", fmt.Sprintf("Folder of sent mail must be text of at most %d characters.", maxFolder))
	}
	if !slices.Contains(store.SentCopies(), m.CopySent) {
		add("copy_sent", "unknown", badCopies)
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

// aliases gives the further addresses, each once and without the mailbox's own.
func (in MailboxInput) aliases(own string, add func(field, code, text string)) []string {
	var list []string
	seen := map[string]bool{strings.ToLower(own): true}
	for _, alias := range in.Aliases {
		alias = strings.TrimSpace(alias)
		if alias == "" || seen[strings.ToLower(alias)] {
			continue
		}
		if !message.ValidEmail(alias) {
			add("aliases", "invalid", fmt.Sprintf("%s is not an email address.", shortened(clean(alias), 60)))
			return nil
		}
		seen[strings.ToLower(alias)] = true
		list = append(list, alias)
	}
	if len(list) > maxAliases {
		add("aliases", "too_many", fmt.Sprintf("A mailbox has at most %d more addresses.", maxAliases))
	}
	return list
}

// TestMailbox tries to sign in at a mailbox's servers and keeps the results. That the server refuses is a result too, and
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
	sending, reading, read := a.probe(ctx, m)
	if ctx.Err() != nil {
		return store.Mailbox{}, ctx.Err()
	}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		m.CheckedAt, m.CheckError, m.IMAPCheckError = tx.Now, sending, reading
		if read || !m.Reads() {
			m.ReadError = "" // it was of an earlier password or moment, or of a server that is read no more
		}
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

// probe tries both ways at once, and gives what is wrong with each; read tells that it was read. The network is never touched inside of a transaction.
func (a *App) probe(ctx context.Context, m store.Mailbox) (sending, reading string, read bool) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	c, err := a.Credentials(ctx, m)
	if err != nil {
		return probeTrouble(err), "", false
	}
	var wait sync.WaitGroup
	tried := m.Reads() && a.config.ProbeReading != nil
	if tried {
		wait.Go(func() {
			if err := a.config.ProbeReading(ctx, m, c); err != nil {
				reading = probeTrouble(err)
			}
		})
	}
	if err := a.config.Probe(ctx, m, c); err != nil {
		sending = probeTrouble(err)
	}
	wait.Wait()
	return sending, reading, tried && reading == ""
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
		if err := tx.NotePause(m.ID, actor.ID, paused); err != nil {
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
