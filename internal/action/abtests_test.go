package action

import (
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

func abTest(id, a, b string) step.Step {
	return step.Step{ID: id, Type: "ab_test", Name: "Opener", Config: step.Config{
		"name_b": "Fact", "template_a": a, "template_b": b, "share_a": 50.0, "metric": "replied", "default": "a",
	}}
}

// TestABTestLife takes a test through its life: drafted, begun by the activation, locked, stopped by a person, not used again.
func TestABTestLife(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.write(func(tx *store.Tx) error {
			_, err := tx.InsertTemplate(store.Template{Key: "fact", Name: "Fact", TemplateContent: store.TemplateContent{Subject: "A fact", HTML: "<p>Did you know?</p>"}}, h.admin.ID)
			return err
		})
		def := define("Openers", abTest("opener", "intro", "fact"), task("after"))
		seq := h.active(h.manager, def)
		tests := func() []ABTestView {
			t.Helper()
			list, err := h.app.ABTests(h.ctx, h.anna, seq)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		if got := tests(); len(got) != 1 || got[0].Title != "Opener" || got[0].State != store.TestRunning || got[0].Variants[1].Name != "Fact" {
			t.Fatalf("after the activation: %+v", got)
		}

		id := h.connect(h.anna, seq, h.lead(h.anna, "Lena", "Roth"))
		h.pass(0)
		h.deliver(store.Delivered, "")
		h.pass(0)
		if _, err := h.app.MarkReplied(h.ctx, h.anna, id); err != nil {
			t.Fatal(err)
		}
		replies := int64(0)
		for _, v := range tests()[0].Variants {
			replies += v.Tested.Results[step.Answered]
		}
		if replies != 1 {
			t.Errorf("%d replies counted, want 1: %+v", replies, tests())
		}

		save := func(def flow.Sequence) []fault.Problem {
			t.Helper()
			view, err := h.app.SaveDraft(h.ctx, h.manager, seq, 0, def)
			if err != nil {
				t.Fatal(err)
			}
			return view.Problems
		}
		changed := define("Openers", abTest("opener", "intro", "fact"), task("after"))
		changed.Steps[0].Config["share_a"] = 60.0
		wantCode(t, "a running test is locked", save(changed), "locked")
		changed.Steps[0].Config["share_a"] = 50.0
		changed.Steps[0].Description = "Which one?"
		wantCode(t, "its description is not", save(changed), "")

		for _, letter := range []string{"", "c"} {
			if _, err := h.app.StopABTest(h.ctx, h.manager, seq, "opener", letter); len(fault.ProblemsOf(err)) == 0 {
				t.Errorf("variant %q: got %v, want a problem of the field", letter, err)
			}
		}
		if _, err := h.app.StopABTest(h.ctx, h.anna, seq, "opener", "b"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a seller stopped it: %v", err)
		}
		if _, err := h.app.StopABTest(h.ctx, h.manager, seq, "after", "b"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a task was stopped: %v", err)
		}
		if got, err := h.app.StopABTest(h.ctx, h.manager, seq, "opener", "b"); err != nil || got.Chosen != "b" || got.State != store.TestStopped {
			t.Fatalf("got %+v, %v", got, err)
		}
		if _, err := h.app.StopABTest(h.ctx, h.manager, seq, "opener", "a"); !fault.Is(err, fault.Conflict) {
			t.Errorf("it was stopped twice: %v", err)
		}
		h.connect(h.anna, seq, h.lead(h.anna, "Ole", "Sund"))
		h.pass(0)
		h.deliver(store.Delivered, "")
		if got := tests()[0].Variants[1]; got.Later.Sent != 1 {
			t.Errorf("after the stop: %+v, want one more of B", got)
		}
		changed.Steps[0].Config["metric"] = "opened"
		wantCode(t, "a test is not used again", save(changed), "ended")

		late := define("Openers", abTest("another", "intro", "fact"), task("after"))
		late.Steps[0].Config["ends_at"] = h.db.Now().Add(-24 * time.Hour).Format("2006-01-02T15:04")
		wantCode(t, "an end in the past", save(late), "past")
		late.Steps[0].Config["ends_at"] = h.db.Now().Add(24 * time.Hour).Format("2006-01-02T15:04")
		wantCode(t, "an end to come", save(late), "")
	})
}

// wantCode wants a problem with the code that says what to do, or none for "".
func wantCode(t *testing.T, name string, problems []fault.Problem, code string) {
	t.Helper()
	if code == "" && len(problems) == 0 {
		return
	}
	if len(problems) != 1 || problems[0].Code != code || problems[0].Hint == "" || problems[0].Step == "" {
		t.Errorf("%s: got %+v, want %q", name, problems, code)
	}
}
