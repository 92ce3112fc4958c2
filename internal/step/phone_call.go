package step

import (
	"slices"
	"strings"
)

// PhoneCall is the type of steps, and the kind of activities, that somebody calls for.
const PhoneCall = "phone_call"

var phoneCallKind = human(Kind{
	Type:  PhoneCall,
	Label: "Phone call",
	Help:  "The seller calls, and notes how the call ended.",
})

// The limits of each of an organisation's lists of outcomes.
const (
	MaxCallOutcomes = 30
	MaxOutcomeLabel = 60
)

// CallOutcome is how a phone call ended, or a meeting. Key never changes; Label is how the organisation calls it.
type CallOutcome struct {
	Key, Label string
	// Retired tells that it is no longer offered; conditions and history still understand it.
	Retired bool
	// Default tells that a call is completed with it of which the seller says nothing (spec.md 6.11); one at most has it.
	Default bool
	// Held tells of an outcome of meetings that the meeting took place. Those of calls never have it.
	Held bool
}

// CallOutcomes are the outcomes of calls, or of meetings, that an organisation knows, in the order in which sellers choose from them.
type CallOutcomes []CallOutcome

// ShippedOutcomes are the outcomes of calls in force until an organisation makes its own list.
func ShippedOutcomes() CallOutcomes {
	return CallOutcomes{
		{Key: "connected", Label: "Connected"},
		{Key: "left_voicemail", Label: "Left voicemail"},
		{Key: "no_answer", Label: "No answer"},
		{Key: "busy", Label: "Busy"},
		{Key: "wrong_number", Label: "Wrong number"},
	}
}

// Find gives the outcome with a key.
func (l CallOutcomes) Find(key string) (CallOutcome, bool) {
	i := slices.IndexFunc(l, func(o CallOutcome) bool { return o.Key == key })
	if i < 0 {
		return CallOutcome{}, false
	}
	return l[i], true
}

// Label gives an outcome as people read it. One that is not in the list reads as its key does: "Left voicemail".
func (l CallOutcomes) Label(key string) string {
	if o, ok := l.Find(key); ok {
		return o.Label
	}
	words := strings.ReplaceAll(key, "_", " ")
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// Default gives the key of the outcome of calls of which the seller says nothing, "" when sellers must say.
func (l CallOutcomes) Default() string {
	for _, o := range l {
		if o.Default && !o.Retired {
			return o.Key
		}
	}
	return ""
}

// Offered lists the outcomes among which a seller chooses.
func (l CallOutcomes) Offered() CallOutcomes {
	return slices.DeleteFunc(slices.Clone(l), func(o CallOutcome) bool { return o.Retired })
}

// Keys lists the keys.
func (l CallOutcomes) Keys() []string {
	keys := make([]string, len(l))
	for i, o := range l {
		keys[i] = o.Key
	}
	return keys
}
