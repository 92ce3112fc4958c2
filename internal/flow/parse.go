package flow

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// Decode reads a sequence from JSON. Problems carry JSON pointers; err is only for text that is no JSON object.
func Decode(data []byte) (Sequence, []fault.Problem, error) {
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return Sequence{}, nil, fault.New(fault.Malformed, "The sequence is not a JSON object.").WithInner(err)
	}
	s, problems := FromTree(tree)
	return s, problems, nil
}

// FromTree reads a sequence from plain JSON values. It gives every problem of shape at once: unknown keys, wrong types,
// exceeded limits, ids that are missing or not unique. What would keep a well-shaped sequence from being activated is
// asked of Problems.
func FromTree(tree map[string]any) (Sequence, []fault.Problem) {
	r := reader{}
	r.keys("", tree, "name", "record", "description", "options", "steps")
	s := Sequence{
		Name:        r.text("/name", tree["name"], MaxName),
		Record:      record.Kind(r.text("/record", tree["record"], 40)),
		Description: r.text("/description", tree["description"], MaxDescription),
		Options:     r.options(tree["options"]),
	}
	s.Name = strings.Join(strings.Fields(s.Name), " ")
	if s.Name == "" {
		r.add("/name", "", "required", "The sequence needs a name.")
	}
	if s.Record == "" {
		s.Record = record.Lead
	}
	if !s.Record.Known() {
		r.add("/record", "", "unknown", fmt.Sprintf("There is no record kind %q. Use lead, opportunity, contact or account.", s.Record))
		r.mend(meant(string(s.Record), record.Kinds()))
	}
	r.kind = s.Record
	s.Steps = r.steps("/steps", tree["steps"], 0)
	if n := s.Count(); n > MaxSteps {
		r.add("/steps", "", "too_many", fmt.Sprintf("A sequence has at most %d steps; this one has %d.", MaxSteps, n))
	}
	return s, r.problems
}

type reader struct {
	// kind is that of the records.
	kind     record.Kind
	problems []fault.Problem
	// ids are those of the steps read so far.
	ids map[string]bool
}

func (r *reader) add(pointer, stepID, code, message string) {
	r.problems = append(r.problems, fault.Problem{Field: pointer, Step: stepID, Code: code, Message: message})
}

// mend says of the problem that was added last what to do.
func (r *reader) mend(hint string) { r.problems[len(r.problems)-1].Hint = hint }

// keys reports the keys that do not belong here, in a stable order.
func (r *reader) keys(pointer string, tree map[string]any, known ...string) {
	var strange []string
	for key := range tree {
		found := false
		for _, k := range known {
			found = found || k == key
		}
		if !found {
			strange = append(strange, key)
		}
	}
	sort.Strings(strange)
	for _, key := range strange {
		r.add(pointer+"/"+escape(key), "", "unknown_key", fmt.Sprintf("%q is not known here. Known are %s.", key, strings.Join(known, ", ")))
		r.mend(meant(key, known))
	}
}

func (r *reader) text(pointer string, v any, limit int) string {
	if v == nil {
		return ""
	}
	s, ok := v.(string)
	switch {
	case !ok:
		r.add(pointer, "", "type", "This must be a text.")
		if _, scalar := scalarText(v).(string); scalar {
			r.mend("Put it in quotes.")
		}
		return ""
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		r.add(pointer, "", "encoding", "This is not valid text (UTF-8).")
		return ""
	case utf8.RuneCountInString(s) > limit:
		r.add(pointer, "", "too_long", fmt.Sprintf("This is longer than %d characters.", limit))
		r.mend(fmt.Sprintf("It has %d; shorten it.", utf8.RuneCountInString(s)))
		return ""
	}
	return strings.TrimSpace(s)
}

func (r *reader) options(v any) Options {
	o := DefaultOptions()
	if v == nil {
		return o
	}
	tree, ok := v.(map[string]any)
	if !ok {
		r.add("/options", "", "type", "Options must be an object.")
		return o
	}
	r.keys("/options", tree, append(exitKeys(), "waits", "assignee", "reentry", "sending", "send_windows")...)
	o.Exits = r.exits(tree)
	o.Waits = choose(r, "/options/waits", tree["waits"], o.Waits, Elapsed, WorkingTime)
	o.Assignee = choose(r, "/options/assignee", tree["assignee"], o.Assignee, RecordOwner, ConnectingUser)
	o.Reentry = choose(r, "/options/reentry", tree["reentry"], o.Reentry, AfterFinish, Never)
	o.Sending = choose(r, "/options/sending", tree["sending"], o.Sending, InWindows, InOwnWindows, AnyTime)
	o.Windows = r.windows(tree["send_windows"], o.Sending)
	return o
}

func choose[T ~string](r *reader, pointer string, v any, fallback T, options ...T) T {
	if v == nil {
		return fallback
	}
	text := r.text(pointer, v, 40)
	var names []string
	for _, o := range options {
		if text == string(o) {
			return o
		}
		names = append(names, string(o))
	}
	r.add(pointer, "", "unknown", "This must be one of "+strings.Join(names, ", ")+".")
	r.mend(meant(text, names))
	return fallback
}

// steps reads a list of steps: the sequence's own, or a lane's.
func (r *reader) steps(pointer string, v any, depth int) []step.Step {
	if v == nil {
		return []step.Step{}
	}
	list, ok := v.([]any)
	switch {
	case !ok:
		r.add(pointer, "", "type", "Steps must be a list.")
		return nil
	case len(list) > MaxSteps:
		r.add(pointer, "", "too_many", fmt.Sprintf("A sequence has at most %d steps; this list has %d.", MaxSteps, len(list)))
		return nil
	case depth > MaxSteps:
		r.add(pointer, "", "too_deep", fmt.Sprintf("Conditions are nested more than %d deep.", MaxSteps))
		return nil
	}
	steps := make([]step.Step, 0, len(list))
	for i, raw := range list {
		pointer := fmt.Sprintf("%s/%d", pointer, i)
		tree, ok := raw.(map[string]any)
		if !ok {
			r.add(pointer, "", "type", "A step must be an object.")
			continue
		}
		steps = append(steps, r.step(pointer, tree, depth))
	}
	return steps
}

// claim notes an id, which must be the only one of its name.
func (r *reader) claim(pointer, id string) {
	if !goodID(id) {
		r.add(pointer+"/id", "", "invalid", "A step needs an id of lower-case letters, digits, - and _, for instance \"intro\".")
	}
	if r.ids[id] && id != "" {
		r.add(pointer+"/id", id, "duplicate", fmt.Sprintf("The id %q is used by an earlier step. Ids are unique in a sequence.", id))
	}
	if r.ids == nil {
		r.ids = map[string]bool{}
	}
	r.ids[id] = true
}

func (r *reader) step(pointer string, tree map[string]any, depth int) step.Step {
	s := step.Step{
		ID:          r.text(pointer+"/id", tree["id"], 60),
		Type:        r.text(pointer+"/type", tree["type"], 60),
		Name:        r.text(pointer+"/name", tree["name"], MaxStepName),
		Description: r.text(pointer+"/description", tree["description"], MaxStepDescription),
		Config:      step.Config{},
	}
	r.claim(pointer, s.ID)
	kind, ok := step.KindOf(s.Type)
	if !ok {
		r.add(pointer+"/type", s.ID, "unknown", fmt.Sprintf("There is no step type %q. Known are %s.", s.Type, strings.Join(typeNames(), ", ")))
		r.mend(meant(s.Type, typeNames()))
		return s
	}
	known := []string{"id", "type", "name", "description"}
	for _, f := range kind.Fields {
		known = append(known, f.Key)
		value := tree[f.Key]
		limit := MaxName
		switch f.Type {
		case step.ValueField:
			value, limit = scalarText(value), MaxValue
		case step.PercentField, step.ChoiceField, step.TruthField, step.DurationField: // 3 for 3d is a duration without its unit
			value = scalarText(value)
		}
		if text := r.text(pointer+"/"+f.Key, value, limit); text != "" {
			if v := fieldValue(f, text); v != nil {
				s.Config[f.Key] = v
			}
		}
	}
	if field, ok := record.FieldOf(r.kind, s.Config.Text("field")); ok && field.Type == record.Bool && s.Config.Text("value") != "" {
		s.Config["value"] = record.TruthText(s.Config.Text("value"))
	}
	if kind.Branches {
		known = append(known, "when", "yes", "no")
		s.When = r.when(pointer+"/when", s.ID, tree["when"])
		s.Yes = r.steps(pointer+"/yes", tree["yes"], depth+1)
		s.No = r.steps(pointer+"/no", tree["no"], depth+1)
	}
	r.keys(pointer, tree, known...)
	return s
}

// fieldValue brings a field's text into canonical form where it can be read; otherwise it keeps what was written, so
// that nothing a person typed is lost, and Problems marks it.
func fieldValue(f step.Field, value string) any {
	switch f.Type {
	case step.DurationField:
		if d, err := calendar.ParseDuration(value); err == nil {
			return calendar.FormatDuration(d)
		}
	case step.PercentField:
		if n, err := strconv.ParseFloat(strings.TrimSuffix(value, "%"), 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
			return n
		}
	case step.TruthField:
		switch value {
		case "true":
			return true
		case "false":
			return nil
		}
	case step.MomentField:
		if at, err := ParseMoment(value); err == nil {
			return at.Format(momentForm)
		}
	}
	return value
}

func typeNames() (names []string) {
	for _, k := range step.Kinds() {
		names = append(names, k.Type)
	}
	return names
}

func goodID(id string) bool {
	if id == "" {
		return false
	}
	for _, c := range id {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// escape writes a key as part of a JSON pointer (RFC 6901, section 3).
func escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}
