package api

import (
	"cadenza/internal/action"
	"cadenza/internal/store"
)

// Mailbox gives the account through which a user's mail goes out, without its password.
func Mailbox(m store.Mailbox) any { return mailboxOf(m) }

// Pace gives how a mailbox sends, and what waits there.
func Pace(v action.PaceView) any { return paceOf(v) }
