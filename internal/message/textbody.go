package message

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// TextFormat is the form of the request by which a provider is given a text message.
type TextFormat string

// The forms.
const (
	JSONFormat TextFormat = "json"
	FormFormat TextFormat = "form"
)

// Known tells whether there is such a form.
func (f TextFormat) Known() bool { return f == JSONFormat || f == FormFormat }

// ContentType gives the header of the form.
func (f TextFormat) ContentType() string {
	if f == FormFormat {
		return "application/x-www-form-urlencoded"
	}
	return "application/json"
}

// TextOrder is what a provider is told of one text message.
type TextOrder struct{ To, From, Text, ID string }

// textPlace is a place in the body of a provider's request: {{to}}, {{from}}, {{text}} or {{id}}.
var textPlace = regexp.MustCompile(`\{\{\s*(\w*)\s*\}\}`)

// Body puts the values of a message into the body of a request. Each is escaped as the form wants it, so that no value can
// become more than a value; what a value looks like is never read again.
func (f TextFormat) Body(body string, o TextOrder) string {
	values := map[string]string{"to": o.To, "from": o.From, "text": o.Text, "id": o.ID}
	return textPlace.ReplaceAllStringFunc(body, func(place string) string {
		value := values[textPlace.FindStringSubmatch(place)[1]]
		if f == FormFormat {
			return url.QueryEscape(value)
		}
		quoted, _ := json.Marshal(value) // text can always be written
		return string(quoted[1 : len(quoted)-1])
	})
}

// Check says what is wrong with the body of a request; "" when nothing is.
func (f TextFormat) Check(body string) string {
	used := map[string]bool{}
	for _, m := range textPlace.FindAllStringSubmatch(body, -1) {
		switch m[1] {
		case "to", "from", "text", "id":
			used[m[1]] = true
		default:
			return fmt.Sprintf("%s stands for nothing. Use {{to}}, {{from}}, {{text}} and {{id}}.", m[0])
		}
	}
	if !used["to"] || !used["text"] {
		return "The body needs {{to}} and {{text}}, where the number and the text go."
	}
	// A value with quotes and letters shows a place that stands outside of quotation marks.
	filled := f.Body(body, TextOrder{To: `a"b`, From: `a"b`, Text: `a"b`, ID: `a"b`})
	if f == FormFormat {
		if _, err := url.ParseQuery(filled); err != nil || strings.ContainsFunc(filled, unicode.IsSpace) {
			return "The body is no form, such as to={{to}}&text={{text}}."
		}
		return ""
	}
	if !json.Valid([]byte(filled)) {
		return `The body is not valid JSON, such as {"to": "{{to}}", "text": "{{text}}"}. Each place stands in quotation marks.`
	}
	return ""
}

// TidyText gives a text as it is sent: without control characters but line breaks, and without space around it.
func TidyText(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r' || r == '\u2028' || r == '\u2029':
			return '\n'
		case r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text))
}
