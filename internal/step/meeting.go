package step

// Meeting is the kind of activity that no step gives (spec.md 1.1): somebody agrees with a customer on a time, and notes it by hand.
const Meeting = "meeting"

// LatestMeeting is what a condition on meetings asks about: the one of the record that ended last.
const LatestMeeting = "latest"

// ShippedMeetingOutcomes are the ways in which meetings end until an organisation makes its own list. A meeting of which nobody says
// how it ended was held.
func ShippedMeetingOutcomes() CallOutcomes {
	return CallOutcomes{
		{Key: "held", Label: "Held", Default: true, Held: true},
		{Key: "moved", Label: "Moved to another time"},
		{Key: "did_not_come", Label: "Did not come"},
		{Key: "called_off", Label: "Called off"},
	}
}

// Outcomes are the ways in which an organisation's activities end. Kinds that are only completed have none.
type Outcomes struct{ Calls, Meetings CallOutcomes }

// Shipped are the outcomes in force until an organisation makes its own lists.
func Shipped() Outcomes {
	return Outcomes{Calls: ShippedOutcomes(), Meetings: ShippedMeetingOutcomes()}
}

// OrShipped gives the lists, each shipped one in place of none.
func (o Outcomes) OrShipped() Outcomes {
	shipped := Shipped()
	if len(o.Calls) == 0 {
		o.Calls = shipped.Calls
	}
	if len(o.Meetings) == 0 {
		o.Meetings = shipped.Meetings
	}
	return o
}

// Of gives how activities of a kind end: nothing for kinds that are only completed.
func (o Outcomes) Of(kind string) CallOutcomes {
	switch kind {
	case PhoneCall:
		return o.Calls
	case Meeting:
		return o.Meetings
	}
	return nil
}

// Held tells whether a meeting that ended so took place. One whose outcome nobody knows any more did not.
func (l CallOutcomes) Held(key string) bool {
	o, _ := l.Find(key)
	return o.Held
}

// ActivityLabel names a kind of activity, "" for one that nobody knows: those of steps, and meetings.
func ActivityLabel(kind string) string {
	if kind == Meeting {
		return "Meeting"
	}
	k, _ := KindOf(kind)
	return k.Label
}
