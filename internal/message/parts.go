package message

import (
	"strings"
	"unicode/utf16"
)

// MaxTextParts is how many parts a text message may have. Carriers drop longer ones, and nobody reads them.
const MaxTextParts = 10

// The room of one part in characters of its alphabet: of a message that fits into one, and of each part of a longer one,
// which begins with a header of six octets (3GPP TS 23.040, section 9.2.3.24.1).
const (
	gsmAlone, gsmPart = 160, 153 // septets of 140 and 134 octets
	ucsAlone, ucsPart = 70, 67   // code units of two octets
)

// gsmBasic is the default alphabet (3GPP TS 23.038, section 6.2.1), without the escape to the extension table.
const gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

// gsmExtension takes two places per character: the escape and its own (section 6.2.1.1).
const gsmExtension = "\f^{}\\[~]|€"

// TextSize is how a text message travels.
type TextSize struct {
	// Unicode tells that a character is not in the alphabet of GSM, so that every one takes more room.
	Unicode bool
	// Used counts the places that its characters take, Parts the messages that it is cut into; 0 for an empty text.
	Used, Parts int
	// Left is how many places are free before it needs one more part.
	Left int
}

// SizeOfText measures a text message.
func SizeOfText(text string) TextSize {
	var widths []int
	size := TextSize{}
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			widths = append(widths, 1)
		case strings.ContainsRune(gsmExtension, r):
			widths = append(widths, 2)
		default:
			size.Unicode = true
		}
	}
	alone, part := gsmAlone, gsmPart
	if size.Unicode {
		alone, part, widths = ucsAlone, ucsPart, widths[:0]
		for _, r := range text {
			widths = append(widths, max(utf16.RuneLen(r), 1))
		}
	}
	for _, w := range widths {
		size.Used += w
	}
	if size.Used <= alone {
		size.Left = alone - size.Used
		if size.Used > 0 {
			size.Parts = 1
		}
		return size
	}
	size.Parts, size.Left = cut(widths, part)
	return size
}

// cut counts the parts of a longer message. A character that takes two places is never torn, so a part may stay one
// place short.
func cut(widths []int, room int) (parts, left int) {
	parts, left = 1, room
	for _, w := range widths {
		if w > left {
			parts, left = parts+1, room
		}
		left -= w
	}
	return parts, left
}
