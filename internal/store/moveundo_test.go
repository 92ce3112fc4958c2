package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// moved gives a move of three records that is over: two went on to another step, one was finished.
func (h *house) moved() (store.Sequence, []ident.Enrollment, store.MoveRun) {
	h.Helper()
	s := h.sequence("Trial", task("a"), task("z"))
	ids := h.connected(s, h.user("Anna").ID, 3)
	h.due(10, 3)
	h.play(1, step.ActivityDone{Token: h.token(ids[0])}, ids[0])
	h.renew(s.ID, task("b"))
	return s, ids, h.carryOut(h.begin(s.ID, flow.Mapping{{Number: 1, Step: "a"}: to("b"), {Number: 1, Step: "z"}: {Kind: flow.Finish}}).ID)
}

// rowsOf counts what is kept of the records of a move.
func (h *house) rowsOf(want int64, run store.MoveRun) {
	h.Helper()
	h.count(want, fmt.Sprintf("select count(*) from moved_enrollments where run_id = %d", run.ID))
}

// run reads a move.
func (h *house) run(id ident.MoveRun) (run store.MoveRun) {
	h.Helper()
	h.read(func(tx *store.Tx) (err error) {
		run, err = tx.GetMoveRun(id)
		return err
	})
	return run
}

// TestUndoWinsOverItsEnd undoes a move in the moment in which another node finds that its time is over: what the undo needs stays.
func TestUndoWinsOverItsEnd(t *testing.T) {
	t.Parallel()
	h, nodes := newNodes(t, 2)
	_, ids, run := h.moved()
	h.pass(time.Hour - time.Second)
	h.write(func(tx *store.Tx) error {
		locked, err := tx.LockMoveRun(run.ID)
		if err != nil {
			return err
		}
		if err := tx.BeginUndo(locked); err != nil {
			return err
		}
		h.pass(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		return nodes[1].Write(ctx, func(other *store.Tx) error {
			n, _, err := other.DropUndo(10)
			if n != 0 {
				t.Errorf("%d rows were deleted that an undo in another transaction needs", n)
			}
			return err
		})
	})
	if run = h.carryOut(run.ID); run.State != store.MoveUndone || run.Undone != 3 {
		t.Errorf("the move is %s with %d put back, want undone with 3", run.State, run.Undone)
	}
	h.stands(ids[0], "active in z#3 for person")
	h.stands(ids[1], "active in a#3 for person")
}

// TestUndoEndsWithItsFirstRow begins to delete by what a move could be undone. From then on nobody can, whatever the time on another node is.
func TestUndoEndsWithItsFirstRow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		_, _, run := h.moved()
		h.pass(time.Hour)
		h.write(func(tx *store.Tx) error {
			n, _, err := tx.DropUndo(1)
			if n != 1 {
				t.Errorf("%d rows were deleted, want 1", n)
			}
			return err
		})
		h.pass(-time.Minute) // another node, whose clock is late
		if until := h.run(run.ID).UndoUntil; until.After(h.now()) {
			t.Errorf("half of what is needed is gone, and it can be undone until %s", until)
		}
		h.pass(time.Minute)
		h.write(func(tx *store.Tx) error { _, _, err := tx.DropUndo(10); return err })
		h.rowsOf(0, run)
		if until := h.run(run.ID).UndoUntil; !until.IsZero() {
			t.Errorf("everything is deleted, and there is something to do at %s", until)
		}
	})
}

// TestNextMoveEndsTheUndo holds that the move before can be undone no more once another one begins, that nothing is kept of one that was undone but
// what says why records were left, and that all is deleted in the end.
func TestNextMoveEndsTheUndo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s, _, first := h.moved()
		h.rowsOf(3, first)
		h.renew(s.ID, task("c"))
		second := h.carryOut(h.begin(s.ID, flow.Mapping{{Number: 2, Step: "b"}: to("c")}).ID)
		if until := h.run(first.ID).UndoUntil; until.After(h.now()) {
			t.Errorf("the move before can be undone until %s", until)
		}
		h.write(func(tx *store.Tx) error { _, _, err := tx.DropUndo(10); return err })
		h.rowsOf(0, first)
		h.rowsOf(2, second)
		h.undo(second.ID)
		h.rowsOf(0, second)
		h.pass(91 * 24 * time.Hour)
		h.must(h.db.Tidy(t.Context()))
		h.count(0, `select count(*) from move_runs`)
	})
}

// TestUndoRevivesNothingOfASequenceThatIsClosed deactivates the sequence while a move is being undone: what the move finished does not act again.
func TestUndoRevivesNothingOfASequenceThatIsClosed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s, ids, run := h.moved()
		h.write(func(tx *store.Tx) error {
			locked, err := tx.LockMoveRun(run.ID)
			if err != nil {
				return err
			}
			return tx.BeginUndo(locked)
		})
		h.write(func(tx *store.Tx) error {
			if err := tx.SetSequenceInactive(s.ID); err != nil {
				return err
			}
			_, err := tx.AdvanceSequence(s.ID, step.Paused{})
			return err
		})
		run = h.carryOut(run.ID)
		if run.State != store.MoveUndone || run.Undone != 2 || run.Kept != 1 {
			t.Errorf("the move is %s, %d put back, %d kept; want undone, 2 and 1", run.State, run.Undone, run.Kept)
		}
		h.stands(ids[0], "finished disconnected")
		h.stands(ids[1], "paused in a#2 for ")
		h.read(func(tx *store.Tx) error {
			kept, err := tx.MovedRows(run.ID, store.MovedKept, "", 10)
			if err == nil && (len(kept.Rows) != 1 || kept.Rows[0].Reason != "The sequence is not active.") {
				t.Errorf("kept are %+v", kept.Rows)
			}
			return err
		})
	})
}
