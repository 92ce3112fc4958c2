package action

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// ABTestView is an A/B test with its figures.
type ABTestView struct {
	store.ABTest
	// Title is the name of the step.
	Title  string
	Metric step.Result
	// Variants are A and B.
	Variants [2]VariantView
}

// VariantView is one email of an A/B test.
type VariantView struct {
	// Letter is "a" or "b".
	Letter, Name string
	// Template is the template's key.
	Template string
	// Share is how many percent of the records get it while the test runs.
	Share int
	// Tested is what became of those that were sent while the test ran, Later of those that were sent since.
	Tested, Later store.VariantCount
}

// ABTests gives the A/B tests of a sequence: those that an activation started.
func (a *App) ABTests(ctx context.Context, actor access.Actor, id ident.Sequence) ([]ABTestView, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]ABTestView, error) {
		if err := tx.For(actor).Must(id); err != nil {
			return nil, err
		}
		tests, err := tx.ABTests(id)
		if err != nil {
			return nil, err
		}
		views := make([]ABTestView, 0, len(tests))
		for _, t := range tests {
			v, err := viewTest(tx, t)
			if err != nil {
				return nil, err
			}
			views = append(views, v)
		}
		return views, nil
	})
}

func viewTest(tx *store.Tx, t store.ABTest) (ABTestView, error) {
	s, err := t.Spec()
	if err != nil {
		return ABTestView{}, err
	}
	counts, err := tx.VariantCounts(t.Sequence, t.Step)
	if err != nil {
		return ABTestView{}, err
	}
	kind, _ := step.KindOf(s.Type)
	share := int(s.Config.Number("share_a"))
	variant := func(letter string, share int, tested, later step.Variant) VariantView {
		return VariantView{
			Letter: letter, Name: s.Config.Text("name_" + letter), Template: s.Config.Text("template_" + letter), Share: share,
			Tested: counts[tested], Later: counts[later],
		}
	}
	return ABTestView{
		ABTest: t, Title: orLabel(s.Name, kind.Label), Metric: step.Result(s.Config.Text("metric")),
		Variants: [2]VariantView{
			variant(step.VariantA, share, step.TestedA, step.ChosenA), variant(step.VariantB, 100-share, step.TestedB, step.ChosenB),
		},
	}, nil
}

func orLabel(name, label string) string {
	if name == "" {
		return label
	}
	return name
}

// StopABTest ends a running test by a person's choice: every later record gets the variant with this letter.
func (a *App) StopABTest(ctx context.Context, actor access.Actor, id ident.Sequence, stepID, letter string) (ABTestView, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return ABTestView{}, err
	}
	if letter != step.VariantA && letter != step.VariantB {
		return ABTestView{}, fault.Field("variant", "unknown", "The variant must be a or b.")
	}
	return change(ctx, a, func(tx *store.Tx) (ABTestView, error) {
		s, err := lockDraft(tx, actor, id, 0)
		if err != nil {
			return ABTestView{}, err
		}
		if _, err := findTest(tx, id, stepID); err != nil {
			return ABTestView{}, err
		}
		ended, err := tx.DecideABTest(store.ABTest{
			Sequence: id, Step: stepID, State: store.TestStopped, Chosen: letter, DecidedBy: actor.ID, Reason: "Stopped by a person.",
		})
		if err != nil {
			return ABTestView{}, err
		}
		t, err := findTest(tx, id, stepID)
		if err != nil {
			return ABTestView{}, err
		}
		view, err := viewTest(tx, t)
		if err != nil {
			return ABTestView{}, err
		}
		if !ended {
			return ABTestView{}, fault.New(fault.Conflict, "The A/B test “%s” is over already: everybody gets variant %s.", view.Title, upper(t.Chosen))
		}
		return view, tx.Audit(actor.ID, "stop", "sequence", int64(id), fmt.Sprintf("%s, A/B test “%s”: variant %s", s.Name, view.Title, upper(letter)))
	})
}

func upper(letter string) string { return string(bytes.ToUpper([]byte(letter))) }

func findTest(tx *store.Tx, id ident.Sequence, stepID string) (store.ABTest, error) {
	tests, err := tx.ABTests(id)
	if err != nil {
		return store.ABTest{}, err
	}
	for _, t := range tests {
		if t.Step == stepID {
			return t, nil
		}
	}
	return store.ABTest{}, fault.New(fault.NotFound, "The sequence has no A/B test %q.", stepID).WithHint("A test begins when its sequence is activated.")
}

// startTests begins the tests of a definition that is being activated; those that are known go on.
func startTests(tx *store.Tx, id ident.Sequence, def flow.Sequence) error {
	for _, s := range def.Each() {
		if kind, _ := step.KindOf(s.Type); !kind.Tests {
			continue
		}
		settings, err := testSettings(s)
		if err != nil {
			return err
		}
		ends, err := testEnd(tx, s)
		if err != nil {
			return err
		}
		if err := tx.StartABTest(store.ABTest{Sequence: id, Step: s.ID, Settings: string(settings), EndsAt: ends}); err != nil {
			return err
		}
	}
	return nil
}

// testSettings is what of a test step cannot change once the test runs: everything but its description (spec.md 1.6).
func testSettings(s step.Step) ([]byte, error) {
	s.Description = ""
	settings, err := flow.Encode(flow.Sequence{Options: flow.DefaultOptions(), Steps: []step.Step{s}})
	if err != nil {
		return nil, fmt.Errorf("encode test: %w", err)
	}
	return settings, nil
}

// testEnd is when a test ends at the latest, in the organisation's zone; zero for never.
func testEnd(tx *store.Tx, s step.Step) (time.Time, error) {
	at, err := flow.ParseMoment(s.Config.Text("ends_at"))
	if err != nil {
		return time.Time{}, nil // none, or one that Problems marks
	}
	o, err := tx.Organisation()
	if err != nil {
		return time.Time{}, err
	}
	zone, err := time.LoadLocation(o.Zone)
	if err != nil {
		zone = time.UTC
	}
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, zone), nil
}

// testProblems lists what is wrong with the test steps of a draft beside the tests that have begun.
func testProblems(tx *store.Tx, s store.Sequence) ([]fault.Problem, error) {
	known, err := tx.ABTests(s.ID)
	if err != nil {
		return nil, err
	}
	tests := map[string]store.ABTest{}
	for _, t := range known {
		tests[t.Step] = t
	}
	var problems []fault.Problem
	for pointer, st := range s.Draft.Each() {
		if kind, _ := step.KindOf(st.Type); !kind.Tests {
			continue
		}
		p, err := testProblem(tx, tests, st)
		if err != nil {
			return nil, err
		}
		if p.Code != "" {
			p.Step, p.Field = st.ID, pointer+p.Field
			problems = append(problems, p)
		}
	}
	return problems, nil
}

func testProblem(tx *store.Tx, tests map[string]store.ABTest, st step.Step) (fault.Problem, error) {
	t, begun := tests[st.ID]
	if !begun {
		ends, err := testEnd(tx, st)
		if err == nil && !ends.IsZero() && !ends.After(tx.Now) {
			return fault.Problem{Field: "/ends_at", Code: "past", Message: "The end of the test is over.", Hint: "Choose a later moment, or none."}, nil
		}
		return fault.Problem{}, err
	}
	settings, err := testSettings(st)
	switch {
	case err != nil || string(settings) == t.Settings:
		return fault.Problem{}, err
	case t.State == store.TestRunning:
		return fault.Problem{
			Code: "locked", Message: "The A/B test is running, so its settings cannot change.",
			Hint: "Undo the change, or delete the step and add a new A/B test.",
		}, nil
	}
	return fault.Problem{
		Code: "ended", Message: "The A/B test is over and cannot be used again with other settings.",
		Hint: "Undo the change, or delete the step and add a new A/B test.",
	}, nil
}
