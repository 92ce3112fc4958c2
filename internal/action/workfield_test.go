package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// fieldWork gives Anna an activity for each of some records, due one after the other and named by their numbers.
func fieldWork(t *testing.T, h *house, kinds []record.Kind, values ...record.Values) {
	t.Helper()
	for i, v := range values {
		v["status"] = record.OpenStatus(kinds[i%len(kinds)])
		rec := h.record(kinds[i%len(kinds)], h.anna.ID, v)
		a := NewActivity{Record: rec, Kind: "task", Name: fmt.Sprint(i + 1), DueAt: h.db.Now().Add(time.Duration(i) * time.Minute)}
		if _, err := h.app.CreateActivity(h.ctx, h.anna, a); err != nil {
			t.Fatal(err)
		}
	}
}

// Each type of field has its own order and its own groups, and what has no value stands below, whichever way the list goes.
func TestWorkByField(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		fieldWork(t, h, []record.Kind{record.Opportunity, record.Lead, record.Account},
			record.Values{"name": "Turbines", "value": "120000", "close_date": "2026-07-15", "stage": "propose", "city": "Oslo"},
			record.Values{"last_name": "Ames", "value": "9000.5", "stage": "new", "city": "bergen"},
			record.Values{"name": "Birch", "city": "oslo"},
			record.Values{"name": "Rotors", "value": "-5", "close_date": "2026-07-01"},
			record.Values{"last_name": "Cole", "value": "0", "stage": "develop"},
			record.Values{"name": "Maple"},
			record.Values{"name": "Masts", "close_date": "2025-12-31", "value": "99000"})
		all := store.WorkQuery{Later: true}
		for _, c := range []struct {
			sort WorkSort
			want string
		}{
			{"field:value", "[Value below 0 1] 4 [Value below 10 1] 5 [Value 1,000 to 9,999 1] 2 [Value 10,000 to 99,999 1] 7 [Value 100,000 to 999,999 1] 1 [No value 2] 3 6"},
			{"-field:value", "[Value 100,000 to 999,999 1] 1 [Value 10,000 to 99,999 1] 7 [Value 1,000 to 9,999 1] 2 [Value below 10 1] 5 [Value below 0 1] 4 [No value 2] 3 6"},
			{"field:close_date", "[Expected close in December 2025 1] 7 [Expected close in July 2026 2] 4 1 [No expected close 4] 2 3 5 6"},
			{"-field:close_date", "[Expected close in July 2026 2] 1 4 [Expected close in December 2025 1] 7 [No expected close 4] 2 3 5 6"},
			{"field:stage", "[Stage: new 1] 2 [Stage: develop 1] 5 [Stage: propose 1] 1 [No stage 4] 3 4 6 7"},
			{"field:city", "[bergen 1] 2 [Oslo 2] 1 3 [No city 4] 4 5 6 7"},
			{"field:status", "[Status: active 2] 3 6 [Status: open 5] 1 2 4 5 7"},
		} {
			same(t, "by "+string(c.sort), grouped(h.ordered(h.anna, all, c.sort)), c.want)
		}
		narrow := all
		narrow.FieldFilters = append(narrow.FieldFilters, h.filter(h.anna, false, "", record.Lead, fieldIs("value", record.Filled)).ID)
		same(t, "beside a filter by fields", grouped(h.ordered(h.anna, narrow, "field:value")), "[Value below 10 1] 5 [Value 1,000 to 9,999 1] 2")
		for _, sort := range []WorkSort{"field:colour", "field:", "field:description", "field:account", "-field:account.city"} {
			_, err := h.app.Work(h.ctx, h.anna, all, WorkOrder{Sort: sort})
			refused(t, string(sort), err, fault.Invalid, "sort", "(first_name, last_name, company, ")
		}
	})
}

// A text with many values is grouped by first letters.
func TestWorkByManyTexts(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		var values []record.Values
		for i := range 2*maxTextGroups - 2 {
			values = append(values, record.Values{"last_name": "Ames", "company": strings.Repeat("xy", i/10) + fmt.Sprintf("Sons %02d", i)})
		}
		fieldWork(t, h, []record.Kind{record.Lead}, append(values, record.Values{"last_name": "Ames"})...)
		page := h.ordered(h.anna, store.WorkQuery{Later: true, Limit: 1}, ByField("company"))
		same(t, "groups", fmt.Sprint(page.Groups), "[{S 10} {X 28} {No company 1}]")
	})
}

// A page begins where the one before ended, also when the row there is done, moved or has got another value by now.
func TestPagesOfWorkByField(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		fieldWork(t, h, []record.Kind{record.Lead},
			record.Values{"last_name": "A", "value": "5"}, record.Values{"last_name": "B", "value": "5"}, record.Values{"last_name": "C"},
			record.Values{"last_name": "D", "value": "30"}, record.Values{"last_name": "E", "value": "5"}, record.Values{"last_name": "F"})
		names := func(sort WorkSort, cursor string, limit int) (string, WorkPage) {
			p := h.ordered(h.anna, store.WorkQuery{Later: true, Limit: limit, Cursor: cursor}, sort)
			return strings.Join(strings.Fields(grouped(p)), " "), p
		}
		_, first := names("-field:value", "", 2)
		same(t, "first page", grouped(first), "[Value 10 to 99 1] 4 [Value below 10 3] 1")
		second, _ := names("-field:value", first.Next, 2)
		same(t, "second page", second, "[Value below 10 3] 2 5")
		if _, err := h.app.SkipActivity(h.ctx, h.anna, first.Rows[1].ID, ""); err != nil {
			t.Fatal(err)
		}
		second, page := names("-field:value", first.Next, 2)
		same(t, "after its last row was done", second, "[Value below 10 2] 2 5")
		third, _ := names("-field:value", page.Next, 2)
		same(t, "third page", third, "[No value 2] 3 6")

		_, first = names(ByDue, "", 2)
		same(t, "by due time", grouped(first), "[Today 5] 2 3")
		if _, err := h.app.Snooze(h.ctx, h.anna, first.Rows[1].ID, h.db.Now().Add(100*time.Hour)); err != nil {
			t.Fatal(err)
		}
		second, _ = names(ByDue, first.Next, 2)
		same(t, "after its last row was moved", second, "[Today 4] 4 5")
	})
}
