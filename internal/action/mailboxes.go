package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Prober tries a mailbox's server with its password.
type Prober func(ctx context.Context, m store.Mailbox, password string) error

// MailboxInput is the input for a user's mailbox.
type MailboxInput struct {
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

// ListMailboxes lists the mailboxes that the actor may see.
func (a *App) ListMailboxes(ctx context.Context, actor access.Actor) ([]store.Mailbox, error) {
	return nil, errUnbuilt
}

// GetMailbox gives a user's mailbox.
func (a *App) GetMailbox(ctx context.Context, actor access.Actor, user ident.User) (store.Mailbox, error) {
	return store.Mailbox{}, errUnbuilt
}

// SaveMailbox makes or changes a user's mailbox.
func (a *App) SaveMailbox(ctx context.Context, actor access.Actor, in MailboxInput) (store.Mailbox, error) {
	return store.Mailbox{}, errUnbuilt
}

// TestMailbox tries a mailbox and keeps the result.
func (a *App) TestMailbox(ctx context.Context, actor access.Actor, user ident.User) (store.Mailbox, error) {
	return store.Mailbox{}, errUnbuilt
}

// PauseMailbox stops or starts the sending from a mailbox.
func (a *App) PauseMailbox(ctx context.Context, actor access.Actor, user ident.User, paused bool) (store.Mailbox, error) {
	return store.Mailbox{}, errUnbuilt
}

// DeleteMailbox deletes a mailbox.
func (a *App) DeleteMailbox(ctx context.Context, actor access.Actor, user ident.User) error {
	return errUnbuilt
}
