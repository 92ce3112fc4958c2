package web

import (
	"maps"
	"strings"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// waits tells whether the value of a row is chosen when its filter is used.
func waits(r store.FilterRow) bool { return r.WhenUsed }

// valueProps gives the control of a value that is chosen when a filter is used: of the type of the field, with what is chosen now.
func valueProps(l workList, f store.FieldFilter, row int) ui.FieldProps {
	place := store.FilterPlace{Filter: f.ID, Row: row}
	r := f.Rows[row]
	name := action.ValueName(place)
	p := ui.FieldProps{Name: name, ID: "wf-" + name, Label: action.RowLabel(f.Kind, r), Error: l.Problems.of(name), Autocomplete: "off"}
	values := r.Values
	if texts, chosen := l.Asked.FieldValues[place]; chosen {
		values = action.FilterTexts(r.Op, texts...)
	}
	p.Value = strings.Join(values, ", ")
	field, _ := record.FieldAt(f.Kind, r.Field)
	switch {
	case len(field.Options) > 0 && r.Op.TakesList():
		p.Kind = ui.ChecksField
		for _, o := range field.Options {
			p.Options = append(p.Options, ui.Option{Value: o, Label: sentenceCase(o)})
		}
		p.Options = chosenOptions(p.Options, values)
	case r.Op.TakesList():
		p.Hint = "Several with commas between them."
	case len(field.Options) > 0:
		p.Kind, p.Options = ui.SelectField, []ui.Option{{Value: "", Label: "Any"}}
		for _, o := range field.Options {
			p.Options = append(p.Options, ui.Option{Value: o, Label: sentenceCase(o)})
		}
	case field.Type == record.Bool:
		p.Kind, p.Options = ui.SelectField, []ui.Option{{Value: "", Label: "Either"}, {Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
	case field.Type == record.Date && p.Error == "": // a control for dates cannot show what is none
		p.Kind = ui.DateField
	case field.Type == record.Number:
		p.InputMode = "decimal"
	case field.Type == record.Zone:
		p.Hint = "For instance Europe/Berlin."
	}
	return p
}

// valueProblems lists what is wrong with the values that are chosen in a filter.
func valueProblems(f workFilter, filters action.WorkFilters) (p problems) {
	for _, one := range filters.Fields {
		p.list = append(p.list, f.Wrong(one)...)
	}
	return p
}

// withoutWrong leaves out what there is a problem with.
func withoutWrong(values store.FilterValues, p problems) store.FilterValues {
	left := maps.Clone(values)
	maps.DeleteFunc(left, func(place store.FilterPlace, _ []string) bool { return p.of(action.ValueName(place)) != "" })
	return left
}

// withoutFilter leaves out what is chosen for the rows of a filter.
func withoutFilter(values store.FilterValues, id ident.FieldFilter) store.FilterValues {
	left := maps.Clone(values)
	maps.DeleteFunc(left, func(place store.FilterPlace, _ []string) bool { return place.Filter == id })
	return left
}

// withoutFields gives the filter without filters by fields.
func (f workFilter) withoutFields() workFilter {
	f.Fields, f.FieldValues = nil, nil
	return f
}

// filterChip names a filter by fields with the values that count for it: "Country: Norway, Denmark".
func filterChip(f workFilter, one store.FieldFilter) string {
	var chosen []string
	for _, r := range f.Chosen(one).Rows {
		if r.WhenUsed && len(r.Values) > 0 {
			chosen = append(chosen, strings.Join(readValues(one.Kind, r), ", "))
		}
	}
	return joined(": ", one.Name, strings.Join(chosen, " · "))
}

// readValues gives the values of a row as people read them: numbers in groups.
func readValues(kind record.Kind, r store.FilterRow) []string {
	f, ok := record.FieldAt(kind, r.Field)
	if !ok || f.Type != record.Number {
		return r.Values
	}
	values := make([]string, len(r.Values))
	for i, v := range r.Values {
		values[i] = groupedNumber(v)
	}
	return values
}
