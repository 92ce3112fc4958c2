package action

import (
	"fmt"
	"strings"
	"testing"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

func TestListSequences(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		trial := h.active(h.manager, define("Trial", call("a")))
		h.draft(h.anna, define("älter", call("a")))
		h.active(h.manager, define("Nurture", task("a")))
		done := h.lead(h.anna, "Cara", "Cole")
		h.connect(h.anna, trial, done)
		if _, err := h.app.Complete(h.ctx, h.anna, h.work(h.anna).ID, Done{Outcome: "busy"}); err != nil {
			t.Fatal(err)
		}
		h.connect(h.anna, trial, done)
		paused := h.connect(h.anna, trial, h.lead(h.anna, "Dora", "Dale"))
		if _, err := h.app.PauseEnrollment(h.ctx, h.anna, paused); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			q    store.SequenceQuery
			want string
		}{
			{store.SequenceQuery{}, "Nurture 0/0/0/0, Trial 2/1/1/1, älter 0/0/0/0"},
			{store.SequenceQuery{Search: "TRI"}, "Trial 2/1/1/1"},
			{store.SequenceQuery{Search: "Ält"}, "älter 0/0/0/0"},
			{store.SequenceQuery{Status: store.Inactive}, "älter 0/0/0/0"},
			{store.SequenceQuery{Owner: h.manager.ID, Sort: "-connected"}, "Trial 2/1/1/1, Nurture 0/0/0/0"},
			{store.SequenceQuery{RecordKind: record.Account}, ""},
		} {
			rows, err := h.app.ListSequences(h.ctx, h.bob, c.q)
			if err != nil {
				t.Fatal(err)
			}
			var list []string
			for _, r := range rows {
				list = append(list, fmt.Sprintf("%s %d/%d/%d/%d", r.Name, r.Connected, r.Paused, r.Finished, r.Completed))
			}
			same(t, fmt.Sprintf("%+v", c.q), strings.Join(list, ", "), c.want)
		}
		choices, err := h.app.AdvanceChoices(h.ctx, h.bob, record.Lead, trial)
		if err != nil || len(choices) != 1 || choices[0].Name != "Nurture" {
			t.Errorf("choices: %v, %v", choices, err)
		}
	})
}

func TestApplySequence(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		apply := func(def flow.Sequence, dry bool, want string) {
			t.Helper()
			result, err := h.app.ApplySequence(h.ctx, h.manager, def, dry)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "change", result.Change, want)
		}
		apply(define("Trial", call("a")), true, "created")
		apply(define("Trial", call("a")), false, "created")
		apply(define("Trial", call("a")), false, "unchanged")
		apply(define("Trial", call("a"), task("b")), true, "updated")
		apply(define("Trial", call("a"), task("b")), false, "updated")
		apply(define("Trial", call("a"), task("b")), false, "unchanged")
		_, err := h.app.ApplySequence(h.ctx, h.anna, define("Trial", call("x")), true)
		refused(t, "of another", err, fault.Forbidden)
		problems, err := h.app.CheckDraft(h.ctx, h.anna, define("New", pause("a", "1d")))
		if err != nil || len(problems) != 1 || problems[0].Step != "a" {
			t.Errorf("check: %v, %v", problems, err)
		}
	})
}
