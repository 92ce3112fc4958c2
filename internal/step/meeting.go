package step

// Meeting is the kind of activity that no step gives (spec.md 1.1): somebody agrees with a customer on a time, and notes it by hand.
const Meeting = "meeting"

// HeldMeeting is how a meeting ends of which nobody says how it ended.
const HeldMeeting = "held"

// MeetingOutcomes are the ways in which a meeting ends. They are the same for every organisation, and no condition asks for them.
func MeetingOutcomes() CallOutcomes {
	return CallOutcomes{
		{Key: HeldMeeting, Label: "Held", Default: true},
		{Key: "moved", Label: "Moved to another time"},
		{Key: "did_not_come", Label: "Did not come"},
		{Key: "called_off", Label: "Called off"},
	}
}

// OutcomesOf gives how activities of a kind end, of the outcomes that the organisation knows for calls: none for kinds that are only
// completed.
func (l CallOutcomes) OutcomesOf(kind string) CallOutcomes {
	switch kind {
	case "phone_call":
		return l
	case Meeting:
		return MeetingOutcomes()
	}
	return nil
}

// ActivityLabel names a kind of activity, "" for one that nobody knows: those of steps, and meetings.
func ActivityLabel(kind string) string {
	if kind == Meeting {
		return "Meeting"
	}
	k, _ := KindOf(kind)
	return k.Label
}
