package action

import (
	"time"

	"cadenza/internal/store"
)

// WhyWaiting gives the gate's answer for a message that is queued, or what it will be asked. It is the sentence of every door.
func WhyWaiting(m store.Message, now time.Time) string {
	switch {
	case m.Waits(now) && m.Blocker != store.BlockRestored:
		return "It is scheduled for this time."
	case m.Reason != "":
		return m.Reason
	case m.NextAt.After(now):
		return "Its time has not come yet."
	}
	return "It is next."
}
