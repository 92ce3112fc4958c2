package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// TestDiffRules holds for any two definitions: nothing differs from itself, every step is accounted for once, what is not
// mentioned is the same and in the same order, and the words say something.
func TestDiffRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		old := drawDefinition(t)
		edited := drawDefinition(t)
		if rapid.Bool().Draw(t, "edited") {
			edited = drawEdit(t, old)
		}
		if changes := flow.Diff(old, old); len(changes) > 0 {
			t.Fatalf("a definition differs from itself: %+v", changes)
		}
		changes := flow.Diff(old, edited)
		if same := sameDefinition(t, old, edited); same != (len(changes) == 0) {
			t.Fatalf("same is %t, but the difference is %+v", same, changes)
		}
		accounted(t, old, edited, changes)
		tell := flow.Telling{Old: old, New: edited}
		if len(changes) > 0 && tell.Summary(changes) == "" {
			t.Fatalf("no words for %+v", changes)
		}
		for _, c := range changes {
			for _, f := range tell.Fields(c) {
				if f.Label == "" {
					t.Fatalf("a field without a label: %+v of %+v", f, c)
				}
			}
			if tell.Title(c) == "" || tell.Where(c) == "" {
				t.Fatalf("no words for %+v", c)
			}
		}
	})
}

func sameDefinition(t *rapid.T, a, b flow.Sequence) bool {
	left, errLeft := flow.Encode(a)
	right, errRight := flow.Encode(b)
	if errLeft != nil || errRight != nil {
		t.Fatal(errLeft, errRight)
	}
	return string(left) == string(right)
}

// accounted holds that the changes lead from one definition to the other, each step having one at most.
func accounted(t *rapid.T, old, edited flow.Sequence, changes []flow.Change) {
	was, is := stepsByID(old), stepsByID(edited)
	by := map[string]flow.Change{}
	for _, c := range changes {
		if c.Kind == flow.OptionsChanged {
			continue
		}
		if _, twice := by[c.Step]; twice {
			t.Fatalf("step %s has two changes: %+v", c.Step, changes)
		}
		by[c.Step] = c
	}
	for id := range was {
		if _, stays := is[id]; !stays && by[id].Kind != flow.StepRemoved {
			t.Fatalf("step %s is gone, but %+v", id, by[id])
		}
	}
	for id := range is {
		c, changed := by[id]
		_, both := was[id]
		switch {
		case !both && c.Kind != flow.StepAdded:
			t.Fatalf("step %s is new, but %+v", id, c)
		case both && changed && c.Kind != flow.StepMoved && c.Kind != flow.StepChanged:
			t.Fatalf("step %s is in both, but %+v", id, c)
		}
	}
	// What stayed in its list is in the order that it had.
	stayed := func(list []step.Step) (ids []string) {
		for _, s := range list {
			if c, changed := by[s.ID]; !changed || c.Kind == flow.StepChanged && !c.Moved {
				ids = append(ids, s.ID)
			}
		}
		return ids
	}
	if a, b := stayed(old.Steps), stayed(edited.Steps); !slices.Equal(a, b) {
		t.Fatalf("unmoved steps stood as %v and stand as %v", a, b)
	}
	for id, s := range is {
		if w, both := was[id]; both && (!slices.Equal(stayed(w.Yes), stayed(s.Yes)) || !slices.Equal(stayed(w.No), stayed(s.No))) {
			t.Fatalf("unmoved steps of the lanes of %s differ: %+v and %+v", id, w, s)
		}
	}
}

func stepsByID(s flow.Sequence) map[string]step.Step {
	by := map[string]step.Step{}
	for _, st := range s.Each() {
		by[st.ID] = st
	}
	return by
}

// drawEdit changes a definition a little, as a designer does.
func drawEdit(t *rapid.T, s flow.Sequence) flow.Sequence {
	s.Steps = slices.Clone(s.Steps)
	for n := range rapid.IntRange(0, 4).Draw(t, "edits") {
		at := rapid.IntRange(0, max(0, len(s.Steps)-1)).Draw(t, "at")
		switch verb := rapid.SampledFrom([]string{"insert", "remove", "swap", "rename", "option"}).Draw(t, "verb"); {
		case verb == "insert":
			s.Steps = slices.Insert(s.Steps, at, step.Step{ID: fmt.Sprintf("new%d", n), Type: "task", Config: step.Config{}})
		case verb == "option":
			s.Options.Reentry = flow.Never
		case len(s.Steps) == 0:
		case verb == "remove":
			s.Steps = slices.Delete(s.Steps, at, at+1)
		case verb == "swap":
			s.Steps[0], s.Steps[at] = s.Steps[at], s.Steps[0]
		default:
			s.Steps[at].Name = rapid.SampledFrom([]string{"", "Call again"}).Draw(t, "name")
		}
	}
	return s
}

// TestDiffInsertsMoveNothing holds that steps which come or go move no other.
func TestDiffInsertsMoveNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		old := drawDefinition(t)
		edited := old
		edited.Steps = slices.Clone(old.Steps)
		for n := range rapid.IntRange(1, 3).Draw(t, "inserts") {
			at := rapid.IntRange(0, len(edited.Steps)).Draw(t, "at")
			edited.Steps = slices.Insert(edited.Steps, at, step.Step{ID: fmt.Sprintf("new%d", n), Type: "task", Config: step.Config{}})
		}
		for _, c := range flow.Diff(old, edited) {
			if c.Kind != flow.StepAdded {
				t.Fatalf("steps were inserted only, but %+v", c)
			}
		}
		for _, c := range flow.Diff(edited, old) {
			if c.Kind != flow.StepRemoved {
				t.Fatalf("steps were removed only, but %+v", c)
			}
		}
	})
}

// diffBase is a sequence to change in tests.
func diffBase() flow.Sequence {
	return flow.Sequence{Name: "Trial", Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{
		{ID: "intro", Type: "automated_email", Name: "Introduction", Config: step.Config{"template": "intro"}},
		{ID: "pause", Type: "wait", Config: step.Config{"for": "2d"}},
		{
			ID: "opened", Type: "condition", Config: step.Config{},
			When: &step.When{Email: &step.EmailTest{Step: "intro", Results: []step.Result{step.Opened}, Within: "2d"}},
			Yes:  []step.Step{{ID: "call", Type: "phone_call", Name: "Call", Config: step.Config{}}},
			No:   []step.Step{{ID: "remind", Type: "task", Name: "Remind", Config: step.Config{}}},
		},
		{ID: "end", Type: "task", Name: "Look back", Config: step.Config{}},
	}}
}

func TestDiffInWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*flow.Sequence)
		want []string // the summary, then a line for each change
	}{
		"a wait": {
			func(s *flow.Sequence) { s.Steps[1].Config = step.Config{"for": "3d"} },
			[]string{"Wait now 3 days", "changed Wait 3 days: Wait for 2 days → 3 days"},
		},
		"a template": {
			func(s *flow.Sequence) { s.Steps[0].Config = step.Config{"template": "welcome"} },
			[]string{"“Introduction”: template now Welcome aboard", "changed Introduction: Template intro → Welcome aboard"},
		},
		"into a lane": {
			func(s *flow.Sequence) { s.Steps[2].Yes = append(s.Steps[2].Yes, s.Steps[3]); s.Steps = s.Steps[:3] },
			[]string{"“Look back” moved", "moved Look back to the Yes side of Opened “Introduction”?, after “Call”"},
		},
		"to the beginning": {
			func(s *flow.Sequence) { s.Steps = []step.Step{s.Steps[3], s.Steps[0], s.Steps[1], s.Steps[2]} },
			[]string{"“Look back” moved", "moved Look back at the beginning"},
		},
		"a condition taken away from around its steps": {
			func(s *flow.Sequence) { s.Steps[2] = s.Steps[2].Yes[0] },
			[]string{
				"Opened “Introduction”? removed, “Remind” removed, “Call” moved", "removed Opened “Introduction”? after “Wait 2 days”",
				"moved Call after “Wait 2 days”", "removed Remind on the No side of Opened “Introduction”?, first",
			},
		},
		"a question": {
			func(s *flow.Sequence) {
				s.Steps[2].When = &step.When{Email: &step.EmailTest{Step: "intro", Results: []step.Result{step.Opened}, Within: "1d", AtOnce: true}}
			},
			[]string{
				"Opened “Introduction”? changed",
				"changed Opened “Introduction”?: Time limit 2 days → 1 day, Goes on when the time is over → as soon as the answer is yes",
			},
		},
		"a type": {
			func(s *flow.Sequence) {
				s.Steps[1] = step.Step{ID: "pause", Type: "task", Name: "Think", Config: step.Config{}}
			},
			[]string{"“Think” changed", "changed Think: Type Wait → Task, Name  → Think, Wait for 2 days → "},
		},
		"options": {
			func(s *flow.Sequence) {
				s.Options.ExitOnReply, s.Options.Waits = true, flow.WorkingTime
			},
			[]string{"2 options changed", "options Options: End when the customer replies no → yes, Waits count Clock time → Working time"},
		},
		"a switch": {
			func(s *flow.Sequence) { s.Options.ExitOnReply = true },
			[]string{"“End when the customer replies” switched on", "options Options: End when the customer replies no → yes"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, edited := diffBase(), diffBase()
			c.edit(&edited)
			tell := flow.Telling{Old: old, New: edited, Templates: map[string]string{"welcome": "Welcome aboard"}}
			changes := flow.Diff(old, edited)
			got := []string{tell.Summary(changes)}
			for _, c := range changes {
				got = append(got, line(tell, c))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func line(t flow.Telling, c flow.Change) string {
	text := string(c.Kind) + " " + t.Title(c)
	if c.Kind != flow.OptionsChanged && c.Kind != flow.StepChanged || c.Moved {
		return text + " " + t.Where(c)
	}
	var fields []string
	for _, f := range t.Fields(c) {
		fields = append(fields, fmt.Sprintf("%s %s → %s", f.Label, f.From, f.To))
	}
	return text + ": " + strings.Join(fields, ", ")
}

// FuzzDiff holds that no definition, however broken, makes the comparison fall over or lose a step.
func FuzzDiff(f *testing.F) {
	f.Add(`{"name":"A","steps":[{"id":"a","type":"task"},{"id":"a","type":"wait","for":"2d"}]}`, `{"name":"A","steps":[{"id":"a","type":"wait"},{"id":"","type":"x"}]}`)
	f.Add(`{"name":"A","options":{"waits":"?"},"steps":[{"id":"c","type":"condition","when":{"all":[]},"yes":[{"id":"c"}]}]}`, `{}`)
	f.Fuzz(func(t *testing.T, left, right string) {
		a, _, errA := flow.Decode([]byte(left))
		b, _, errB := flow.Decode([]byte(right))
		if errA != nil || errB != nil {
			return
		}
		changes := flow.Diff(a, b)
		tell := flow.Telling{Old: a, New: b}
		_ = tell.Summary(changes)
		grown := 0
		for _, c := range changes {
			_, _ = tell.Fields(c), tell.Where(c)
			switch c.Kind {
			case flow.StepAdded:
				grown++
			case flow.StepRemoved:
				grown--
			case flow.StepChanged, flow.StepMoved, flow.OptionsChanged:
			}
		}
		if a.Count()+grown != b.Count() {
			t.Fatalf("%d steps and %+d are not %d: %+v", a.Count(), grown, b.Count(), changes)
		}
	})
}
