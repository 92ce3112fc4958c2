package flow

import (
	"time"

	"cadenza/internal/calendar"
)

// SendHours say when automated messages go to one customer. The gate of delivery asks them of what waits, Foresee of what would. The
// zero value keeps nothing up.
type SendHours struct {
	// On tells that there are windows, Own that they are the sequence's own instead of the organisation's.
	On, Own bool
	Windows Windows
	// Zone is the customer's; nil is UTC.
	Zone *time.Location
	// Off tells on which dates nothing goes to the customer; nil for none.
	Off func(y int, m time.Month, d int) bool
	// Back gives when a sender returns whose automated messages wait meanwhile, and zero at a moment when none does; nil for
	// never. Sender is the name.
	Back   func(time.Time) time.Time
	Sender string
}

// Hold is what keeps an automated message up.
type Hold struct {
	// Until is when that is over; zero when no window opens within about a year.
	Until time.Time
	// Away tells that the sender is away, Holiday that the customer has a holiday. Else it is a window.
	Away, Holiday bool
	// Reason is a sentence.
	Reason string
}

// Hold gives what keeps a message up at a moment; ok is false when it may go.
func (h SendHours) Hold(t time.Time) (hold Hold, ok bool) {
	if h.Back != nil {
		if back := h.Back(t); back.After(t) {
			return Hold{Until: back, Away: true, Reason: h.Sender + " is away, and automated messages wait for the return."}, true
		}
	}
	if !h.On {
		return Hold{}, false
	}
	zone := h.Zone
	if zone == nil {
		zone = time.UTC
	}
	open := calendar.Calendar{Week: h.Windows.week(zone), Off: h.Off}
	if open.Open(t) {
		return Hold{}, false
	}
	hold.Reason = "It is outside of the send window (" + zone.String() + ")."
	if h.Own {
		hold.Reason = "The sequence sends " + calendar.DescribeDays(h.Windows) + " (" + zone.String() + ")."
	}
	if y, m, d := t.In(zone).Date(); h.Off != nil && h.Off(y, m, d) {
		hold.Holiday, hold.Reason = true, "It is a holiday at the customer's ("+zone.String()+")."
	}
	if at, opens := open.Next(t); opens {
		hold.Until = at
	}
	return hold, true
}

// Next gives when a message goes that is due at t, and what kept it up first; ok is false when no moment comes within about a year.
func (h SendHours) Next(t time.Time) (at time.Time, why string, ok bool) {
	at = t
	for range 100 { // an opening may fall into time off, and a return outside of the windows
		hold, held := h.Hold(at)
		if !held {
			return at, why, true
		}
		if why == "" {
			why = hold.Reason
		}
		if hold.Until.IsZero() {
			break
		}
		at = hold.Until
	}
	return t, why, false
}

// week gives the windows in a zone.
func (w Windows) week(zone *time.Location) calendar.Week {
	week := calendar.Week{Zone: zone}
	for day, span := range w {
		if span.From < span.To {
			week.Days[day] = []calendar.Span{span}
		}
	}
	return week
}
