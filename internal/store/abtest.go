package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/report"
	"cadenza/internal/step"
)

// TestState is where an A/B test stands (spec.md 1.6). A step that was never activated has no test yet.
type TestState int16

// The states.
const (
	TestRunning TestState = 1
	TestStopped TestState = 2 // a person ended it and chose
	TestEnded   TestState = 3 // a winner was found, or its time was over
)

// ABTest is one A/B test: the life of one such step of a sequence.
type ABTest struct {
	Sequence ident.Sequence
	Step     string
	// Settings is the step as it was activated first, in its stored form.
	Settings string
	State    TestState
	// Chosen is the letter of the variant that everybody gets from now on; "" while the test runs.
	Chosen string
	// Reason says why it was chosen, in a sentence.
	Reason    string
	StartedAt time.Time
	// EndsAt is when it ends at the latest; zero for never.
	EndsAt    time.Time
	DecidedAt time.Time
	DecidedBy ident.User
}

const testColumns = `sequence_id, step, settings, state, chosen, reason, started_at, ends_at, decided_at, coalesce(decided_by, 0) from ab_tests `

func scanTest(rows oneRow) (t ABTest, err error) {
	var (
		started       int64
		ends, decided sql.NullInt64
	)
	err = rows.Scan(&t.Sequence, &t.Step, &t.Settings, &t.State, &t.Chosen, &t.Reason, &started, &ends, &decided, &t.DecidedBy)
	t.StartedAt, t.EndsAt, t.DecidedAt = time.UnixMicro(started).UTC(), moment(ends), moment(decided)
	return t, err
}

// ABTests gives the tests of a sequence, in the order in which they began.
func (tx *Tx) ABTests(id ident.Sequence) ([]ABTest, error) {
	list, err := collect(tx, scanTest, `select `+testColumns+`where sequence_id = $1 order by started_at, step`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("list tests: %w", err)
	}
	return list, nil
}

// StartABTest begins a test. One that is there already goes on as it is.
func (tx *Tx) StartABTest(t ABTest) error {
	_, err := tx.exec(`insert into ab_tests (sequence_id, step, settings, state, chosen, reason, started_at, ends_at)
		values ($1, $2, $3, $4, '', '', $5, $6) on conflict do nothing`,
		int64(t.Sequence), t.Step, t.Settings, int16(TestRunning), tx.Now.UnixMicro(), microsOf(t.EndsAt))
	if err != nil {
		return fmt.Errorf("start test: %w", err)
	}
	return nil
}

// DecideABTest ends a running test. decided is false when it was over already.
func (tx *Tx) DecideABTest(t ABTest) (decided bool, err error) {
	n, err := tx.exec(`update ab_tests set state = $3, chosen = $4, reason = $5, decided_at = $6, decided_by = $7
		where sequence_id = $1 and step = $2 and state = 1`,
		int64(t.Sequence), t.Step, int16(t.State), t.Chosen, clip(t.Reason), tx.Now.UnixMicro(), key(t.DecidedBy))
	if err != nil {
		return false, fmt.Errorf("decide test: %w", err)
	}
	return n > 0, nil
}

// VariantCount is what became of one variant's messages.
type VariantCount struct {
	Sent int64
	// Results counts the messages of which each result was seen.
	Results map[step.Result]int64
}

// VariantCounts counts the sent messages of a test step by their variant.
func (tx *Tx) VariantCounts(sequence ident.Sequence, id string) (map[step.Variant]VariantCount, error) {
	counts := map[step.Variant]VariantCount{}
	for v := step.TestedA; v <= step.ChosenB; v++ {
		counts[v] = VariantCount{Results: map[step.Result]int64{}}
	}
	rows, err := tx.query(`select m.variant, coalesce(g.result, 0), count(*) from messages m
		join enrollments e on e.id = m.enrollment_id and e.sequence_id = $1
		left join engagements g on g.enrollment_id = m.enrollment_id and g.step = m.step
		where m.step = $2 and m.variant > 0 and m.state = 4 group by m.variant, coalesce(g.result, 0)
		union all
		select m.variant, -1, count(*) from messages m
		join enrollments e on e.id = m.enrollment_id and e.sequence_id = $1
		where m.step = $2 and m.variant > 0 and m.state = 4 group by m.variant`, int64(sequence), id)
	if err != nil {
		return nil, fmt.Errorf("count variants: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			variant step.Variant
			code    int16
			n       int64
		)
		if err := rows.Scan(&variant, &code, &n); err != nil {
			return nil, fmt.Errorf("count variants: %w", err)
		}
		c := counts[variant]
		if code < 0 {
			c.Sent = n
		} else if result, ok := resultOf[code]; ok {
			c.Results[result] = n
		}
		counts[variant] = c
	}
	return counts, rows.Err()
}

// DecideABTests ends the running tests of which one variant is clearly better, or whose time is over. It gives how many
// ended. A chore asks.
func (db *DB) DecideABTests(ctx context.Context) (decided int, err error) {
	var over []ABTest
	// Counting can take a while, so it must not hold up the writers.
	err = db.Read(ctx, func(tx *Tx) error {
		running, err := collect(tx, scanTest, `select `+testColumns+`where state = 1 order by started_at`)
		if err != nil {
			return fmt.Errorf("list running tests: %w", err)
		}
		for _, t := range running {
			ends, err := tx.judge(&t)
			if err != nil {
				return fmt.Errorf("judge test: %w", err)
			}
			if ends {
				over = append(over, t)
			}
		}
		return nil
	})
	if err != nil || len(over) == 0 {
		return 0, err
	}
	err = db.Write(ctx, func(tx *Tx) error {
		for _, t := range over {
			ended, err := tx.DecideABTest(t)
			if err != nil {
				return err
			}
			if ended {
				decided++
				if err := tx.Audit(0, "decide", "sequence", int64(t.Sequence), "A/B test "+t.Step+": "+t.Reason); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return decided, err
}

// judge tells whether a running test is over, and fills in how it ends.
func (tx *Tx) judge(t *ABTest) (over bool, err error) {
	s, err := t.Spec()
	if err != nil {
		return false, err
	}
	counts, err := tx.VariantCounts(t.Sequence, t.Step)
	if err != nil {
		return false, err
	}
	metric := step.Result(s.Config.Text("metric"))
	arm := func(v step.Variant) report.Arm {
		return report.Arm{Count: counts[v].Sent, Hits: counts[v].Results[metric]}
	}
	a, b := arm(step.TestedA), arm(step.TestedB)
	t.State = TestEnded
	verdict := report.Compare(a, b)
	switch {
	case verdict == report.First:
		t.Chosen, t.Reason = step.VariantA, versus("A", "B", a, b)
	case verdict == report.Second:
		t.Chosen, t.Reason = step.VariantB, versus("B", "A", b, a)
	case !t.EndsAt.IsZero() && !t.EndsAt.After(tx.Now):
		t.Chosen, t.Reason = s.Config.Text("default"), "Its time was over without a clear winner."
	default:
		return false, nil
	}
	return true, nil
}

func versus(better, other string, first, second report.Arm) string {
	return fmt.Sprintf("Variant %s did better: %.1f %% of %d against %.1f %% of %d with %s.",
		better, 100*first.Rate(), first.Count, 100*second.Rate(), second.Count, other)
}

// Spec gives the step as it was when the test began.
func (t ABTest) Spec() (step.Step, error) {
	def, _, err := flow.Decode([]byte(t.Settings))
	if err != nil || len(def.Steps) != 1 {
		return step.Step{}, fmt.Errorf("read the settings of test %s: %w", t.Step, err)
	}
	return def.Steps[0], nil
}

// loadChosen reads which variants the decided tests of the enrollments' sequences go on with.
func (tx *Tx) loadChosen(list []*loaded) error {
	bySequence := map[ident.Sequence][]*loaded{}
	var ids []ident.Sequence
	for _, l := range list {
		if id := l.snap.Version.Sequence; len(l.snap.Version.Asks.Tests) > 0 {
			if bySequence[id] == nil {
				ids = append(ids, id)
			}
			bySequence[id] = append(bySequence[id], l)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	tests, err := collect(tx, scanTest, `select `+testColumns+`where chosen <> '' and `+tx.in("sequence_id", 1), tx.list(ids))
	if err != nil {
		return fmt.Errorf("read decided tests: %w", err)
	}
	chosen := map[ident.Sequence]map[string]string{}
	for _, t := range tests {
		if chosen[t.Sequence] == nil {
			chosen[t.Sequence] = map[string]string{}
		}
		chosen[t.Sequence][t.Step] = t.Chosen
	}
	for id, of := range chosen {
		for _, l := range bySequence[id] {
			l.snap.Facts.Chosen = of
		}
	}
	return nil
}
