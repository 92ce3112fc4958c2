package step

// Kinds lists every kind of step. Its order is that of the picker.
func Kinds() []Kind {
	return []Kind{
		emailKind,
		automatedEmailKind,
		abTestKind,
		textMessageKind,
		automatedTextKind,
		phoneCallKind,
		taskKind,
		waitKind,
		conditionKind,
		updateFieldKind,
		advanceKind,
		linkedinResearchKind,
		linkedinIntroKind,
		linkedinConnectKind,
		linkedinInMailKind,
	}
}

// KindOf gives the kind of a step type.
func KindOf(typ string) (Kind, bool) {
	for _, k := range kinds {
		if k.Type == typ {
			return k, true
		}
	}
	return Kind{}, false
}

// kinds is Kinds once, because decisions look kinds up often.
var kinds = Kinds()
