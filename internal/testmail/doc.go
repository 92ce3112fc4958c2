// Package testmail gives tests mail servers to talk to.
//
// It holds two: Sink, an SMTP server inside the test process that records what it is sent and misbehaves on
// request, and Postfix, a real Postfix and Dovecot pair on loopback with mailboxes that are read by IMAP.
// Use the Sink for what our side does, and Postfix for what a real server does to our mail.
//
// It must never be imported by code that ships, and no mail ever leaves the machine.
//
// Start reading at NewSink and at NewPostfix.
package testmail
