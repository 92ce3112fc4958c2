package action

import (
	"fmt"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// someTasks makes so many tasks of a user.
func (h *house) someTasks(owner access.Actor, n int) (ids []ident.Activity) {
	h.t.Helper()
	rec := h.lead(owner, "Cara", "Cole")
	for i := range n {
		act, err := h.app.CreateActivity(h.ctx, owner, NewActivity{Record: rec, Kind: "task", Name: fmt.Sprint("Task ", i)})
		if err != nil {
			h.t.Fatal(err)
		}
		ids = append(ids, act.ID)
	}
	return ids
}

func (h *house) runBatches() {
	h.t.Helper()
	if err := h.app.RunBatches(h.ctx); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) batch(id ident.Batch) string {
	h.t.Helper()
	var b store.Batch
	h.write(func(tx *store.Tx) (err error) { b, err = tx.GetBatch(id); return err })
	return fmt.Sprint(b.State, b.Counts[store.RowWaiting], b.Counts[store.RowDone], b.Counts[store.RowFailed], b.Counts[store.RowUndone], b.Counts[store.RowKept])
}

func TestBatchCompletesAfterItsGrace(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ids := h.someTasks(h.anna, 3)
		other := h.someTasks(h.bob, 1)
		b, err := h.app.StartBatch(h.ctx, h.anna, Bulk{Verb: "complete", Activities: append(ids, other[0], ids[0])})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "off the list at once", h.workNames(h.anna), "")
		same(t, "and off the calendar", len(h.planned(h.anna.ID, "2026-03-02", "2026-03-02").Activities), 0)
		for id, want := range map[ident.Activity]bool{ids[0]: true, other[0]: false} {
			waits, err := h.app.WaitsInBatch(h.ctx, h.anna, id)
			same(t, "waits in a batch", fmt.Sprint(waits, err), fmt.Sprint(want, error(nil)))
		}
		h.runBatches()
		same(t, "it waits, and Bob's is refused", h.batch(b.ID), "waiting 3 0 1 0 0")
		_, err = h.app.StartBatch(h.ctx, h.anna, Bulk{Verb: "skip", Activities: ids[:1]})
		refused(t, "in one batch only", err, fault.Conflict, "another batch")
		if _, err := h.app.SkipActivity(h.ctx, h.anna, ids[1], ""); err != nil {
			t.Fatal(err)
		}
		h.later(batchGrace)
		h.runBatches()
		same(t, "one failed alone", h.batch(b.ID), "done 0 2 2 0 0")
		_, err = h.app.UndoBatch(h.ctx, h.anna, b.ID)
		refused(t, "too late", err, fault.Conflict, "no longer")
	})
}

func TestBatchIsTakenBack(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ids := h.someTasks(h.anna, 2)
		b, err := h.app.StartBatch(h.ctx, h.anna, Bulk{Verb: "skip", Activities: ids})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.app.UndoBatch(h.ctx, h.bob, b.ID)
		refused(t, "another's", err, fault.Forbidden)
		if _, err := h.app.UndoBatch(h.ctx, h.anna, b.ID); err != nil {
			t.Fatal(err)
		}
		same(t, "on the list again", h.workNames(h.anna), "Task 0, Task 1")
		_, err = h.app.UndoBatch(h.ctx, h.anna, b.ID)
		refused(t, "twice", err, fault.Conflict, "already")
		h.later(batchGrace)
		h.runBatches()
		same(t, "nothing was done", h.batch(b.ID), "undone 0 0 0 2 0")

		due := h.db.Now().Add(48 * time.Hour)
		if b, err = h.app.StartBatch(h.ctx, h.anna, Bulk{Verb: "snooze", Until: due, Activities: ids}); err != nil {
			t.Fatal(err)
		}
		h.later(batchGrace)
		h.runBatches()
		same(t, "moved", h.batch(b.ID), "done 0 2 0 0 0")
		if _, err := h.app.Snooze(h.ctx, h.anna, ids[1], due.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.UndoBatch(h.ctx, h.anna, b.ID); err != nil {
			t.Fatal(err)
		}
		h.runBatches()
		same(t, "but what was touched since", h.batch(b.ID), "undone 0 0 0 1 1")
		first, err := h.app.GetActivity(h.ctx, h.anna, ids[0])
		same(t, "put back", fmt.Sprint(first.DueAt.Before(due), first.Snoozes, err), "true 0 <nil>")
	})
}

func TestBatchIsRefusedWhenNothingCanBeDone(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ids := h.someTasks(h.anna, 2)
		for _, c := range []struct {
			in   Bulk
			code fault.Code
			says string
		}{
			{Bulk{Verb: "paint", Activities: ids}, fault.Invalid, "verb"},
			{Bulk{Verb: "skip"}, fault.Invalid, "at least one"},
			{Bulk{Verb: "skip", Activities: make([]ident.Activity, maxBatch+1)}, fault.Invalid, "at most 1000"},
			{Bulk{Verb: "snooze", Until: h.db.Now().Add(-time.Hour), Activities: ids}, fault.Invalid, "in the future"},
			{Bulk{Verb: "reassign", Activities: ids}, fault.Invalid, "Choose a user"},
			{Bulk{Verb: "skip", Activities: []ident.Activity{98, 99}}, fault.Conflict, "None of the 2"},
		} {
			_, err := h.app.StartBatch(h.ctx, h.anna, c.in)
			refused(t, c.in.Verb, err, c.code, c.says)
		}
		_, err := h.app.StartBatch(h.ctx, h.bob, Bulk{Verb: "skip", Activities: ids})
		refused(t, "another's", err, fault.Forbidden)
		page, err := h.app.Batches(h.ctx, h.anna, h.anna.ID, "", 0)
		same(t, "none was begun", fmt.Sprint(len(page.Rows), err), "0 <nil>")
	})
}

// TestBatchIsStopped holds that a batch which is taken back in its midst keeps what is done, says so, and does no more.
func TestBatchIsStopped(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ids := h.someTasks(h.anna, 3)
		b, err := h.app.StartBatch(h.ctx, h.anna, Bulk{Verb: "complete", Activities: ids})
		if err != nil {
			t.Fatal(err)
		}
		h.later(batchGrace)
		h.write(func(tx *store.Tx) error {
			due, _, err := tx.DueBatch()
			if err != nil {
				return err
			}
			return h.app.advanceBatch(tx, due)
		})
		same(t, "in its midst", h.batch(b.ID), "running 2 1 0 0 0")
		if _, err := h.app.UndoBatch(h.ctx, h.anna, b.ID); err != nil {
			t.Fatal(err)
		}
		h.runBatches()
		same(t, "stopped", h.batch(b.ID), "done 0 1 0 2 0")
	})
}

// TestBatchGoesOnAfterAFaultOfOurs holds that a row which cannot be read holds up neither its batch nor the next one.
func TestBatchGoesOnAfterAFaultOfOurs(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ids := h.someTasks(h.anna, 2)
		var broken ident.Batch
		h.write(func(tx *store.Tx) (err error) {
			broken, err = tx.InsertBatch(store.Batch{User: h.anna.ID, Verb: "skip", Arguments: "{}", RunAt: tx.Now}, []store.BatchRow{
				{Activity: ids[0], Verb: "skip", Arguments: "{", State: store.RowWaiting}, {Activity: ids[1], Verb: "skip", State: store.RowWaiting},
			})
			return err
		})
		h.runBatches()
		same(t, "one failed", h.batch(broken), "done 0 1 1 0 0")
	})
}

// TestPlan holds that a plan does with each activity what it says of it, and that its moves can be put back.
func TestPlan(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ids := h.someTasks(h.anna, 2)
		due := h.db.Now().Add(48 * time.Hour)
		b, err := h.app.StartBatch(h.ctx, h.anna, Bulk{Verb: BulkCleanUp, Activities: ids, Each: map[ident.Activity]Bulk{
			ids[0]: {Verb: BulkSnooze, Until: due}, ids[1]: {Verb: BulkSkip, Note: "too old"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		h.later(batchGrace)
		h.runBatches()
		moved, _ := h.app.GetActivity(h.ctx, h.anna, ids[0])
		skipped, _ := h.app.GetActivity(h.ctx, h.anna, ids[1])
		same(t, "as planned", fmt.Sprint(moved.DueAt.Equal(due), skipped.State, skipped.Note), "true skippedtoo old")
		if _, err := h.app.UndoBatch(h.ctx, h.anna, b.ID); err != nil {
			t.Fatal(err)
		}
		h.runBatches()
		same(t, "the move is put back", h.batch(b.ID), "undone 0 0 0 1 1")
	})
}

// TestBatchThatWaitedForAServer holds that a move whose time has passed before a server carried it out is done all the same.
func TestBatchThatWaitedForAServer(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		b, err := h.app.StartBatch(h.ctx, h.anna, Bulk{Verb: BulkSnooze, Until: h.db.Now().Add(time.Hour), Activities: h.someTasks(h.anna, 2)})
		if err != nil {
			t.Fatal(err)
		}
		h.later(2 * time.Hour)
		h.runBatches()
		same(t, "moved", h.batch(b.ID), "done 0 2 0 0 0")
	})
}
