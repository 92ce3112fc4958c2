package flow

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cadenza/internal/step"
)

// advance checks where an advance leads.
func (c *checker) advance(i spot, f step.Field, name string) {
	to := c.env.Sequence(name)
	switch {
	case strings.EqualFold(name, c.seq.Name):
		if _, reached := c.seq.Breathless()[i.step.ID]; reached {
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
		if way := c.cycle(i.step.ID, name); way != nil {
			c.add(i, f.Key, "cycle", "The sequences advance in a circle without a pause: "+strings.Join(way, ", ")+".",
				"Add a wait or a step for a person to one of them.")
		}
	}
}

// cycle gives the names along a circle of advances that begins with the step and leads back here without a wait or a human
// step, nil if there is none.
func (c *checker) cycle(id, first string) []string {
	if _, reached := c.seq.Breathless()[id]; !reached {
		return nil
	}
	seen := map[string]bool{}
	var walk func(name string, way []string) []string
	walk = func(name string, way []string) []string {
		if strings.EqualFold(name, c.seq.Name) {
			return append(way, name)
		}
		facts := c.env.Sequence(name)
		if facts == nil || seen[name] {
			return nil
		}
		seen[name] = true
		for _, to := range slices.Sorted(maps.Values(facts.Def.Breathless())) {
			if found := walk(to, append(way[:len(way):len(way)], name)); found != nil {
				return found
			}
		}
		return nil
	}
	return walk(first, []string{c.seq.Name})
}
