package action

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"

	"cadenza/internal/message"
)

// mailPolicy says which HTML a template and a written email may hold: text, headings, lists, links, pictures, tables
// and the styles that mail programs understand. Scripts, forms, frames, style sheets and event handlers are taken out
// when the template is saved, so nothing that is stored can act in the editor of a colleague.
//
// The policy does not change once it is made, and bluemonday lets many use it at once.
var mailPolicy = newMailPolicy()

func newMailPolicy() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.RequireNoFollowOnLinks(false)
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true) // a merge field alone in an address looks like one
	p.AllowElements("font", "center", "u", "s", "strike")
	p.AllowAttrs("align").Matching(bluemonday.CellAlign).Globally()
	p.AllowAttrs("valign").Matching(bluemonday.CellVerticalAlign).Globally()
	p.AllowAttrs("width", "height").Matching(bluemonday.NumberOrPercent).Globally()
	p.AllowAttrs("border", "cellpadding", "cellspacing").Matching(bluemonday.Integer).OnElements("table")
	p.AllowAttrs("bgcolor", "color").Matching(regexp.MustCompile(`^#?[0-9A-Za-z]{1,20}$`)).Globally()
	p.AllowStyles("background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left", "border-radius",
		"border-right", "border-style", "border-top", "border-width", "color", "font-family", "font-size", "font-style", "font-weight",
		"height", "letter-spacing", "line-height", "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right",
		"margin-top", "max-width", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "text-align",
		"text-decoration", "text-transform", "vertical-align", "white-space", "width").Globally()
	return p
}

var mergeTag = regexp.MustCompile(`(?s)\{\{.*?\}\}|\{%.*?%\}`)

// tagSigns are written so that a merge tag can neither end an attribute nor begin an element. The reader of templates
// understands them.
var tagSigns = strings.NewReplacer(`<`, "&lt;", `>`, "&gt;", `"`, "&quot;")

// sanitizeMail takes everything out of a template's HTML that could act. Merge tags pass: they are no HTML, and the
// sanitiser would take them apart inside of addresses. Web addresses in the text become links, so that they are followed.
func sanitizeMail(source string) string {
	var tags []string
	marked := mergeTag.ReplaceAllStringFunc(source, func(tag string) string {
		tags = append(tags, tagSigns.Replace(tag))
		return marker(len(tags) - 1)
	})
	clean := message.LinkURLs(mailPolicy.Sanitize(marked))
	for i, tag := range tags {
		clean = strings.ReplaceAll(clean, marker(i), tag)
	}
	return strings.TrimSpace(clean)
}

// marker stands for a merge tag while the HTML is cleaned; it is a plain word, which passes everywhere.
func marker(i int) string { return fmt.Sprintf("mergetag%dz", i) }
