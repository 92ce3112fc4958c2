package api

import "testing"

// TestWorkFilters makes a filter by fields, narrows a list by it and hides it.
func TestWorkFilters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	h.ask(anna, "POST", "/activities", obj{"record": lead, "kind": "task", "name": "Ring", "assignee": h.ids[anna]}).want(201)
	rows := func(field, op string, values ...string) []obj {
		return []obj{{"field": field, "op": op, "values": values}}
	}

	h.ask(anna, "POST", "/work-filters", obj{"kind": "lead", "rows": rows("company", "begins_with", "roth"), "shared": true}).want(403)
	h.ask(anna, "POST", "/work-filters", obj{"kind": "lead", "rows": rows("value", ">", "lots")}).want(422).wantAt("errors.0.pointer", "/rows.0.value")
	made := h.ask(anna, "POST", "/work-filters", obj{"kind": "lead", "group": "Mine", "rows": rows("company", "begins_with", "roth")}).want(201).
		wantAt("name", "Lead: Company", "shared", "false", "shown", "true")
	id := made.at("id")
	h.ask(anna, "GET", "/activities/ordered?filter="+id, nil).want(200).wantAt("data.0.name", "Ring")
	h.ask(anna, "PATCH", "/work-filters/"+id, obj{"rows": rows("company", "=", "Other")}).want(200).wantAt("rows.0.op", "=", "name", "Lead: Company")
	if n := h.ask(anna, "GET", "/activities?filter="+id, nil).want(200).count("data"); n != 0 {
		t.Errorf("%d activities fulfil what none does", n)
	}
	h.ask(anna, "GET", "/activities?filter=nonsense", nil).want(422).wantAt("errors.0.parameter", "filter")
	h.ask(anna, "POST", "/work-views", obj{"name": "Tasks", "query": "kind=task&due=all&sort=-name"}).want(201)
	h.ask(anna, "GET", "/activities/ordered?filter=tasks,"+id, nil).want(200).wantAt("data", "[]")
	h.ask(anna, "GET", "/activities?filter=Tasks", nil).want(200).wantAt("data.0.name", "Ring")
	h.ask(anna, "GET", "/activities?filter=Tasks&kind=email", nil).want(200).wantAt("data", "[]")
	open := h.ask(anna, "POST", "/work-filters", obj{"name": "Of a company", "kind": "lead", "rows": []obj{{"field": "company", "op": "=", "chosen_when_used": true}}}).want(201).
		wantAt("rows.0.chosen_when_used", "true").at("id")
	h.ask(anna, "POST", "/work-filters", obj{"kind": "lead", "rows": []obj{{"field": "company", "op": "filled", "chosen_when_used": true}}}).want(422).
		wantAt("errors.0.pointer", "/rows.0.chosen_when_used")
	for value, want := range map[string]int{"": 1, "&value=" + open + ".0=Roth%26Co": 0, "&value=of%20a%20company.0=nobody": 0, "&value=" + open + ".0=": 1} {
		if n := h.ask(anna, "GET", "/activities/ordered?filter="+open+value, nil).want(200).count("data"); n != want {
			t.Errorf("%q shows %d, want %d", value, n, want)
		}
	}
	h.ask(anna, "GET", "/activities?filter="+open+"&value=other.0=x", nil).want(422).wantAt("errors.0.parameter", "value")
	h.ask(anna, "PUT", "/work-filters/hidden", obj{"name": id, "hidden": true}).want(200).wantAt("own.0", id)
	h.ask(anna, "GET", "/work-filters", nil).want(200).wantAt("data.0.shown", "false")
	h.ask(anna, "GET", "/work-filters/hidden", nil).want(200).wantAt("own.0", id)
	h.ask(anna, "DELETE", "/work-filters/"+id, nil).want(204)

	// Lists of others are for those who lead them.
	h.ask(ada, "GET", "/activities/ordered?everybody=true&sort=assignee", nil).want(200).wantAt("data.0.name", "Ring")
	h.ask(ada, "GET", "/activities/ordered?everybody=true&sort=-field:value", nil).want(200).wantAt("data.0.name", "Ring")
	h.ask(ada, "GET", "/activities/ordered?everybody=true&sort=field:colour", nil).want(422).wantAt("errors.0.parameter", "sort")
	h.ask(anna, "GET", "/activities/ordered?everybody=true", nil).want(403)
	h.ask(anna, "GET", "/activities?assignee="+h.ids[ada], nil).want(403)
}
