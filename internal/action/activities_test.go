package action

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

func TestDoActivities(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", call("first"), task("book"), call("again"), pause("wait", "1d"), task("last")))
		e := h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		act := h.work(h.anna)
		same(t, "the step's words", fmt.Sprint(act.Name, act.Description, act.Kind, act.SequenceName, act.RecordName, act.Company), "Call firstAskphone_callTrialCara ColeAcme")

		for _, c := range []struct {
			what string
			done Done
			word string
		}{
			{"no outcome", Done{}, "how the call ended"},
			{"unknown outcome", Done{Outcome: "shouted"}, "left_voicemail"},
			{"endless call", Done{Outcome: "busy", Duration: 90_000}, "24 hours"},
			{"endless note", Done{Outcome: "busy", Note: strings.Repeat("n", 10_001)}, "10,000"},
		} {
			_, err := h.app.Complete(h.ctx, h.anna, act.ID, c.done)
			refused(t, c.what, err, fault.Invalid, c.word)
		}
		_, err := h.app.Complete(h.ctx, h.bob, act.ID, Done{Outcome: "busy"})
		refused(t, "another's work", err, fault.Forbidden)
		_, err = h.app.Complete(h.ctx, h.anna, act.ID+100, Done{Outcome: "busy"})
		refused(t, "unknown", err, fault.NotFound)

		act, err = h.app.Complete(h.ctx, h.anna, act.ID, Done{Outcome: "left_voicemail", Note: " Call back ", Duration: 65})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "completed", fmt.Sprint(act.State, act.Outcome, act.Note, act.Duration), "completedleft_voicemailCall back65")
		same(t, "the next is there", h.workNames(h.anna), "Task book")

		_, err = h.app.Complete(h.ctx, h.anna, h.work(h.anna).ID, Done{Outcome: "connected"})
		refused(t, "outcome of a task", err, fault.Invalid, "Only a phone call")
		if act, err = h.app.SkipActivity(h.ctx, h.anna, h.work(h.anna).ID, "No need"); err != nil || act.State != store.ActivitySkipped {
			t.Fatalf("skip: %v, %v", act.State, err)
		}
		if _, err := h.app.Complete(h.ctx, h.admin, h.work(h.anna).ID, Done{Outcome: "no_answer"}); err != nil {
			t.Fatalf("an admin does another's: %v", err)
		}
		same(t, "then it waits", h.workNames(h.anna), "")
		h.pass(24 * time.Hour)
		if _, err := h.app.Complete(h.ctx, h.anna, h.work(h.anna).ID, Done{Note: "Done"}); err != nil {
			t.Fatal(err)
		}
		same(t, "it ran to its end", h.enrollment(e), "finished last completed")
		_, err = h.app.Complete(h.ctx, h.bob, act.ID, Done{})
		refused(t, "of another, over", err, fault.Forbidden)
		_, err = h.app.Complete(h.ctx, h.admin, act.ID, Done{})
		refused(t, "over", err, fault.Stale, `Anna Berg skipped "Task book" on 2 March at 10:00.`)
	})
}

func TestCompleteAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", task("a"), task("b"), task("c")))
		e := h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		for range 2 {
			act := h.work(h.anna)
			var wg sync.WaitGroup
			faults := make([]error, 4)
			for i := range faults {
				actor := h.anna
				if i%2 == 1 {
					actor = h.admin
				}
				wg.Go(func() { _, faults[i] = h.app.Complete(h.ctx, actor, act.ID, Done{}) })
			}
			wg.Wait()
			done := 0
			for _, err := range faults {
				if err == nil {
					done++
					continue
				}
				refused(t, "too late", err, fault.Stale, "completed", act.Name)
			}
			same(t, "completed once", done, 1)
		}
		same(t, "two steps on", h.enrollment(e), "active c person")
	})
}

func TestSnoozeAndReassign(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", call("a")))
		h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		act := h.work(h.anna)
		now := h.db.Now()
		for _, until := range []time.Time{now, now.Add(-time.Hour), now.AddDate(2, 0, 0)} {
			_, err := h.app.Snooze(h.ctx, h.anna, act.ID, until)
			refused(t, until.String(), err, fault.Invalid, "until")
		}
		next, err := h.app.Snooze(h.ctx, h.anna, act.ID, now.Add(26*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "snoozed", fmt.Sprint(next.DueAt.Equal(now.Add(26*time.Hour)), next.ProposedAt.Equal(act.ProposedAt), next.Snoozes), "true true 1")
		today := store.WorkQuery{Until: now.Add(12 * time.Hour)}
		page, err := h.app.WorkList(h.ctx, h.anna, today)
		same(t, "off today's list", fmt.Sprint(len(page.Rows), err), "0 <nil>")
		today.Later = true
		page, err = h.app.WorkList(h.ctx, h.anna, today)
		same(t, "on the whole list", fmt.Sprint(len(page.Rows), err), "1 <nil>")

		_, err = h.app.Reassign(h.ctx, h.anna, act.ID, 0)
		refused(t, "to nobody", err, fault.Invalid, "assignee")
		_, err = h.app.Reassign(h.ctx, h.anna, act.ID, 999)
		refused(t, "to a stranger", err, fault.Invalid, "no such user")
		h.write(func(tx *store.Tx) error {
			u, err := tx.GetUser(h.manager.ID)
			if err != nil {
				return err
			}
			u.Active = false
			return tx.UpdateUser(u)
		})
		_, err = h.app.Reassign(h.ctx, h.anna, act.ID, h.manager.ID)
		refused(t, "to a deactivated user", err, fault.Invalid, "deactivated")
		if _, err := h.app.Reassign(h.ctx, h.anna, act.ID, h.bob.ID); err != nil {
			t.Fatal(err)
		}
		same(t, "Bob has it", h.work(h.bob).AssigneeName, "Bob Stone")
		_, err = h.app.Complete(h.ctx, h.anna, act.ID, Done{Outcome: "busy"})
		refused(t, "given away", err, fault.Forbidden)
		_, err = h.app.Retry(h.ctx, h.bob, act.ID)
		refused(t, "nothing failed", err, fault.Conflict, "nothing to try again")
	})
}

func TestManualActivities(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Cara", "Cole")
		_, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "wait", Name: " "})
		refused(t, "bad input", err, fault.Invalid, "kind", "name")
		_, err = h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: 999, Kind: "task", Name: "X"})
		refused(t, "unknown record", err, fault.NotFound, "record")
		act, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "phone_call", Name: "Congratulate", DueAt: h.db.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "made", fmt.Sprint(act.AssigneeName, act.State, act.SequenceName), "Anna Bergopen")
		if _, err := h.app.Snooze(h.ctx, h.anna, act.ID, h.db.Now().Add(2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		act, err = h.app.Complete(h.ctx, h.anna, act.ID, Done{Outcome: "connected"})
		same(t, "done", fmt.Sprint(act.State, err), "completed <nil>")
	})
}

func TestWorkList(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		lead := h.lead(h.anna, "Cara", "Cole")
		account := h.record(record.Account, h.anna.ID, record.Values{"name": "Birch", "status": "active"})
		start := h.db.Now()
		for i, a := range []NewActivity{
			{Record: lead, Kind: "task", Name: "One"},
			{Record: account, Kind: "phone_call", Name: "Two"},
			{Record: lead, Kind: "email", Name: "Three"},
			{Record: lead, Kind: "task", Name: "Four"},
			{Record: account, Kind: "task", Name: "Five"},
		} {
			a.DueAt = start.Add(time.Duration(i-1) * time.Hour)
			if a.Name == "Four" {
				a.DueAt = start // the same moment as Two
			}
			if _, err := h.app.CreateActivity(h.ctx, h.anna, a); err != nil {
				t.Fatal(err)
			}
		}
		list := func(q store.WorkQuery) string {
			t.Helper()
			var names []string
			for range 10 {
				page, err := h.app.WorkList(h.ctx, h.anna, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, a := range page.Rows {
					names = append(names, a.Name)
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			return strings.Join(names, " ")
		}
		for _, c := range []struct {
			q    store.WorkQuery
			want string
		}{
			{store.WorkQuery{Later: true}, "One Two Four Three Five"},
			{store.WorkQuery{Later: true, Limit: 1}, "One Two Four Three Five"},
			{store.WorkQuery{Later: true, Limit: 2}, "One Two Four Three Five"},
			{store.WorkQuery{Until: start.Add(time.Minute)}, "One Two Four"},
			{store.WorkQuery{Later: true, Kinds: []string{"task", "email"}}, "One Four Three Five"},
			{store.WorkQuery{Later: true, RecordKinds: []record.Kind{record.Account}}, "Two Five"},
			{store.WorkQuery{Later: true, Search: "CARA cole"}, "One Four Three"},
			{store.WorkQuery{Later: true, Search: "birch fi"}, "Five"},
		} {
			same(t, fmt.Sprintf("%+v", c.q), list(c.q), c.want)
		}
		overdue, today, err := h.app.WorkCounts(h.ctx, h.anna, h.anna.ID, start.Add(90*time.Minute))
		same(t, "counts", fmt.Sprint(overdue, today, err), "1 3 <nil>")
		_, err = h.app.WorkList(h.ctx, h.anna, store.WorkQuery{Cursor: "eyJzIjoiZHVlIiwidiI6IngiLCJpIjoxfQ"})
		refused(t, "a cursor without a number", err, fault.Malformed)
	})
}

func TestFailedStepBecomesWork(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", mail("m", "intro"), task("b")))
		rec := h.lead(h.anna, "Cara", "Cole")
		e := h.connect(h.anna, id, rec)
		h.deliver(store.Rejected, "No such user here.")
		act := h.work(h.anna)
		same(t, "handed over", fmt.Sprint(act.Kind, "|", act.Name, "|", act.Trouble), "automated_email|Mail m|No such user here.")
		if _, err := h.app.Retry(h.ctx, h.bob, act.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("retry of another's: %v", err)
		}
		act, err := h.app.Retry(h.ctx, h.anna, act.ID)
		same(t, "retried", fmt.Sprint(act.State, err), "cancelled <nil>")
		same(t, "mails again", h.enrollment(e), "active m mail")
		h.deliver(store.Rejected, "Still no such user.")
		same(t, "work again", h.work(h.anna).Trouble, "Still no such user.")
		if _, err := h.app.Complete(h.ctx, h.anna, h.work(h.anna).ID, Done{Note: "Sent a letter"}); err != nil {
			t.Fatal(err)
		}
		same(t, "goes on", h.enrollment(e), "active b person")
		_, err = h.app.Retry(h.ctx, h.anna, act.ID)
		refused(t, "a cancelled one", err, fault.Stale, "cancelled")

		t.Log("work of a record that is taken off is cancelled")
		open := h.work(h.anna)
		if _, _, err := h.app.Disconnect(h.ctx, h.anna, []ident.Enrollment{e}); err != nil {
			t.Fatal(err)
		}
		_, err = h.app.Complete(h.ctx, h.anna, open.ID, Done{})
		refused(t, "cancelled", err, fault.Stale, "cancelled", "its step is over")
	})
}

// TestEditManualActivities changes, deletes and brings back what was made by hand, and nothing else.
func TestEditManualActivities(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Mara", "Lead")
		made, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "task", Name: "Send the book"})
		if err != nil {
			t.Fatal(err)
		}
		name, due := "  Send the  catalogue ", h.db.Now().Add(48*time.Hour)
		edited, err := h.app.EditActivity(h.ctx, h.anna, made.ID, ActivityChange{Name: &name, DueAt: &due})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "edited", fmt.Sprint(edited.Name, " ", edited.DueAt.Equal(due), " ", edited.Snoozes, " ", edited.Rev), "Send the catalogue true 0 2")
		empty, far := " ", h.db.Now().AddDate(2, 0, 0)
		_, err = h.app.EditActivity(h.ctx, h.anna, made.ID, ActivityChange{Name: &empty})
		same(t, "an empty name", fault.ProblemsOf(err)[0].Field, "name")
		_, err = h.app.EditActivity(h.ctx, h.anna, made.ID, ActivityChange{DueAt: &far})
		same(t, "in two years", fault.ProblemsOf(err)[0].Field, "due_at")
		_, err = h.app.EditActivity(h.ctx, h.bob, made.ID, ActivityChange{})
		same(t, "by somebody else", string(fault.CodeOf(err)), "forbidden")

		if _, err := h.app.DeleteActivity(h.ctx, h.anna, made.ID); err != nil {
			t.Fatal(err)
		}
		same(t, "deleted", h.workNames(h.anna), "")
		if _, err := h.app.RestoreActivity(h.ctx, h.bob, made.ID); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("brought back by somebody else: %v", err)
		}
		for range 2 { // the second time nothing is left to do
			if _, err := h.app.RestoreActivity(h.ctx, h.anna, made.ID); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "brought back", h.workNames(h.anna), "Send the catalogue")
		if _, err := h.app.DeleteActivity(h.ctx, h.anna, made.ID); err != nil {
			t.Fatal(err)
		}
		h.later(31 * 24 * time.Hour)
		_, err = h.app.RestoreActivity(h.ctx, h.anna, made.ID)
		same(t, "after a month", fmt.Sprint(err), `"Send the catalogue" was deleted more than 30 days ago. Add it again.`)

		h.connect(h.anna, h.active(h.manager, define("Way", task("x"))), rec)
		h.pass(0)
		_, err = h.app.DeleteActivity(h.ctx, h.anna, h.work(h.anna).ID)
		same(t, "of a step", fmt.Sprint(err), `"Task x" belongs to a step of "Way". Skip it, or change the sequence.`)
		_, err = h.app.RestoreActivity(h.ctx, h.anna, ident.Activity(1<<40))
		same(t, "that is not there", string(fault.CodeOf(err)), "not_found")
	})
}
