package flow

import (
	"slices"

	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// Version is a sequence frozen by an activation, made ready for decisions. It never changes and may be shared.
type Version struct {
	ID       ident.Version
	Sequence ident.Sequence
	Number   int
	Def      Sequence
	// Asks says which facts decisions on this version need.
	Asks  Asks
	index map[string]place
	first string
}

// Asks says which facts the steps of a version need, so that an advance reads no more than those.
type Asks struct {
	// Wishes is whether the record's wish not to be mailed matters, TextWishes the one not to be sent text messages.
	Wishes, TextWishes bool
	// Values is whether the record's fields matter.
	Values bool
	// Related are the lookups whose records' fields matter.
	Related []string
	// Runs are the steps whose last run matters, Mail those of them whose engagement does.
	Runs, Mail []string
	// Tests are the A/B tests of which it matters whether they are decided.
	Tests []string
	// Outcomes is whether the organisation's outcomes matter, Meeting whether the one of the record's latest meeting does.
	Outcomes, Meeting bool
	// Advances are the names of the sequences of which it matters whether they can be entered.
	Advances []string
}

// place is where a step stands in its version.
type place struct {
	step step.Step
	// next is what follows once the step and its lanes are over, "" at the end of the sequence.
	next string
	// longest is how many steps are on the longest way from here to the end, this one included.
	longest int
}

// NewVersion freezes a definition. The definition must not be changed afterwards.
func NewVersion(id ident.Version, sequence ident.Sequence, number int, def Sequence) *Version {
	v := &Version{ID: id, Sequence: sequence, Number: number, Def: def, Asks: asksOf(def), index: make(map[string]place, len(def.Steps))}
	for _, s := range def.Each() {
		v.index[s.ID] = place{step: s}
	}
	v.lay(def.Steps, "", 0)
	if len(def.Steps) > 0 {
		v.first = def.Steps[0].ID
	}
	return v
}

// lay notes what follows each step of a list, after which then comes with rest steps behind it, and gives the longest way
// through the list.
func (v *Version) lay(steps []step.Step, then string, rest int) int {
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		at := v.index[s.ID]
		at.next = then
		at.longest = 1 + max(v.lay(s.Yes, then, rest), v.lay(s.No, then, rest))
		v.index[s.ID] = at
		then, rest = s.ID, at.longest
	}
	return rest
}

func asksOf(def Sequence) Asks {
	a := Asks{Advances: def.Advances()}
	if def.Options.ExitWhen != nil {
		a.Values = true
		a.relate(def.Options.ExitWhen)
	}
	for _, s := range def.Each() {
		kind, _ := step.KindOf(s.Type)
		a.Wishes = a.Wishes || kind.Mails
		a.TextWishes = a.TextWishes || kind.Texts
		a.Values = a.Values || s.Type == "update_field" || (s.When != nil && s.When.Field != nil)
		if s.When != nil && s.When.Field != nil {
			a.relate(s.When.Field)
		}
		if kind.Tests {
			a.Tests = append(a.Tests, s.ID)
		}
		if fed := s.When.Feeds(); fed != "" {
			a.Runs = append(a.Runs, fed)
			if s.When.Email != nil {
				a.Mail = append(a.Mail, fed)
			}
		}
		a.Meeting = a.Meeting || s.When != nil && s.When.Meeting != nil
		a.Outcomes = a.Outcomes || a.Meeting || s.When != nil && s.When.Call != nil
	}
	return a
}

// relate notes the lookups of a condition.
func (a *Asks) relate(c *record.Condition) {
	for _, lookup := range c.Lookups() {
		if !slices.Contains(a.Related, lookup) {
			a.Related = append(a.Related, lookup)
		}
	}
}

// Step gives a step by its id.
func (v *Version) Step(id string) (step.Step, bool) {
	at, ok := v.index[id]
	return at.step, ok
}

// Longest gives how many steps are on the longest way from the step with this id to the end, that one included; an empty
// id asks for the whole sequence.
func (v *Version) Longest(id string) int {
	if id == "" {
		id = v.first
	}
	return v.index[id].longest
}

// after gives the step that comes when the one with this id is left on a side; an empty id asks for the first step.
func (v *Version) after(id string, side step.Lane) (step.Step, bool) {
	next := v.first
	if id != "" {
		at, ok := v.index[id]
		if !ok {
			return step.Step{}, false
		}
		next = at.next
		if lane := at.step.Lane(side); len(lane) > 0 {
			next = lane[0].ID
		}
	}
	return v.Step(next)
}

// Upcoming lists the steps that follow the one with this id, the first step included when the id is empty. The lanes of
// conditions are left out, because nobody knows yet which one is taken.
func (v *Version) Upcoming(id string) []step.Step {
	var list []step.Step
	for s, ok := v.after(id, step.Straight); ok; s, ok = v.after(s.ID, step.Straight) {
		list = append(list, s)
	}
	return list
}
