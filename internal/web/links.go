package web

import (
	"net/http"
	"net/url"

	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// The addresses of pages that others link to. All of them are made here, from ids and never from texts.

func recordsPath(k record.Kind) string               { return "/" + k.Path() }
func recordPath(id ident.Record) string              { return "/records/" + id.String() }
func sequencePath(id ident.Sequence) string          { return "/sequences/" + id.String() }
func activityPath(id ident.Activity) string          { return "/work/" + id.String() }
func templatePath(id ident.Template) string          { return "/templates/" + id.String() }
func snippetPath(id ident.Snippet) string            { return "/snippets/" + id.String() }
func notePath(id ident.Note) string                  { return "/notes/" + id.String() }
func filePath(id ident.File) string                  { return "/files/" + id.String() }
func messagePath(id ident.Message) string            { return "/outbox/" + id.String() }
func receivedPath(id ident.Received) string          { return "/received/" + id.String() }
func importPath(id ident.Import) string              { return "/imports/" + id.String() }
func userPath(id ident.User) string                  { return "/users/" + id.String() }
func enrollmentPath(id ident.Enrollment) string      { return "/enrollments/" + id.String() }
func mailboxPath(user ident.User) string             { return "/mailboxes/" + user.String() }
func tokenPath(id ident.Token) string                { return "/profile/tokens/" + id.String() }
func versionPath(id ident.Sequence, n string) string { return sequencePath(id) + "/versions/" + n }

// withQuery gives the request's own address with some parameters changed (name, value pairs); an empty value removes
// one. The cursor is dropped unless it is set, because it belongs to the old order.
func withQuery(r *http.Request, pairs ...string) string {
	q := r.URL.Query()
	q.Del("cursor")
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String()
}

// holidaysPath is the page of the organisation's holidays.
const holidaysPath = "/settings/holidays"

func suppressionPath(id ident.Suppression) string { return suppressionsPath + "/" + id.String() }

// movePath is what moves an activity on the calendar ("move"), or takes that back ("undo").
func movePath(id ident.Activity, verb string) string {
	return calendarPath + "/" + id.String() + "/" + verb
}
