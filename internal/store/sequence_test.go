package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

func oneStep(name, stepName string) flow.Sequence {
	return flow.Sequence{
		Name: name, Record: record.Lead, Options: flow.DefaultOptions(),
		Steps: []step.Step{{ID: "a", Type: "task", Name: stepName}},
	}
}

func insertSequence(t *testing.T, db *store.DB, def flow.Sequence) (s store.Sequence) {
	t.Helper()
	err := db.Write(context.Background(), func(tx *store.Tx) (err error) {
		s, err = tx.InsertSequence(def, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSequenceNames(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		faults := make([]error, 4)
		for i := range faults {
			wg.Go(func() {
				faults[i] = db.Write(context.Background(), func(tx *store.Tx) error {
					_, err := tx.InsertSequence(oneStep([]string{"Trial", "TRIAL"}[i%2], "x"), 0)
					return err
				})
			})
		}
		wg.Wait()
		written := 0
		for _, err := range faults {
			switch {
			case err == nil:
				written++
			case !fault.Is(err, fault.Invalid) || fault.ProblemsOf(err)[0].Field != "/name":
				t.Errorf("got %v, want a problem of /name", err)
			}
		}
		if written != 1 {
			t.Errorf("%d sequences of one name were written", written)
		}
		other := insertSequence(t, db, oneStep("Other", "x"))
		err := db.Write(context.Background(), func(tx *store.Tx) error { return tx.SaveDraft(other.ID, oneStep("trial", "x"), 0) })
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("rename to a taken name: %v", err)
		}
	})
}

// A version is kept in memory for ever, and its key may be given again after a rollback.
func TestVersionOfRollback(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := insertSequence(t, db, oneStep("Trial", "x"))
		freeze := func(name string, end error) (stepName string, err error) {
			err = db.Write(context.Background(), func(tx *store.Tx) error {
				id, err := tx.InsertVersion(s.ID, 1, oneStep("Trial", name), "", 0)
				if err != nil {
					return err
				}
				v, err := tx.Version(id)
				if err != nil {
					return err
				}
				stepName = v.Def.Steps[0].Name
				return end
			})
			return stepName, err
		}
		broken := errors.New("broken")
		if _, err := freeze("lost", broken); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if name, err := freeze("kept", nil); err != nil || name != "kept" {
			t.Errorf("the second version has the step %q, %v", name, err)
		}
	})
}

func TestSaveActivityTwice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var a store.Activity
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Values: record.Values{"last_name": "A"}})
			if err != nil {
				return err
			}
			id, err := tx.InsertActivity(store.Activity{Record: r.ID, Kind: "task", Name: "X", DueAt: tx.Now}, 0)
			if err != nil {
				return err
			}
			a, err = tx.GetActivity(id)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []fault.Code{"", fault.Stale} {
			err := db.Write(context.Background(), func(tx *store.Tx) error { return tx.SaveActivity(a) })
			if fault.CodeOf(err) != want {
				t.Errorf("save %d over revision %d: %v, want %q", i+1, a.Rev, err, want)
			}
		}
	})
}

func TestPagesOfEnrollments(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		s := insertSequence(t, db, oneStep("Trial", "x"))
		err := db.Write(ctx, func(tx *store.Tx) error {
			v, err := tx.InsertVersion(s.ID, 1, s.Draft, "", 0)
			if err != nil {
				return err
			}
			if err := tx.SetSequenceActive(s.ID, v, 1); err != nil {
				return err
			}
			var list []store.NewEnrollment
			for n := range 9 {
				r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Values: record.Values{"last_name": fmt.Sprint("L", n)}})
				if err != nil {
					return err
				}
				list = append(list, store.NewEnrollment{Sequence: s.ID, Version: v, Record: r.ID})
			}
			ids, err := tx.Enroll(list)
			if err != nil {
				return err
			}
			for i, ev := range []step.Event{step.Paused{}, step.Stopped{Exit: step.ExitDisconnected}} {
				if _, err := tx.Advance(ids[3*i:3*i+3], func(flow.Snapshot) step.Event { return ev }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			q    store.EnrollmentQuery
			want string // last names' numbers, newest first
		}{
			{store.EnrollmentQuery{Sequence: s.ID}, "876543210"},
			{store.EnrollmentQuery{}, "876543210"},
			{store.EnrollmentQuery{Sequence: s.ID, Status: "live"}, "876210"},
			{store.EnrollmentQuery{Status: "live"}, "876210"},
			{store.EnrollmentQuery{Sequence: s.ID, Status: "paused"}, "210"},
			{store.EnrollmentQuery{Status: "finished"}, "543"},
			{store.EnrollmentQuery{Sequence: s.ID, Status: "active"}, "876"},
			{store.EnrollmentQuery{Sequence: s.ID, Search: "l4"}, "4"},
			{store.EnrollmentQuery{Sequence: s.ID + 1}, ""},
		} {
			for _, limit := range []int{0, 1, 2, 5} {
				if got := walk(t, db, c.q, limit); got != c.want {
					t.Errorf("%+v in pages of %d: got %s, want %s", c.q, limit, got, c.want)
				}
			}
		}
		err = db.Read(ctx, func(tx *store.Tx) error {
			was, err := tx.WasOn(s.ID, []ident.Record{1, 4, 99})
			if err == nil && (len(was) != 2 || !was[1] || was[4]) {
				t.Errorf("was on: %v", was)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// walk reads all pages of a list.
func walk(t *testing.T, db *store.DB, q store.EnrollmentQuery, limit int) string {
	t.Helper()
	q.Limit = limit
	all := ""
	for range 20 {
		var page store.Page[store.Enrollment]
		err := db.Read(context.Background(), func(tx *store.Tx) (err error) {
			page, err = tx.ListEnrollments(q)
			return err
		})
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		for _, e := range page.Rows {
			all += e.RecordName[1:]
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	return all
}
