package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
)

// overdue makes so many tasks of a user that were due so many days ago.
func (h *house) overdue(owner access.Actor, n, days int) {
	h.t.Helper()
	rec := h.lead(owner, "Cara", "Cole")
	for i := range n {
		_, err := h.app.CreateActivity(h.ctx, owner, NewActivity{Record: rec, Kind: "task", Name: fmt.Sprintf("%d days %d", days, i), DueAt: h.db.Now().AddDate(0, 0, -days).Add(time.Duration(i) * time.Second)})
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

// days writes a plan as "4 on Mon at 09:00" and so on.
func days(p Plan) string {
	var parts []string
	for _, d := range p.Days {
		parts = append(parts, fmt.Sprintf("%d+%d %s %s", d.Due, len(d.Rows), d.Day.Format("Mon"), d.Rows[0].Until.In(p.Zone).Format("15:04")))
	}
	return strings.Join(parts, ", ")
}

// TestPlanCleanUp holds that overdue work is spread over working days within what a day may hold, in the order that was asked for.
func TestPlanCleanUp(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		zone := zoneOf(h.anna.Zone)
		friday := h.db.Now().In(zone)
		for friday.Weekday() != time.Friday {
			friday = friday.AddDate(0, 0, 1)
		}
		h.later(startOfDay(friday).Add(12 * time.Hour).Sub(h.db.Now()))
		h.overdue(h.anna, 5, 1)
		h.overdue(h.anna, 2, 40)
		monday := startOfDay(friday).AddDate(0, 0, 3).Add(10 * time.Hour)
		if _, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: h.lead(h.anna, "Dan", "Dahl"), Kind: "task", Name: "On Monday", DueAt: monday}); err != nil {
			t.Fatal(err)
		}
		plan, err := h.app.PlanCleanUp(h.ctx, h.anna, CleanUp{PerDay: 3})
		same(t, "by day", fmt.Sprint(days(plan), err), "0+3 Fri 12:15, 1+2 Mon 08:00, 0+2 Tue 08:00<nil>")
		same(t, "by age", fmt.Sprint(plan.Overdue, plan.Ages, plan.More), "7 [{1 1 5} {2 7 0} {8 14 0} {15 30 0} {31 0 2}] false")
		same(t, "the oldest first", plan.Days[0].Rows[0].Name, "40 days 0")

		in := CleanUp{PerDay: 3, SkipOlder: 30}
		plan, err = h.app.PlanCleanUp(h.ctx, h.anna, in)
		same(t, "without the old", fmt.Sprint(days(plan), len(plan.Skipped), err), "0+3 Fri 12:15, 1+2 Mon 08:002 <nil>")
		b, err := h.app.StartBatch(h.ctx, h.anna, plan.Bulk(in))
		if err != nil {
			t.Fatal(err)
		}
		h.later(batchGrace)
		h.runBatches()
		same(t, "carried out", h.batch(b.ID), "done 0 7 0 0 0")
		after, err := h.app.PlanCleanUp(h.ctx, h.anna, in)
		same(t, "nothing is overdue", fmt.Sprint(after.Overdue, len(after.Days), err), "0 0 <nil>")
		if _, err := h.app.UndoBatch(h.ctx, h.anna, b.ID); err != nil {
			t.Fatal(err)
		}
		h.runBatches()
		same(t, "moves are put back", h.batch(b.ID), "undone 0 0 0 5 2")

		_, err = h.app.PlanCleanUp(h.ctx, h.bob, CleanUp{PerDay: 3, User: h.anna.ID})
		refused(t, "another's", err, fault.Forbidden)
		_, err = h.app.PlanCleanUp(h.ctx, h.anna, CleanUp{PerDay: 0, SkipOlder: -1})
		refused(t, "no budget", err, fault.Invalid, "A day holds 1 to 500", "Give 1 to")
	})
}
