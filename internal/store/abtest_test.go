package store_test

import (
	"context"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

func abTest(id string) step.Step {
	return step.Step{ID: id, Type: "ab_test", Name: "Which opener?", Config: step.Config{
		"template_a": "ask", "template_b": "tell", "share_a": 50.0, "metric": "opened", "default": "a",
	}}
}

// beginTest starts the test of a sequence's step.
func (h *house) beginTest(s ident.Sequence, st step.Step, ends time.Time) {
	h.Helper()
	settings, err := flow.Encode(flow.Sequence{Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{st}})
	h.must(err)
	h.write(func(tx *store.Tx) error {
		return tx.StartABTest(store.ABTest{Sequence: s, Step: st.ID, Settings: string(settings), EndsAt: ends})
	})
}

// variants counts the sent messages of each variant.
func (h *house) variants(s ident.Sequence, id string) map[step.Variant]store.VariantCount {
	h.Helper()
	var counts map[step.Variant]store.VariantCount
	h.must(h.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		counts, err = tx.VariantCounts(s, id)
		return err
	}))
	return counts
}

// sendAll says of every queued message that it was sent.
func (h *house) sendAll(limit int) []*store.MailCandidate {
	h.Helper()
	pass, _, err := h.db.ClaimMail(context.Background(), "node", limit, func(c *store.MailCandidate, _ time.Time) store.Verdict {
		return store.Verdict{Kind: store.Pass, Message: c.Message}
	})
	h.must(err)
	var results []store.MailResult
	for _, c := range pass {
		results = append(results, store.MailResult{Message: c.Message})
	}
	h.must(h.db.FinishMail(context.Background(), results))
	return pass
}

// TestABTestFindsTheWinner sends both variants until one is clearly better, and then that one alone.
func TestABTestFindsTheWinner(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Openers", abTest("opener"), task("after"))
		h.beginTest(s.ID, abTest("opener"), time.Time{})
		anna := h.user("Anna").ID
		const many = 300
		ids := h.connected(s, anna, many)
		h.due(many, many)
		if sent := len(h.sendAll(many)); sent != many {
			t.Fatalf("%d messages passed, want %d", sent, many)
		}
		h.due(many, many)
		counts := h.variants(s.ID, "opener")
		a, b := counts[step.TestedA].Sent, counts[step.TestedB].Sent
		if a+b != many || a < many/3 || b < many/3 {
			t.Fatalf("%d got A and %d got B, want about half of %d each", a, b, many)
		}
		if n, err := h.db.DecideABTests(context.Background()); n != 0 || err != nil {
			t.Fatalf("without any opens %d tests were decided: %v", n, err)
		}
		// Nearly everybody who got B opens it, and nobody else.
		h.write(func(tx *store.Tx) error {
			for _, id := range ids {
				history, err := tx.HistoryOf(id)
				if err != nil {
					return err
				}
				if last := history[len(history)-1]; last.Detail == "Variant B" && int64(id)%10 != 0 {
					if _, err := tx.Engage(store.Engagement{Enrollment: id, Step: "opener", Result: step.Opened}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if n, err := h.db.DecideABTests(context.Background()); n != 1 || err != nil {
			t.Fatalf("%d tests were decided: %v, want one", n, err)
		}
		if n, err := h.db.DecideABTests(context.Background()); n != 0 || err != nil {
			t.Fatalf("a test was decided twice: %d, %v", n, err)
		}
		h.must(h.db.Read(context.Background(), func(tx *store.Tx) error {
			tests, err := tx.ABTests(s.ID)
			if err == nil && (len(tests) != 1 || tests[0].Chosen != "b" || tests[0].State != store.TestEnded || tests[0].Reason == "") {
				t.Errorf("got %+v, want B as the winner with a reason", tests)
			}
			return err
		}))
		h.connected(s, anna, 20)
		if _, err := h.db.Due(context.Background(), 2*many); err != nil {
			t.Fatal(err)
		}
		h.sendAll(20)
		if got := h.variants(s.ID, "opener"); got[step.ChosenB].Sent != 20 || got[step.TestedA].Sent != a || got[step.TestedB].Sent != b {
			t.Errorf("after the decision %+v were sent, want 20 more of B that do not count for the test", got)
		}
	})
}

// TestABTestEnds holds the two other ways in which a test ends, and that each ends once.
func TestABTestEnds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Openers", abTest("timed"), abTest("stopped"))
		h.beginTest(s.ID, abTest("timed"), h.now().Add(time.Hour))
		h.beginTest(s.ID, abTest("stopped"), time.Time{})
		h.beginTest(s.ID, abTest("stopped"), h.now().Add(time.Minute)) // it runs already
		decide := func(want int) {
			t.Helper()
			if n, err := h.db.DecideABTests(context.Background()); n != want || err != nil {
				t.Errorf("%d tests were decided: %v, want %d", n, err, want)
			}
		}
		decide(0)
		h.pass(time.Hour)
		decide(1)
		stop := func(want bool) {
			t.Helper()
			h.write(func(tx *store.Tx) error {
				done, err := tx.DecideABTest(store.ABTest{Sequence: s.ID, Step: "stopped", State: store.TestStopped, Chosen: "b", Reason: "Stopped."})
				if done != want {
					t.Errorf("stopping it said %v, want %v", done, want)
				}
				return err
			})
		}
		stop(true)
		stop(false)
		h.must(h.db.Read(context.Background(), func(tx *store.Tx) error {
			tests, err := tx.ABTests(s.ID)
			got := map[string]string{}
			for _, test := range tests {
				got[test.Step] = test.Chosen
			}
			if got["timed"] != "a" || got["stopped"] != "b" {
				t.Errorf("got %v, want the default of the one and the choice for the other", got)
			}
			return err
		}))
	})
}
