package message

import (
	"html"
	"strings"

	nethtml "golang.org/x/net/html"
)

// FileLink is a file that a mail offers by a link instead of carrying it. Note says what it is, for instance "PDF, 24 KB".
type FileLink struct{ Name, Note, URL string }

// WithFileLinks gives both forms of a mail with links to files at their end.
func WithFileLinks(source, text string, files []FileLink) (withLinks, textWithLinks string) {
	if len(files) == 0 {
		return source, text
	}
	var block, lines strings.Builder
	block.WriteString(`<div style="margin:24px 0 0;padding:12px 0 0;border-top:1px solid #d0d5dd;font-size:14px;line-height:20px">`)
	if text = strings.TrimRight(text, "\n"); text != "" {
		lines.WriteString(text + "\n\n")
	}
	lines.WriteString("Files:\n")
	for _, f := range files {
		block.WriteString(`<p style="margin:0 0 4px"><a href="` + html.EscapeString(f.URL) + `">` + html.EscapeString(f.Name) + `</a> <span style="color:#667085">` +
			html.EscapeString(f.Note) + `</span></p>`)
		lines.WriteString(f.Name + " (" + f.Note + "): " + f.URL + "\n")
	}
	block.WriteString(`</div>`)
	end := bodyEnd(source)
	return source[:end] + block.String() + source[end:], lines.String()
}

// bodyEnd gives where a mail's text ends: before its </body>, or before a tag that never ends.
func bodyEnd(source string) int {
	read, end := 0, -1
	scan(source, func(raw string, _ *nethtml.Token) {
		if end < 0 && isBodyEnd(raw) {
			end = read
		}
		read += len(raw)
	})
	if end < 0 {
		end = read
	}
	return end
}
