// Package web is the door for people: pages in HTML, made on the server with
// templ and made lively with htmx. A handler reads the request, calls one
// action and renders; every page works without JavaScript, except that the
// canvas of the designer is then only shown, not edited.
//
// It must never hold a rule that the API would have to repeat, reach the
// database beside the actions, send inline script or style (the content
// security policy refuses both), or show an error that is not a fault.
//
// Start at routes.go, then handler.go (how errors become pages) and render.go
// (how a page gets its frame). One page is one file with its .templ beside it.
package web
