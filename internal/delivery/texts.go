package delivery

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/merge"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// Provider hands one text message to the service that sends it.
type Provider interface {
	// Send gives how the attempt ended and, unless it was taken, why in a sentence. after is how long the provider asks
	// to be left alone before another attempt; zero when it says nothing.
	Send(ctx context.Context, p store.TextProvider, m store.Message) (kind store.ResultKind, reason string, after time.Duration)
}

// NewTexts builds the loop that sends text messages. It is another one than that of emails, with slots of its own: a
// provider that hangs holds up no email, and the other way round.
func NewTexts(c Config) *Loop {
	if c.Workers <= 0 {
		c.Workers = 4
	}
	c.PerMailbox = c.Workers // there is one provider
	return &Loop{c: c, channel: &texts{provider: c.Provider, fills: newFills(), tracking: c.Tracking}}
}

// texts is the channel of text messages.
type texts struct {
	provider Provider
	fills    *fills
	tracking Tracking
}

var _ channel = (*texts)(nil)

func (t *texts) attempt() string { return "text attempt" }

func (t *texts) close() {}

// gate is the gate for text messages.
func (t *texts) gate(c *store.MailCandidate, now time.Time) store.Verdict {
	return gate(c, now, t.content)
}

// content gives the message its final text. One that a person wrote has it already, and so has one that was tried before:
// its provider may know it by its id.
func (t *texts) content(c *store.MailCandidate) store.Verdict {
	m := c.Message
	m.Sender = c.Provider.Sender
	if m.Activity != 0 || (m.Attempts > 0 && m.Text != "") {
		return t.sized(c, m)
	}
	var ok bool
	if m.Recipient, ok = c.Record.TextNumber(); !ok {
		return store.Verdict{Kind: store.Fail, Blocker: store.BlockAddress, Reason: "The record has no mobile or phone number in international form, for instance +49 170 1234567. Add one and try again."}
	}
	if !c.TemplateFound || c.Template.Channel != message.TextChannel {
		return store.Verdict{Kind: store.Fail, Reason: fmt.Sprintf("There is no text template %q any more.", m.Template)}
	}
	f, err := t.fills.of(c.Template)
	if err != nil {
		return store.Verdict{Kind: store.Fail, Reason: "The template cannot be read: " + err.Error() + "."}
	}
	text, missing := f.text.Fill(store.MergeValues(c.Record, c.Related, c.User, c.Mailbox.Address, c.SequenceName), merge.Text)
	if len(missing) > 0 {
		return store.Verdict{Kind: store.Fail, Reason: "The record has no value for " + strings.Join(missing, ", ") +
			". Add it, or give the template a fallback."}
	}
	m.TemplateVersion = c.Template.Version
	m.Text = message.TidyText(text)
	return t.sized(c, m)
}

// sized passes a text message of a length that can be sent, with its reader's own link to opt out.
func (t *texts) sized(c *store.MailCandidate, m store.Message) store.Verdict {
	if strings.Contains(m.Text, message.OptOutLink) {
		url := t.tracking.optOut(c)
		if url == "" {
			return store.Verdict{Kind: store.Fail, Reason: noOptOutAddress}
		}
		m.Text = message.WithOptOut(m.Text, url)
	}
	switch m.Parts = message.SizeOfText(m.Text).Parts; {
	case m.Parts == 0:
		return store.Verdict{Kind: store.Fail, Reason: "The text message would be empty. Change the template."}
	case m.Parts > message.MaxTextParts:
		return store.Verdict{Kind: store.Fail, Reason: fmt.Sprintf("The text message would have %d parts; it may have %d. Shorten the template.", m.Parts, message.MaxTextParts)}
	}
	return store.Verdict{Kind: store.Pass, Message: m}
}

func (t *texts) send(ctx context.Context, _ store.Mailbox, o sending) {
	for c, ok := o.next(); ok; c, ok = o.next() {
		h := unnoted
		if o.leaving(c) == nil {
			h.kind, h.reason, h.after = t.provider.Send(ctx, c.Provider, c.Message)
		}
		o.landed(c, h)
	}
}
