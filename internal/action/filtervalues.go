package action

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// valuePrefix begins the names under which an address carries the values that are chosen for rows of filters.
const valuePrefix = "value."

// The limits of what is chosen for one row.
const (
	maxFilterValues = 100
	maxFilterValue  = 300
)

// ValueName is the name under which an address carries what is chosen for a row: value.ffi_….0.
func ValueName(p store.FilterPlace) string {
	return valuePrefix + p.Filter.String() + "." + strconv.Itoa(p.Row)
}

// readFilterValues reads from an address what is chosen for rows of these filters. What is there and empty is no value, and not the row's own.
func readFilterValues(q url.Values, filters []ident.FieldFilter) store.FilterValues {
	values := store.FilterValues{}
	for name, texts := range q {
		rest, ok := strings.CutPrefix(name, valuePrefix)
		if !ok {
			continue
		}
		id, row, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(row)
		at := slices.IndexFunc(filters, func(f ident.FieldFilter) bool { return f.String() == id })
		if err != nil || n < 0 || n >= maxFilterRows || at < 0 {
			continue
		}
		given := slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return strings.TrimSpace(s) == "" })
		if len(given) == 0 {
			given = []string{""}
		}
		values[store.FilterPlace{Filter: filters[at], Row: n}] = given
	}
	return values
}

// FilterTexts reads what is typed for the value of a comparison: several have commas between them, where it takes several.
func FilterTexts(op record.Op, texts ...string) (values []string) {
	if !op.TakesValue() {
		return nil
	}
	for _, text := range texts {
		if !op.TakesList() {
			if text = strings.TrimSpace(text); text != "" {
				values = append(values, text)
			}
			continue
		}
		for one := range strings.SplitSeq(text, ",") {
			if one = strings.TrimSpace(one); one != "" {
				values = append(values, one)
			}
		}
	}
	return values
}

// rowProblems lists what is wrong with a row of a filter; fields are pointers within the row. A value that is chosen when the filter is used may
// still be missing.
func rowProblems(row store.FilterRow, kind record.Kind) (problems []fault.Problem) {
	for _, p := range row.Check(kind) {
		if p.Code != "required" || p.Field != "/value" || !row.WhenUsed {
			problems = append(problems, p)
		}
	}
	if row.WhenUsed && !row.Op.TakesValue() {
		problems = append(problems, fault.Problem{
			Field: "/chosen_when_used", Code: "invalid", Message: fmt.Sprintf("%q takes no value, so there is none to choose.", row.Op.Label()), Hint: "Choose another comparison.",
		})
	}
	return problems
}

// chooseValues gives a filter with what is chosen for its rows, and what is wrong with that.
func chooseValues(f store.FieldFilter, values store.FilterValues) (store.FieldFilter, []fault.Problem) {
	var problems []fault.Problem
	f.Rows = slices.Clone(f.Rows)
	for place, texts := range values {
		if place.Filter != f.ID {
			continue
		}
		add := func(code, message string) {
			problems = append(problems, fault.Problem{Field: ValueName(place), Code: code, Message: message})
		}
		if place.Row >= len(f.Rows) || !f.Rows[place.Row].WhenUsed {
			add("fixed", fmt.Sprintf("The value of row %d of the filter %q is not chosen when it is used. Change the filter instead.", place.Row, f.Name))
			continue
		}
		row := f.Rows[place.Row]
		row.Values = FilterTexts(row.Op, texts...)
		if f.Rows[place.Row] = row; len(row.Values) == 0 {
			continue
		}
		if len(row.Values) > maxFilterValues || slices.ContainsFunc(row.Values, func(s string) bool { return len(s) > maxFilterValue }) {
			add("too_long", fmt.Sprintf("At most %d values of %d characters can be chosen.", maxFilterValues, maxFilterValue))
			continue
		}
		for _, p := range row.Check(f.Kind) {
			add(p.Code, strings.TrimSpace(p.Message+" "+p.Hint))
		}
	}
	slices.SortFunc(problems, func(a, b fault.Problem) int { return cmp.Compare(a.Field, b.Field) })
	return f, problems
}

// Chosen gives a filter by fields as it is used: with what is chosen for its rows.
func (f WorkFilter) Chosen(one store.FieldFilter) store.FieldFilter {
	one, _ = chooseValues(one, f.FieldValues)
	return one
}

// Wrong lists what is wrong with the values that are chosen for a filter by fields, if it is used.
func (f WorkFilter) Wrong(one store.FieldFilter) []fault.Problem {
	if !slices.Contains(f.Fields, one.ID) {
		return nil
	}
	_, problems := chooseValues(one, f.FieldValues)
	return problems
}

// Known leaves out of a filter what its address says about filters by fields that are not there any more, or of values that are not chosen
// any more: an old address, or an old saved filter, narrows by what is left.
func (f WorkFilter) Known(filters []store.FieldFilter) WorkFilter {
	at := func(id ident.FieldFilter) int {
		return slices.IndexFunc(filters, func(one store.FieldFilter) bool { return one.ID == id })
	}
	f.Fields = slices.DeleteFunc(slices.Clone(f.Fields), func(id ident.FieldFilter) bool { return at(id) < 0 })
	values := store.FilterValues{}
	for place, texts := range f.FieldValues {
		i := at(place.Filter)
		if i < 0 || place.Row >= len(filters[i].Rows) {
			continue
		}
		row := filters[i].Rows[place.Row]
		if empty := len(FilterTexts(row.Op, texts...)) == 0; !row.WhenUsed || empty && len(row.Values) == 0 {
			continue // nothing is chosen, and nothing would count instead
		}
		values[place] = texts
	}
	f.FieldValues = values
	return f
}

// DescribeFilter says a filter by fields as people read it, with which values are chosen when it is used.
func DescribeFilter(f store.FieldFilter) string {
	said := make([]string, len(f.Rows))
	for i, r := range f.Rows {
		if said[i] = describeRow(f.Kind, r); r.WhenUsed {
			said[i] += " (chosen when used)"
		}
	}
	return strings.Join(said, " and ")
}

func describeRow(kind record.Kind, r store.FilterRow) string {
	if r.Asked() {
		return r.Describe(kind)
	}
	return RowLabel(kind, r) + " …"
}

// RowLabel gives the field and the comparison of a row, before its value: "Value is at least".
func RowLabel(kind record.Kind, r store.FilterRow) string {
	label := r.Field
	if f, ok := record.FieldAt(kind, r.Field); ok {
		label = f.Label
	}
	return label + " " + r.Op.Label()
}

// choose reads values as the API and the command line give them: FILTER.ROW=VALUE, where the filter is one that the query asks for, by id or name,
// and rows count from 0.
func (n namedFilters) choose(texts []string, q *store.WorkQuery) error {
	values := store.FilterValues{}
	for _, text := range texts {
		place, value, ok := n.place(text, q.FieldFilters)
		if !ok {
			return fault.Field("value", "invalid", fmt.Sprintf("%q: give a value as FILTER.ROW=VALUE, for a filter that is used. %s", text, n.toChoose(q.FieldFilters)))
		}
		values[place] = append(values[place], value)
	}
	chosen := store.FilterValues{}
	for _, from := range []store.FilterValues{q.FieldValues, values} {
		for place, texts := range from {
			chosen[place] = texts
		}
	}
	q.FieldValues = chosen
	var problems []fault.Problem
	for _, f := range n.used(q.FieldFilters) {
		_, wrong := chooseValues(f, chosen)
		for _, p := range wrong {
			problems = append(problems, fault.Problem{Field: "value", Code: p.Code, Message: fmt.Sprintf("Filter %q, row %s: %s", f.Name, p.Field[strings.LastIndex(p.Field, ".")+1:], p.Message)})
		}
	}
	return fault.Of(problems...)
}

func (n namedFilters) used(ids []ident.FieldFilter) (list []store.FieldFilter) {
	for _, f := range n.fields {
		if slices.Contains(ids, f.ID) {
			list = append(list, f)
		}
	}
	return list
}

// place reads the place before "=".
func (n namedFilters) place(text string, ids []ident.FieldFilter) (place store.FilterPlace, value string, ok bool) {
	for _, f := range n.used(ids) {
		for _, name := range []string{f.ID.String(), f.Name} {
			if len(text) <= len(name) || !strings.EqualFold(text[:len(name)], name) || text[len(name)] != '.' {
				continue
			}
			row, value, found := strings.Cut(text[len(name)+1:], "=")
			if i, err := strconv.Atoi(row); found && err == nil && i >= 0 {
				return store.FilterPlace{Filter: f.ID, Row: i}, value, true
			}
		}
	}
	return place, "", false
}

// toChoose says which values can be chosen.
func (n namedFilters) toChoose(ids []ident.FieldFilter) string {
	var list []string
	for _, f := range n.used(ids) {
		for i, r := range f.Rows {
			if r.WhenUsed {
				list = append(list, fmt.Sprintf("%s.%d= (%s)", f.Name, i, RowLabel(f.Kind, r)))
			}
		}
	}
	if len(list) == 0 {
		return "The filters that are used have no value to choose."
	}
	return "These can be chosen: " + strings.Join(list, ", ") + "."
}
