package action

import (
	"context"
	"slices"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// badCopies is what is said of a choice that there is not.
const badCopies = "Copy in Sent is automatic, always or never."

// ChooseCopies says whether sent emails are copied into a mailbox's folder of sent mail, and leaves the rest of it as it is.
func (a *App) ChooseCopies(ctx context.Context, actor access.Actor, user ident.User, choice store.SentCopy) (store.Mailbox, error) {
	if err := mayOn(actor, access.UseMailbox, user); err != nil {
		return store.Mailbox{}, err
	}
	if !slices.Contains(store.SentCopies(), choice) {
		return store.Mailbox{}, fault.Field("copy_sent", "unknown", badCopies)
	}
	var m store.Mailbox
	err := a.db.Write(ctx, func(tx *store.Tx) (err error) {
		if m, err = tx.MailboxOf(user); err != nil {
			return err
		}
		m.CopySent = choice
		if m, err = tx.UpdateMailbox(m); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "update", "mailbox", int64(m.ID), "copy in Sent: "+string(choice))
	})
	if err != nil {
		return store.Mailbox{}, err
	}
	return withoutSecret(m), nil
}

// CopiesText says in a few words who puts copies of a mailbox's mail into its folder of sent mail.
func CopiesText(m store.Mailbox) string {
	switch {
	case m.CopiesSent():
		return "By Cadenza"
	case !m.Reads():
		return "None, it is not read"
	case m.CopySent == store.CopyNever:
		return "None by Cadenza"
	}
	return "By the provider"
}
