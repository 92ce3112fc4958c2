package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// asks is a condition with one step in each lane.
func asks(id string, when step.When) step.Step {
	return step.Step{ID: id, Type: "condition", When: &when, Config: step.Config{}, Yes: []step.Step{task("yes")}, No: []step.Step{task("no")}}
}

func emailed(id string, results ...step.Result) step.When {
	return step.When{Email: &step.EmailTest{Step: id, Results: results, Within: "2d", AtOnce: true}}
}

// TestEmailCondition follows records through a condition on an email, by what is reported of the customer.
func TestEmailCondition(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		seq := h.active(h.manager, define("Inbound", mail("intro", "intro"), asks("opened", emailed("intro", step.Opened, step.Answered)), task("after")))
		report := func(id ident.Enrollment, in EngagementInput) error {
			in.Enrollment = id
			_, err := h.app.ReportEngagement(h.ctx, h.anna, in)
			return err
		}
		for _, c := range []struct {
			name string
			act  func(id ident.Enrollment) error
			want string
		}{
			{"an open", func(id ident.Enrollment) error {
				return report(id, EngagementInput{Step: "intro", Result: step.Opened})
			}, "active yes person"},
			{"an open of the last email", func(id ident.Enrollment) error { return report(id, EngagementInput{Result: step.Opened}) }, "active yes person"},
			{"an open of an hour ago", func(id ident.Enrollment) error {
				return report(id, EngagementInput{Result: step.Opened, At: h.db.Now().Add(-time.Hour)})
			}, "active yes person"},
			{"a reply", func(id ident.Enrollment) error {
				_, err := h.app.MarkReplied(h.ctx, h.anna, id)
				return err
			}, "active yes person"},
			{"another result", func(id ident.Enrollment) error { return report(id, EngagementInput{Result: step.LinkOpened}) }, "active opened time"},
			{"nothing in time", func(ident.Enrollment) error { h.pass(49 * time.Hour); return nil }, "active no person"},
			{"the wait is skipped", func(id ident.Enrollment) error {
				_, err := h.app.SkipWait(h.ctx, h.anna, id)
				return err
			}, "active no person"},
		} {
			id := h.connect(h.anna, seq, h.lead(h.anna, strings.ReplaceAll(c.name, " ", "."), "Lead"))
			h.pass(0)
			h.deliver(store.Delivered, "")
			h.later(2 * time.Hour)
			if err := c.act(id); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			same(t, c.name, h.enrollment(id), c.want)
		}
		// Told again it changes nothing, and what cannot be is refused.
		id := h.connect(h.anna, seq, h.lead(h.anna, "Twice", "Lead"))
		h.pass(0)
		if err := report(id, EngagementInput{Result: step.Opened}); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("before any email: got %v", err)
		}
		h.deliver(store.Delivered, "")
		for range 2 {
			if err := report(id, EngagementInput{Result: step.Opened}); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "told twice", h.enrollment(id), "active yes person")
		for name, in := range map[string]EngagementInput{
			"an unknown result": {Result: "printed"}, "a step without email": {Step: "after", Result: step.Opened},
			"the future": {Result: step.Opened, At: h.db.Now().Add(time.Hour)},
		} {
			if err := report(id, in); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%s: got %v", name, err)
			}
		}
		entries, err := h.app.Timeline(h.ctx, h.anna, h.recordOf(id), 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Kind == "condition" {
				same(t, "the timeline", e.Title+" "+e.Detail, "“Mail intro”: opened or replied? Yes The customer opened the email.")
				return
			}
		}
		t.Errorf("the timeline does not tell of the condition: %+v", entries)
	})
}

func (h *house) recordOf(id ident.Enrollment) (rec ident.Record) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		e, err := tx.GetEnrollment(id)
		rec = e.Record
		return err
	})
	return rec
}

// TestUpdateField sets fields of records by a step; a condition behind it sees the new value at once.
func TestUpdateField(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		update := func(id, field, value string) step.Step {
			return step.Step{ID: id, Type: "update_field", Config: step.Config{"field": field, "value": value}}
		}
		stage := step.When{Field: &record.Condition{Field: "stage", Op: record.Equals, Values: []string{"qualify"}}}
		seq := h.active(h.manager, define("Inbound", task("first"), update("stage", "stage", "qualify"), update("city", "city", ""), update("silent", "do_not_phone", "yes"),
			asks("qualified", stage), task("after")))
		rec := h.lead(h.anna, "Lena", "Roth", "city", "Bonn", "stage", "new")
		id := h.connect(h.anna, seq, rec)
		h.pass(0)
		before, err := h.app.GetRecord(h.ctx, h.anna, rec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.Complete(h.ctx, h.anna, h.work(h.anna).ID, Done{}); err != nil {
			t.Fatal(err)
		}
		same(t, "where it stands", h.enrollment(id), "active yes person")
		after, err := h.app.GetRecord(h.ctx, h.anna, rec)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the record", fmt.Sprint(after.Get("stage"), "|", after.Get("city"), "|", after.Get("do_not_phone"), "|", after.Get("company")),
			"qualify||true|"+before.Get("company"))
		if after.Rev == before.Rev {
			t.Error("somebody who has the record open would write over the update")
		}
		next, err := h.app.UpNext(h.ctx, h.anna, rec)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "step 6 of 7", fmt.Sprint(next.Tracks[0].Position, " of ", next.Tracks[0].Total), "6 of 7")
	})
}
