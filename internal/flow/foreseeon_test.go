package flow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// TestForeseeOn follows enrollments on from where they stand.
func TestForeseeOn(t *testing.T) {
	t.Parallel()
	def := flow.Sequence{Name: "Trial", Record: record.Lead, Steps: []step.Step{
		configured("intro", "automated_email", "template", "intro"),
		ask("opened", opened("intro", "2d"), []step.Step{named("call", "phone_call")}, []step.Step{configured("rest", "wait", "for", "1d")}),
		named("book", "task"),
	}}
	v := flow.NewVersion(1, 1, 1, def)
	soon := opened("intro", "2d")
	soon.Email.AtOnce = true
	hasty := flow.NewVersion(1, 1, 1, flow.Sequence{Name: "Hasty", Record: record.Lead, Steps: []step.Step{
		configured("intro", "automated_email", "template", "intro"), ask("hasty", soon, nil, []step.Step{named("late", "task")}),
	}})
	sent := step.Facts{Kind: record.Lead, Runs: map[string]step.Run{"intro": {Outcome: step.Sent, At: monday}}}
	tuesday := monday.Add(24 * time.Hour)
	at := func(id string, wait step.Wait, due time.Time) flow.State {
		return flow.State{Status: flow.Active, Step: id, Visit: 2, Since: monday, Wait: wait, DueAt: due, Done: 1}
	}
	for _, c := range []struct {
		name string
		on   flow.Standing
		yes  string
		want string
	}{
		{
			"a message at the gate",
			flow.Standing{State: at("intro", step.ForMail, time.Time{}), Mail: flow.Unsent{NextAt: tuesday.Add(time.Hour), Reason: "Its turn comes."}},
			"opened",
			"intro 2 09:00 sent Its turn comes., opened 3 10:00 yes, call 5 10:00 completed, book 5 10:00 completed = completed",
		},
		{"a message that needs somebody", flow.Standing{State: at("intro", step.ForMail, time.Time{}), Mail: flow.Unsent{Stuck: "The mailbox is paused."}}, "", " =  The mailbox is paused."},
		{
			"a condition, yes",
			flow.Standing{State: at("opened", step.ForTime, monday.Add(48*time.Hour))},
			"opened",
			"opened 2 09:00 yes, call 4 09:00 completed, book 4 09:00 completed = completed",
		},
		{
			"a condition, no",
			flow.Standing{State: at("opened", step.ForTime, monday.Add(48*time.Hour))},
			"",
			"opened 2 09:00 no, rest 4 09:00 waited, book 5 09:00 completed = completed",
		},
		{"a condition that goes on at once, yes", flow.Standing{State: at("hasty", step.ForTime, monday.Add(48*time.Hour))}, "hasty", "hasty 2 09:00 yes = completed"},
		{"a condition that goes on at once, no", flow.Standing{State: at("hasty", step.ForTime, monday.Add(48*time.Hour))}, "", "hasty 2 09:00 no, late 4 09:00 completed = completed"},
		{
			"an activity that is due later",
			flow.Standing{State: at("call", step.ForPerson, time.Time{}), Due: tuesday.Add(5 * time.Hour)},
			"",
			"call 2 09:00 completed, book 3 14:00 completed = completed",
		},
		{"an overdue activity", flow.Standing{State: at("call", step.ForPerson, time.Time{}), Due: monday}, "", "call 2 09:00 completed, book 3 09:00 completed = completed"},
		{"a paused wait", flow.Standing{State: paused(at("rest", step.ForTime, monday.Add(time.Hour)))}, "", "rest 2 09:00 waited, book 3 09:00 completed = completed"},
		{"before the first step", flow.Standing{State: flow.Start(tuesday, 0)}, "", "intro 3 09:00 sent, opened 3 09:00 no, rest 5 09:00 waited, book 6 09:00 completed = completed"},
		{"finished", flow.Standing{State: flow.State{Status: flow.Finished}}, "", " = "},
	} {
		facts := sent
		if c.on.State.Step == "intro" || c.on.State.Step == "" {
			facts.Runs = nil
		}
		version := v
		if c.on.State.Step == "hasty" {
			version = hasty
		}
		way := flow.ForeseeOn(version, c.on, flow.Surroundings{Facts: facts}, tuesday, func(s step.Step) bool { return c.yes == s.ID })
		var got []string
		for _, visit := range way.Visits {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", visit.Step.ID, visit.At.Format("2 15:04"), visit.Outcome, visit.Held)))
		}
		line := strings.Join(got, ", ") + " = " + string(way.Exit)
		if way.Stuck != "" {
			line += " " + way.Stuck
		}
		if line != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, line, c.want)
		}
	}
}

// TestForeseeOnWishesNothingOfItsOwnSteps holds that a customer does nothing about a step which the foresight itself has just played: here
// one that no activation would let pass, a condition that asks about a condition.
func TestForeseeOnWishesNothingOfItsOwnSteps(t *testing.T) {
	t.Parallel()
	v := flow.NewVersion(1, 1, 1, flow.Sequence{Name: "Odd", Record: record.Lead, Steps: []step.Step{
		ask("first", opened("first", "2d"), nil, nil), ask("second", opened("first", "2d"), nil, []step.Step{named("call", "phone_call")}),
	}})
	way := flow.ForeseeOn(v, flow.Standing{State: flow.Start(monday, 0)}, flow.Surroundings{}, monday, func(step.Step) bool { return true })
	last := way.Visits[len(way.Visits)-1]
	if last.Step.ID != "call" {
		t.Errorf("the way ends with %s %s, want the No lane of second", last.Step.ID, last.Outcome)
	}
}

func paused(st flow.State) flow.State {
	st.Status = flow.Paused
	return st
}

// TestForeseeOnWhileSendingIsHeld holds that a way ends at the first message that a hold keeps, of the sequence's own or of a person's.
func TestForeseeOnWhileSendingIsHeld(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"automated_email": "held", "automated_text": "held", "email": "held by hand", "text_message": "held by hand", "task": ""} {
		v := flow.NewVersion(1, 1, 1, flow.Sequence{Name: "Way", Record: record.Lead, Steps: []step.Step{named("a", kind)}})
		around := flow.Surroundings{Held: "held", HeldByHand: "held by hand"}
		way := flow.ForeseeOn(v, flow.Standing{State: flow.Start(monday, 0)}, around, monday, func(step.Step) bool { return true })
		if way.Stuck != want || way.EndAt.IsZero() == (want == "") {
			t.Errorf("%s: stuck by %q, ends %v", kind, way.Stuck, way.EndAt)
		}
	}
}

// TestForeseeOnFromTheStart holds that both foresights say the same of an enrollment that begins.
func TestForeseeOnFromTheStart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		def := drawDefinition(t)
		v := flow.NewVersion(1, 1, 1, def)
		facts := drawFacts(t, def)
		yes := func(step.Step) bool { return true }
		whole := flow.Foresee(v, flow.Surroundings{Facts: facts}, monday, yes)
		first := flow.ForeseeOn(v, flow.Standing{State: flow.Start(monday, 0)}, flow.Surroundings{Facts: facts}, monday, yes)
		if fmt.Sprint(whole) != fmt.Sprint(first) {
			t.Fatalf("from the start\n got %v\nwant %v", first, whole)
		}
	})
}
