package step

var phoneCallKind = human(Kind{
	Type:  "phone_call",
	Label: "Phone call",
	Help:  "The seller calls, and notes how the call ended.",
})

// CallOutcome is how a phone call ended.
type CallOutcome struct{ Key, Label string }

// CallOutcomeLabel gives an outcome as people read it.
func CallOutcomeLabel(key string) string {
	for _, o := range CallOutcomes() {
		if o.Key == key {
			return o.Label
		}
	}
	return key
}

// CallOutcomes lists the outcomes among which a seller chooses.
func CallOutcomes() []CallOutcome {
	return []CallOutcome{
		{"connected", "Connected"},
		{"left_voicemail", "Left voicemail"},
		{"no_answer", "No answer"},
		{"busy", "Busy"},
		{"wrong_number", "Wrong number"},
	}
}
