package step

// human builds a kind that a seller does by hand: it opens an activity and waits until that is completed or skipped.
func human(k Kind) Kind {
	k.Human = true
	k.Group = Steps
	k.Enter = func(in In) Out {
		return Stay(ForPerson, zero, OpenActivity{Kind: k.Type, Template: in.Step.Config.Text("template"), DueAt: workingMoment(in)})
	}
	k.Handle = func(_ In, ev Event) Out {
		if done, ok := ev.(ActivityDone); ok {
			return personDone(done)
		}
		return Ignore()
	}
	return k
}

// personDone leaves the step with what the person did. A skipped step is never a completed one (decision 5).
func personDone(done ActivityDone) Out {
	if done.Skipped {
		return Leave(Skipped, done.Outcome)
	}
	return Leave(Completed, done.Outcome)
}

// handed gives an automatic step that cannot run to a person, with the reason (spec.md 13, decision 16).
func handed(in In, kind, reason string) Out {
	return handedWith(in, kind, in.Step.Config.Text("template"), reason)
}

// handedWith is handed with a template for the email to write by hand.
func handedWith(in In, kind, template, reason string) Out {
	return Out{Wait: ForPerson, Outcome: Handed, Detail: reason, Effects: []Effect{
		OpenActivity{Kind: kind, Template: template, DueAt: workingMoment(in), Trouble: reason},
	}}
}

// byHand handles an automatic step that was given to a person: they do it, skip it, or have it tried again. Whatever else
// comes is of the attempt that failed.
func byHand(ev Event) Out {
	switch e := ev.(type) {
	case ActivityDone:
		return personDone(e)
	case Retry:
		return Out{Again: true, Outcome: Retried, Effects: []Effect{CancelWork{}}}
	}
	return Ignore()
}
