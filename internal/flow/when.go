package flow

import (
	"fmt"
	"strconv"

	"cadenza/internal/calendar"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// when reads what a condition asks. Anything that is not chosen yet stays empty: Problems marks it.
func (r *reader) when(pointer, id string, v any) *step.When {
	if v == nil {
		return nil
	}
	tree, ok := v.(map[string]any)
	if !ok {
		r.add(pointer, id, "type", "This must be an object: email, call, meeting, or a field.")
		return nil
	}
	_, email := tree["email"]
	_, call := tree["call"]
	_, meeting := tree["meeting"]
	switch {
	case len(tree) == 0:
		return nil
	case email:
		return &step.When{Email: r.emailTest(pointer, tree)}
	case call:
		r.keys(pointer, tree, "call", "outcomes")
		return &step.When{Call: &step.CallTest{
			Step:     r.text(pointer+"/call", tree["call"], 60),
			Outcomes: r.texts(pointer+"/outcomes", tree["outcomes"], 60),
		}}
	case meeting:
		r.keys(pointer, tree, "meeting", "outcomes")
		choose(r, pointer+"/meeting", tree["meeting"], step.LatestMeeting, step.LatestMeeting)
		return &step.When{Meeting: &step.MeetingTest{Outcomes: r.texts(pointer+"/outcomes", tree["outcomes"], 60)}}
	}
	c := r.condition(pointer, tree, 1)
	return &step.When{Field: &c}
}

func (r *reader) emailTest(pointer string, tree map[string]any) *step.EmailTest {
	r.keys(pointer, tree, "email", "results", "match", "within", "at_once")
	t := &step.EmailTest{Step: r.text(pointer+"/email", tree["email"], 60)}
	for i, text := range r.texts(pointer+"/results", tree["results"], 60) {
		result := step.Result(text)
		if !result.Known() {
			r.add(fmt.Sprintf("%s/results/%d", pointer, i), "", "unknown", "This must be one of opened, replied, link_opened, attachment_downloaded.")
		}
		t.Results = append(t.Results, result)
	}
	t.All = choose(r, pointer+"/match", tree["match"], "any", "any", "all") == "all"
	t.Within = r.text(pointer+"/within", tree["within"], 60)
	if d, err := calendar.ParseDuration(t.Within); err == nil {
		t.Within = calendar.FormatDuration(d)
	}
	if raw, ok := tree["at_once"]; ok {
		if t.AtOnce, ok = raw.(bool); !ok {
			r.add(pointer+"/at_once", "", "type", "This must be true or false.")
		}
	}
	return t
}

// condition reads a row or a group of rows.
func (r *reader) condition(pointer string, tree map[string]any, depth int) record.Condition {
	_, all := tree["all"]
	_, anyOf := tree["any"]
	switch {
	case depth > record.MaxConditionDepth+1: // one more, so that Check can say it in its own words
		r.add(pointer, "", "too_deep", fmt.Sprintf("Groups are nested more than %d deep.", record.MaxConditionDepth))
		return record.Condition{}
	case all:
		r.keys(pointer, tree, "all")
		return record.Condition{All: r.conditions(pointer+"/all", tree["all"], depth)}
	case anyOf:
		r.keys(pointer, tree, "any")
		return record.Condition{Any: r.conditions(pointer+"/any", tree["any"], depth)}
	}
	r.keys(pointer, tree, "field", "op", "value")
	c := record.Condition{
		Field: r.text(pointer+"/field", tree["field"], 60),
		Op:    record.Op(r.text(pointer+"/op", tree["op"], 20)),
	}
	switch v := tree["value"].(type) {
	case nil:
	case []any:
		c.Values = r.texts(pointer+"/value", v, MaxValue)
	default:
		if text := r.text(pointer+"/value", scalarText(v), MaxValue); text != "" {
			c.Values = []string{text}
		}
	}
	if f, ok := record.FieldAt(r.kind, c.Field); ok && f.Type == record.Bool {
		for i, text := range c.Values {
			c.Values[i] = record.TruthText(text)
		}
	}
	return c
}

func (r *reader) conditions(pointer string, v any, depth int) []record.Condition {
	list, ok := v.([]any)
	if !ok || len(list) > record.MaxConditions {
		r.add(pointer, "", "type", fmt.Sprintf("This must be a list of at most %d rows.", record.MaxConditions))
		return []record.Condition{}
	}
	out := make([]record.Condition, 0, len(list))
	for i, raw := range list {
		at := fmt.Sprintf("%s/%d", pointer, i)
		tree, ok := raw.(map[string]any)
		if !ok {
			r.add(at, "", "type", "A row must be an object: field, op and value.")
			continue
		}
		out = append(out, r.condition(at, tree, depth+1))
	}
	return out
}

// texts reads a list of texts; one text by itself is a list of one.
func (r *reader) texts(pointer string, v any, limit int) []string {
	if v == nil {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	if len(list) > record.MaxConditions {
		r.add(pointer, "", "too_many", fmt.Sprintf("This list has more than %d values.", record.MaxConditions))
		return nil
	}
	var out []string
	for i, raw := range list {
		if text := r.text(fmt.Sprintf("%s/%d", pointer, i), scalarText(raw), limit); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// scalarText gives a number or a truth value as text, and everything else as it is.
func scalarText(v any) any {
	switch t := v.(type) {
	case float64:
		return strconv.FormatFloat(t, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(t)
	}
	return v
}
