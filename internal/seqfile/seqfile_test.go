package seqfile

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

const inbound = `name: Inbound lead
record: lead
description: First touch for leads from the web site
options: { exit_on_reply: true, waits: elapsed, assignee: record_owner }
steps:
  - { id: intro, type: automated_email, name: Introduction, template: intro }
  - { id: pause, type: wait, for: 2d4h }
  - { id: call, type: phone_call, name: First call, description: Ask about the project }
  - { id: offer, type: email, name: Send the offer, template: offer }
  - { id: book, type: task, name: Schedule a meeting }
  - { id: next, type: advance, to: Nurture }
`

func TestParseReadsTheDesignsShape(t *testing.T) {
	t.Parallel()
	s, problems := Parse([]byte(inbound))
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	if s.Name != "Inbound lead" || s.Record != record.Lead || !s.Options.ExitOnReply || len(s.Steps) != 6 {
		t.Fatalf("got %+v", s)
	}
	if got := s.Steps[1].Config.Text("for"); got != "2d4h" {
		t.Errorf("wait is %q, want 2d4h", got)
	}
	if got := s.Steps[5].Config.Text("to"); got != "Nurture" {
		t.Errorf("advance goes to %q, want Nurture", got)
	}
}

const trial = `name: Trial follow-up
record: lead
options: { exit_on_reply: true, waits: working_time, assignee: record_owner }
steps:
  - { id: intro, type: automated_email, name: Introduction, template: intro }
  - id: opened
    type: condition
    when: { email: intro, results: [opened, link_opened], match: any, within: 2d, at_once: true }
    yes:
      - { id: call, type: phone_call, name: Call while it is fresh }
      - id: reached
        type: condition
        when: { call: call, outcomes: [connected] }
        yes: [ { id: qualify, type: update_field, field: stage, value: qualify } ]
        no:  [ { id: nurture, type: advance, to: Nurture } ]
    no:
      - { id: pause, type: wait, for: 3d }
      - { id: remind, type: email, name: Remind by hand, template: reminder }
  - id: big
    type: condition
    when: { all: [ { field: company_size, op: ">=", value: 50 }, { any: [ { field: country, op: in, value: [DE, AT] }, { field: country, op: empty } ] } ] }
    yes: [ { id: visit, type: task, name: Offer a visit } ]
`

// TestParseReadsBranches reads conditions of every form, at any depth, with numbers and lists as people write them.
func TestParseReadsBranches(t *testing.T) {
	t.Parallel()
	s, problems := Parse([]byte(trial))
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	for pointer, want := range map[string]string{
		"/steps/1":       "“Introduction”: opened or link opened?",
		"/steps/1/yes/1": "“Call while it is fresh”: connected?",
		"/steps/2":       "Company size is at least 50 and (Country is one of DE, AT or Country is empty)?",
	} {
		for at, st := range s.Each() {
			if at == pointer && s.Title(st, step.Shipped()) != want {
				t.Errorf("%s reads %q, want %q", at, s.Title(st, step.Shipped()), want)
			}
		}
	}
	if got := flow.Problems(s, flow.Env{
		Template: func(string) *flow.TemplateFacts { return &flow.TemplateFacts{} },
		Sequence: func(string) *flow.SequenceFacts {
			return &flow.SequenceFacts{Active: true, Def: flow.Sequence{Record: record.Lead}}
		},
	}); len(got) > 0 {
		t.Errorf("it cannot be activated: %v", got)
	}
}

// TestTruthValues reads truth values as people write them, and writes them as such.
func TestTruthValues(t *testing.T) {
	t.Parallel()
	const file = `name: A
steps:
  - { id: set, type: update_field, field: do_not_phone, value: yes }
  - id: if
    type: condition
    when: { any: [ { field: do_not_email, op: "=", value: %s }, { field: city, op: "=", value: "true" } ] }
    yes: [ { id: visit, type: task, name: Offer a visit } ]
`
	for _, word := range []string{"false", "no", "No", `"false"`} {
		s, problems := Parse(fmt.Appendf(nil, file, word))
		if len(problems) > 0 {
			t.Fatalf("%s: %v", word, problems)
		}
		text, err := Format(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Title(s.Steps[1], step.Shipped()); got != "Do not email is off or City is true?" {
			t.Errorf("%s reads %q", word, got)
		}
		for _, want := range []string{"value: true\n", "value: false\n", `value: "true"`} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: no %q in\n%s", word, want, text)
			}
		}
	}
}

func TestParseSaysWhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"empty", "", "The file is empty."},
		{"no yaml", "name: [", "1:1: The file is not valid YAML"},
		{"a list", "- a\n", "1:1: A sequence is a list of keys"},
		{"two documents", "name: A\n---\nname: B\n", "more than one document"},
		{"unknown key", "name: A\nsteps: []\ncolour: red\n", `3:1: "colour" is not known here.`},
		{"unknown type", "name: A\nsteps:\n  - { id: x, type: fax }\n", `3:20: There is no step type "fax".`},
		{"duplicate id", "name: A\nsteps:\n  - { id: x, type: task }\n  - { id: x, type: task }\n", `4:11: The id "x" is used by an earlier step.`},
		{"duplicate key", "name: A\nname: B\n", `2:1: The key "name" stands here twice.`},
		{"same id in another lane", "name: A\nsteps:\n  - id: x\n    type: condition\n    yes: [{ id: y, type: task }]\n    no:\n      - { id: y, type: task }\n", `7:15: The id "y" is used by an earlier step.`},
		{"unknown result", "name: A\nsteps:\n  - id: x\n    type: condition\n    when: { email: y, results: [printed] }\n", "5:33: This must be one of opened"},
		{"strange key in a row", "name: A\nsteps:\n  - id: x\n    type: condition\n    when: { field: stage, is: new }\n", `5:27: "is" is not known here.`},
		{"lanes of a task", "name: A\nsteps:\n  - { id: x, type: task, yes: [] }\n", `"yes" is not known here.`},
		{"missing id", "name: A\nsteps:\n  - { type: task }\n", "3:5: A step needs an id"},
		{"wrong field", "name: A\nsteps:\n  - { id: x, type: task, for: 2d }\n", `3:26: "for" is not known here.`},
		{"alias bomb", "a: &a [1,1]\nname: *a\n", "2:7: Anchors and aliases are not read."},
		{"number as name", "name: 7\n", "1:7: This must be a text."},
		{"bad option", "name: A\noptions: { waits: sometimes }\n", "2:19: This must be one of elapsed, working_time."},
		{"too large", "name: A\n#" + strings.Repeat("x", MaxSize), "2:1: The file has 1048585 bytes; at most 1 MiB are read."},
		{"2 MB in one text", "name: A\nsteps:\n  - id: a\n    type: task\n    description: " + strings.Repeat("x", 2<<20), "5:5: The file has"},
		{"a long text", "name: A\ndescription: " + strings.Repeat("x", 2001), "2:14: This is longer than 2000 characters. It has 2001; shorten it."},
		{"a word that is near", "name: A\nsteps:\n  - { id: x, type: phone_cal }\n", `Did you mean "phone_call"?`},
		{"a key that is near", "name: A\nstep: []\n", `2:1: "step" is not known here. Known are name, record, description, options, steps. Did you mean "steps"?`},
		{"a kind that is near", "name: A\nrecord: leads\n", `Did you mean "lead"?`},
		{"tab", "name: A\nsteps:\n\t- id: a\n", "3:1: The line is indented with a tab"},
		{"tab below a step", "name: A\nsteps:\n  - id: a\n  \t type: task\n", "4:3: The line is indented with a tab"},
		{"a quote without its end", "name: \"A\nsteps: []\n", "The file is not valid YAML"},
		{"duplicate id names both places", "name: A\nsteps:\n  - { id: x, type: task }\n  - { id: x, type: task }\n", "4:11: The id \"x\" is used by an earlier step. Ids are unique in a sequence. Choose another id; it is used first in line 3, column 11."},
		{"duplicate key names both places", "name: A\nrecord: lead\nname: B\n", `3:1: The key "name" stands here twice. Take one of them out; the first is in line 1.`},
		{"merge key", "name: A\n<<: {record: lead}\n", "2:1: A key must be a plain text."},
		{"second document", "name: A\n---\nname: B\n", "2:1: The file holds more than one document."},
		{"deep", "name: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), "levels deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, problems := Parse([]byte(c.file))
			for _, p := range problems {
				if strings.Contains(p.String(), c.want) {
					return
				}
			}
			t.Errorf("got %v, want %q among them", problems, c.want)
		})
	}
}

// TestParseSaysEverything gives problems of every sort at once, in the order of the file.
func TestParseSaysEverything(t *testing.T) {
	t.Parallel()
	_, problems := Parse([]byte("name: A\nname: B\ncolour: red\nsteps:\n  - { id: x, type: fax }\n  - { id: x, type: task, name: 7 }\n"))
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Code))
	}
	if want := "2:1 duplicate_key, 3:1 unknown_key, 5:20 unknown, 6:11 duplicate, 6:32 type"; strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

// TestRoundTrip holds the promise that export and apply change nothing.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawSequence(t)
		file, err := Format(want)
		if err != nil {
			t.Fatal(err)
		}
		got, problems := Parse(file)
		if len(problems) > 0 {
			t.Fatalf("problems %v in\n%s", problems, file)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v\nfile:\n%s", got, want, file)
		}
	})
}

func drawExits(t *rapid.T) flow.Exits {
	e := flow.Exits{}
	for _, on := range []*bool{&e.ExitOnReply, &e.ColleagueReplies, &e.OtherReplies, &e.AnswerReplies, &e.ExitOnBounce, &e.ExitOnOptOut, &e.ExitOnMeeting} {
		*on = rapid.Bool().Draw(t, "exit")
	}
	if rapid.Bool().Draw(t, "exit when") {
		e.ExitWhen = &record.Condition{Any: []record.Condition{
			{Field: "country", Op: record.In, Values: []string{"DE", "AT"}}, {Field: "do_not_phone", Op: record.Equals, Values: []string{"true"}},
		}}
	}
	return e
}

func drawSequence(t *rapid.T) flow.Sequence {
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(strings.Fields(rapid.StringMatching(`[a-zA-Z0-9äöüß日本 :#'"{}\[\]&*!|>%@-]{0,40}`).Draw(t, "text")), " ")
	})
	s := flow.Sequence{
		Name:        "N" + text.Draw(t, "name"),
		Record:      rapid.SampledFrom(record.Kinds()).Draw(t, "record"),
		Description: text.Draw(t, "description"),
		Options: flow.Options{
			Exits:    drawExits(t),
			Waits:    rapid.SampledFrom([]flow.Waits{flow.Elapsed, flow.WorkingTime}).Draw(t, "waits"),
			Assignee: rapid.SampledFrom([]flow.Assignee{flow.RecordOwner, flow.ConnectingUser}).Draw(t, "assignee"),
			Reentry:  rapid.SampledFrom([]flow.Reentry{flow.AfterFinish, flow.Never}).Draw(t, "reentry"),
			Sending:  rapid.SampledFrom([]flow.Sending{flow.InWindows, flow.AnyTime}).Draw(t, "sending"),
		},
		Steps: []step.Step{},
	}
	if rapid.Bool().Draw(t, "own windows") {
		s.Options.Sending, s.Options.Windows = flow.InOwnWindows, drawWindows(t)
	}
	left := rapid.IntRange(0, flow.MaxSteps).Draw(t, "count")
	s.Steps = drawSteps(t, text, &left, flow.MaxSteps)
	return s
}

// drawWindows gives windows of minutes, on one day at least.
func drawWindows(t *rapid.T) (w flow.Windows) {
	for _, day := range rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 7, rapid.ID[int]).Draw(t, "days") {
		from := rapid.IntRange(0, 24*60-1).Draw(t, "from")
		w[day].From, w[day].To = time.Duration(from)*time.Minute, time.Duration(rapid.IntRange(from+1, 24*60).Draw(t, "to"))*time.Minute
	}
	return w
}

// drawSteps gives a list of at most that many steps; left counts down those that the whole sequence may still get.
func drawSteps(t *rapid.T, text *rapid.Generator[string], left *int, most int) []step.Step {
	steps := []step.Step{}
	for *left > 0 && len(steps) < most {
		*left--
		kind := rapid.SampledFrom(step.Kinds()).Draw(t, "kind")
		st := step.Step{
			ID: fmt.Sprintf("s%d", *left), Type: kind.Type, Name: text.Draw(t, "step"),
			Description: text.Draw(t, "help"), Config: step.Config{},
		}
		if kind.Branches {
			st.When = drawWhen(t, text)
			st.Yes = drawSteps(t, text, left, rapid.IntRange(0, 4).Draw(t, "yes"))
			st.No = drawSteps(t, text, left, rapid.IntRange(0, 4).Draw(t, "no"))
		}
		for _, f := range kind.Fields {
			if f.Type == step.PercentField {
				st.Config[f.Key] = float64(rapid.IntRange(-1, 200).Draw(t, f.Key))
				continue
			}
			value := text.Draw(t, f.Key)
			if f.Type == step.DurationField {
				if d, err := calendar.ParseDuration(value); err == nil {
					value = calendar.FormatDuration(d)
				}
			}
			if value != "" {
				st.Config[f.Key] = value
			}
		}
		steps = append(steps, st)
	}
	return steps
}

// drawWhen gives what a condition asks, finished or not.
func drawWhen(t *rapid.T, text *rapid.Generator[string]) *step.When {
	switch rapid.IntRange(0, 3).Draw(t, "asks") {
	case 0:
		return nil
	case 1:
		results := rapid.SliceOfN(rapid.SampledFrom(step.Results()), 0, 4).Draw(t, "results")
		if len(results) == 0 {
			results = nil
		}
		return &step.When{Email: &step.EmailTest{
			Step: text.Draw(t, "email"), Results: results, All: rapid.Bool().Draw(t, "all"),
			Within: rapid.SampledFrom([]string{"", "2d", "1h30m", "soon"}).Draw(t, "within"), AtOnce: rapid.Bool().Draw(t, "at once"),
		}}
	case 2:
		return &step.When{Call: &step.CallTest{Step: text.Draw(t, "call"), Outcomes: drawTexts(t, text)}}
	}
	c := drawCondition(t, text, 1)
	return &step.When{Field: &c}
}

func drawTexts(t *rapid.T, text *rapid.Generator[string]) []string {
	var list []string
	for range rapid.IntRange(0, 3).Draw(t, "texts") {
		if s := text.Draw(t, "text"); s != "" {
			list = append(list, s)
		}
	}
	return list
}

func drawCondition(t *rapid.T, text *rapid.Generator[string], depth int) record.Condition {
	if form := rapid.IntRange(0, 3).Draw(t, "form"); form < 2 && depth < record.MaxConditionDepth {
		list := []record.Condition{}
		for range rapid.IntRange(0, 3).Draw(t, "rows") {
			list = append(list, drawCondition(t, text, depth+1))
		}
		if form == 0 {
			return record.Condition{All: list}
		}
		return record.Condition{Any: list}
	}
	c := record.Condition{
		Field: rapid.SampledFrom([]string{"", "stage", "value", "do_not_email", "colour"}).Draw(t, "field"),
		Op:    rapid.SampledFrom([]record.Op{record.Equals, record.In, record.AtLeast, record.Empty, "like"}).Draw(t, "op"),
	}
	c.Values = drawTexts(t, text)
	if !c.Op.TakesList() && len(c.Values) > 1 {
		c.Values = c.Values[:1]
	}
	for i, v := range c.Values {
		if c.Field == "do_not_email" { // "X" and "no" are read as truth values
			c.Values[i] = record.TruthText(v)
		}
	}
	return c
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(inbound))
	f.Add([]byte("name: &a [*a]"))
	f.Add([]byte("name: A"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, problems := Parse(data)
		if len(problems) > 0 {
			return
		}
		out, err := Format(s)
		if err != nil {
			t.Fatal(err)
		}
		again, problems := Parse(out)
		if len(problems) > 0 || !reflect.DeepEqual(again, s) {
			t.Fatalf("%+v became %+v, %v through\n%s", s, again, problems, out)
		}
	})
}
