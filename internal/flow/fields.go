package flow

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cadenza/internal/step"
)

// momentForm is how a moment stands in a definition: the wall time of the organisation.
const momentForm = "2006-01-02T15:04"

// ParseMoment reads a moment of a definition, "2026-12-24T09:00", as a wall time in UTC. A blank between date and time is
// taken as well.
func ParseMoment(text string) (time.Time, error) {
	at, err := time.Parse(momentForm, strings.Replace(strings.TrimSpace(text), " ", "T", 1))
	if err != nil {
		return time.Time{}, fmt.Errorf("read a moment: %w", err)
	}
	return at, nil
}

func (c *checker) shortText(i spot, f step.Field, value string) {
	if utf8.RuneCountInString(value) > MaxStepName {
		c.add(i, f.Key, "too_long", fmt.Sprintf("%s is longer than %d characters.", f.Label, MaxStepName), "Shorten it.")
	}
}

func (c *checker) percent(i spot, f step.Field, value string) {
	hint := fmt.Sprintf("Give a whole number from %d to %d.", f.Low, f.High)
	n, ok := i.step.Config[f.Key].(float64)
	switch {
	case !ok || n != math.Trunc(n):
		c.add(i, f.Key, "invalid", fmt.Sprintf("%s: %q is no whole number.", f.Label, value), hint)
	case n < float64(f.Low) || n > float64(f.High):
		c.add(i, f.Key, "range", fmt.Sprintf("%s cannot be %s percent.", f.Label, value), hint)
	}
}

func (c *checker) choice(i spot, f step.Field, value string) {
	if slices.ContainsFunc(f.Options, func(o step.Option) bool { return o.Value == value }) {
		return
	}
	var known []string
	for _, o := range f.Options {
		known = append(known, o.Value)
	}
	c.add(i, f.Key, "unknown", fmt.Sprintf("%s cannot be %q.", f.Label, value), "Use one of "+strings.Join(known, ", ")+".")
}
