package flow_test

import (
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// BenchmarkDecide measures one decision each: an enrollment that begins, one whose wait is over, and an event that comes
// too late.
func BenchmarkDecide(b *testing.B) {
	def := flow.Sequence{Name: "Trial", Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{
		{ID: "intro", Type: "automated_email", Name: "Introduction", Config: step.Config{"template": "intro"}},
		{ID: "rest", Type: "wait", Config: step.Config{"for": "2d4h"}},
		{ID: "call", Type: "phone_call", Name: "Call", Config: step.Config{}},
	}}
	v := flow.NewVersion(1, 1, 1, def)
	snap := func(st flow.State) flow.Snapshot { return flow.Snapshot{Enrollment: 5, Version: v, State: st} }
	resting := flow.State{Status: flow.Active, Step: "rest", Visit: 2, Since: monday, Wait: step.ForTime, DueAt: monday.Add(52 * time.Hour), Done: 1}
	for _, c := range []struct {
		name string
		snap flow.Snapshot
		ev   step.Event
		want flow.Status
	}{
		{"start", snap(flow.Start(monday, 0)), step.Connected{}, flow.Active},
		{"timer", snap(resting), step.TimerFired{}, flow.Active},
		{"exit", snap(resting), step.Stopped{Exit: step.ExitDisconnected}, flow.Finished},
		{"stale", snap(resting), step.MailSent{Token: step.Token{Enrollment: 5, Step: "intro", Visit: 1}}, flow.Active},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			now := monday.Add(53 * time.Hour)
			for b.Loop() {
				if m := flow.Decide(c.snap, c.ev, now); m.State.Status != c.want {
					b.Fatalf("%+v", m)
				}
			}
		})
	}
}
