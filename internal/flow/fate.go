package flow

import (
	"cadenza/internal/message"
	"cadenza/internal/step"
)

// Fate is what becomes of the steps of a version that write on a channel, for a record that cannot be written to there.
type Fate string

// The fates. FateGoes is that of everybody else, and of versions without such steps.
const (
	FateGoes  Fate = ""
	FateEnds  Fate = "ends"  // the enrollment ends at the first of these steps
	FateSkips Fate = "skips" // automated messages are skipped; those by hand wait for the seller
	FateWaits Fate = "waits" // the steps wait for a person
)

// What is missing where there is nowhere to write to.
const (
	noAddress = "The record has no email address."
	noNumber  = "The record has no mobile or phone number in international form."
)

// Fate foretells what Decide and the gate of delivery do with the steps that write on a channel, for a record of which these facts
// are known, and why. reachable tells whether the record has an address or a number to write to.
func (v *Version) Fate(c message.Channel, f step.Facts, reachable bool) (fate Fate, why string) {
	if !v.Def.writesOn(c) {
		return FateGoes, ""
	}
	suppression, why, nowhere := f.EmailSuppression, f.NoEmail(), noAddress
	if c == message.TextChannel {
		suppression, why, nowhere = f.TextSuppression, f.NoText(), noNumber
	}
	switch {
	case v.Def.Options.endsWith(suppression):
		return FateEnds, suppression.Reason
	case why != "" && v.writes(c, false):
		return FateSkips, why
	case why != "":
		return FateWaits, why
	case !reachable:
		return FateWaits, nowhere
	}
	return FateGoes, ""
}

// FateSentence says a fate to people. lacksAddress tells that an address or a number is all that is missing.
func (v *Version) FateSentence(c message.Channel, fate Fate, lacksAddress bool) string {
	say := struct{ step, automated, hand, each, lacking string }{
		"email", "Automated emails are skipped", "An email by hand", "Each email", "an address",
	}
	if c == message.TextChannel {
		say.step, say.automated, say.hand, say.each, say.lacking = "text", "Automated texts are skipped", "A text by hand", "Each text", "a number"
	}
	switch fate {
	case FateEnds:
		return "The sequence ends at the first " + say.step + " step."
	case FateSkips:
		if v.writes(c, true) {
			return say.automated + ". " + say.hand + " waits for the seller, who can skip it."
		}
		return say.automated + ", and the sequence goes on."
	case FateWaits:
		if lacksAddress {
			return say.each + " step waits for a person, who adds " + say.lacking + " or skips it."
		}
		return say.each + " waits for the seller, who can skip it."
	case FateGoes:
	}
	return ""
}

// writes tells whether a step writes on the channel, by a person's hand or without.
func (v *Version) writes(c message.Channel, human bool) bool {
	for _, st := range v.Def.Each() {
		kind, _ := step.KindOf(st.Type)
		if kind.Human == human && (kind.Mails && c == message.EmailChannel || kind.Texts && c == message.TextChannel) {
			return true
		}
	}
	return false
}
