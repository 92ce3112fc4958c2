package delivery

import (
	"slices"
	"strings"

	"cadenza/internal/hit"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// noOptOutAddress is why a message with a link to opt out cannot go out.
const noOptOutAddress = "It has a link to opt out, but the server does not know its own address. Set one under Settings, or start the server with its address."

// optOut gives the address at which whoever gets the message opts out; "" when the server does not know its own.
func (t Tracking) optOut(c *store.MailCandidate) string {
	base := t.public(c)
	if base == "" {
		return ""
	}
	return base + message.PublicPath + "u/" + t.Signer.Token(c.Message.ID, hit.OptOut)
}

// public gives the address under which whoever gets the message may opt out; "" when there is none.
func (t Tracking) public(c *store.MailCandidate) string {
	if !t.Signer.Ready() || c.Message.Test {
		return ""
	}
	return strings.TrimSuffix(firstOf(c.Tracking.URL, t.BaseURL), "/")
}

// offersOptOut tells whether a message lets its reader out beyond a link that its writer put in: automated emails do, and
// those that a person wrote in a sequence where the organisation wants that.
func offersOptOut(c *store.MailCandidate) bool {
	return c.Message.Activity == 0 || c.OptOut.ByHand && c.OfSequence()
}

// letOut completes a message that passes with the line that lets its reader out.
func (t Tracking) letOut(c *store.MailCandidate, v store.Verdict) store.Verdict {
	if v.Kind != store.Pass || c.Message.Test {
		return v
	}
	m := &v.Message
	if html := t.footed(c, m.HTML); html != m.HTML {
		m.HTML, m.Text, v.Places = html, message.PlainText(html), nil
	}
	if t.public(c) == "" && strings.Contains(m.HTML, message.OptOutLink) {
		return store.Verdict{Kind: store.Fail, Reason: noOptOutAddress}
	}
	return v
}

// footed gives the HTML of a message with the line at its end that lets its reader out, where it is to have one.
func (t Tracking) footed(c *store.MailCandidate, html string) string {
	if html == "" || !c.OptOut.Footer || !offersOptOut(c) || t.public(c) == "" {
		return html
	}
	return c.OptOut.WithFooter(html)
}

// withOptOut gives what is built its reader's own link, and the header fields that offer it.
func (t Tracking) withOptOut(c *store.MailCandidate, out *message.Outgoing) {
	url := t.optOut(c)
	if url == "" {
		return
	}
	if offersOptOut(c) || strings.Contains(out.HTML, message.OptOutLink) {
		out.Headers = append(out.Headers, message.OptOutHeaders(url)...)
	}
	out.HTML, out.Text = message.WithOptOut(out.HTML, url), message.WithOptOut(out.Text, url)
}

// withoutOptOut takes our own link out of those that are followed.
func withoutOptOut(links []string) []string {
	return slices.DeleteFunc(links, func(url string) bool { return url == message.OptOutLink })
}
