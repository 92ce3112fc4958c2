package step

import (
	"slices"

	"cadenza/internal/record"
)

// When is what a condition asks. Exactly one of its parts is set.
type When struct {
	Email   *EmailTest
	Call    *CallTest
	Meeting *MeetingTest
	Field   *record.Condition
}

// EmailTest asks what the customer did with the email of an earlier step (spec.md 2.1).
type EmailTest struct {
	// Step is the id of the email step.
	Step    string
	Results []Result
	// All asks for all of the results; otherwise one of them is enough.
	All bool
	// Within is how long after the email was sent the customer has, as "2d4h". It counts working time where the sequence
	// does (spec.md 13, decisions 6 and 7).
	Within string
	// AtOnce goes on as soon as the answer is Yes; otherwise only when the time has passed (spec.md 2.2).
	AtOnce bool
}

// CallTest asks how the call of an earlier step ended (spec.md 2.1).
type CallTest struct {
	// Step is the id of the phone call step.
	Step     string
	Outcomes []string
}

// MeetingTest asks how the record's latest meeting ended. Meetings come from no step, so it names none.
type MeetingTest struct{ Outcomes []string }

// Result is something that a customer does with an email.
type Result string

// The results.
const (
	Opened     Result = "opened"
	LinkOpened Result = "link_opened"
	Downloaded Result = "attachment_downloaded"
	Answered   Result = "replied"
)

// Results lists every result in the order of forms.
func Results() []Result { return []Result{Opened, Answered, LinkOpened, Downloaded} }

// Known tells whether the result is one of Results.
func (r Result) Known() bool { return slices.Contains(Results(), r) }

// Describe gives the result as it follows "the customer": "opened the email".
func (r Result) Describe() string {
	switch r {
	case Opened:
		return "opened the email"
	case LinkOpened:
		return "opened a link"
	case Downloaded:
		return "downloaded an attachment"
	case Answered:
		return "replied"
	}
	return string(r)
}

// Label gives the result as people choose it: "Link opened".
func (r Result) Label() string {
	switch r {
	case Opened:
		return "Opened"
	case LinkOpened:
		return "Link opened"
	case Downloaded:
		return "Attachment downloaded"
	case Answered:
		return "Replied"
	}
	return string(r)
}

// Question gives the result as a question, in which … stands for the email's name: "Opened “…”?".
func (r Result) Question() string {
	switch r {
	case Opened:
		return "Opened “…”?"
	case LinkOpened:
		return "Link opened in “…”?"
	case Downloaded:
		return "Attachment downloaded from “…”?"
	case Answered:
		return "Replied to “…”?"
	}
	return string(r) + " “…”?"
}

// Outcomes gives the outcomes of a kind of activity that the condition asks for.
func (w *When) Outcomes(kind string) []string {
	switch {
	case w == nil:
	case kind == Meeting && w.Meeting != nil:
		return w.Meeting.Outcomes
	case kind == PhoneCall && w.Call != nil:
		return w.Call.Outcomes
	}
	return nil
}

// Feeds gives the id of the step that the condition asks about, "" when it asks about the record.
func (w *When) Feeds() string {
	switch {
	case w == nil:
		return ""
	case w.Email != nil:
		return w.Email.Step
	case w.Call != nil:
		return w.Call.Step
	}
	return ""
}
