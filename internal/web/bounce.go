package web

import (
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// bouncing says in words that a message came back.
type bouncing struct {
	Badge string
	Tone  ui.Tone
	// Title says what happened, without a full stop; Means what follows from it.
	Title, Means string
}

// bounceWords gives the words for a bounce; ok is false when nothing came back.
func bounceWords(b store.Bounce) (w bouncing, ok bool) {
	switch b.Class {
	case message.HardBounce:
		return bouncing{Badge: "Bounced", Tone: ui.Red, Title: "The address takes no mail", Means: "Nothing more is sent to it."}, true
	case message.SoftBounce:
		return bouncing{Badge: "Soft bounce", Tone: ui.Amber, Title: "One email did not arrive, or is late", Means: "The address may still take others."}, true
	case message.HumanReply, message.AutomaticReply, message.Complaint, message.Unrelated:
	}
	return w, false
}
