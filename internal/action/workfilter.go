package action

import (
	"net/url"
	"slices"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// WorkFilter is what a work list shows, and in which order: what stands in the query of the list's address, and what a saved filter keeps.
// The page and every other door read it here, so that a saved filter means the same everywhere.
type WorkFilter struct {
	Search string
	// Kinds are names of WorkKinds, none for all; Records kinds of records.
	Kinds   []string
	Records []record.Kind
	// Due is one of WorkDues.
	Due string
	// Unopened leaves what was never opened, Followed what is about records that the reader follows.
	Unopened, Followed bool
	// Fields are filters by the fields of records, FieldValues what is chosen for their rows.
	Fields      []ident.FieldFilter
	FieldValues store.FilterValues
	// Sort is "" for the organisation's order.
	Sort WorkSort
}

// The kinds of activities that stand for several.
const (
	// FailedWork stands for the activities that automatic steps become when they cannot run.
	FailedWork = "failed"
	// LinkedInWork stands for everything that is done on LinkedIn.
	LinkedInWork = "linkedin"
)

// WorkKinds lists the kinds of activities that a work list is narrowed to, in the order in which people choose them.
func WorkKinds() []string {
	return []string{"email", "text_message", "phone_call", "task", step.Meeting, LinkedInWork, FailedWork}
}

// The times that a work list is narrowed to. DueTonight, the end of the reader's today, is meant without one.
const (
	DueTonight = ""
	DueOverdue = "overdue"
	DueToday   = "today"
	DueLater   = "later" // from tomorrow
	DueAll     = "all"
)

// WorkDues lists the times that a work list is narrowed to.
func WorkDues() []string { return []string{DueTonight, DueOverdue, DueToday, DueLater, DueAll} }

// ReadWorkFilter reads a filter from the query of an address; what it does not know counts as not set.
func ReadWorkFilter(q url.Values) WorkFilter {
	f := WorkFilter{Search: q.Get("q"), Unopened: q.Get("unopened") == "1", Followed: q.Get("followed") == "1"}
	for _, k := range WorkKinds() {
		if slices.Contains(q["kind"], k) {
			f.Kinds = append(f.Kinds, k)
		}
	}
	for _, k := range record.Kinds() {
		if slices.Contains(q["record"], string(k)) {
			f.Records = append(f.Records, k)
		}
	}
	for _, text := range q["filter"] {
		var id ident.FieldFilter
		if text != "" && id.UnmarshalText([]byte(text)) == nil {
			f.Fields = append(f.Fields, id)
		}
	}
	f.FieldValues = readFilterValues(q, f.Fields)
	if due := q.Get("due"); slices.Contains(WorkDues(), due) {
		f.Due = due
	}
	if s := WorkSort(q.Get("sort")); s.Known() {
		f.Sort = s
	}
	return f
}

// Values gives the filter as an address carries it.
func (f WorkFilter) Values() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("q", f.Search)
	for _, k := range f.Kinds {
		q.Add("kind", k)
	}
	for _, k := range f.Records {
		q.Add("record", string(k))
	}
	for _, id := range f.Fields {
		q.Add("filter", id.String())
	}
	for place, texts := range f.FieldValues {
		q[ValueName(place)] = texts
	}
	set("due", f.Due)
	if f.Unopened {
		q.Set("unopened", "1")
	}
	if f.Followed {
		q.Set("followed", "1")
	}
	set("sort", string(f.Sort))
	return q
}

// Count counts what is filtered by, beside the search.
func (f WorkFilter) Count() (n int) {
	for _, on := range []bool{len(f.Kinds) > 0, len(f.Records) > 0, f.Due != DueTonight && f.Due != DueAll, f.Unopened, f.Followed, len(f.Fields) > 0} {
		if on {
			n++
		}
	}
	return n
}

// Query asks for what the filter shows to a reader, whose today ends at tonight. Whose list it is, the caller says.
func (f WorkFilter) Query(reader ident.User, tonight time.Time) store.WorkQuery {
	q := store.WorkQuery{Until: tonight, Search: f.Search, Unopened: f.Unopened, RecordKinds: f.Records, FieldFilters: f.Fields, FieldValues: f.FieldValues}
	if f.Followed {
		q.Followed = reader
	}
	switch f.Due {
	case DueOverdue:
		q.Until = tonight.AddDate(0, 0, -1)
	case DueToday:
		q.From = tonight.AddDate(0, 0, -1)
	case DueLater:
		q.From, q.Later = tonight, true
	case DueAll:
		q.Later = true
	}
	for _, k := range f.Kinds {
		switch k {
		case FailedWork:
			q.Kinds = append(q.Kinds, kindsWhere(func(k step.Kind) bool { return !k.Human })...)
		case LinkedInWork:
			q.Kinds = append(q.Kinds, kindsWhere(func(k step.Kind) bool { return k.Group == step.LinkedIn })...)
		default:
			q.Kinds = append(q.Kinds, k)
		}
	}
	return q
}

func kindsWhere(match func(step.Kind) bool) []string {
	var types []string
	for _, k := range step.Kinds() {
		if match(k) {
			types = append(types, k.Type)
		}
	}
	return types
}
