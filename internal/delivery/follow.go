package delivery

import (
	"strings"

	"cadenza/internal/attachment"
	"cadenza/internal/hit"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// Tracking is what followed mail is made with. The zero value follows none.
type Tracking struct {
	// Signer signs the tokens in its addresses.
	Signer hit.Signer
	// BaseURL is the address of the server for people outside; "" when it is not known. The organisation's setting goes
	// before it.
	BaseURL string
}

// base gives the address under which a message is followed, "" when it must not be.
func (t Tracking) base(c *store.MailCandidate) string {
	base := firstOf(c.Tracking.URL, t.BaseURL)
	if !t.Signer.Ready() || !c.Tracking.On || c.Unwilling || !c.Message.Follow {
		return ""
	}
	return strings.TrimSuffix(base, "/")
}

// follow completes the verdict on a message that passes: with the links that it is followed by, which the claim stores
// before the message can leave.
func (t Tracking) follow(c *store.MailCandidate, v store.Verdict) store.Verdict {
	places := v.Places
	v.Places = nil
	base := t.base(c)
	if v.Kind != store.Pass || base == "" || v.Message.HTML == "" {
		return v
	}
	if places == nil {
		found := message.FindLinks(v.Message.HTML)
		places = &found
	}
	v.Message.Tracked, v.Places, v.Links = true, places, withoutOptOut(places.List(base))
	return v
}

// followed gives the HTML and the text of a message as they go out. What is stored, and shown to people here, stays as it
// was written: their looking and clicking must not count.
func (t Tracking) followed(c *store.MailCandidate) (html, text string) {
	if !c.Message.Tracked {
		return c.Message.HTML, c.Message.Text
	}
	base := t.base(c)
	instead := make(map[string]string, len(c.Links))
	for url, number := range c.Links {
		instead[url] = base + message.PublicPath + "c/" + t.Signer.Token(c.Message.ID, number)
	}
	var files []message.FileLink
	for _, f := range c.Files {
		files = append(files, message.FileLink{Name: f.Name, Note: attachment.Describe(f.Name, f.Size), URL: base + message.PublicPath + "f/" + t.Signer.Token(c.Message.ID, c.Numbers[f.ID])})
	}
	html, text = message.WithFileLinks(c.Message.HTML, c.Message.Text, files)
	pixel := base + message.PublicPath + "o/" + t.Signer.Token(c.Message.ID, 0) + ".gif"
	if c.Places == nil || len(files) > 0 { // what was put into it stands nowhere yet
		return message.Follow(html, instead, pixel), text
	}
	return c.Places.Follow(html, instead, pixel), text
}
