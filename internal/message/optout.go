package message

import "strings"

// OptOutLink stands in a mail where the link to opt out will be. The mail that goes out has the recipient's own link
// instead; what is stored and shown to people here keeps this one, which leads nowhere (RFC 2606, 2), so that nobody opts
// a customer out by looking at their mail.
const OptOutLink = "https://opt-out.invalid/"

// WithOptOut puts a recipient's own link to opt out into a mail or a text message.
func WithOptOut(text, url string) string { return strings.ReplaceAll(text, OptOutLink, url) }

// OptOutHeaders are the fields by which a mail reader offers to opt out: the address (RFC 2369, 3.2), and that one POST to it
// is enough, which only an https address may promise (RFC 8058, 3.1).
func OptOutHeaders(url string) []Header {
	list := []Header{{Name: "List-Unsubscribe", Value: "<" + url + ">"}}
	if strings.HasPrefix(url, "https://") {
		list = append(list, Header{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"})
	}
	return list
}
