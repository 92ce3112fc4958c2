package action

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/priority"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// maxCardParts is how much stands on one line of a card.
const maxCardParts = 4

// CardPart is something that can stand on a card.
type CardPart struct{ Key, Label string }

// CardParts lists what can stand on the cards of a kind of records: what the activity gives, then the record's fields.
func CardParts(kind record.Kind) []CardPart {
	parts := []CardPart{{"activity", "Activity"}, {"sequence", "Sequence"}, {"priority", "Priority"}}
	for _, f := range record.Fields(kind) {
		if f.Type != record.LongText && f.Type != record.Lookup {
			parts = append(parts, CardPart{f.Key, f.Label})
		}
	}
	if kind == record.Account {
		parts = append(parts, CardPart{"company", "Company"})
	}
	return parts
}

// WorkSettings gives how work lists look and what counts in them.
func (a *App) WorkSettings(ctx context.Context, actor access.Actor) (store.WorkSettings, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return store.WorkSettings{}, err
	}
	return look(ctx, a, readWorkSettings)
}

// readWorkSettings gives the settings, with what stands for a choice that nobody has made.
func readWorkSettings(tx *store.Tx) (store.WorkSettings, error) {
	s, err := tx.WorkSettings()
	if s.AfterDone == "" {
		s.AfterDone = string(NextActivity)
	}
	return s, err
}

// SaveWorkSettings changes them for the whole organisation. A revision of 0 does not check whether somebody else did meanwhile.
func (a *App) SaveWorkSettings(ctx context.Context, actor access.Actor, s store.WorkSettings) (store.WorkSettings, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return s, err
	}
	if err := fault.Of(workProblems(s)...); err != nil {
		return s, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.WorkSettings, error) {
		if err := tx.LockSettings(); err != nil {
			return s, err
		}
		old, err := tx.WorkSettings()
		if err != nil {
			return s, err
		}
		if err := newest("the settings of work lists", s.Rev, old.Rev); err != nil {
			return s, err
		}
		s.Rev = old.Rev + 1
		for k, c := range old.Cards {
			if _, given := s.Cards[k]; !given {
				if s.Cards == nil {
					s.Cards = map[record.Kind]store.Card{}
				}
				s.Cards[k] = c
			}
		}
		if err := tx.SaveWorkSettings(s); err != nil {
			return s, err
		}
		w := s.Weights
		then := s.AfterDone
		if s.AfterDoneFixed {
			then += " for everybody"
		}
		return s, tx.Audit(actor.ID, "update", "work_list", 0, fmt.Sprintf("due %d, engagement %d, value %d of %g, age %d, by %s, then %s", w.Due, w.Engagement, w.Value, w.FullValue, w.Age, s.Sort, then))
	})
}

func workProblems(s store.WorkSettings) (problems []fault.Problem) {
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	sum := 0
	for _, w := range []struct {
		field  string
		weight int
	}{{"due", s.Weights.Due}, {"engagement", s.Weights.Engagement}, {"value", s.Weights.Value}, {"age", s.Weights.Age}} {
		if w.weight < 0 || w.weight > priority.MaxWeight {
			add(w.field, "range", "A weight is a whole number from 0 to 100.")
		}
		sum += w.weight
	}
	if sum == 0 {
		add("due", "required", "Give at least one weight more than 0, or nothing has priority.")
	}
	if v := s.Weights.FullValue; math.IsNaN(v) || v <= 0 || v > priority.MaxFullValue {
		add("full_value", "range", "The value that counts fully must be more than 0.")
	}
	if !slices.Contains(AfterDones(), AfterDone(s.AfterDone)) {
		add("after_done", "unknown", "What comes after a completed activity must be next, stay or ask.")
	}
	if !WorkSort(s.Sort).Known() {
		add("sort", "unknown", "The order must be "+sortWords())
	}
	for _, k := range record.Kinds() {
		if icon := s.Cards[k].Icon; icon != "" && !slices.Contains(CardIcons(), icon) {
			add("cards."+string(k)+".icon", "unknown", iconWords)
		}
		for line, parts := range map[string][]string{"second": s.Cards[k].Second, "third": s.Cards[k].Third} {
			field := "cards." + string(k) + "." + line
			if len(parts) > maxCardParts {
				add(field, "too_many", fmt.Sprintf("A line of a card has room for %d.", maxCardParts))
			}
			for _, key := range parts {
				if !slices.ContainsFunc(CardParts(k), func(p CardPart) bool { return p.Key == key }) {
					add(field, "unknown", fmt.Sprintf("%q cannot stand on the cards of %s.", key, strings.ToLower(k.Plural())))
				}
			}
		}
	}
	return problems
}
