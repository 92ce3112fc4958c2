package store_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// strayFacts counts the undone activities whose copies of what priority counts are not what their record and their customers' deeds say.
func (h *house) strayFacts() string {
	worth := `json_extract(r.fields, '$.value')`
	if h.db.Dialect() == "postgres" {
		worth = `(r.fields::jsonb) ->> 'value'`
	}
	deed := func(column, results string) string {
		return ` or a.` + column + ` is distinct from (select max(at) from engagements g where g.enrollment_id = a.enrollment_id and g.result in (` + results + `))`
	}
	return `select count(*) from activities a left join records r on r.id = a.record_id where a.state < 4 and (a.worth is distinct from ` + worth +
		deed("answered_at", "4") + deed("clicked_at", "2, 3") + deed("opened_at", "1") + `)`
}

// TestPriorityFacts does at random whatever changes what priority counts, and holds after each step that the copies are true, and that an index
// gives what the rows do.
func TestPriorityFacts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		random := rand.New(rand.NewPCG(3, uint64(len(h.db.Dialect()))))
		anna := h.user("Anna")
		worth := step.Step{ID: "worth", Type: "update_field", Config: step.Config{"field": "value", "value": "77"}}
		s := h.sequence("Trial", mail("intro"), task("call"), worth, task("again"))
		records := h.records(6)
		ids := h.enroll(s, anna.ID, records...)
		h.due(10, 6)
		for _, rec := range records[:3] {
			h.write(func(tx *store.Tx) error {
				_, err := tx.InsertActivity(store.Activity{Record: rec, Kind: "task", Name: "By hand", Assignee: anna.ID, DueAt: h.now()}, anna.ID)
				return err
			})
		}
		for range 80 {
			did := h.doSomething(random, ids, records)
			h.pass(time.Hour)
			if n, err := h.db.Count(context.Background(), h.strayFacts()); n != 0 || err != nil {
				t.Fatalf("after %s %d activities have copies that are not true, %v", did, n, err)
			}
		}
		h.must(h.db.Exec(context.Background(), "update activities set worth = null, answered_at = null, clicked_at = null, opened_at = null"))
		if n, err := h.db.Count(context.Background(), h.strayFacts()); n == 0 || err != nil {
			t.Fatalf("%d activities have something to copy, %v", n, err)
		}
		h.must(h.db.CopyFacts(context.Background()))
		h.count(0, h.strayFacts())
		q := store.WorkQuery{Assignee: anna.ID, Later: true}
		h.read(func(tx *store.Tx) error {
			narrow, err := tx.WorkFacts(q, 100)
			if err != nil {
				return err
			}
			whole, _, err := tx.WorkEntries(q, 100)
			if len(narrow) == 0 || len(narrow) != len(whole) {
				t.Fatalf("the index has %d, the rows are %d", len(narrow), len(whole))
			}
			for i, e := range whole {
				if narrow[i].ID != e.ID || narrow[i].Facts != e.Facts {
					t.Errorf("the index says %v of %v, the row %v of %v", narrow[i].Facts, narrow[i].ID, e.Facts, e.ID)
				}
			}
			return err
		})
	})
}

// doSomething does one thing at random and says what.
func (h *house) doSomething(random *rand.Rand, ids []ident.Enrollment, records []ident.Record) string {
	h.Helper()
	at := random.IntN(len(ids))
	id, rec := ids[at], records[at]
	switch random.IntN(7) {
	case 0, 1:
		result := []step.Result{step.Answered, step.LinkOpened, step.Downloaded, step.Opened}[random.IntN(4)]
		h.write(func(tx *store.Tx) error {
			_, err := tx.Engage(store.Engagement{Enrollment: id, Step: []string{"intro", "call"}[random.IntN(2)], Result: result})
			return err
		})
		return fmt.Sprint("a customer's deed ", result)
	case 2:
		h.write(func(tx *store.Tx) error {
			r, err := tx.GetRecord(rec)
			if err != nil {
				return err
			}
			r.Values = maps.Clone(r.Values)
			if r.Values["value"] = fmt.Sprint(random.IntN(3) * 40_000); r.Values["value"] == "0" {
				delete(r.Values, "value")
			}
			_, err = tx.UpdateRecord(r)
			return err
		})
		return "a change of the record"
	case 3:
		rows := []store.ImportRow{{ExternalKey: fmt.Sprint("key ", at), Values: record.Values{"last_name": "Fielding", "value": fmt.Sprint(random.IntN(90_000))}}}
		h.must(h.db.Exec(context.Background(), fmt.Sprintf("update records set external_key = 'key %d' where id = %d", at, rec)))
		if _, err := h.db.NewRecordImport(record.Lead, 0, func(ident.User) bool { return true }).Apply(context.Background(), rows, false); err != nil {
			h.Fatal(err)
		}
		return "an import"
	case 4:
		h.signal(id, step.MailSent{Token: h.token(id)}) // what it does not wait for is dropped
		return "a mail that was sent and " + h.drain()
	case 5:
		if e := h.enrollment(id); e.State.Wait == step.ForPerson {
			h.play(1, step.ActivityDone{Token: h.token(id)}, id)
		}
		return "an activity that was done and " + h.drain()
	}
	h.write(func(tx *store.Tx) error { // and back, as who undoes it
		list, err := tx.ActivitiesOf(rec, 10)
		for _, a := range list {
			if err != nil || a.Enrollment != 0 {
				continue
			}
			a.State = map[store.ActivityState]store.ActivityState{store.ActivityOpen: store.ActivityCompleted, store.ActivityCompleted: store.ActivityOpen}[a.State]
			err = tx.SaveActivity(a)
		}
		return err
	})
	return "done by hand, or undone"
}

// drain plays what is due.
func (h *house) drain() string {
	h.Helper()
	for {
		n, err := h.db.Due(context.Background(), 100)
		if err != nil {
			h.Fatal(err)
		}
		if n == 0 {
			return "what followed"
		}
	}
}
