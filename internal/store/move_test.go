package store_test

import (
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// renew makes the next version of a sequence, and makes it the active one.
func (h *house) renew(id ident.Sequence, steps ...step.Step) (v ident.Version) {
	h.Helper()
	h.write(func(tx *store.Tx) error {
		s, err := tx.GetSequence(id)
		if err != nil {
			return err
		}
		def := s.Draft
		def.Steps = steps
		if v, err = tx.InsertVersion(id, s.VersionNumber+1, def, "", 0); err != nil {
			return err
		}
		return tx.SetSequenceActive(id, v, s.VersionNumber+1)
	})
	return v
}

// begin begins a move to the active version.
func (h *house) begin(id ident.Sequence, mapping flow.Mapping) (run store.MoveRun) {
	h.Helper()
	h.write(func(tx *store.Tx) error {
		s, err := tx.GetSequence(id)
		if err != nil {
			return err
		}
		run.ID, err = tx.InsertMoveRun(store.MoveRun{Sequence: id, Version: s.Version, Mapping: mapping, Reason: "Because."})
		return err
	})
	return run
}

// carryOut goes on with moves, two records at a time, until there is nothing to do now, and gives the run as it is then.
func (h *house) carryOut(id ident.MoveRun) (run store.MoveRun) {
	h.Helper()
	for more := true; more; {
		h.write(func(tx *store.Tx) (err error) {
			_, more, err = tx.ContinueMove(2)
			return err
		})
	}
	h.read(func(tx *store.Tx) (err error) {
		run, err = tx.GetMoveRun(id)
		return err
	})
	return run
}

// move moves an enrollment's sequence to a new version of these steps.
func (h *house) move(id ident.Enrollment, mapping flow.Mapping, steps ...step.Step) store.MoveRun {
	h.Helper()
	seq := h.enrollment(id).Sequence
	h.renew(seq, steps...)
	return h.carryOut(h.begin(seq, mapping).ID)
}

func (h *house) undo(id ident.MoveRun) store.MoveRun {
	h.Helper()
	h.write(func(tx *store.Tx) error {
		run, err := tx.LockMoveRun(id)
		if err != nil {
			return err
		}
		return tx.BeginUndo(run)
	})
	return h.carryOut(id)
}

func to(id string) flow.Destination { return flow.Destination{Kind: flow.To, Step: id} }

// counts gives what became of the records of a move.
func counts(r store.MoveRun) [6]int {
	return [6]int{r.Looked, r.Moved, r.Finished, r.Held, r.Undone, r.Kept}
}

// TestMove moves records that stand on four steps, two by two, and puts them back.
func TestMove(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna")
		s := h.sequence("Trial", task("a"), pause("rest", "5d"), mail("intro"), task("z"))
		ids := h.connected(s, anna.ID, 5)
		h.due(10, 5)
		done := func(id ident.Enrollment) { h.play(1, step.ActivityDone{Token: h.token(id), By: anna.ID}, id) }
		for _, id := range ids[1:] {
			done(id)
		}
		h.play(1, step.WaitSkipped{Token: h.token(ids[2])}, ids[2])
		h.play(1, step.WaitSkipped{Token: h.token(ids[3])}, ids[3])
		h.play(1, step.MailSent{Token: h.token(ids[3])}, ids[3])
		h.play(1, step.Paused{}, ids[4])
		h.pass(24 * time.Hour)
		greeting := mail("intro")
		greeting.Config = step.Config{"template": "greeting"}
		v := h.renew(s.ID, task("b"), pause("rest", "2d"), greeting, task("y"))
		mapping := flow.Mapping{{Number: 1, Step: "a"}: to("b"), {Number: 1, Step: "rest"}: to("rest"), {Number: 1, Step: "intro"}: to("intro"), {Number: 1, Step: "z"}: {Kind: flow.Finish}}
		run := h.carryOut(h.begin(s.ID, mapping).ID)
		if got, want := counts(run), [6]int{5, 4, 1, 0, 0, 0}; got != want || run.State != store.MoveDone || run.UndoUntil.IsZero() {
			t.Fatalf("the move counts %v and is %s, want %v and done", got, run.State, want)
		}
		h.figuresAgree(s.ID)
		h.stands(ids[0], "active in b#2 for person")
		h.work(ids[0], "task cancelled", "task open")
		h.stands(ids[1], "active in rest#2 for time")
		h.stands(ids[2], "active in intro#3 for mail")
		h.work(ids[2], "task open", "message queued") // nobody completed the activity itself
		h.stands(ids[3], "finished disconnected")
		h.stands(ids[4], "paused in rest#2 for time")
		if m := h.messages(ids[2]); m[0].Template != "greeting" {
			t.Errorf("the mail that waits is made of %q, want the template of the new version", m[0].Template)
		}
		for _, id := range []ident.Enrollment{ids[0], ids[1], ids[2], ids[4]} {
			if e := h.enrollment(id); e.Version != v {
				t.Errorf("%d is on version %d, want %d", id, e.VersionNumber, 2)
			}
		}
		if due := h.enrollment(ids[1]).State.DueAt; !due.Equal(monday.Add(48 * time.Hour)) {
			t.Errorf("the wait ends at %s, want two days after it began", due)
		}
		h.play(1, step.ActivityDone{Token: h.token(ids[0]), By: anna.ID}, ids[0]) // it goes on
		run = h.undo(run.ID)
		if got, want := counts(run), [6]int{5, 4, 1, 0, 4, 1}; got != want || run.State != store.MoveUndone {
			t.Fatalf("undone the move counts %v and is %s, want %v and undone", got, run.State, want)
		}
		h.figuresAgree(s.ID)
		h.stands(ids[0], "active in rest#3 for time")
		h.stands(ids[1], "active in rest#2 for time")
		h.stands(ids[2], "active in intro#3 for mail")
		h.stands(ids[3], "active in z#5 for person")
		h.stands(ids[4], "paused in rest#2 for time")
		if e := h.enrollment(ids[1]); e.VersionNumber != 1 || !e.State.DueAt.Equal(monday.Add(5*24*time.Hour)) {
			t.Errorf("put back it is on version %d and due at %s", e.VersionNumber, e.State.DueAt)
		}
		h.read(func(tx *store.Tx) error {
			left, err := tx.MovedRows(run.ID, store.MovedKept, "", 10)
			if err == nil && (len(left.Rows) != 1 || left.Rows[0].Enrollment != ids[0] || left.Rows[0].Reason != "It has gone on since." || left.Rows[0].RecordName == "") {
				t.Errorf("what was kept: %+v", left.Rows)
			}
			return err
		})
	})
}

// TestMoveHoldsMailOnTheWire leaves a record alone while its email is being sent, and moves it when that is over.
func TestMoveHoldsMailOnTheWire(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna")
		s := h.sequence("Trial", mail("a"), task("z"))
		ids := h.connected(s, anna.ID, 2)
		h.due(10, 2)
		h.claim(ids[0])
		mapping := flow.Mapping{{Number: 1, Step: "a"}: to("b"), {Number: 1, Step: "z"}: to("b")}
		h.renew(s.ID, mail("b"), task("y"))
		run := h.carryOut(h.begin(s.ID, mapping).ID)
		if got, want := counts(run), [6]int{2, 1, 0, 1, 0, 0}; got != want || run.State != store.MoveRunning {
			t.Fatalf("the move counts %v and is %s, want %v and running", got, run.State, want)
		}
		h.stands(ids[0], "active in a#1 for mail")
		h.work(ids[0], "message sending")
		h.signal(ids[0], step.MailSent{Token: h.token(ids[0])})
		h.pass(10 * time.Second)
		run = h.carryOut(run.ID)
		if got, want := counts(run), [6]int{2, 2, 0, 0, 0, 0}; got != want || run.State != store.MoveDone {
			t.Fatalf("afterwards the move counts %v and is %s, want %v and done", got, run.State, want)
		}
		h.stands(ids[0], "active in b#3 for mail")
	})
}

// TestMovesOneAtATime refuses a second move of a sequence, and forgets by what the first could be undone after an hour.
func TestMovesOneAtATime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", task("a"))
		h.connected(s, 0, 3)
		h.due(10, 3)
		mapping := flow.Mapping{{Number: 1, Step: "a"}: to("b")}
		h.renew(s.ID, task("b"))
		run := h.begin(s.ID, mapping)
		err := h.db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.InsertMoveRun(store.MoveRun{Sequence: s.ID, Version: s.Version, Mapping: mapping})
			return err
		})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("a second move gives %v, want a conflict", err)
		}
		run = h.carryOut(run.ID)
		h.pass(2 * time.Hour)
		for more := true; more; {
			h.write(func(tx *store.Tx) (err error) {
				_, more, err = tx.DropUndo(2)
				return err
			})
		}
		h.read(func(tx *store.Tx) error {
			left, err := tx.MovedRows(run.ID, store.MovedOn, "", 10)
			if err != nil || len(left.Rows) > 0 {
				t.Errorf("%d rows are left of the move: %v", len(left.Rows), err)
			}
			next, err := tx.NextMoveAt()
			if !next.IsZero() {
				t.Errorf("there is something to do at %s", next)
			}
			return err
		})
	})
}
