// Package message builds the mail that goes out and reads the mail that comes in.
//
// It holds Outgoing with Build, Incoming with Parse, addresses, Message-IDs that lead back to the step that sent them,
// and HTML made safe to show. Rule: Parse(Build(x)) gives back x's subject, text, HTML, addresses and ids.
//
// Build makes the same bytes from the same input: boundaries come from the Message-ID, Message-ID and date are given.
// So a retry after a crash sends the very message that was recorded before. Parts are written with the standard library's
// encoders; header fields are folded here, because libraries let encoded words run beyond the 76 characters that RFC 2047
// allows and cut long words in two. What comes in is read with emersion/go-message.
//
// It must never touch the network, log or quote mail text in an error, trust what it reads (sizes, depth and parts are
// bounded and broken mail is read as far as it goes), or let a value break out of its header field.
//
// Classify tells what a received mail is: a reply, an automatic one, a bounce, a complaint.
//
// Start reading at Build in build.go, Parse in read.go and Classify in classify.go.
package message
