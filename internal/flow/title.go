package flow

import (
	"strings"

	"cadenza/internal/calendar"
	"cadenza/internal/step"
)

// Title gives a step of the sequence as people call it: by its name, or by what it does: "Wait 2 days", "Opened “Intro”?".
// known gives the words for outcomes.
func (s Sequence) Title(st step.Step, known step.Outcomes) string {
	does := s.does(st, known)
	switch {
	case st.Name == "":
		return does
	case st.Type == "wait" && does != st.Name:
		return st.Name + " · " + does
	}
	return st.Name
}

// does says what a step does, in as few words as a card has room for.
func (s Sequence) does(st step.Step, known step.Outcomes) string {
	kind, ok := step.KindOf(st.Type)
	if !ok {
		return st.ID
	}
	switch st.Type {
	case "wait":
		if d, err := calendar.ParseDuration(st.Config.Text("for")); err == nil {
			return "Wait " + calendar.DescribeDuration(d)
		}
	case "advance":
		if to := st.Config.Text("to"); to != "" {
			return "Advance to " + to
		}
	case "update_field":
		if done := step.UpdateText(s.Record, st.Config); done != "" {
			return done
		}
	case "condition":
		if st.When != nil {
			return s.asks(*st.When, known)
		}
	}
	return kind.Label
}

// asks puts what a condition asks into a question.
func (s Sequence) asks(w step.When, known step.Outcomes) string {
	switch {
	case w.Email != nil:
		if len(w.Email.Results) == 1 {
			return strings.Replace(w.Email.Results[0].Question(), "“…”", s.quoted(w.Email.Step, known), 1)
		}
		words := make([]string, len(w.Email.Results))
		for i, r := range w.Email.Results {
			words[i] = strings.ToLower(r.Label())
		}
		word := " or "
		if w.Email.All {
			word = " and "
		}
		return s.quoted(w.Email.Step, known) + ": " + strings.Join(words, word) + "?"
	case w.Call != nil:
		return s.quoted(w.Call.Step, known) + ": " + endings(known.Calls, w.Call.Outcomes) + "?"
	case w.Meeting != nil:
		return "Latest meeting: " + endings(known.Meetings, w.Meeting.Outcomes) + "?"
	case w.Field != nil:
		return w.Field.Describe(s.Record) + "?"
	}
	return "Condition"
}

// endings joins the words for outcomes: "busy or no answer".
func endings(known step.CallOutcomes, keys []string) string {
	words := make([]string, len(keys))
	for i, key := range keys {
		words[i] = strings.ToLower(known.Label(key))
	}
	return strings.Join(words, " or ")
}

// quoted gives the name of a step in quotation marks.
func (s Sequence) quoted(id string, known step.Outcomes) string {
	for _, st := range s.Each() {
		if st.ID == id && id != "" {
			if st.Name != "" {
				return "“" + st.Name + "”"
			}
			return "“" + s.does(st, known) + "”"
		}
	}
	return "…"
}
