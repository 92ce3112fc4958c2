package step

var advanceKind = Kind{
	Type:     "advance",
	Label:    "Advance to another sequence",
	Help:     "Ends this sequence for the record and connects it to another one.",
	Group:    Commands,
	NotFirst: true,
	Last:     true,
	Fields: []Field{{
		Key: "to", Label: "Sequence", Type: SequenceField, Required: true,
		Hint: "An active sequence for the same kind of record.",
	}},
	Enter:  enterAdvance,
	Handle: func(_ In, ev Event) Out { return byHand(ev) },
}

// enterAdvance hands the record on, or to a person when the other sequence cannot be entered now (decision 16).
func enterAdvance(in In) Out {
	to := in.Step.Config.Text("to")
	if reason := in.Facts.Reachable[to]; reason != "" {
		return handed(in, "advance", reason)
	}
	return Finish(ExitAdvanced, Advanced, to, ConnectTo{Sequence: to})
}
