package flow_test

import (
	"slices"
	"testing"

	"cadenza/internal/flow"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// ask is a condition with these lanes.
func ask(id string, when *step.When, yes, no []step.Step) step.Step {
	return step.Step{ID: id, Type: "condition", When: when, Config: step.Config{}, Yes: yes, No: no}
}

func opened(id, within string) *step.When {
	return &step.When{Email: &step.EmailTest{Step: id, Results: []step.Result{step.Opened}, Within: within}}
}

func met(outcomes ...string) *step.When {
	return &step.When{Meeting: &step.MeetingTest{Outcomes: outcomes}}
}

func connected(id string, outcomes ...string) *step.When {
	return &step.When{Call: &step.CallTest{Step: id, Outcomes: outcomes}}
}

func stage(op record.Op, values ...string) *step.When {
	return &step.When{Field: &record.Condition{Field: "stage", Op: op, Values: values}}
}

func named(id, typ string) step.Step {
	return step.Step{ID: id, Type: typ, Name: id, Config: step.Config{}}
}

func configured(id, typ, key, value string) step.Step {
	s := named(id, typ)
	s.Config[key] = value
	return s
}

// TestConditionProblems holds the rules of spec.md 1.2 and 2.1 for lanes and for what conditions ask.
func TestConditionProblems(t *testing.T) {
	t.Parallel()
	mail, call, task := configured("mail", "automated_email", "template", "intro"), named("call", "phone_call"), named("task", "task")
	wait, next, other := configured("wait", "wait", "for", "1d"), configured("next", "advance", "to", "Nurture"), configured("other", "advance", "to", "Nurture")
	set := func(field, value string) step.Step {
		s := configured("set", "update_field", "field", field)
		s.Config["value"] = value
		return s
	}
	fetched := func(id string) *step.When {
		return &step.When{Email: &step.EmailTest{Step: id, Results: []step.Result{step.Opened, step.Downloaded}, Within: "2d"}}
	}
	only := func(s ...step.Step) []step.Step { return s }
	env := flow.Env{
		Outcomes: step.Outcomes{
			Calls:    append(step.ShippedOutcomes(), step.CallOutcome{Key: "booked", Label: "Meeting booked"}, step.CallOutcome{Key: "fax", Label: "Fax", Retired: true}),
			Meetings: append(step.ShippedMeetingOutcomes(), step.CallOutcome{Key: "snow", Label: "Snowed in", Retired: true}),
		},
		Template: func(key string) *flow.TemplateFacts {
			return map[string]*flow.TemplateFacts{"intro": {Name: "Intro", Channel: message.EmailChannel}, "offer": {Name: "Offer", Files: 1}}[key]
		},
		Sequence: func(name string) *flow.SequenceFacts {
			return &flow.SequenceFacts{Active: true, Def: flow.Sequence{Name: name, Record: record.Lead, Steps: only(configured("back", "advance", "to", "Me"))}}
		},
	}
	for _, c := range []struct {
		name, step, field, code string
		steps                   []step.Step
	}{
		{"fine", "", "", "", only(mail, ask("if", opened("mail", "2d"), only(task), nil))},
		{"a call", "", "", "", only(call, ask("if", connected("call", "busy"), only(task), nil))},
		{"a call with an outcome of the organisation's own", "", "", "", only(call, ask("if", connected("call", "busy", "booked"), only(task), nil))},
		{"how a meeting ended, without one before", "", "", "", only(ask("if", met("held", "moved"), only(task), nil))},
		{"an outcome of meetings that is no longer offered", "if", "/steps/0/when/outcomes", "retired", only(ask("if", met("snow"), only(task), nil))},
		{"an outcome of calls, of a meeting", "if", "/steps/0/when/outcomes", "unknown", only(ask("if", met("busy"), only(task), nil))},
		{"no outcome of a meeting", "if", "/steps/0/when/outcomes", "required", only(ask("if", met(), only(task), nil))},
		{"an outcome that is no longer offered", "if", "/steps/1/when/outcomes", "retired", only(call, ask("if", connected("call", "busy", "fax"), only(task), nil))},
		{"a field, first of all", "", "", "", only(ask("if", stage(record.In, "new"), only(task), nil))},
		{"a question further up", "", "", "", only(mail, wait, ask("if", stage(record.Filled), only(ask("inner", opened("mail", "1d"), only(task), nil)), nil), call)},
		{"asks nothing", "if", "/steps/0/when", "required", only(ask("if", nil, only(task), nil))},
		{"leads nowhere", "if", "/steps/1/yes", "empty", only(mail, ask("if", opened("mail", "2d"), nil, nil), task)},
		{"no email chosen", "if", "/steps/1/when/email", "required", only(mail, ask("if", opened("", "2d"), only(task), nil))},
		{"an email that there is not", "if", "/steps/1/when/email", "not_found", only(mail, ask("if", opened("gone", "2d"), only(task), nil))},
		{"an email behind it", "if", "/steps/0/when/email", "order", only(ask("if", opened("mail", "2d"), only(task), nil), mail)},
		{"an email in the other lane", "inner", "/steps/0/no/0/when/email", "order", only(
			ask("if", stage(record.Filled), only(mail), only(ask("inner", opened("mail", "2d"), only(task), nil))))},
		{"an email that not every record got", "after", "/steps/1/when/email", "order", only(
			ask("if", stage(record.Filled), only(mail), nil), ask("after", opened("mail", "2d"), only(task), nil))},
		{"a call instead of an email", "if", "/steps/1/when/email", "type", only(call, ask("if", opened("call", "2d"), only(task), nil))},
		{"a download without a file", "if", "/steps/1/when/results", "no_file", only(mail, ask("if", fetched("mail"), only(task), nil))},
		{"a download with a file", "", "", "", only(configured("mail", "automated_email", "template", "offer"), ask("if", fetched("mail"), only(task), nil))},
		{"a download of what a person will attach", "", "", "", only(step.Step{ID: "mail", Type: "email", Name: "Write", Config: step.Config{"template": "intro"}}, ask("if", fetched("mail"), only(task), nil))},
		{"no result", "if", "/steps/1/when/results", "required", only(mail, ask("if", &step.When{Email: &step.EmailTest{Step: "mail", Within: "2d"}}, only(task), nil))},
		{"no limit", "if", "/steps/1/when/within", "required", only(mail, ask("if", opened("mail", ""), only(task), nil))},
		{"a limit that cannot be read", "if", "/steps/1/when/within", "invalid", only(mail, ask("if", opened("mail", "soon"), only(task), nil))},
		{"a limit too long", "if", "/steps/1/when/within", "range", only(mail, ask("if", opened("mail", "31d"), only(task), nil))},
		{"no outcome", "if", "/steps/1/when/outcomes", "required", only(call, ask("if", connected("call"), only(task), nil))},
		{"an outcome that there is not", "if", "/steps/1/when/outcomes", "unknown", only(call, ask("if", connected("call", "sung"), only(task), nil))},
		{"a stage that there is not", "if", "/steps/0/when/value", "invalid", only(ask("if", stage(record.In, "later"), only(task), nil))},
		{"a wait at the end of a lane, and of the sequence", "wait", "/steps/1/yes/0", "last", only(mail, ask("if", opened("mail", "2d"), only(wait), only(task)))},
		{"a wait at the end of a lane before another step", "", "", "", only(mail, ask("if", opened("mail", "2d"), only(wait), nil), task)},
		{"an advance first in a lane", "", "", "", only(task, ask("if", stage(record.Filled), only(next), nil))},
		{"an advance first in the lane of a first condition", "", "", "", only(ask("if", stage(record.Filled), only(task, next), only(task)))},
		{"both lanes end elsewhere", "", "", "", only(call, ask("if", connected("call", "busy"), only(next), only(other)))},
		{"something after both lanes have ended", "task", "/steps/2", "unreachable", only(call, ask("if", connected("call", "busy"), only(next), only(other)), task)},
		{"something after one lane has ended", "", "", "", only(call, ask("if", connected("call", "busy"), only(next), nil), task)},
		{"something after an advance in a lane", "task", "/steps/1/yes/1", "unreachable", only(call, ask("if", connected("call", "busy"), only(next, task), nil))},
		{"a circle through one lane", "next", "/steps/1/no/0/to", "cycle", only(mail, ask("if", opened("mail", "2d"), only(task), only(next)))},
		{"a circle behind a condition with a person in one lane only", "next", "/steps/1/to", "cycle", only(ask("if", stage(record.Filled), only(task), nil), next)},
		{"a circle with a person in both lanes", "", "", "", only(ask("if", stage(record.Filled), only(task), only(call)), next)},
		{"an update", "", "", "", only(set("stage", "qualify"))},
		{"an update that clears", "", "", "", only(set("city", ""))},
		{"an update of a number", "", "", "", only(set("value", "1,250.50"))},
		{"an update of nothing", "set", "/steps/0/field", "required", only(set("", "x"))},
		{"an update of a field that leads do not have", "set", "/steps/0/field", "unknown_field", only(set("close_date", "2026-03-01"))},
		{"an update to a wrong value", "set", "/steps/0/value", "invalid", only(set("stage", "later"))},
		{"an update of the status", "", "", "", only(set("status", "qualified"))},
		{"an update of the account", "set", "/steps/0/field", "lookup", only(set("account", "Acme"))},
		{"a status that there is not", "set", "/steps/0/value", "invalid", only(set("status", "won"))},
		{"a status that is cleared", "set", "/steps/0/value", "required", only(set("status", ""))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			def := flow.Sequence{Name: "Me", Record: record.Lead, Options: flow.DefaultOptions(), Steps: c.steps}
			got := flow.Problems(def, env)
			checkProblem(t, got, c.step, c.code)
			for _, p := range got {
				if p.Code == c.code && p.Field != c.field {
					t.Errorf("the problem is at %s, want %s", p.Field, c.field)
				}
			}
		})
	}
}

// TestVersionLaysOutTheTree holds what follows what, and how long the longest way is.
func TestVersionLaysOutTheTree(t *testing.T) {
	t.Parallel()
	def := flow.Sequence{Name: "Me", Record: record.Lead, Steps: []step.Step{
		named("a", "task"),
		ask("if", stage(record.Filled), []step.Step{named("y1", "task"), ask("deep", stage(record.Empty), []step.Step{named("d", "task")}, nil), named("y2", "task")}, []step.Step{named("n", "task")}),
		named("z", "task"),
	}}
	v := flow.NewVersion(1, 1, 1, def)
	var order []string
	for pointer, s := range def.Each() {
		order = append(order, s.ID+" "+pointer)
	}
	want := []string{"a /steps/0", "if /steps/1", "y1 /steps/1/yes/0", "deep /steps/1/yes/1", "d /steps/1/yes/1/yes/0", "y2 /steps/1/yes/2", "n /steps/1/no/0", "z /steps/2"}
	if !slices.Equal(order, want) {
		t.Errorf("the order is %v, want %v", order, want)
	}
	for id, c := range map[string]struct {
		longest  int
		upcoming []string
	}{
		"a": {7, []string{"if", "z"}}, "if": {6, []string{"z"}}, "y1": {5, []string{"deep", "y2", "z"}}, "deep": {4, []string{"y2", "z"}},
		"d": {3, []string{"y2", "z"}}, "y2": {2, []string{"z"}}, "n": {2, []string{"z"}}, "z": {1, nil}, "": {7, []string{"a", "if", "z"}},
	} {
		var ids []string
		for _, s := range v.Upcoming(id) {
			ids = append(ids, s.ID)
		}
		if v.Longest(id) != c.longest || !slices.Equal(ids, c.upcoming) {
			t.Errorf("%q is %d from the end, before %v; want %+v", id, v.Longest(id), ids, c)
		}
	}
	if def.Count() != 8 {
		t.Errorf("%d steps, want 8", def.Count())
	}
}

func TestTitles(t *testing.T) {
	t.Parallel()
	def := flow.Sequence{Name: "Me", Record: record.Lead, Steps: []step.Step{named("Intro", "email"), named("Ring", "phone_call")}}
	update := configured("", "update_field", "field", "stage")
	update.Config["value"] = "Qualify"
	wait := configured("", "wait", "for", "2d")
	call := named("", "phone_call")
	for want, s := range map[string]step.Step{
		"Wait 2 days":          wait,
		"Stage set to qualify": update,
		"Phone call":           call,
		"Opened “Intro”?":      ask("", opened("Intro", "1d"), nil, nil),
		"Opened …?":            ask("", opened("gone", "1d"), nil, nil),
		"“Intro”: opened and replied?": ask("", &step.When{Email: &step.EmailTest{
			Step: "Intro", All: true, Results: []step.Result{step.Opened, step.Answered},
		}}, nil, nil),
		"“Ring”: busy or no answer?":                     ask("", connected("Ring", "busy", "no_answer"), nil, nil),
		"Latest meeting: held or moved to another time?": ask("", met("held", "moved"), nil, nil),
		"Stage is new?": ask("", stage(record.Equals, "new"), nil, nil),
		"Condition":     ask("", nil, nil, nil),
	} {
		if got := def.Title(s, step.Shipped()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
