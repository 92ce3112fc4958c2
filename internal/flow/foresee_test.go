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

func TestForesee(t *testing.T) {
	t.Parallel()
	def := flow.Sequence{Name: "Trial", Record: record.Lead, Steps: []step.Step{
		configured("intro", "automated_email", "template", "intro"),
		ask("opened", opened("intro", "2d"), []step.Step{
			named("call", "phone_call"),
			ask("reached", connected("call", "connected"), []step.Step{named("visit", "task")}, []step.Step{configured("rest", "wait", "for", "3d"), named("again", "phone_call")}),
		}, []step.Step{configured("pause", "wait", "for", "1d"), named("remind", "email")}),
		ask("big", stage(record.Equals, "qualify"), []step.Step{named("boss", "task")}, nil),
		named("book", "task"),
	}}
	facts := step.Facts{Kind: record.Lead, Values: record.Values{"stage": "new"}}
	for _, c := range []struct{ yes, want string }{
		{"opened reached", "intro 2 09:00, opened 2 09:00 yes, call 4 09:00, reached 4 09:00 yes, visit 4 09:00, big 4 09:00 no, book 4 09:00 = completed"},
		{"opened", "intro 2 09:00, opened 2 09:00 yes, call 4 09:00, reached 4 09:00 no, rest 4 09:00, again 7 09:00, big 7 09:00 no, book 7 09:00 = completed"},
		{"", "intro 2 09:00, opened 2 09:00 no, pause 4 09:00, remind 5 09:00, big 5 09:00 no, book 5 09:00 = completed"},
		{"big", "intro 2 09:00, opened 2 09:00 no, pause 4 09:00, remind 5 09:00, big 5 09:00 no, book 5 09:00 = completed"},
	} {
		way := flow.Foresee(flow.NewVersion(1, 1, 1, def), flow.Surroundings{Facts: facts}, monday, func(s step.Step) bool { return strings.Contains(c.yes, s.ID) })
		var got []string
		for _, v := range way.Visits {
			word := fmt.Sprintf("%s %s", v.Step.ID, v.At.Format("2 15:04"))
			if v.Step.When != nil {
				word += " " + string(v.Outcome)
			}
			got = append(got, word)
		}
		if line := strings.Join(got, ", ") + " = " + string(way.Exit); line != c.want {
			t.Errorf("with yes to %q\n got %s\nwant %s", c.yes, line, c.want)
		}
	}
}

// TestForeseenWaysArePossible holds that a foreseen way is one that the engine can take: each visit follows the one before
// it in the tree, time never runs back, and what can end does.
func TestForeseenWaysArePossible(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		def := drawDefinition(t)
		v := flow.NewVersion(1, 1, 1, def)
		sides, place := map[string]bool{}, map[string]int{}
		for _, s := range def.Each() {
			place[s.ID] = len(place)
			sides[s.ID] = rapid.Bool().Draw(t, "yes")
		}
		way := flow.Foresee(v, flow.Surroundings{Facts: drawFacts(t, def)}, monday, func(s step.Step) bool { return sides[s.ID] })
		now, seen := monday, map[string]int{}
		for i, visit := range way.Visits {
			if visit.At.Before(now.Add(-time.Nanosecond)) || visit.LeftAt.Before(visit.At) {
				t.Fatalf("time runs back at %d of %+v", i, way)
			}
			now = visit.LeftAt
			if seen[visit.Step.ID]++; seen[visit.Step.ID] > 1 {
				t.Fatalf("%s is visited twice: %+v", visit.Step.ID, way)
			}
			if i > 0 && place[visit.Step.ID] <= place[way.Visits[i-1].Step.ID] {
				t.Fatalf("%s comes after %s: %+v", visit.Step.ID, way.Visits[i-1].Step.ID, way)
			}
		}
		if way.Exit == step.NoExit {
			t.Fatalf("it does not end: %+v", way)
		}
	})
}
