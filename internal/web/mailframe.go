package web

import (
	"net/http"
	"regexp"
	"strings"

	"cadenza/internal/fault"
)

// framePolicy is the content security policy of a mail in a frame. Nothing in it can act: no script, no form, nothing
// fetched but pictures. It keeps our origin only so that the page around it can measure its height.
const framePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'; base-uri 'none'; " +
	"form-action 'none'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"

// renderMail writes a mail as a document of its own, for a frame. Mail is full of inline styles, which the pages'
// policy refuses; this one allows them and nothing else.
func (s *Server) renderMail(w http.ResponseWriter, r *http.Request, m mailDocument) error {
	w.Header().Set("Content-Security-Policy", framePolicy)
	return s.write(w, r, 0, mailPaper(m))
}

// mailDocument is a mail for a frame. Subject and notes are shown above it where the page around it cannot.
type mailDocument struct {
	Title   string
	Subject string
	Notes   []string
	HTML    string
	Text    string
}

// need refuses a page whose right the reader lacks, before anything is read for it.
func need(allowed bool) error {
	if allowed {
		return nil
	}
	return fault.New(fault.Forbidden, "Your role may not do this.").WithHint("Ask an admin.")
}

var tagOrMerge = regexp.MustCompile(`(?s)<[a-zA-Z/!][^>]*>|\{\{.*?\}\}|\{%.*?%\}`)

// readable gives the HTML of a template as people edit it: merge tags in the text carry plain quotes, where the stored
// form writes &quot;. Tags inside of an address keep the stored form, because a quote would end the attribute.
func readable(html string) string {
	return tagOrMerge.ReplaceAllStringFunc(html, func(part string) string {
		if strings.HasPrefix(part, "<") {
			return part
		}
		return strings.ReplaceAll(part, "&quot;", `"`)
	})
}
