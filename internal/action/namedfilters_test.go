package action

import (
	"fmt"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

func (h *house) savedFilter(actor access.Actor, shared bool, name, query string) store.WorkView {
	h.t.Helper()
	v, err := h.app.SaveWorkView(h.ctx, actor, name, query, shared)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

func TestNameFilters(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		orderedWork(t, h)
		scored := h.filter(h.admin, true, "Scored", record.Lead, fieldIs("score", record.AtLeast, "80"))
		h.filter(h.admin, true, "Hot", record.Lead, fieldIs("score", record.Below, "0"))
		h.filter(h.anna, false, "hot", record.Lead, fieldIs("value", record.Filled))
		h.filter(h.bob, false, "Bob's", record.Lead, fieldIs("value", record.Filled))
		h.savedFilter(h.admin, true, "By name", "sort=-name&due=all&filter="+ident.FieldFilter(999).String())
		tasks := h.savedFilter(h.anna, false, "Tasks", "kind=task&due=today")
		h.savedFilter(h.anna, false, "Twice", "due=all")
		h.filter(h.anna, false, "Twice", record.Lead, fieldIs("value", record.Filled))
		named := func(q store.WorkQuery, names ...string) (string, error) {
			var o WorkOrder
			if err := h.app.NameFilters(h.ctx, h.anna, names, nil, &q, &o); err != nil {
				return "", err
			}
			return grouped(h.ordered(h.anna, q, o.Sort)), nil
		}
		all := store.WorkQuery{Later: true}
		for _, c := range []struct {
			q     store.WorkQuery
			names []string
			want  string
		}{
			{all, nil, "[Overdue 1] One [Today 3] Two five Three [Tomorrow 1] Four"},
			{all, []string{" scored "}, "[Overdue 1] One"},
			{all, []string{scored.ID.String()}, "[Overdue 1] One"},
			{all, []string{"HOT"}, "[Tomorrow 1] Four"}, // one's own before everybody's
			{store.WorkQuery{}, []string{"Tasks"}, "[Today 2] five Three"},
			{store.WorkQuery{}, []string{tasks.ID.String()}, "[Today 2] five Three"},
			{all, []string{"Tasks"}, "[Overdue 1] One [Today 2] five Three"}, // the query says itself until when
			{store.WorkQuery{Kinds: []string{"phone_call"}}, []string{"Tasks"}, "[Today 1] Two"},
			{store.WorkQuery{}, []string{"By name"}, "[Z 1] Four [T 1] Three [L 1] five [C 1] One [B 1] Two"},
			{store.WorkQuery{}, []string{"By name", "scored"}, "[C 1] One"},
		} {
			got, err := named(c.q, c.names...)
			same(t, fmt.Sprint(c.names), fmt.Sprint(got, err), fmt.Sprint(c.want, error(nil)))
		}
		_, err := named(all, "Bob's")
		refused(t, "another's", err, fault.Invalid, "filter", `There is no filter "Bob's"`, `"Scored"`, `saved filters: "By name", "Tasks", "Twice"`)
		_, err = named(all, "twice")
		refused(t, "two of a name", err, fault.Invalid, "filter", "a filter by fields (ffi_", "a saved filter (vie_", "Give the id")
		_, err = named(all, "Tasks", "By name")
		refused(t, "two saved ones", err, fault.Invalid, "filter", `"Tasks" and "By name" are both saved filters`)
	})
}

// A value that is chosen when a filter is used comes with the query, or is the row's own; a row without any is not asked.
func TestFilterValues(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		orderedWork(t, h)
		rows := fixed(fieldIs("score", record.AtLeast), fieldIs("first_name", record.In, "Cara"))
		rows[0].WhenUsed, rows[1].WhenUsed = true, true
		f, err := h.app.SaveFieldFilter(h.ctx, h.admin, store.FieldFilter{Name: "Asked", Kind: record.Lead, Rows: rows}, true)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "in words", DescribeFilter(f), "Score is at least … (chosen when used) and First name is one of Cara (chosen when used)")
		h.savedFilter(h.anna, false, "Zoes", "due=all&"+WorkFilter{Fields: []ident.FieldFilter{f.ID}, FieldValues: store.FilterValues{{Filter: f.ID, Row: 1}: {"Zoe"}}}.Values().Encode())
		named := func(names []string, values ...string) (string, error) {
			q, o := store.WorkQuery{Later: true}, WorkOrder{}
			if err := h.app.NameFilters(h.ctx, h.anna, names, values, &q, &o); err != nil {
				return "", err
			}
			return grouped(h.ordered(h.anna, q, o.Sort)), nil
		}
		for _, c := range []struct {
			name   string
			values []string
			want   string
		}{
			{"Asked", nil, "[Overdue 1] One"},
			{"Asked", []string{"asked.1="}, "[Overdue 1] One [Today 1] five [Tomorrow 1] Four"},
			{"Asked", []string{"Asked.1=zoe", f.ID.String() + ".1=cara, lee"}, "[Overdue 1] One [Today 1] five [Tomorrow 1] Four"},
			{"Asked", []string{"Asked.1=zoe, lee", "Asked.0=80"}, ""},
			{"Zoes", nil, "[Tomorrow 1] Four"},
			{"Zoes", []string{"Asked.1=Cara"}, "[Overdue 1] One"},
		} {
			got, err := named([]string{c.name}, c.values...)
			same(t, fmt.Sprint(c.name, c.values), fmt.Sprint(got, err), fmt.Sprint(c.want, error(nil)))
		}
		_, err = named([]string{"Asked"}, "Asked.0=lots")
		refused(t, "no number", err, fault.Invalid, "value", `"Asked", row 0`, "not a number")
		_, err = named(nil, "Asked.0=80")
		refused(t, "a filter that is not used", err, fault.Invalid, "value", "have no value to choose")
		q := store.WorkQuery{FieldFilters: []ident.FieldFilter{f.ID}, FieldValues: store.FilterValues{{Filter: f.ID, Row: 0}: {"lots"}, {Filter: f.ID, Row: 7}: {"1"}}}
		_, err = h.app.Work(h.ctx, h.anna, q, WorkOrder{})
		refused(t, "in an address", err, fault.Invalid, "value."+f.ID.String()+".0", "value."+f.ID.String()+".7", "not chosen")
	})
}
