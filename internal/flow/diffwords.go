package flow

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"cadenza/internal/calendar"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// Telling puts the changes between two definitions into words.
type Telling struct {
	Old, New Sequence
	// Templates are the names of templates by their keys; a key reads for itself where it is not known.
	Templates map[string]string
	Outcomes  step.Outcomes
}

// ToldField is one field of a change as people read it. From and To are "" for nothing.
type ToldField struct{ Key, Label, From, To string }

// Title calls what was changed as people do: a step by its name or by what it does, the sequence by "Options".
func (t Telling) Title(c Change) string {
	switch {
	case c.Kind == OptionsChanged:
		return "Options"
	case c.Kind == StepRemoved:
		return t.Old.called(c.Before, t.Outcomes)
	}
	return t.New.called(c.After, t.Outcomes)
}

// Type names the kind of the changed step: "Automated email"; "" for the options.
func (t Telling) Type(c Change) string {
	st := c.After
	if c.Kind == StepRemoved {
		st = c.Before
	}
	return kindLabel(st.Type)
}

func kindLabel(typ string) string {
	if kind, ok := step.KindOf(typ); ok {
		return kind.Label
	}
	return typ
}

// called gives a step's name, or what it does where it has none.
func (s Sequence) called(st step.Step, known step.Outcomes) string {
	if st.Name != "" {
		return st.Name
	}
	return s.does(st, known)
}

// Where says where a step was put, or where a removed one stood: "after “Call”", "to the Yes side of “Reached?”, as its first step".
func (t Telling) Where(c Change) string {
	if c.Kind == StepRemoved {
		return t.place(t.Old, c.From, "on")
	}
	return t.place(t.New, c.To, "to")
}

func (t Telling) place(in Sequence, p Place, word string) string {
	side := ""
	if p.Condition != "" {
		lane := "Yes"
		if p.Lane == step.NoLane {
			lane = "No"
		}
		side = fmt.Sprintf("%s the %s side of %s", word, lane, t.named(in, p.Condition))
	}
	switch {
	case side != "" && p.After == "":
		return side + ", first"
	case side != "":
		return side + ", after " + t.named(in, p.After)
	case p.After == "":
		return "at the beginning"
	}
	return "after " + t.named(in, p.After)
}

// named gives a step by its id, in quotation marks.
func (t Telling) named(in Sequence, id string) string {
	for _, st := range in.Each() {
		if st.ID == id {
			return quote(in.called(st, t.Outcomes))
		}
	}
	return "…"
}

// quote puts a title into quotation marks; a question has some already.
func quote(title string) string {
	if strings.Contains(title, "“") {
		return title
	}
	return "“" + title + "”"
}

// Fields gives the fields of a change, each with what it was and what it is.
func (t Telling) Fields(c Change) []ToldField {
	list := make([]ToldField, 0, len(c.Fields))
	for _, key := range c.Fields {
		told := ToldField{Key: key, Label: OptionLabel(key), From: optionText(t.Old, key), To: optionText(t.New, key)}
		if c.Kind != OptionsChanged {
			told.Label = fieldLabel(c, key)
			told.From, told.To = t.value(t.Old, c.Before, key), t.value(t.New, c.After, key)
		}
		list = append(list, told)
	}
	return list
}

func fieldLabel(c Change, key string) string {
	switch key {
	case "type":
		return "Type"
	case "name":
		return "Name"
	case "description":
		return "Description"
	case AskedField:
		return "Question"
	case WithinField:
		return "Time limit"
	case AtOnceField:
		return "Goes on"
	}
	if f, ok := fieldOf(c.After.Type, key); ok {
		return f.Label
	}
	f, _ := fieldOf(c.Before.Type, key)
	return f.Label
}

func fieldOf(typ, key string) (step.Field, bool) {
	kind, _ := step.KindOf(typ)
	for _, f := range kind.Fields {
		if f.Key == key {
			return f, true
		}
	}
	return step.Field{}, false
}

// value says what a step has in a field.
func (t Telling) value(in Sequence, st step.Step, key string) string {
	switch key {
	case "type":
		return kindLabel(st.Type)
	case "name":
		return st.Name
	case "description":
		return st.Description
	case AskedField:
		if st.When == nil {
			return ""
		}
		return in.asks(*st.When, t.Outcomes)
	case WithinField:
		if st.When == nil || st.When.Email == nil {
			return ""
		}
		return durationText(st.When.Email.Within)
	case AtOnceField:
		switch {
		case st.When == nil || st.When.Email == nil:
			return ""
		case st.When.Email.AtOnce:
			return "as soon as the answer is yes"
		}
		return "when the time is over"
	}
	f, ok := fieldOf(st.Type, key)
	if !ok {
		return ""
	}
	return t.config(in, st, f)
}

func (t Telling) config(in Sequence, st step.Step, f step.Field) string {
	text := st.Config.Text(f.Key)
	switch f.Type {
	case step.TruthField:
		return yesNo(st.Config.Truth(f.Key))
	case step.PercentField:
		if n, ok := st.Config[f.Key].(float64); ok {
			return fmt.Sprintf("%g %%", n)
		}
	case step.DurationField:
		return durationText(text)
	case step.TemplateField, step.TextTemplateField:
		if name := t.Templates[text]; name != "" {
			return name
		}
	case step.MomentField:
		return strings.Replace(text, "T", " ", 1)
	case step.ChoiceField:
		for _, o := range f.Options {
			if o.Value == text {
				return o.Label
			}
		}
	case step.RecordField:
		if known, ok := record.FieldOf(in.Record, text); ok {
			return known.Label
		}
	case step.ValueField:
		if known, ok := record.FieldOf(in.Record, st.Config.Text("field")); ok && known.Type == record.Bool {
			return yesNo(text == "true")
		}
	case step.SequenceField, step.TextField:
	}
	return text
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func durationText(text string) string {
	if d, err := calendar.ParseDuration(text); err == nil {
		return calendar.DescribeDuration(d)
	}
	return text
}

// OptionLabel names an option of a sequence as forms do: "Waits count".
func OptionLabel(key string) string {
	for _, l := range optionLabels {
		if l.key == key {
			return l.label
		}
	}
	return key
}

var optionLabels = []struct{ key, label string }{
	{"name", "Name"},
	{"record", "For"},
	{"description", "Description"},
	{"exit_on_reply", "End when the customer replies"},
	{"colleague_replies", "Count replies of their colleagues"},
	{"other_replies", "Count replies to other emails of the record"},
	{"answer_replies", "Have the reply answered"},
	{"exit_on_bounce", "End when an email bounces"},
	{"exit_on_opt_out", "End when the customer opts out"},
	{"exit_on_meeting", "End when a meeting is booked"},
	{exitWhenKey, "End when the record holds"},
	{"waits", "Waits count"},
	{"assignee", "Activities go to"},
	{"reentry", "A record may be connected"},
	{"sending", "Automated messages go out"},
	{"send_windows", "Windows of its own"},
}

// OptionValueLabel names a choice of an option as forms do: "Working time".
func OptionValueLabel(value string) string {
	switch value {
	case string(Elapsed):
		return "Clock time"
	case string(WorkingTime):
		return "Working time"
	case string(RecordOwner):
		return "The record's owner"
	case string(ConnectingUser):
		return "Whoever connects the record"
	case string(AfterFinish):
		return "Again, once it has finished"
	case string(Never):
		return "Only once"
	case string(InWindows), "":
		return "In the send windows"
	case string(InOwnWindows):
		return "In windows of its own"
	case string(AnyTime):
		return "At any time"
	}
	return value
}

// optionText says what a sequence has in an option.
func optionText(s Sequence, key string) string {
	o := s.Options
	switch key {
	case "name":
		return s.Name
	case "record":
		return s.Record.Plural()
	case "description":
		return s.Description
	case exitWhenKey:
		if o.ExitWhen == nil {
			return ""
		}
		return upperFirst(o.ExitWhen.Describe(s.Record))
	case "waits":
		return OptionValueLabel(string(o.Waits))
	case "assignee":
		return OptionValueLabel(string(o.Assignee))
	case "reentry":
		return OptionValueLabel(string(o.Reentry))
	case "sending":
		return OptionValueLabel(string(o.Sending))
	case "send_windows":
		own, _ := o.OwnWindows()
		return calendar.DescribeDays(own)
	}
	for _, f := range ExitFlags() {
		if f.Key == key {
			return yesNo(*f.Of(&o.Exits))
		}
	}
	return ""
}

func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}
