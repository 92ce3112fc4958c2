package message

// Channel is the way on which a message reaches a customer.
type Channel string

// The channels.
const (
	EmailChannel Channel = "email"
	TextChannel  Channel = "text"
)

// Channels lists every channel, in the order of filters.
func Channels() []Channel { return []Channel{EmailChannel, TextChannel} }

// Known tells whether there is such a channel.
func (c Channel) Known() bool { return c == EmailChannel || c == TextChannel }

// Label names one message of the channel: "Email", "Text message".
func (c Channel) Label() string {
	if c == TextChannel {
		return "Text message"
	}
	return "Email"
}
