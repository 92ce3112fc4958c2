package flow

import (
	"fmt"
	"strings"

	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/step"
)

// Env is what Problems may ask about the installation. Names are those that the definition uses.
type Env struct {
	// Template gives what is known of a template, nil when there is none with this key.
	Template func(key string) *TemplateFacts
	// Sequence gives what is known of another sequence, nil when there is none with this name.
	Sequence func(name string) *SequenceFacts
}

// TemplateFacts are what matters of a template.
type TemplateFacts struct {
	Name string
	// Unknown lists merge fields that records of the sequence's kind do not have.
	Unknown []string
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
	for i, st := range s.Steps {
		c.step(i, st)
	}
	if s.Options.ExitOnReply && !sendsMail(s) {
		c.problems = append(c.problems, fault.Problem{
			Field: "/options/exit_on_reply", Code: "no_email",
			Message: "The sequence ends on a reply, but sends no email.", Hint: "Add an email step or switch the option off.",
		})
	}
	return c.problems
}

type checker struct {
	seq      Sequence
	env      Env
	problems []fault.Problem
}

func (c *checker) add(i int, field, code, message, hint string) {
	pointer := fmt.Sprintf("/steps/%d", i)
	if field != "" {
		pointer += "/" + field
	}
	c.problems = append(c.problems, fault.Problem{Field: pointer, Step: c.seq.Steps[i].ID, Code: code, Message: message, Hint: hint})
}

func (c *checker) step(i int, s step.Step) {
	kind, ok := step.KindOf(s.Type)
	if !ok {
		c.add(i, "type", "unknown", fmt.Sprintf("There is no step type %q.", s.Type), "Choose a step from the list.")
		return
	}
	if kind.Human && s.Name == "" {
		c.add(i, "name", "required", "The step has no name.", "Give it a name that tells the seller what to do.")
	}
	if kind.NotFirst && i == 0 {
		c.add(i, "", "first", kind.Label+" cannot be the first step.", "Put a step before it.")
	}
	if kind.NotLast && i == len(c.seq.Steps)-1 {
		c.add(i, "", "last", "A sequence cannot end with a wait.", "Add a step after it, or remove the wait.")
	}
	if i > 0 {
		if before, ok := step.KindOf(c.seq.Steps[i-1].Type); ok && before.Last {
			c.add(i, "", "unreachable", "Nothing can follow "+strings.ToLower(before.Label[:1])+before.Label[1:]+".",
				"Move this step before it, or delete it.")
		}
	}
	for _, f := range kind.Fields {
		c.field(i, s, f)
	}
}

func (c *checker) field(i int, s step.Step, f step.Field) {
	value := s.Config.Text(f.Key)
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
		c.template(i, f, value)
	case step.SequenceField:
		c.advance(i, f, value)
	}
}

func (c *checker) duration(i int, f step.Field, value string) {
	d, err := calendar.ParseDuration(value)
	switch {
	case err != nil:
		c.add(i, f.Key, "invalid", fmt.Sprintf("%q is not a duration.", value), "Write it as 2d4h, 90m or 3d.")
	case d < f.Min || d > f.Max:
		c.add(i, f.Key, "range", fmt.Sprintf("A wait of %s is not possible.", calendar.DescribeDuration(d)),
			fmt.Sprintf("Choose from %s to %s.", calendar.DescribeDuration(f.Min), calendar.DescribeDuration(f.Max)))
	}
}

func (c *checker) template(i int, f step.Field, key string) {
	t := c.env.Template(key)
	switch {
	case t == nil:
		c.add(i, f.Key, "not_found", fmt.Sprintf("There is no template %q.", key), "Choose another template.")
	case len(t.Unknown) > 0:
		c.add(i, f.Key, "unknown_fields", fmt.Sprintf("The template %q uses %s, which %s do not have.", t.Name,
			strings.Join(t.Unknown, ", "), strings.ToLower(c.seq.Record.Plural())), "Change the template or choose another one.")
	}
}

func (c *checker) advance(i int, f step.Field, name string) {
	to := c.env.Sequence(name)
	switch {
	case strings.EqualFold(name, c.seq.Name):
		if !c.seq.Breathes() {
			c.add(i, f.Key, "cycle", "The sequence would advance to itself without a pause.", "Add a wait or a step for a person.")
		}
	case to == nil:
		c.add(i, f.Key, "not_found", fmt.Sprintf("There is no sequence %q.", name), "Choose another sequence.")
	case to.Def.Record != c.seq.Record && to.Def.Record != "":
		c.add(i, f.Key, "record_kind", fmt.Sprintf("%q is for %s, this sequence is for %s.", name,
			strings.ToLower(to.Def.Record.Plural()), strings.ToLower(c.seq.Record.Plural())), "Choose a sequence for the same kind of record.")
	case !to.Active:
		c.add(i, f.Key, "inactive", fmt.Sprintf("%q is not active.", name), "Activate it first, or choose another sequence.")
	default:
		if way := c.cycle(name); way != nil {
			c.add(i, f.Key, "cycle", "The sequences advance in a circle without a pause: "+strings.Join(way, ", ")+".",
				"Add a wait or a step for a person to one of them.")
		}
	}
}

// cycle gives the names along a circle of advances that leads back here without a wait or a human step, nil if there
// is none.
func (c *checker) cycle(first string) []string {
	if c.seq.Breathes() {
		return nil
	}
	seen := map[string]bool{}
	var walk func(name string, way []string) []string
	walk = func(name string, way []string) []string {
		if strings.EqualFold(name, c.seq.Name) {
			return append(way, name)
		}
		facts := c.env.Sequence(name)
		if facts == nil || seen[name] || facts.Def.Breathes() {
			return nil
		}
		seen[name] = true
		for _, to := range facts.Def.Advances() {
			if found := walk(to, append(way[:len(way):len(way)], name)); found != nil {
				return found
			}
		}
		return nil
	}
	return walk(first, []string{c.seq.Name})
}

func sendsMail(s Sequence) bool {
	for _, st := range s.Steps {
		if st.Type == "email" || st.Type == "automated_email" {
			return true
		}
	}
	return false
}
