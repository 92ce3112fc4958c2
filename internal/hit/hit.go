package hit

import (
	"time"

	"cadenza/internal/ident"
)

// Hit is a request for the pixel, a link or a file of a message.
type Hit struct {
	Message ident.Message
	// Link is the number of the link or file; 0 is the pixel.
	Link int
	// File tells that the number is a file's.
	File bool
	At   time.Time
	// Agent is what the request says of its program.
	Agent string
	// Head tells that it asked for the header only, as no reader does.
	Head bool
}

// Kind tells opens, clicks and downloads apart.
type Kind int16

// The kinds. Their numbers are stored.
const (
	Open     Kind = 1
	Click    Kind = 2
	Download Kind = 3
)

// Kind gives the kind of a hit.
func (h Hit) Kind() Kind {
	switch {
	case h.File:
		return Download
	case h.Link == 0:
		return Open
	}
	return Click
}

// String gives the kind as the API and people read it.
func (k Kind) String() string {
	switch k {
	case Open:
		return "open"
	case Click:
		return "click"
	case Download:
		return "download"
	}
	return "unknown"
}

// Reason says why a hit is not counted.
type Reason int16

// The reasons. Their numbers are stored and never used again for another one.
const (
	Counted  Reason = 0 // a person's, as far as anybody can tell
	Header   Reason = 1
	Scanner  Reason = 2
	Prefetch Reason = 3
	TooSoon  Reason = 4
	AllLinks Reason = 5
)

// Reasons lists every reason, Counted first.
func Reasons() []Reason { return []Reason{Counted, Header, Scanner, Prefetch, TooSoon, AllLinks} }

// String gives the reason as the API says it; "" for Counted.
func (r Reason) String() string {
	switch r {
	case Counted:
		return ""
	case Header:
		return "header_only"
	case Scanner:
		return "scanner"
	case Prefetch:
		return "prefetch"
	case TooSoon:
		return "too_soon"
	case AllLinks:
		return "all_links"
	}
	return "unknown"
}

// Describe gives the reason as a sentence for people.
func (r Reason) Describe() string {
	switch r {
	case Counted:
		return "Counted."
	case Header:
		return "A program asked whether the address exists, and did not open it."
	case Scanner:
		return "A known scanner or preview of links asked, not a person."
	case Prefetch:
		return "The mail program fetches every picture ahead, whether or not the email is read."
	case TooSoon:
		return "It came within seconds of the sending, as scanners of mail servers do."
	case AllLinks:
		return "All links and files were asked for at once, as scanners do."
	}
	return "It is not counted."
}
