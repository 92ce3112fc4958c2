package flow_test

import (
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// TestTooLate holds what becomes of an automated message whose wait was over while the server was down, or before an old
// backup was made (spec.md 13, decision 19).
func TestTooLate(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, c := range []struct {
		name   string
		typ    string
		config step.Config
		late   time.Duration
		want   step.Effect
		wait   step.Wait
	}{
		{"in time", "automated_email", step.Config{}, 0, step.SendMail{Template: "intro"}, step.ForMail},
		{"a week late", "automated_email", step.Config{}, 7 * day, step.SendMail{Template: "intro"}, step.ForMail},
		{"more than a week late", "automated_email", step.Config{}, 7*day + time.Second, step.OpenActivity{}, step.ForPerson},
		{"later than its step allows", "automated_email", step.Config{"too_late_after": "1d"}, 2 * day, step.OpenActivity{}, step.ForPerson},
		{"skipped", "automated_email", step.Config{"when_too_late": "skip"}, 8 * day, nil, step.ForTime},
		{"a text", "automated_text", step.Config{}, 8 * day, step.OpenActivity{}, step.ForPerson},
		{"a test", "ab_test", step.Config{"template_a": "intro", "template_b": "other", "share_a": 50.0}, 8 * day, step.OpenActivity{}, step.ForPerson},
		{"an email by hand", "email", step.Config{}, 80 * day, step.OpenActivity{}, step.ForPerson},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.config["template_a"] == nil {
				c.config["template"] = "intro"
			}
			v := flow.NewVersion(1, 1, 1, flow.Sequence{Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{
				{ID: "pause", Type: "wait", Config: step.Config{"for": "1d"}},
				{ID: "mail", Type: c.typ, Config: c.config},
				{ID: "rest", Type: "wait", Config: step.Config{"for": "1d"}},
				{ID: "call", Type: "phone_call", Name: "Call", Config: step.Config{}},
			}})
			due := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			s := flow.Snapshot{Enrollment: 1, Version: v, State: flow.State{Status: flow.Active, Step: "pause", Visit: 1, Wait: step.ForTime, DueAt: due, Since: due}}
			m := flow.Decide(s, step.TimerFired{}, due.Add(c.late))
			if m.State.Wait != c.wait {
				t.Fatalf("it waits for %q, want %q: %+v", m.State.Wait, c.wait, m)
			}
			if c.want == nil {
				if len(m.Effects) > 0 {
					t.Errorf("it orders %+v, want nothing", m.Effects)
				}
				return
			}
			if len(m.Effects) != 1 {
				t.Fatalf("it orders %+v, want one %T", m.Effects, c.want)
			}
			switch want := c.want.(type) {
			case step.SendMail:
				if m.Effects[0].Effect != step.Effect(want) {
					t.Errorf("it orders %+v, want %+v", m.Effects[0].Effect, want)
				}
			default:
				if e, ok := m.Effects[0].Effect.(step.OpenActivity); !ok || (c.late > 0 && c.typ != "email") != (e.Trouble != "") {
					t.Errorf("it orders %+v, want an activity with the trouble", m.Effects[0].Effect)
				}
			}
		})
	}
}
