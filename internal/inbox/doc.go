// Package inbox is the hand that reads the mailboxes: it opens signed-in connections to their IMAP servers, says what is
// wrong with one that does not open, waits for mail in those that do (IDLE, RFC 2177, or asking now and then), and hands what
// concerns us to the store. Of other people's mail it fetches the header alone. What is in doubt in the outbox it looks up
// among the sent mail. Copies of what was sent it puts there, by connections of their own.
//
// It must never mark, move or delete what it reads (folders are opened by EXAMINE, texts fetched by BODY.PEEK), write anything but
// such copies (APPEND), log an
// address or the text of a message, fetch more of a mail than its limits say, or decide what a mail means: message.Classify
// and the store do.
//
// Start reading at Loop.Run, then session.everything in watch.go; Server.Open for the connections; Copier.Run for the copies.
package inbox
