package flow

import (
	"fmt"
	"strings"

	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/step"
)

// Env is what Problems may ask about the installation. Names are those that the definition uses.
type Env struct {
	// Template gives what is known of a template, nil when there is none with this key.
	Template func(key string) *TemplateFacts
	// Sequence gives what is known of another sequence, nil when there is none with this name.
	Sequence func(name string) *SequenceFacts
	// Outcomes are those that the organisation knows; the shipped ones when there are none.
	Outcomes step.Outcomes
}

// FileEnv is the Env of a definition that is looked at without an installation: every name that it uses may exist there.
// What Problems finds with it is wrong everywhere.
func FileEnv(s Sequence) Env {
	outcomes := step.Shipped()
	add := func(list step.CallOutcomes, keys []string) step.CallOutcomes {
		for _, key := range keys {
			if _, ok := list.Find(key); !ok {
				list = append(list, step.CallOutcome{Key: key, Label: key})
			}
		}
		return list
	}
	for _, st := range s.Each() {
		switch {
		case st.When == nil:
		case st.When.Call != nil:
			outcomes.Calls = add(outcomes.Calls, st.When.Call.Outcomes)
		case st.When.Meeting != nil:
			outcomes.Meetings = add(outcomes.Meetings, st.When.Meeting.Outcomes)
		}
	}
	return Env{
		Template: func(key string) *TemplateFacts { return &TemplateFacts{Name: key, Files: 1} },
		Sequence: func(name string) *SequenceFacts { return &SequenceFacts{Active: true, Def: Sequence{Name: name}} },
		Outcomes: outcomes,
	}
}

// TemplateFacts are what matters of a template.
type TemplateFacts struct {
	Name string
	// Channel is what it is a template of; "" where nobody knows.
	Channel message.Channel
	// Unknown lists merge fields that records of the sequence's kind do not have.
	Unknown []string
	// Files counts the files that go with its mails.
	Files int
}

// SequenceFacts are what matters of a sequence that another one advances to.
type SequenceFacts struct {
	Active bool
	// Def is the active version's definition, for the check of cycles.
	Def Sequence
}

// Problems lists what keeps a sequence from being activated, in the order of its steps. Each names its step and says
// what to do. The rules are those of spec.md 1.2 and decisions 10 and 15.
func Problems(s Sequence, env Env) []fault.Problem {
	c := checker{seq: s, env: env}
	if len(s.Steps) == 0 {
		c.problems = append(c.problems, fault.Problem{
			Field: "/steps", Code: "empty",
			Message: "The sequence has no steps.", Hint: "Add at least one step.",
		})
	}
	c.steps("/steps", s.Steps, nil, false)
	c.exits()
	return c.problems
}

type checker struct {
	seq      Sequence
	env      Env
	problems []fault.Problem
}

// spot is the place of a step that is being checked.
type spot struct {
	pointer string
	step    step.Step
	// before are the steps that every record has behind it here, in their order.
	before []step.Step
	// last tells that the sequence ends after the step, in its lane at least.
	last bool
}

func (c *checker) add(at spot, field, code, message, hint string) {
	pointer := at.pointer
	if field != "" {
		pointer += "/" + field
	}
	c.problems = append(c.problems, fault.Problem{Field: pointer, Step: at.step.ID, Code: code, Message: message, Hint: hint})
}

// steps checks a list: the sequence's own, or a lane's. more tells that something follows the list.
func (c *checker) steps(pointer string, list []step.Step, before []step.Step, more bool) {
	for i, s := range list {
		at := spot{pointer: fmt.Sprintf("%s/%d", pointer, i), step: s, before: before, last: i == len(list)-1 && !more}
		c.step(at)
		if i > 0 && Ends(list[i-1]) {
			c.add(at, "", "unreachable", "Nothing can follow "+endingText(list[i-1])+".", "Move this step before it, or delete it.")
		}
		if kind, ok := step.KindOf(s.Type); ok && kind.Branches {
			here := append(before[:len(before):len(before)], s)
			c.steps(at.pointer+"/yes", s.Yes, here, !at.last)
			c.steps(at.pointer+"/no", s.No, here, !at.last)
		}
		before = append(before[:len(before):len(before)], s)
	}
}

// Ends tells whether no record goes on after the step, so that nothing can follow it.
func Ends(s step.Step) bool {
	kind, ok := step.KindOf(s.Type)
	return ok && (kind.Last || kind.Branches && laneEnds(s.Yes) && laneEnds(s.No))
}

func laneEnds(lane []step.Step) bool { return len(lane) > 0 && Ends(lane[len(lane)-1]) }

func endingText(s step.Step) string {
	kind, _ := step.KindOf(s.Type)
	if kind.Branches {
		return "a condition whose lanes both end"
	}
	return strings.ToLower(kind.Label[:1]) + kind.Label[1:]
}

func (c *checker) step(i spot) {
	s := i.step
	kind, ok := step.KindOf(s.Type)
	if !ok {
		c.add(i, "type", "unknown", fmt.Sprintf("There is no step type %q.", s.Type), "Choose a step from the list.")
		return
	}
	if kind.Human && s.Name == "" {
		c.add(i, "name", "required", "The step has no name.", "Give it a name that tells the seller what to do.")
	}
	if kind.NotFirst && len(i.before) == 0 {
		c.add(i, "", "first", kind.Label+" cannot be the first step.", "Put a step before it.")
	}
	if kind.NotLast && i.last {
		c.add(i, "", "last", "A sequence cannot end with a wait.", "Add a step after it, or remove the wait.")
	}
	for _, f := range kind.Fields {
		c.field(i, f)
	}
	if kind.Branches {
		c.condition(i)
	}
	if kind.Check != nil {
		if flaw := kind.Check(s); flaw != (step.Flaw{}) {
			c.add(i, flaw.Field, flaw.Code, flaw.Message, flaw.Hint)
		}
	}
}

func (c *checker) field(i spot, f step.Field) {
	value, _ := scalarText(i.step.Config[f.Key]).(string)
	if value == "" {
		if f.Required {
			hint := "Choose one."
			if f.Type == step.DurationField {
				hint = "Give days, hours or minutes."
			}
			c.add(i, f.Key, "required", f.Label+" is missing.", hint)
		}
		return
	}
	switch f.Type {
	case step.DurationField:
		c.duration(i, f, value)
	case step.TemplateField:
		c.template(i, f, value, message.EmailChannel)
	case step.TextTemplateField:
		c.template(i, f, value, message.TextChannel)
	case step.SequenceField:
		c.advance(i, f, value)
	case step.RecordField:
		c.recordField(i, f, value)
	case step.ValueField:
		c.value(i, f, value)
	case step.TextField:
		c.shortText(i, f, value)
	case step.PercentField:
		c.percent(i, f, value)
	case step.ChoiceField:
		c.choice(i, f, value)
	case step.TruthField:
		if _, ok := i.step.Config[f.Key].(bool); !ok {
			c.add(i, f.Key, "invalid", fmt.Sprintf("%q is neither true nor false.", value), "Write true or false.")
		}
	case step.MomentField:
		if _, err := ParseMoment(value); err != nil {
			c.add(i, f.Key, "invalid", fmt.Sprintf("%q is not a date with a time.", value), "Write it as 2026-12-24T09:00.")
		}
	}
}

func (c *checker) duration(i spot, f step.Field, value string) {
	d, err := calendar.ParseDuration(value)
	switch {
	case err != nil:
		c.add(i, f.Key, "invalid", fmt.Sprintf("%q is not a duration.", value), "Write it as 2d4h, 90m or 3d.")
	case d < f.Min || d > f.Max:
		c.add(i, f.Key, "range", fmt.Sprintf("A wait of %s is not possible.", calendar.DescribeDuration(d)),
			fmt.Sprintf("Choose from %s to %s.", calendar.DescribeDuration(f.Min), calendar.DescribeDuration(f.Max)))
	}
}

func (c *checker) template(i spot, f step.Field, key string, channel message.Channel) {
	t := c.env.Template(key)
	switch {
	case t == nil:
		c.add(i, f.Key, "not_found", fmt.Sprintf("There is no template %q.", key), "Choose another template.")
	case t.Channel == message.EmailChannel && channel == message.TextChannel:
		c.add(i, f.Key, "wrong_channel", fmt.Sprintf("The template %q is for emails.", t.Name), "Choose a template for text messages.")
	case t.Channel == message.TextChannel && channel == message.EmailChannel:
		c.add(i, f.Key, "wrong_channel", fmt.Sprintf("The template %q is for text messages.", t.Name), "Choose a template for emails.")
	case len(t.Unknown) > 0:
		c.add(i, f.Key, "unknown_fields", fmt.Sprintf("The template %q uses %s, which %s do not have.", t.Name,
			strings.Join(t.Unknown, ", "), strings.ToLower(c.seq.Record.Plural())), "Change the template or choose another one.")
	}
}

// writes tells whether the sequence sends anything that a customer can answer. An answer to a text message does not arrive
// by itself: somebody reports it, as any answer can be.
func writes(s Sequence) bool {
	for _, st := range s.Each() {
		if st.Mails() || st.Texts() {
			return true
		}
	}
	return false
}
