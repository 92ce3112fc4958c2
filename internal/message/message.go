package message

import "time"

// The limits of a message, going out or coming in.
const (
	// SizeMax is the longest message in bytes.
	SizeMax = 40 << 20
	// TextMax is how many bytes of text, and of HTML, Parse keeps.
	TextMax = 1 << 20

	headerMax     = 256 << 10 // bytes of a message's header
	depthMax      = 20        // multiparts inside of each other
	partsMax      = 200       // parts in all
	referencesMax = 100       // ids of a References field
)

// Address is a mail address with the name that goes before it. Email is in the form that ParseAddress gives.
type Address struct {
	Name, Email string
}

// Header is a header field beyond those that Outgoing names, such as List-Unsubscribe.
type Header struct {
	Name, Value string
}

// Attachment is a file that goes with a mail. An empty Type is application/octet-stream.
type Attachment struct {
	Name, Type string
	Data       []byte
}

// Outgoing is a mail to be built. MessageID, InReplyTo and References are ids without angle brackets, as NewMessageID
// and Parse give them; brackets are taken off when they are there. ReplyTo and InReplyTo may be left out.
type Outgoing struct {
	From, To Address
	ReplyTo  *Address
	CC       []Address
	// BCC is written only where it is given: in the copy that the sender keeps, never in what is sent (RFC 5322, 3.6.3).
	BCC     []Address
	Subject string
	// HTML and Text are the two forms of the body. Text is made from HTML when it is empty; without HTML the mail is
	// plain text.
	HTML, Text  string
	MessageID   string
	InReplyTo   string
	References  []string
	Date        time.Time
	Headers     []Header
	Attachments []Attachment
}

// Incoming is a mail that was read. What the mail lacks, or says in a way that nobody could read, is empty. Ids have no
// angle brackets. Lines of Text and HTML end in \n, and neither ends in an empty line.
type Incoming struct {
	From        Address
	ReplyTo     []Address
	To, CC      []Address
	Subject     string
	MessageID   string
	InReplyTo   string
	References  []string
	Date        time.Time
	Text, HTML  string
	Headers     []Header // all fields in order, unfolded and decoded
	Attachments []Attachment
	// Truncated says that the mail went beyond a limit or broke off, and only its beginning was read.
	Truncated bool
}

// Header gives the first header field of a name, in any case; empty when there is none.
func (in Incoming) Header(name string) string {
	for _, h := range in.Headers {
		if sameName(h.Name, name) {
			return h.Value
		}
	}
	return ""
}
