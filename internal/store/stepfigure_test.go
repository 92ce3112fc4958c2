package store_test

import (
	"context"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// figure is one count as the tests compare it.
type figure struct {
	step    string
	kind    store.FigureKind
	outcome string
}

type counted struct {
	count int64
	spent time.Duration
}

// figures reads those of a sequence.
func (h *house) figures(id ident.Sequence) map[figure]counted {
	h.Helper()
	found := map[figure]counted{}
	h.read(func(tx *store.Tx) error {
		list, err := tx.StepFigures(id)
		for _, f := range list {
			if f.Number != 1 {
				h.Errorf("a figure of version %d, want 1", f.Number)
			}
			found[figure{f.Step, f.Kind, f.Outcome}] = counted{f.Count, f.Spent}
		}
		return err
	})
	return found
}

// TestStepFigures holds what is counted of each step: as it happens, after it was summed up, and as the migration counts it from history.
func TestStepFigures(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", pause("rest", "1h"), task("call"), pause("last", "2h"))
		anna := h.user("Anna")
		ids := h.connected(s, anna.ID, 7)
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, ids[0]) // its first step begins and ends in this move
		h.due(10, 6)
		h.play(1, step.Stopped{Exit: step.ExitReplied}, ids[1])
		h.play(1, step.Paused{By: anna.ID}, ids[2])
		h.pass(time.Hour)
		h.due(10, 4)
		h.play(1, step.ActivityDone{Token: h.token(ids[3])}, ids[3])
		h.play(1, step.ActivityDone{Token: h.token(ids[4]), Skipped: true}, ids[4])
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, ids[5])
		h.pass(2 * time.Hour)
		h.due(10, 2)
		h.connected(s, anna.ID, 1)
		want := map[figure]counted{
			{"", store.FigureConnected, ""}:             {count: 8},
			{"rest", store.FigureEntered, ""}:           {count: 7},
			{"rest", store.FigureEnded, "waited"}:       {4, 4 * time.Hour},
			{"rest", store.FigureExits, "disconnected"}: {count: 1},
			{"rest", store.FigureExits, "replied"}:      {count: 1},
			{"rest", store.FigureHere, ""}:              {count: 1},
			{"call", store.FigureEntered, ""}:           {count: 4},
			{"call", store.FigureEnded, "completed"}:    {count: 1},
			{"call", store.FigureEnded, "skipped"}:      {count: 1},
			{"call", store.FigureExits, "disconnected"}: {count: 1},
			{"call", store.FigureHere, ""}:              {count: 1},
			{"last", store.FigureEntered, ""}:           {count: 2},
			{"last", store.FigureEnded, "waited"}:       {2, 4 * time.Hour},
			{"last", store.FigureExits, "completed"}:    {count: 2},
		}
		same := func(when string) {
			t.Helper()
			if got := h.figures(s.ID); !maps.Equal(got, want) {
				t.Errorf("%s the figures are\n%v, want\n%v", when, got, want)
			}
		}
		same("as they happen")
		for _, some := range []bool{true, false} {
			n, err := h.db.SumFigures(context.Background())
			if err != nil || (n > 0) != some {
				t.Errorf("summed up %d changes, %v", n, err)
			}
			same("summed up")
		}
		h.count(0, "select count(*) from step_figure_changes")
		h.must(h.db.Exec(context.Background(), "delete from step_figures"))
		for _, statement := range backfill(t) {
			h.must(h.db.Exec(context.Background(), statement))
		}
		same("counted from history")
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, ids[6])
		want[figure{"call", store.FigureExits, "disconnected"}] = counted{count: 2}
		delete(want, figure{"call", store.FigureHere, ""})
		same("after one more move")
	})
}

// figuresAgree holds that the figures say of every version where its enrollments stand and why they ended.
func (h *house) figuresAgree(id ident.Sequence) {
	h.Helper()
	type place struct {
		version int
		figure
	}
	want, got := map[place]int64{}, map[place]int64{}
	h.read(func(tx *store.Tx) error {
		all, err := tx.ListEnrollments(store.EnrollmentQuery{Sequence: id, Limit: 1000})
		if err != nil {
			return err
		}
		for _, e := range all.Rows {
			switch st := e.State; {
			case st.Status == flow.Finished:
				want[place{e.VersionNumber, figure{st.Step, store.FigureExits, string(st.Exit)}}]++
			case st.Wait != step.NoWait:
				want[place{e.VersionNumber, figure{st.Step, store.FigureHere, ""}}]++
			}
		}
		list, err := tx.StepFigures(id)
		for _, f := range list {
			if f.Kind == store.FigureHere || f.Kind == store.FigureExits {
				got[place{f.Number, figure{f.Step, f.Kind, f.Outcome}}] = f.Count
			}
		}
		return err
	})
	if !maps.Equal(got, want) {
		h.Errorf("the figures say\n%v, but it is\n%v", got, want)
	}
}

// backfill gives the statements by which the migration counts what happened before it.
func backfill(t *testing.T) (list []string) {
	t.Helper()
	text, err := os.ReadFile("migrations/0053_step_figures.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range strings.Split(string(text), ";\n") {
		if at := strings.Index(s, "insert into step_figures "); at >= 0 {
			list = append(list, s[at:])
		}
	}
	if len(list) != 5 {
		t.Fatalf("the migration counts in %d statements, want 5", len(list))
	}
	return list
}
