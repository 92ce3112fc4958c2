package api

import (
	"cadenza/internal/action"
	"cadenza/internal/domaincheck"
	"cadenza/internal/store"
)

// Mailbox gives the account through which a user's mail goes out, without its password.
func Mailbox(m store.Mailbox) any { return mailboxOf(m) }

// Pace gives how a mailbox sends, and what waits there.
func Pace(v action.PaceView) any { return paceOf(v) }

// ListedMessage gives an outgoing message of a list: with what keeps it, and without its text.
func ListedMessage(m store.Message) any { return messageRowOf(m) }

// Message gives an outgoing message with its text.
func Message(m store.Message) any { return messageOf(m) }

// ListedReceived gives a mail that came in of a list, without its text.
func ListedReceived(v store.Received) any { return receivedRowOf(v) }

// Received gives a mail that came in with its text.
func Received(v store.Received) any { return receivedOf(v) }

// Domain gives a domain that mail is sent from, without the private key that signs it.
func Domain(d action.Domain) any { return first(domainOf(d, nil)) }

// DomainReport gives what is said of one of a domain's SPF, DKIM and DMARC.
func DomainReport(r domaincheck.Report) any { return domainReportOf(r) }

// OptOut gives how customers get out of emails.
func OptOut(o store.OptOut) any { return first(optOutOf(o, nil)) }

// Sending gives the limits and windows of sending.
func Sending(in action.SendingInput) any { return sendingOf(in) }
