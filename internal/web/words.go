package web

import (
	"slices"
	"strings"

	"cadenza/internal/step"
	"cadenza/internal/web/ui"
)

// lower gives a label as it stands inside a sentence.
func lower(label string) string { return strings.ToLower(label) }

// firstOf gives the first text of a list, "" of none.
func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// prefixed gives the id of a field; a zero prefix leaves the usual one.
func prefixed(prefix, name string) string {
	if prefix == "" {
		return ""
	}
	return prefix + "-" + name
}

func trueFalse(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

// labelOf gives the label of a chosen option.
func labelOf(options []ui.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// stepGroups lists the tabs of the picker in their order.
func stepGroups() []step.Group {
	var groups []step.Group
	for _, k := range step.Kinds() {
		if !slices.Contains(groups, k.Group) {
			groups = append(groups, k.Group)
		}
	}
	return groups
}
