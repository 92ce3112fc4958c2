// Package hit knows the hits on followed mail: an open fetches the mail's pixel, a click follows one of its
// links, a download fetches one of its files. It
// holds the tokens in their addresses and the rules that tell a person's hit from a machine's.
//
// It stands apart from message, which reads and writes mail, because a hit is a web request about one. It stands on the
// lowest floor because the rules are the part that will be argued about: as a pure function they can be tried with a
// table, and the store can ask them inside of the transaction that writes the hits.
//
// It must never look at a clock, keep anything between calls, or put an address into a token: a token names a stored
// link, so that nobody can make our server lead anywhere else.
//
// Start reading at Judge, then Signer.
package hit
