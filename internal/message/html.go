package message

import (
	"html"
	"regexp"

	"github.com/inbucket/html2text"
	"github.com/microcosm-cc/bluemonday"
)

// PlainText makes the text form of HTML: paragraphs, lists and links stay readable. HTML that cannot be read loses its
// tags and nothing else.
func PlainText(source string) string {
	text, err := html2text.FromString(source)
	if err != nil {
		return html.UnescapeString(stripPolicy.Sanitize(source))
	}
	return text
}

// SanitizeHTML makes the HTML of a mail safe to show in a sandboxed frame: formatting, tables, links and pictures that
// came with the mail stay. Scripts, forms, frames, style sheets and event handlers go; so do pictures from elsewhere,
// because fetching them tells the sender who looked, and when.
//
// It is one of two walls. The frame must have the sandbox attribute without allow-scripts and allow-same-origin.
func SanitizeHTML(source string) string {
	return framePolicy.Sanitize(source)
}

// The policies do not change once they are made, and bluemonday lets many use them at once.
var (
	stripPolicy = bluemonday.StrictPolicy()
	framePolicy = newFramePolicy()
)

// ownPictures are pictures that need no fetching: parts of the mail, and data.
var ownPictures = regexp.MustCompile(`^(?:cid:[^\s]+|data:image/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=\s]+)$`)

func newFramePolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(
		"a", "abbr", "b", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "div",
		"dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre",
		"q", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
		"tr", "u", "ul",
	)
	p.AllowAttrs("dir").Matching(bluemonday.Direction).Globally()
	p.AllowAttrs("title").Matching(bluemonday.Paragraph).Globally()
	p.AllowAttrs("align").Matching(bluemonday.CellAlign).Globally()
	p.AllowAttrs("valign").Matching(bluemonday.CellVerticalAlign).Globally()
	p.AllowAttrs("width", "height").Matching(bluemonday.NumberOrPercent).Globally()
	p.AllowAttrs("border", "cellpadding", "cellspacing", "colspan", "rowspan", "start").
		Matching(bluemonday.Integer).Globally()
	p.AllowAttrs("bgcolor", "color").Matching(regexp.MustCompile(`^#?[0-9A-Za-z]{1,20}$`)).Globally()
	p.AllowAttrs("alt").Matching(bluemonday.Paragraph).OnElements("img")
	p.AllowStyles(
		"background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left", "border-radius",
		"border-right", "border-style", "border-top", "border-width", "color", "direction", "font-family", "font-size",
		"font-style", "font-weight", "height", "letter-spacing", "line-height", "list-style-type", "margin",
		"margin-bottom", "margin-left", "margin-right", "margin-top", "max-width", "padding", "padding-bottom",
		"padding-left", "padding-right", "padding-top", "text-align", "text-decoration", "text-transform",
		"vertical-align", "white-space", "width",
	).Globally()
	p.RequireParseableURLs(true)
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	p.AllowDataURIImages()
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").Matching(ownPictures).OnElements("img")
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
}
