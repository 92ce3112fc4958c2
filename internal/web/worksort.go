package web

import (
	"slices"
	"strings"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/record"
	"cadenza/internal/web/ui"
)

// sortLabels name the orders that are always there.
var sortLabels = map[action.WorkSort]string{
	action.ByDue: "Due", action.ByPriority: "Priority", action.ByScore: "Score", action.ByName: "Name",
	action.ByKind: "Kind of activity", action.ByRecord: "Kind of record", action.BySequence: "Sequence", action.ByAssignee: "Assignee",
}

// fieldSorts are the fields by which a list can be sorted, of the kinds of records that it shows: numbers and dates first, then choices, by
// which people sort more often than by texts. What is always there is not named twice.
func fieldSorts(kinds ...record.Kind) []record.Field {
	fields := slices.DeleteFunc(action.SortFields(kinds...), func(f record.Field) bool { return f.Key == "name" || f.Key == "score" })
	slices.SortStableFunc(fields, func(a, b record.Field) int { return sortRank(a) - sortRank(b) })
	return fields
}

func sortRank(f record.Field) int {
	switch f.Type {
	case record.Number, record.Date:
		return 0
	case record.Choice:
		return 1
	default:
		return 2
	}
}

// sortMenu chooses the order; choosing the present one again turns it round.
func sortMenu(l workList) ui.MenuProps {
	m := ui.MenuProps{ID: "work-sort", Label: "Sort", Icon: "arrows-sort", IconOnly: true, Heading: "Sort and group by"}
	add := func(s action.WorkSort, label string) *ui.MenuEntry {
		to, mark, why := s, "", ""
		switch l.Sort {
		case s:
			to, mark, why = "-"+s, "sort-ascending", "Turn it round"
		case "-" + s:
			mark, why = "sort-descending", "Turn it round"
		}
		address := l.Filter.sorted(to).list()
		m.Entries = append(m.Entries, ui.MenuEntry{Label: label, Mark: mark, Why: why, Href: address, Attrs: swapWork(address)})
		return &m.Entries[len(m.Entries)-1]
	}
	for _, s := range action.WorkSorts() {
		if s == action.ByAssignee && l.Filter.Of != everybody {
			continue // the same for all rows
		}
		add(s, sortLabels[s])
	}
	texts := false
	for i, f := range fieldSorts(l.Filter.Records...) {
		e := add(action.ByField(f.Key), f.Label)
		if i == 0 {
			e.Divider, e.Head = true, "A field of the record"
		}
		if f.Type == record.Text && !texts {
			e.Divider, texts = true, true
		}
	}
	return m
}

// sortOptions are the orders that an organisation chooses from.
func sortOptions() []ui.Option {
	var options []ui.Option
	for _, s := range action.WorkSorts() {
		if s == action.ByAssignee {
			continue // all the same in one's own list
		}
		options = append(options, ui.Option{Value: string(s), Label: sortLabels[s]})
	}
	for _, f := range fieldSorts() {
		options = append(options, ui.Option{Value: string(action.ByField(f.Key)), Label: f.Label, Group: "A field of the record"})
	}
	return options
}

// sortedBy gives what stands on a card because the list is sorted by it, "" when the card or the heading of its group has it anyway.
func sortedBy(l workList, a action.WorkRow) string {
	key, ok := l.Sort.Field()
	value := a.Record.Get(key)
	field, known := record.FieldOf(a.RecordKind, key)
	card := l.Settings.Cards[a.RecordKind]
	switch {
	case !ok || !known || value == "" || strings.Contains(a.RecordName, value) || slices.Contains(card.Second, key) || slices.Contains(card.Third, key):
		return ""
	case field.Type == record.Number:
		return field.Label + " " + groupedNumber(value)
	case field.Type == record.Date:
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			return field.Label + " " + day.Format("2 Jan 2006")
		}
	case strings.HasSuffix(strings.ToLower(l.Groups[a.Group].Label), strings.ToLower(value)):
		return ""
	}
	return value
}
