package store

import (
	"html"
	"strings"
)

// WithSignature puts a mailbox's signature, which is plain text, under an email's HTML.
func WithSignature(body, signature string) string {
	signature = strings.TrimSpace(signature)
	if signature == "" {
		return body
	}
	return body + "\n<p>" + strings.ReplaceAll(html.EscapeString(signature), "\n", "<br>") + "</p>"
}
