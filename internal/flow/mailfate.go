package flow

import (
	"cadenza/internal/message"
	"cadenza/internal/step"
)

// MailFate is what becomes of the email steps of a version for a record that cannot be emailed.
type MailFate string

// The fates. MailGoes is that of everybody else, and of versions without email steps.
const (
	MailGoes  MailFate = ""
	MailEnds  MailFate = "ends"  // the enrollment ends at the first email step
	MailSkips MailFate = "skips" // automated emails are skipped; those by hand wait for the seller
	MailWaits MailFate = "waits" // email steps wait for a person
)

// MailFate foretells what Decide and the gate of delivery do with the email steps for a record of which these facts are
// known, and why. hasAddress tells whether the record has an address to write to.
func (v *Version) MailFate(f step.Facts, hasAddress bool) (fate MailFate, why string) {
	if !v.Def.writesOn(message.EmailChannel) {
		return MailGoes, ""
	}
	if v.Def.Options.endsWith(f.EmailSuppression) {
		return MailEnds, f.EmailSuppression.Reason
	}
	why = f.NoEmail()
	switch {
	case why != "" && v.mailsByItself():
		return MailSkips, why
	case why != "":
		return MailWaits, why
	case !hasAddress:
		return MailWaits, "The record has no email address."
	}
	return MailGoes, ""
}

// MailFateSentence says a fate to people.
func (v *Version) MailFateSentence(fate MailFate, hasAddress bool) string {
	switch fate {
	case MailEnds:
		return "The sequence ends at the first email step."
	case MailSkips:
		if v.mailsByHand() {
			return "Automated emails are skipped. An email by hand waits for the seller, who can skip it."
		}
		return "Automated emails are skipped, and the sequence goes on."
	case MailWaits:
		if !hasAddress {
			return "Each email step waits for a person, who adds an address or skips it."
		}
		return "Each email waits for the seller, who can skip it."
	case MailGoes:
	}
	return ""
}

func (v *Version) mailsByItself() bool { return v.mails(false) }

func (v *Version) mailsByHand() bool { return v.mails(true) }

// mails tells whether a step sends emails, by a person's hand or without.
func (v *Version) mails(human bool) bool {
	for _, st := range v.Def.Each() {
		if kind, _ := step.KindOf(st.Type); kind.Mails && kind.Human == human {
			return true
		}
	}
	return false
}
