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
			if err := h.app.NameFilters(h.ctx, h.anna, names, &q, &o); err != nil {
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
