// Package phone is the softphone: it carries a call between a browser (WebRTC) and a trunk (SIP).
//
// Both speak G.711 (PCMU), so sound is copied from one leg to the other and never decoded; ADR 0032 says why there is no
// telephone system beside us. A Phone dials, rings, lets a person hold, send tones and hang up, and reports each turn of a call
// to its Book, which is the store. Whatever ends a call ends both legs: somebody hangs up, the browser's page is gone, the
// trunk is gone, the call is too long, or the process stops. It must never decide who may call whom: action does.
// With several nodes a call stays with the one that has its trunk's leg; what a page connected to another one does with it comes over
// the Board (ADR 0060).
//
// Start reading at Phone, then call.go, then share.go.
package phone
