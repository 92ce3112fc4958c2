package store_test

import (
	"testing"
	"time"

	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// branch is a condition on the email of a step, with a task in each lane.
func branch(id, email string, atOnce bool) step.Step {
	return step.Step{
		ID: id, Type: "condition", Yes: []step.Step{task("yes")}, No: []step.Step{task("no")},
		When: &step.When{Email: &step.EmailTest{Step: email, Results: []step.Result{step.Opened, step.Answered}, Within: "2d", AtOnce: atOnce}},
	}
}

// TestEngage holds that each result of an email counts once, by its first moment, and wakes the engine.
func TestEngage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", mail("intro"), pause("rest", "1d"), branch("opened", "intro", true))
		ids := h.connected(s, h.user("Anna").ID, 3)
		h.due(10, 3)
		for _, id := range ids {
			h.signal(id, step.MailSent{Token: h.token(id)})
		}
		h.due(10, 3)
		engage := func(want int, list ...store.Engagement) {
			t.Helper()
			h.write(func(tx *store.Tx) error {
				n, err := tx.Engage(list...)
				if err == nil && n != want {
					t.Errorf("%d were new, want %d", n, want)
				}
				return err
			})
		}
		sent := h.now()
		opened := store.Engagement{Enrollment: ids[0], Step: "intro", Result: step.Opened}
		engage(1, opened)
		engage(0, opened)
		engage(1, store.Engagement{Enrollment: ids[0], Step: "intro", Result: step.LinkOpened}, opened)
		engage(0)
		// What is seen of an email whose condition is still ahead waits for it.
		h.due(10, 1)
		h.stands(ids[0], "active in rest#2 for time")
		h.pass(24 * time.Hour)
		h.due(10, 3)
		h.stands(ids[0], "active in yes#4 for person")
		h.stands(ids[1], "active in opened#3 for time")
		// At once, and in time: the moment counts at which the customer did it, not the one at which it was heard of.
		engage(1, store.Engagement{Enrollment: ids[1], Step: "intro", Result: step.Answered})
		h.due(10, 1)
		h.stands(ids[1], "active in yes#4 for person")
		h.pass(25 * time.Hour)
		engage(1, store.Engagement{Enrollment: ids[2], Step: "intro", Result: step.Opened, At: sent.Add(time.Hour)})
		h.due(10, 1)
		h.stands(ids[2], "active in yes#4 for person")
		h.history(ids[2], "connected", "step intro sent", "step rest waited", "step opened yes The customer opened the email.")
		// What comes after the end is kept, and moves nothing.
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, ids[2])
		engage(1, store.Engagement{Enrollment: ids[2], Step: "intro", Result: step.Downloaded})
		h.due(10, 0)
	})
}

// TestConditionsSeeWhatIsStored follows a condition on a call whose run is in the database only, and one on fields that a
// person changed meanwhile.
func TestConditionsSeeWhatIsStored(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		reached := step.Step{ID: "reached", Type: "condition", When: &step.When{Call: &step.CallTest{Step: "call", Outcomes: []string{"busy"}}}, Yes: []step.Step{task("yes")}}
		staged := step.Step{ID: "staged", Type: "condition", When: &step.When{Field: &record.Condition{Field: "stage", Op: record.Equals, Values: []string{"close"}}}, Yes: []step.Step{task("deal")}}
		s := h.sequence("Trial", step.Step{ID: "call", Type: "phone_call", Name: "Call"}, pause("rest", "1h"), reached, staged)
		id := h.connected(s, h.user("Anna").ID, 1)[0]
		h.due(10, 1)
		h.play(1, step.ActivityDone{Token: h.token(id), Outcome: "busy", By: 1}, id)
		h.pass(time.Hour)
		h.due(10, 1)
		h.stands(id, "active in yes#4 for person")
		h.write(func(tx *store.Tx) error {
			e, err := tx.GetEnrollment(id)
			if err != nil {
				return err
			}
			r, err := tx.GetRecord(e.Record)
			if err != nil {
				return err
			}
			r.Values["stage"] = "close"
			_, err = tx.UpdateRecord(r)
			return err
		})
		h.play(1, step.ActivityDone{Token: h.token(id), By: 1}, id)
		h.stands(id, "active in deal#6 for person")
	})
}

// TestSetFieldsMeetEdits has two nodes of the engine and a person change the same records at once: every change is there in
// the end.
func TestSetFieldsMeetEdits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		set := func(field, value string) step.Step {
			return step.Step{ID: field, Type: "update_field", Config: step.Config{"field": field, "value": value}}
		}
		owner := h.user("Anna").ID
		stage, source := h.sequence("Stage", set("stage", "develop"), task("a")), h.sequence("Source", set("source", "Fair"), task("b"))
		records := h.records(20)
		h.write(func(tx *store.Tx) error {
			var list []store.NewEnrollment
			for _, r := range records {
				list = append(list, store.NewEnrollment{Sequence: stage.ID, Version: stage.Version, Record: r, Assignee: owner},
					store.NewEnrollment{Sequence: source.ID, Version: source.Version, Record: r, Assignee: owner})
			}
			_, err := tx.Enroll(list)
			return err
		})
		done := make(chan error, 3)
		for range 2 {
			go func() {
				for {
					n, err := h.db.Due(t.Context(), 7)
					if err != nil || n == 0 {
						done <- err
						return
					}
				}
			}()
		}
		go func() {
			var err error
			for _, id := range records {
				err = h.db.Write(t.Context(), func(tx *store.Tx) error {
					r, err := tx.LockRecord(id)
					if err != nil {
						return err
					}
					r.Values["city"] = "Bonn"
					_, err = tx.UpdateRecord(r)
					return err
				})
				if err != nil {
					break
				}
			}
			done <- err
		}()
		for range 3 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		for { // what one node skipped because the other held it
			n, err := h.db.Due(t.Context(), 100)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
		}
		h.write(func(tx *store.Tx) error {
			found, err := tx.RecordsByID(records)
			for _, r := range found {
				if r.Get("stage") != "develop" || r.Get("source") != "Fair" || r.Get("city") != "Bonn" {
					t.Errorf("a change of %s is lost: %v", r.Name(), r.Values)
				}
			}
			return err
		})
	})
}
