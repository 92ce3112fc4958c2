package web

import (
	"cadenza/internal/action"
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
	w.Title, w.Means = action.BounceMeans(b.Class)
	switch b.Class {
	case message.HardBounce:
		w.Badge, w.Tone = "Bounced", ui.Red
		return w, true
	case message.SoftBounce:
		w.Badge, w.Tone = "Soft bounce", ui.Amber
		return w, true
	case message.HumanReply, message.AutomaticReply, message.Complaint, message.Unrelated:
	}
	return w, false
}
