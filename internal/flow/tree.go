package flow

import (
	"bytes"
	"cmp"
	"encoding/json"

	"cadenza/internal/record"
	"cadenza/internal/step"
)

// Map is an object whose keys keep their order, so that files and JSON read as people write them.
type Map []Entry

// Entry is one key of a Map. Value is a string, bool, float64, []any or Map.
type Entry struct {
	Key   string
	Value any
}

// MarshalJSON writes the keys in their order.
func (m Map) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, e := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(e.Key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(e.Value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Tree gives the sequence in the one shape that files, the API and the designer share. Defaults are written out, but for the
// exits that are as usual.
func Tree(s Sequence) Map {
	m := Map{{"name", s.Name}, {"record", string(s.Record)}}
	if s.Description != "" {
		m = append(m, Entry{"description", s.Description})
	}
	options := append(exitsTree(s.Record, s.Options.Exits), Map{
		{"waits", string(s.Options.Waits)},
		{"assignee", string(s.Options.Assignee)},
		{"reentry", string(s.Options.Reentry)},
		{"sending", string(cmp.Or(s.Options.Sending, InWindows))},
	}...)
	if own, ok := s.Options.OwnWindows(); ok {
		options = append(options, Entry{"send_windows", windowsTree(own)})
	}
	m = append(m, Entry{"options", options})
	return append(m, Entry{"steps", stepsTree(s.Record, s.Steps)})
}

func stepsTree(kind record.Kind, list []step.Step) []any {
	steps := make([]any, 0, len(list))
	for _, st := range list {
		steps = append(steps, stepTree(kind, st))
	}
	return steps
}

func stepTree(records record.Kind, s step.Step) Map {
	m := Map{{"id", s.ID}, {"type", s.Type}}
	if s.Name != "" {
		m = append(m, Entry{"name", s.Name})
	}
	if s.Description != "" {
		m = append(m, Entry{"description", s.Description})
	}
	kind, _ := step.KindOf(s.Type)
	for _, f := range kind.Fields {
		if v, ok := s.Config[f.Key]; ok && v != "" {
			if text, ok := v.(string); ok && f.Type == step.ValueField {
				v = valueOf(records, s.Config.Text("field"), text)
			}
			m = append(m, Entry{f.Key, v})
		}
	}
	if s.When != nil {
		m = append(m, Entry{"when", whenTree(records, *s.When)})
	}
	if kind.Branches {
		m = append(m, Entry{"yes", stepsTree(records, s.Yes)}, Entry{"no", stepsTree(records, s.No)})
	}
	return m
}

func whenTree(kind record.Kind, w step.When) Map {
	switch {
	case w.Email != nil:
		match := "any"
		if w.Email.All {
			match = "all"
		}
		return Map{
			{"email", w.Email.Step},
			{"results", texts(w.Email.Results)},
			{"match", match},
			{"within", w.Email.Within},
			{"at_once", w.Email.AtOnce},
		}
	case w.Call != nil:
		return Map{{"call", w.Call.Step}, {"outcomes", texts(w.Call.Outcomes)}}
	case w.Meeting != nil:
		return Map{{"meeting", step.LatestMeeting}, {"outcomes", texts(w.Meeting.Outcomes)}}
	case w.Field != nil:
		return conditionTree(kind, *w.Field)
	}
	return Map{}
}

func conditionTree(kind record.Kind, c record.Condition) Map {
	group := func(key string, list []record.Condition) Map {
		rows := make([]any, 0, len(list))
		for _, inner := range list {
			rows = append(rows, conditionTree(kind, inner))
		}
		return Map{{key, rows}}
	}
	switch {
	case c.All != nil:
		return group("all", c.All)
	case c.Any != nil:
		return group("any", c.Any)
	}
	m := Map{{"field", c.Field}, {"op", string(c.Op)}}
	switch {
	case c.Op.TakesList():
		m = append(m, Entry{"value", texts(c.Values)})
	case len(c.Values) > 0:
		m = append(m, Entry{"value", valueOf(kind, c.Field, c.Values[0])})
	}
	return m
}

// valueOf gives what is compared with a field, or set: a truth value where the field is one, else a text.
func valueOf(kind record.Kind, key, text string) any {
	if f, ok := record.FieldAt(kind, key); ok && f.Type == record.Bool && (text == "true" || text == "false") {
		return text == "true"
	}
	return text
}

func texts[T ~string](list []T) []any {
	out := make([]any, 0, len(list))
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

// Encode gives the sequence as JSON, the form in which it is stored.
func Encode(s Sequence) ([]byte, error) { return json.Marshal(Tree(s)) }
