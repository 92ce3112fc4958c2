package flow

import (
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/calendar"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// condition checks what a condition asks, and that it leads somewhere (spec.md 1.2 and 2.1).
func (c *checker) condition(at spot) {
	w := at.step.When
	switch {
	case w == nil:
		c.add(at, "when", "required", "The condition asks nothing.", "Choose what it asks.")
	case w.Email != nil:
		c.emailTest(at, *w.Email)
	case w.Call != nil:
		c.callTest(at, *w.Call)
	case w.Meeting != nil:
		c.outcomes(at, "meeting", c.env.Outcomes.OrShipped().Meetings, w.Meeting.Outcomes)
	case w.Field != nil:
		for _, p := range w.Field.Check(c.seq.Record) {
			c.add(at, "when"+p.Field, p.Code, p.Message, p.Hint)
		}
	}
	if len(at.step.Yes)+len(at.step.No) == 0 {
		c.add(at, "yes", "empty", "Nothing happens in either lane of the condition.", "Add a step to Yes or to No.")
	}
}

func (c *checker) emailTest(at spot, t step.EmailTest) {
	c.feeds(at, "email", t.Step, "email", step.Step.Mails)
	if len(t.Results) == 0 {
		c.add(at, "when/results", "required", "The condition names nothing that the customer may do.", "Choose at least one result.")
	}
	c.download(at, t)
	d, err := calendar.ParseDuration(t.Within)
	switch {
	case t.Within == "":
		c.add(at, "when/within", "required", "The time limit is missing.", "Give days, hours or minutes.")
	case err != nil:
		c.add(at, "when/within", "invalid", fmt.Sprintf("%q is not a duration.", t.Within), "Write it as 2d4h, 90m or 3d.")
	case d < step.ShortestLimit || d > step.LongestLimit:
		c.add(at, "when/within", "range", fmt.Sprintf("A time limit of %s is not possible.", calendar.DescribeDuration(d)),
			"Choose from 1 minute to 30 days.")
	}
}

// download checks that there is something to download where the condition asks for it. To an email that a person writes a
// file may still be added.
func (c *checker) download(at spot, t step.EmailTest) {
	if !slices.Contains(t.Results, step.Downloaded) {
		return
	}
	for _, s := range at.before {
		kind, _ := step.KindOf(s.Type)
		if s.ID != t.Step || !s.Mails() || kind.Human {
			continue
		}
		for _, key := range s.Templates() {
			if facts := c.env.Template(key); facts != nil && facts.Files == 0 {
				c.add(at, "when/results", "no_file", fmt.Sprintf("The template %q has no file that a customer could download.", facts.Name),
					"Attach a file to the template, or choose another result.")
			}
		}
	}
}

func (c *checker) callTest(at spot, t step.CallTest) {
	c.feeds(at, "call", t.Step, "phone call", func(s step.Step) bool { return s.Type == "phone_call" })
	c.outcomes(at, "call", c.env.Outcomes.OrShipped().Calls, t.Outcomes)
}

// outcomes checks the outcomes that a condition asks for, of calls or of meetings.
func (c *checker) outcomes(at spot, thing string, list step.CallOutcomes, asked []string) {
	if len(asked) == 0 {
		c.add(at, "when/outcomes", "required", "The condition names no outcome of the "+thing+".", "Choose at least one outcome.")
	}
	for _, o := range asked {
		switch known, ok := list.Find(o); {
		case !ok:
			c.add(at, "when/outcomes", "unknown", fmt.Sprintf("A %s has no outcome %q.", thing, o),
				"Use one of "+strings.Join(list.Offered().Keys(), ", ")+".")
		case known.Retired:
			c.add(at, "when/outcomes", "retired", fmt.Sprintf("The outcome %q is no longer offered, so no %s will end with it.", known.Label, thing),
				"Take it out of the condition, or offer it again in the settings.")
		}
	}
}

// feeds checks the step that a condition asks about: it stands before the condition on every way to it.
func (c *checker) feeds(at spot, field, id, word string, fits func(step.Step) bool) {
	if id == "" {
		c.add(at, "when/"+field, "required", "The condition does not say which "+word+" it asks about.", "Choose a step before it.")
		return
	}
	for _, s := range at.before {
		if s.ID != id {
			continue
		}
		if !fits(s) {
			c.add(at, "when/"+field, "type", fmt.Sprintf("The step %q is no %s.", id, word), "Choose another step before it.")
		}
		return
	}
	for _, s := range c.seq.Each() {
		if s.ID == id {
			c.add(at, "when/"+field, "order", fmt.Sprintf("The step %q does not stand before the condition on every way to it.", id),
				"Move the condition behind it, or choose another step.")
			return
		}
	}
	c.add(at, "when/"+field, "not_found", fmt.Sprintf("There is no step %q.", id), "Choose a step before the condition.")
}

// recordField checks the field that a step sets.
func (c *checker) recordField(at spot, f step.Field, key string) {
	field, ok := record.FieldOf(c.seq.Record, key)
	switch {
	case !ok:
		c.add(at, f.Key, "unknown_field", fmt.Sprintf("%s have no field %q.", c.seq.Record.Plural(), key), "Choose another field.")
	case field.Type == record.Lookup:
		c.add(at, f.Key, "lookup", field.Label+" names one certain record, so a step cannot set it.", "Choose another field, or add a task for a person.")
	case key == "status" && at.step.Config.Text("value") == "":
		c.add(at, "value", "required", "A record always has a status, so it cannot be cleared.", "Choose one of "+strings.Join(field.Options, ", ")+".")
	}
}

// value checks the value that a step sets a field to.
func (c *checker) value(at spot, f step.Field, text string) {
	field, ok := record.FieldOf(c.seq.Record, at.step.Config.Text("field"))
	if !ok {
		return // the field's own problem says so
	}
	if _, problem := record.CanonicalValue(field, text); problem != "" {
		c.add(at, f.Key, "invalid", strings.TrimSpace(field.Label+" "+problem), "Give another value.")
	}
}
