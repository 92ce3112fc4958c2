// Package track is the public door: the pixels, links and files of followed mail lead here, under /t/. Whoever comes is
// unknown, so it has defences of its own and shares none with the pages: no session, no cookie, nothing but GET and HEAD (and POST at the page to opt out),
// short tokens that must be signed by us, and limits on everything that waits. What changes something is counted by client and by
// message; an opt-out in one click by message alone, so that none is lost (ADR 0025).
//
// Promise: a hit whose request was answered is on disk; the one exception is a database that cannot be written, where
// the customer arrives all the same and the loss is counted and logged. Many requests share one transaction, so that
// the engine is not held up.
//
// It must never lead anywhere but to an address that is stored, give a file out in a way that lets a browser run it, judge hits (see package hit), write anything but hits and opt-outs,
// or log a token or an address.
//
// Start reading at New, then group.go.
package track
