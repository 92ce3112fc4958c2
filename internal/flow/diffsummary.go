package flow

import (
	"fmt"
	"strings"
)

// namedSteps is how many steps of one sort of change a summary names; more are counted.
const namedSteps = 2

// shortValue is the most characters of a value that a summary says.
const shortValue = 40

// Summary says in one line what was changed: "2 steps added, “Call” removed, “Pause” now waits 3 days"; "" for nothing.
func (t Telling) Summary(changes []Change) string {
	var parts []string
	for _, sort := range []struct {
		kind ChangeKind
		verb string
	}{{StepAdded, "added"}, {StepRemoved, "removed"}, {StepChanged, "changed"}, {StepMoved, "moved"}} {
		var list []Change
		for _, c := range changes {
			if c.Kind == sort.kind {
				list = append(list, c)
			}
		}
		if len(list) > namedSteps {
			parts = append(parts, fmt.Sprintf("%d steps %s", len(list), sort.verb))
			continue
		}
		for _, c := range list {
			parts = append(parts, t.phrase(c, sort.verb))
		}
	}
	for _, c := range changes {
		if c.Kind == OptionsChanged {
			parts = append(parts, t.optionPhrase(c))
		}
	}
	return upperFirst(strings.Join(parts, ", "))
}

// phrase says one step's change.
func (t Telling) phrase(c Change, verb string) string {
	name := quote(short(t.Title(c)))
	if c.Kind != StepChanged {
		return name + " " + verb
	}
	if c.Moved {
		verb = "changed and moved"
	}
	if len(c.Fields) > 1 || c.Moved {
		return name + " " + verb
	}
	f := t.Fields(c)[0]
	switch {
	case f.Key == "name" && f.From != "" && f.To != "":
		return quote(short(f.From)) + " now called " + name
	case f.Key == "name" || f.Key == "description" || f.To == "" || len([]rune(f.To)) > shortValue:
		return name + " has another " + strings.ToLower(f.Label)
	case f.Key == "for":
		if c.After.Name == "" {
			return "wait now " + f.To // its title says the same
		}
		return name + " now waits " + f.To
	}
	return fmt.Sprintf("%s: %s now %s", name, lowerFirst(f.Label), f.To)
}

func (t Telling) optionPhrase(c Change) string {
	fields := t.Fields(c)
	if len(fields) > 1 {
		return fmt.Sprintf("%d options changed", len(fields))
	}
	f := fields[0]
	switch {
	case f.Key == "name":
		return "now called " + quote(short(f.To))
	case f.Key == "description" || f.To == "" || len([]rune(f.To)) > shortValue:
		return lowerFirst(f.Label) + " changed"
	case f.To == "yes" || f.To == "no":
		return fmt.Sprintf("“%s” %s", f.Label, map[string]string{"yes": "switched on", "no": "switched off"}[f.To])
	}
	return fmt.Sprintf("%s: %s", lowerFirst(f.Label), lowerFirst(f.To))
}

// short keeps the beginning of a text that is too long for a summary.
func short(text string) string {
	if runes := []rune(text); len(runes) > shortValue {
		return strings.TrimSpace(string(runes[:shortValue-1])) + "…"
	}
	return text
}
