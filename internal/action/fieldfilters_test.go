package action

import (
	"fmt"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// filter makes a filter of leads, or of another kind.
func (h *house) filter(actor access.Actor, shared bool, name string, kind record.Kind, rows ...record.Condition) store.FieldFilter {
	h.t.Helper()
	f, err := h.app.SaveFieldFilter(h.ctx, actor, store.FieldFilter{Name: name, Group: "Mine", Kind: kind, Rows: fixed(rows...)}, shared)
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

// fixed are rows whose values are not chosen.
func fixed(list ...record.Condition) (rows []store.FilterRow) {
	for _, c := range list {
		rows = append(rows, store.FilterRow{Condition: c})
	}
	return rows
}

func fieldIs(field string, op record.Op, values ...string) record.Condition {
	return record.Condition{Field: field, Op: op, Values: values}
}

func TestFilterWorkByFields(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		orderedWork(t, h)
		scored := h.filter(h.admin, true, "Scored", record.Lead, fieldIs("score", record.AtLeast, "80"))
		named := h.filter(h.anna, false, "Zoes", record.Lead, fieldIs("first_name", record.In, "ZOE", "Cara"), fieldIs("value", record.Filled))
		deals := h.filter(h.anna, false, "Deals", record.Opportunity, fieldIs("score", record.Below, "50"))
		for _, c := range []struct {
			filters []ident.FieldFilter
			want    string
		}{
			{nil, "[Overdue 1] One [Today 3] Two five Three [Tomorrow 1] Four"},
			{[]ident.FieldFilter{scored.ID}, "[Overdue 1] One"},
			{[]ident.FieldFilter{named.ID}, "[Tomorrow 1] Four"},
			{[]ident.FieldFilter{scored.ID, named.ID}, ""}, // of one kind all must hold
			{[]ident.FieldFilter{scored.ID, deals.ID}, "[Overdue 1] One [Today 1] Three"},
		} {
			q := store.WorkQuery{Later: true, FieldFilters: c.filters}
			same(t, fmt.Sprint(c.filters), grouped(h.ordered(h.anna, q, ByDue)), c.want)
			q.Limit = 1
			var names []string
			for {
				page, err := h.app.WorkList(h.ctx, h.anna, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, a := range page.Rows {
					names = append(names, strings.TrimPrefix(a.Name, "Task "))
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			ids, _, err := h.app.WorkIDs(h.ctx, h.anna, store.WorkQuery{Later: true, FieldFilters: c.filters})
			same(t, "ids and pages", fmt.Sprint(len(ids), err), fmt.Sprint(len(names), error(nil)))
		}
		_, err := h.app.Work(h.ctx, h.bob, store.WorkQuery{FieldFilters: []ident.FieldFilter{deals.ID}}, WorkOrder{})
		refused(t, "Anna's filter for Bob", err, fault.Invalid, "filter", "may have been deleted")
	})
}

// A comparison with a field of a related record asks that record.
func TestFilterWorkByRelatedFields(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		oslo := h.record(record.Account, h.anna.ID, record.Values{"name": "Birch", "city": "Oslo"})
		for name, account := range map[string]string{"Cole": oslo.String(), "Ames": ""} {
			lead := h.record(record.Lead, h.anna.ID, record.Values{"last_name": name, "account": account})
			if _, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: lead, Kind: "task", Name: "Ring " + name}); err != nil {
				t.Fatal(err)
			}
		}
		f := h.filter(h.anna, false, "", record.Lead, fieldIs("account.city", record.Equals, "oslo"))
		same(t, "a name of its own", f.Name, "Lead: Account: City")
		got := h.ordered(h.anna, store.WorkQuery{Later: true, FieldFilters: []ident.FieldFilter{f.ID}}, ByDue)
		same(t, "of accounts in Oslo", grouped(got), "[Today 1] Ring Cole")
	})
}

func TestFieldFiltersAreRefused(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		row := fieldIs("score", record.AtLeast, "80")
		h.filter(h.anna, false, "Scored", record.Lead, row)
		for _, c := range []struct {
			what   string
			actor  access.Actor
			filter store.FieldFilter
			shared bool
			code   fault.Code
			words  []string
		}{
			{"for everybody by a seller", h.anna, store.FieldFilter{Kind: record.Lead, Rows: fixed(row)}, true, fault.Forbidden, []string{"may not do this"}},
			{"of no kind", h.anna, store.FieldFilter{Rows: fixed(row)}, false, fault.Invalid, []string{"kind"}},
			{"without rows", h.anna, store.FieldFilter{Kind: record.Lead}, false, fault.Invalid, []string{"rows", "at least one"}},
			{"with a wrong value", h.anna, store.FieldFilter{Kind: record.Lead, Rows: fixed(row, fieldIs("value", record.Above, "lots"))}, false, fault.Invalid, []string{"rows.1.value", "lots"}},
			{"with an unknown field", h.anna, store.FieldFilter{Kind: record.Lead, Rows: fixed(fieldIs("colour", record.Equals, "red"))}, false, fault.Invalid, []string{"rows.0.field", "colour"}},
			{"of a taken name", h.anna, store.FieldFilter{Name: "scored", Kind: record.Lead, Rows: fixed(row)}, false, fault.Invalid, []string{"name", "another name"}},
			{"of nobody", access.System(), store.FieldFilter{Kind: record.Lead, Rows: fixed(row)}, false, fault.Invalid, []string{"shared", "for everybody"}},
		} {
			_, err := h.app.SaveFieldFilter(h.ctx, c.actor, c.filter, c.shared)
			refused(t, c.what, err, c.code, c.words...)
		}
	})
}

// An admin hides filters and groups from everybody; a seller hides more, but shows nothing that is hidden so.
func TestHideFilters(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		row := fieldIs("score", record.AtLeast, "80")
		shared := h.filter(h.admin, true, "Shared", record.Lead, row)
		own := h.filter(h.anna, false, "Own", record.Lead, row)
		shown := func(actor access.Actor) string {
			f, err := h.app.WorkFilters(h.ctx, actor)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, one := range f.Shown() {
				names = append(names, one.Name)
			}
			return fmt.Sprint(names, f.Hidden("due"))
		}
		hide := func(actor access.Actor, name string, on, all bool) {
			t.Helper()
			if err := h.app.HideFilter(h.ctx, actor, name, on, all); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "at first", shown(h.anna), "[Shared Own] false")
		same(t, "for Bob", shown(h.bob), "[Shared] false")
		hide(h.anna, own.ID.String(), true, false)
		hide(h.admin, "due", true, true)
		same(t, "one hidden by each", shown(h.anna), "[Shared] true")
		hide(h.admin, shared.ID.String(), true, true)
		same(t, "all hidden", shown(h.anna)+shown(h.bob), "[] true[] true")
		refused(t, "shown by a seller", h.app.HideFilter(h.ctx, h.anna, "due", false, false), fault.Conflict, "An admin hides it")
		refused(t, "hidden from all by a seller", h.app.HideFilter(h.ctx, h.anna, "due", true, true), fault.Forbidden)
		refused(t, "unknown", h.app.HideFilter(h.ctx, h.anna, "colour", true, false), fault.Invalid, "name")
		hide(h.admin, "due", false, true)
		hide(h.admin, shared.ID.String(), false, true)
		hide(h.anna, own.ID.String(), false, false)
		hide(h.anna, GroupName("Mine"), true, false)
		same(t, "a group hidden", shown(h.anna)+shown(h.bob), "[] false[Shared] false")
		hide(h.anna, GroupName("Mine"), false, false)

		refused(t, "everybody's deleted by a seller", h.app.DeleteFieldFilter(h.ctx, h.anna, shared.ID), fault.Forbidden)
		refused(t, "Anna's deleted by Bob", h.app.DeleteFieldFilter(h.ctx, h.bob, own.ID), fault.NotFound)
		if err := h.app.DeleteFilterGroup(h.ctx, h.anna, "Mine", false); err != nil {
			t.Fatal(err)
		}
		same(t, "her group deleted", shown(h.anna), "[Shared] false")
		refused(t, "everybody's group by a seller", h.app.DeleteFilterGroup(h.ctx, h.anna, "Mine", true), fault.Forbidden)
	})
}
