// Package inbox is the hand that reads the mailboxes: it opens signed-in connections to their IMAP servers and says what is
// wrong with one that does not open.
//
// It must never mark, move or delete what it reads, or log an address or the text of a message.
//
// Start reading at Server.Open.
package inbox
