package flow

import (
	"bytes"
	"encoding/json"

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

// Tree gives the sequence in the one shape that files, the API and the designer share. Defaults are written out.
func Tree(s Sequence) Map {
	m := Map{{"name", s.Name}, {"record", string(s.Record)}}
	if s.Description != "" {
		m = append(m, Entry{"description", s.Description})
	}
	m = append(m, Entry{"options", Map{
		{"exit_on_reply", s.Options.ExitOnReply},
		{"waits", string(s.Options.Waits)},
		{"assignee", string(s.Options.Assignee)},
		{"reentry", string(s.Options.Reentry)},
	}})
	steps := make([]any, 0, len(s.Steps))
	for _, st := range s.Steps {
		steps = append(steps, stepTree(st))
	}
	return append(m, Entry{"steps", steps})
}

func stepTree(s step.Step) Map {
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
			m = append(m, Entry{f.Key, v})
		}
	}
	return m
}

// Encode gives the sequence as JSON, the form in which it is stored.
func Encode(s Sequence) ([]byte, error) { return json.Marshal(Tree(s)) }
