// Package step holds the kinds of steps that a sequence is made of: what each is called, what it is configured with,
// and what it does when an enrollment enters it or something happens to it.
//
// One file per kind; kinds.go is the list. A kind is pure: it is given the moment and the facts, and it answers with
// orders (effects) and with what it waits for. It must never read a clock, a database or the network.
//
// Start reading at Kind, then any kind's file, for instance wait.go.
package step

import (
	"strings"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// Step is one element of a sequence as its designer wrote it.
type Step struct {
	// ID is unique in the sequence: lower-case letters, digits, "-" and "_".
	ID string
	// Type is the Type of one of Kinds.
	Type string
	// Name is what sellers see, at most 100 characters (spec.md 1.2).
	Name string
	// Description is what sellers read before they act, at most 2,000 characters (spec.md 1.2).
	Description string
	// Config holds the values of the kind's Fields.
	Config Config
	// When is what a condition asks; nil for every other kind.
	When *When
	// Yes and No are the lanes of a condition. What follows the condition goes on after both (spec.md 13, decision 18).
	Yes, No []Step
}

// Lane is the side of a condition on which an enrollment goes on.
type Lane string

// The lanes. Straight is the way on from every other step.
const (
	Straight Lane = ""
	YesLane  Lane = "yes"
	NoLane   Lane = "no"
)

// Lane gives the steps of one side of a condition.
func (s Step) Lane(side Lane) []Step {
	switch side {
	case YesLane:
		return s.Yes
	case NoLane:
		return s.No
	case Straight:
	}
	return nil
}

// Config holds a step's own fields as plain JSON values: string, float64, bool, []any, map[string]any.
type Config map[string]any

// Text gives a field's text, "" when it is missing or no text.
func (c Config) Text(key string) string {
	s, _ := c[key].(string)
	return s
}

// Truth gives a field's truth value, false when it is missing.
func (c Config) Truth(key string) bool {
	b, _ := c[key].(bool)
	return b
}

// Templates lists the keys of the templates that the step names.
func (s Step) Templates() []string {
	var keys []string
	kind, _ := KindOf(s.Type)
	for _, f := range kind.Fields {
		if key := s.Config.Text(f.Key); (f.Type == TemplateField || f.Type == TextTemplateField) && key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// Texts tells whether the step sends a text message.
func (s Step) Texts() bool {
	kind, _ := KindOf(s.Type)
	return kind.Texts
}

// Mails tells whether the step sends an email.
func (s Step) Mails() bool {
	kind, _ := KindOf(s.Type)
	return kind.Mails
}

// Number gives a field's number, 0 when it is missing or no number.
func (c Config) Number(key string) float64 {
	n, _ := c[key].(float64)
	return n
}

// Group is the tab of the picker under which a kind is offered.
type Group string

// The tabs of the picker.
const (
	Steps      Group = "Steps"
	Conditions Group = "Conditions"
	Commands   Group = "Commands"
	LinkedIn   Group = "LinkedIn"
)

// FieldType says how a field of a step is edited and checked.
type FieldType string

// The types of a step's fields.
const (
	DurationField     FieldType = "duration"      // "2d4h"; Min and Max bound it
	TemplateField     FieldType = "template"      // the key of an email template
	TextTemplateField FieldType = "text_template" // the key of a text message template
	SequenceField     FieldType = "sequence"      // the name of another sequence
	RecordField       FieldType = "field"         // the key of a field of the record that may be set
	ValueField        FieldType = "value"         // a value for that field
	TextField         FieldType = "text"          // a short text
	PercentField      FieldType = "percent"       // a whole number; Low and High bound it
	ChoiceField       FieldType = "choice"        // the Value of one of Options
	TruthField        FieldType = "truth"         // true or false; missing for false
	MomentField       FieldType = "moment"        // "2026-12-24T09:00" in the organisation's time zone
)

// Field is one thing that a kind is configured with.
type Field struct {
	Key      string
	Label    string
	Hint     string
	Type     FieldType
	Required bool
	Min, Max time.Duration
	// Low and High bound a number, both included.
	Low, High int
	// Options are what a ChoiceField chooses among.
	Options []Option
	// Initial is what a new step has here in the designer.
	Initial string
}

// Flaw is something wrong with a step: at which field, what, and what to do.
type Flaw struct{ Field, Code, Message, Hint string }

// Option is one choice of a field.
type Option struct{ Value, Label string }

// Kind is a kind of step. Only Enter and Handle act; everything else describes.
type Kind struct {
	Type  string
	Label string
	// Help says in one sentence what the step does, for the picker and docs/steps.md.
	Help  string
	Group Group
	// Human tells that a seller does the step; the others act by themselves.
	Human bool
	// TakesTime tells that time must pass in the step. Together with Human it breaks a cycle of advances.
	TakesTime bool
	// Mails tells that the step sends an email, so that a condition may ask what the customer did with it.
	Mails bool
	// Texts tells that the step sends a text message.
	Texts bool
	// Tests tells that the step is an A/B test.
	Tests bool
	// Branches tells that the step asks When and has two lanes.
	Branches bool
	Fields   []Field
	// NotFirst and NotLast are rules of place; Last forbids anything after it (spec.md 1.2).
	NotFirst, NotLast, Last bool
	// Check finds what is wrong with a step beyond its single fields; the zero Flaw is nothing. It may be nil.
	Check func(Step) Flaw
	// Enter is called when an enrollment reaches the step.
	Enter func(In) Out
	// Handle is called when something happens to the enrollment in this step. Events that the kind does not know
	// answer with Ignore.
	Handle func(In, Event) Out
}

// In is what a step may know when it decides.
type In struct {
	Now  time.Time
	Step Step
	// Token names this visit.
	Token Token
	Facts Facts
	// Since is when this visit of the step began; equal to Now on Enter.
	Since time.Time
	// Wait is what this visit waits for; NoWait on Enter.
	Wait Wait
	// Late is how long ago this should have happened: the wait before it was over while the server was down.
	Late time.Duration
}

// Facts are what is known of an enrollment's surroundings at the moment of a decision.
type Facts struct {
	// DoNotEmail is the record's wish not to be mailed.
	DoNotEmail bool
	// DoNotText is the record's wish not to be sent text messages.
	DoNotText bool
	// EmailSuppression and TextSuppression say that the record's address or number is suppressed.
	EmailSuppression, TextSuppression Suppression
	// Calendar is the assignee's working time.
	Calendar calendar.Calendar
	// Working tells that the sequence counts working time (spec.md 13, decision 3).
	Working bool
	// Reachable tells for each sequence that an advance step of this version names why it cannot be entered now;
	// an empty reason means that it can.
	Reachable map[string]string
	// Runs tell how the last run of each step ended that a condition of this version asks about.
	Runs map[string]Run
	// Mail tells for each email step that a condition of this version asks about what the customer did, and when first.
	Mail map[string]Engagement
	// Outcomes are those that the organisation knows, where a condition of this version asks about a call or a meeting.
	Outcomes Outcomes
	// MeetingEnded is the outcome of the record's latest meeting that is over, where a condition of this version asks for it; "" for none.
	MeetingEnded string
	// Kind and Values are the record's, where a step of this version asks for them.
	Kind   record.Kind
	Values record.Values
	// Chosen gives the letter of the variant that each decided A/B test of this version goes on with.
	Chosen map[string]string
}

// Suppression says why the customer's address must not be written to. The zero value means that it may.
type Suppression struct {
	// Reason is a sentence.
	Reason string
	// Detail says how it came on the list, and what was noted; it may be empty.
	Detail string
	// Exit is the exit whose option says whether the sequence ends with it; NoExit where no option does.
	Exit Exit
}

// Told is the reason with its details.
func (s Suppression) Told() string { return strings.TrimSpace(s.Reason + " " + s.Detail) }

// NoEmail gives why the record must not be emailed, "" when it may.
func (f Facts) NoEmail() string {
	if f.DoNotEmail {
		return "The record must not be emailed."
	}
	return f.EmailSuppression.Reason
}

// NoText gives why the record must not be sent text messages, "" when it may.
func (f Facts) NoText() string {
	if f.DoNotText {
		return "The record must not be sent text messages."
	}
	return f.TextSuppression.Reason
}

// Run is how one visit of a step ended, and when.
type Run struct {
	Outcome Outcome
	// Detail is the outcome of a call.
	Detail string
	At     time.Time
}

// Engagement is what a customer did with the email of a step: when each result was first seen.
type Engagement map[Result]time.Time

// Token names one visit of one step by one enrollment. It rides on messages and activities; a stale one is dropped.
type Token struct {
	Enrollment ident.Enrollment
	Step       string
	// Visit counts the steps that the enrollment has entered, from 1, so that it is unique in the enrollment.
	Visit int
}

// Wait says what an enrollment waits for.
type Wait string

// What an enrollment can wait for. NoWait is that of one which has not entered its step yet, or is finished.
const (
	NoWait    Wait = ""
	ForTime   Wait = "time"
	ForMail   Wait = "mail" // for a message that is on its way: an email or a text message
	ForPerson Wait = "person"
)

// Out is a step's answer. Build it with Stay, Leave, Finish or Ignore.
type Out struct {
	Ignored bool
	Left    bool
	Exit    Exit
	// Again asks for a new visit of the same step, with a new token.
	Again bool
	// Lane is the side on which a condition is left.
	Lane    Lane
	Outcome Outcome
	Detail  string
	Wait    Wait
	DueAt   time.Time
	Effects []Effect
}

// Stay keeps the enrollment in the step until what it waits for happens. due is zero unless it waits for time.
func Stay(wait Wait, due time.Time, effects ...Effect) Out {
	return Out{Wait: wait, DueAt: due, Effects: effects}
}

// Leave goes on to what follows the step.
func Leave(outcome Outcome, detail string, effects ...Effect) Out {
	return Out{Left: true, Outcome: outcome, Detail: detail, Effects: effects}
}

// Branch leaves a condition on one of its sides. detail says why.
func Branch(yes bool, detail string) Out {
	if yes {
		return Out{Left: true, Outcome: Yes, Lane: YesLane, Detail: detail}
	}
	return Out{Left: true, Outcome: No, Lane: NoLane, Detail: detail}
}

// Finish ends the enrollment in this step.
func Finish(exit Exit, outcome Outcome, detail string, effects ...Effect) Out {
	return Out{Left: true, Exit: exit, Outcome: outcome, Detail: detail, Effects: effects}
}

// Ignore leaves everything as it is.
func Ignore() Out { return Out{Ignored: true} }

// Outcome says how a step run ended. Phone calls have outcomes of their own beside these.
type Outcome string

// The outcomes of step runs.
const (
	Sent      Outcome = "sent"
	Completed Outcome = "completed"
	Skipped   Outcome = "skipped"
	Waited    Outcome = "waited"
	Advanced  Outcome = "advanced"
	Handed    Outcome = "handed_over" // an automatic step failed and was given to a person
	Retried   Outcome = "retried"
	Yes       Outcome = "yes" // a condition was left on its Yes side
	No        Outcome = "no"
	Updated   Outcome = "updated" // a field was set
)
