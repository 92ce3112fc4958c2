package web

import (
	"strings"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

func TestStepWords(t *testing.T) {
	t.Parallel()
	templates := map[string]string{"intro": "Intro"}
	for _, c := range []struct {
		step       step.Step
		waits      flow.Waits
		title, sub string
	}{
		{step.Step{Type: "automated_email", Name: "Introduction", Config: step.Config{"template": "intro"}}, flow.Elapsed, "Introduction", "Automated email · Intro"},
		{step.Step{Type: "automated_email", Config: step.Config{"template": "gone"}}, flow.Elapsed, "Automated email", "Automated email · gone"},
		{step.Step{Type: "email", Name: "Offer"}, flow.Elapsed, "Offer", "Email · no template"},
		{step.Step{Type: "phone_call", Name: "Phone call"}, flow.Elapsed, "Phone call", "Phone call"},
		{step.Step{Type: "wait", Config: step.Config{"for": "2d4h"}}, flow.Elapsed, "Wait 2 days 4 hours", "Clock time"},
		{step.Step{Type: "wait", Config: step.Config{"for": "90m"}}, flow.WorkingTime, "Wait 1 hour 30 minutes", "Working time"},
		{step.Step{Type: "wait", Name: "Let it sink in", Config: step.Config{"for": "1d"}}, flow.Elapsed, "Let it sink in", "Wait · 1 day"},
		{step.Step{Type: "wait", Config: step.Config{"for": "soon"}}, flow.Elapsed, "Wait soon", "Clock time"},
		{step.Step{Type: "advance", Config: step.Config{"to": "Nurture"}}, flow.Elapsed, "Advance to Nurture", "Ends this sequence"},
		{step.Step{Type: "fax"}, flow.Elapsed, "fax", "Unknown step type"},
	} {
		if title, sub := (stepWords{def: flow.Sequence{Options: flow.Options{Waits: c.waits}}, templates: templates}).of(c.step); title != c.title || sub != c.sub {
			t.Errorf("%s %v: %q, %q; want %q, %q", c.step.Type, c.step.Config, title, sub, c.title, c.sub)
		}
	}
}

func TestConditionWords(t *testing.T) {
	t.Parallel()
	email := func(step1 string, all, once bool, results ...step.Result) *step.When {
		return &step.When{Email: &step.EmailTest{Step: step1, Results: results, All: all, Within: "2d", AtOnce: once}}
	}
	row := func(field string, op record.Op, values ...string) record.Condition {
		return record.Condition{Field: field, Op: op, Values: values}
	}
	field := func(c record.Condition) *step.When { return &step.When{Field: &c} }
	def := flow.Sequence{Record: record.Lead, Steps: []step.Step{
		{ID: "intro", Type: "automated_email", Name: "Introduction"}, {ID: "ring", Type: "phone_call", Name: "Ring up"}, {ID: "self", Type: "condition"},
	}}
	for _, c := range []struct {
		name       string
		when       *step.When
		title, sub string
	}{
		{"", email("intro", false, true, step.Opened), "Opened “Introduction”?", "Within 2 days, at once"},
		{"", email("intro", false, false, step.Answered), "Replied to “Introduction”?", "Within 2 days, decided at the end"},
		{"", email("intro", false, true, step.Opened, step.LinkOpened), "Opened or link opened?", "“Introduction” · within 2 days, at once"},
		{"", email("intro", true, true, step.LinkOpened, step.Downloaded), "Link opened and attachment downloaded?", "“Introduction” · within 2 days, at once"},
		{"", email("intro", false, true), "Email result?", "No result chosen · “Introduction” · within 2 days, at once"},
		{"", email("", false, true, step.Opened), "Opened?", "No email chosen · within 2 days, at once"},
		{"", email("self", false, true, step.Opened), "Opened “Condition”?", "Within 2 days, at once"},
		{"Interested?", email("intro", false, true, step.Opened), "Interested?", "Opened “Introduction”? · within 2 days, at once"},
		{"", &step.When{Call: &step.CallTest{Step: "ring", Outcomes: []string{"connected"}}}, "Call connected?", "“Ring up”"},
		{"", &step.When{Call: &step.CallTest{Step: "ring", Outcomes: []string{"busy", "no_answer"}}}, "Call ended with busy or no answer?", "“Ring up”"},
		{"", &step.When{Call: &step.CallTest{}}, "Call outcome?", "No outcome chosen · no phone call chosen"},
		{"", &step.When{Meeting: &step.MeetingTest{Outcomes: []string{"held", "did_not_come"}}}, "Meeting ended with held or did not come?", "The latest meeting"},
		{"", &step.When{Meeting: &step.MeetingTest{}}, "Meeting outcome?", "No outcome chosen · the latest meeting"},
		{"", field(row("stage", record.Equals, "propose")), "Stage is propose?", "Field of the lead"},
		{"", field(row("do_not_email", record.Equals, "false")), "Do not email is off?", "Field of the lead"},
		{"", field(row("country", record.Equals)), "Country is …?", "Field of the lead"},
		{"", field(row("", record.Equals)), "Field value?", "No field chosen"},
		{"", field(record.Condition{Any: []record.Condition{row("country", record.In, "DE", "AT", "CH", "LI"), row("company_size", record.AtLeast, "500")}}), "Fields match?", "Country is one of DE, AT, CH, LI or Company size is at least 500"},
		{"", nil, "Condition", "Asks nothing yet"},
	} {
		st := step.Step{ID: "self", Type: "condition", Name: c.name, When: c.when}
		if title, sub := (stepWords{def: def}).of(st); title != c.title || sub != c.sub {
			t.Errorf("%q, %q; want %q, %q", title, sub, c.title, c.sub)
		}
	}
}

func TestUpdateWords(t *testing.T) {
	t.Parallel()
	w := stepWords{def: flow.Sequence{Record: record.Lead}}
	for _, c := range [][5]string{
		{"", "stage", "close", "Set Stage to close", "Update field"},
		{"", "stage", "", "Clear Stage", "Update field"},
		{"", "do_not_email", "true", "Set Do not email to yes", "Update field"},
		{"", "do_not_email", "", "Set Do not email to no", "Update field"},
		{"", "", "", "Update field", "Update field · no field"},
		{"Note it", "stage", "close", "Note it", "Update field · Set Stage to close"},
	} {
		st := step.Step{Type: "update_field", Name: c[0], Config: step.Config{"field": c[1], "value": c[2]}}
		if title, sub := w.of(st); title != c[3] || sub != c[4] {
			t.Errorf("%v: %q, %q", c, title, sub)
		}
	}
}

// TestFlowLanes holds where lanes end and where they join again.
func TestFlowLanes(t *testing.T) {
	t.Parallel()
	task := func(id string) step.Step { return step.Step{ID: id, Type: "task"} }
	over := func(id string) step.Step { return step.Step{ID: id, Type: "advance"} }
	ask := func(id string, yes, no []step.Step) step.Step {
		return step.Step{ID: id, Type: "condition", Yes: yes, No: no}
	}
	for _, c := range []struct {
		steps []step.Step
		want  string
	}{
		{[]step.Step{task("a")}, "a; End of the sequence"},
		{[]step.Step{task("a"), over("b")}, "a b; Goes on in the other sequence"},
		{[]step.Step{ask("c", []step.Step{task("y")}, nil)}, "c{y| End of the sequence}{| End of the sequence};"},
		{[]step.Step{ask("c", []step.Step{task("y")}, nil), task("z")}, "c{y}{} both sides go on z; End of the sequence"},
		{[]step.Step{ask("c", []step.Step{over("y")}, nil), task("z")}, "c{y| Goes on in the other sequence}{} only No goes on z; End of the sequence"},
		{[]step.Step{ask("c", []step.Step{ask("d", nil, []step.Step{over("o")})}, nil), task("z")}, "c{d{}{o| Goes on in the other sequence}}{} both sides go on z; End of the sequence"},
		{[]step.Step{ask("c", []step.Step{ask("d", nil, []step.Step{task("o")})}, nil)}, "c{d{| End of the sequence}{o| End of the sequence}|}{| End of the sequence};"},
	} {
		f := readFlow(stepWords{def: flow.Sequence{Steps: c.steps}}, nil)
		if got := strings.TrimSpace(draw(f.Steps) + "; " + f.End); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// draw writes cards as text: lanes in braces, with | where no line leads on.
func draw(cards []stepCard) string {
	var parts []string
	for _, c := range cards {
		text := c.ID
		for _, l := range c.Lanes {
			text += "{" + draw(l.Steps)
			if l.Ends {
				text += strings.TrimRight("| "+l.End, " ")
			}
			text += "}"
		}
		parts = append(parts, text)
		if c.Join != "" {
			parts = append(parts, c.Join)
		}
	}
	return strings.Join(parts, " ")
}

// TestOffers holds that each offer of the picker is a step of good shape.
func TestOffers(t *testing.T) {
	t.Parallel()
	for _, kind := range record.Kinds() {
		seen := map[string]bool{}
		for _, o := range stepOffers(kind) {
			if seen[o.Key] || o.Label == "" || o.Help == "" || o.Group == "" {
				t.Errorf("%s: the offer %+v is twice, or lacks a word", kind, o)
			}
			seen[o.Key] = true
			st := map[string]any{"id": "a", "type": o.Type}
			if o.When != nil {
				st["when"], st["yes"], st["no"] = o.When, []any{}, []any{}
			}
			if _, problems := flow.FromTree(map[string]any{"name": "X", "record": string(kind), "steps": []any{st}}); len(problems) > 0 {
				t.Errorf("%s, %s: %v", kind, o.Key, problems)
			}
		}
	}
}

func TestNextSort(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{{"", "name", "name"}, {"name", "name", "-name"}, {"-name", "name", "name"}, {"name", "connected", "-connected"}, {"-connected", "connected", "connected"}} {
		if got := nextSort(c[0], c[1]); got != c[2] {
			t.Errorf("from %q by %q: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestAheadText(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]string{0: "", 10 * time.Minute: "", time.Hour: "1 hour ahead", 48 * time.Hour: "2 days ahead", 27 * time.Hour: "1 day 3 hours ahead"} {
		if got := aheadText(ahead); got != want {
			t.Errorf("%s: %q, want %q", ahead, got, want)
		}
	}
}
