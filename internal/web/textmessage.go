package web

import (
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// isText tells that the message is a text message.
func (m messageView) isText() bool { return m.Channel == message.TextChannel }

// channelWord names a message in the middle of a sentence.
func channelWord(c message.Channel) string { return lower(c.Label()) }

func channelIcon(c message.Channel) string {
	if c == message.TextChannel {
		return "message-circle"
	}
	return "mail"
}

// textTitle is the beginning of a text message, or what is known before it is written: its template.
func textTitle(m store.Message) string {
	switch {
	case m.Text != "":
		return shorten(m.Text)
	case m.Template != "":
		return "Text message from template " + m.Template
	}
	return "Text message"
}

// textFacts are what the page of a text message lists about its sending.
func (m messageView) textFacts() []ui.Fact {
	facts := []ui.Fact{{Label: "Id at the provider", Content: code(m.RFCID)}, {Label: "From", Value: orElse(m.Sender, "The provider's number")}, {Label: "To", Value: orElse(m.Recipient, "Not known yet")}}
	if m.Parts > 0 {
		facts = append(facts, ui.Fact{Label: "Parts", Value: ui.Count(m.Parts)})
	}
	return facts
}

// textWord marks a text message in a list: "Text message, 2 parts".
func textWord(m store.Message) string {
	switch {
	case m.Channel != message.TextChannel:
		return ""
	case m.Parts == 0:
		return m.Channel.Label()
	}
	return m.Channel.Label() + ", " + plural(m.Parts, "part", "parts")
}
