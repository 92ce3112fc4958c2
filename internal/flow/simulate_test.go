package flow_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"cadenza/internal/flow"
	"cadenza/internal/step"
)

// TestSimulationCountsEveryStep holds that what falls on the days is what the ways bring, none lost and none twice, and that
// the same chance plays the same.
func TestSimulationCountsEveryStep(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		def := drawDefinition(t)
		v := flow.NewVersion(1, 1, 1, def)
		facts := drawFacts(t, def)
		records := rapid.IntRange(0, 20).Draw(t, "records")
		play := func() *flow.Simulation {
			s := flow.NewSimulation(monday, flow.DefaultRates(), rand.New(rand.NewPCG(7, 0)).Float64)
			for i := range records {
				s.Play(v, flow.Surroundings{Facts: facts}, monday.AddDate(0, 0, i), []string{"Anna", "Ben"}[i%2])
			}
			return s
		}
		first, second := play(), play()
		emails, work, exits := 0, 0, 0
		for _, n := range first.Busy() {
			day := first.Day(n)
			if again := second.Day(n); again.Emails != day.Emails || again.Activities() != day.Activities() {
				t.Fatalf("day %d brought %+v and then %+v", n, day, again)
			}
			emails, work = emails+day.Emails, work+day.Activities()
		}
		for _, n := range first.Exits {
			exits += n
		}
		if exits != records || first.Records != records {
			t.Fatalf("%d of %d records ended somehow", exits, records)
		}
		most := records * 2 * flow.MaxSteps
		if emails > most || work > most {
			t.Fatalf("%d emails and %d activities of %d records", emails, work, records)
		}
	})
}

// TestSimulationFollowsTheRates holds that the shares are about those asked for.
func TestSimulationFollowsTheRates(t *testing.T) {
	t.Parallel()
	v := flow.NewVersion(1, 1, 1, flow.Sequence{Name: "S", Record: "lead", Options: flow.DefaultOptions(), Steps: []step.Step{
		{ID: "mail", Type: "automated_email", Config: step.Config{"template": "intro"}},
		{
			ID: "seen", Type: "condition", When: &step.When{Email: &step.EmailTest{Step: "mail", Results: []step.Result{step.Opened, step.Answered}, Within: "1d"}},
			Yes: []step.Step{{ID: "call", Type: "phone_call", Name: "Call"}},
		},
	}})
	const records = 2000
	for _, c := range []struct{ opened, replied, want float64 }{{0, 0, 0}, {1, 0, 1}, {0.5, 0, 0.5}, {0.5, 0.5, 0.75}} {
		rates := flow.Rates{Results: map[step.Result]float64{step.Opened: c.opened, step.Answered: c.replied}}
		s := flow.NewSimulation(monday, rates, rand.New(rand.NewPCG(1, 0)).Float64)
		for range records {
			s.Play(v, flow.Surroundings{Facts: step.Facts{Kind: "lead"}}, monday, "Anna")
		}
		if got := float64(s.Day(1).Work["Anna"]) / records; got < c.want-0.05 || got > c.want+0.05 {
			t.Errorf("opened %v, replied %v: %v calls per record on the next day, want about %v", c.opened, c.replied, got, c.want)
		}
		if s.Day(0).Emails != records || s.Day(9).Emails != 0 || len(s.Sellers()) > 1 {
			t.Errorf("first day %+v, sellers %v", s.Day(0), s.Sellers())
		}
	}
}
