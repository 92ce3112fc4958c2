package web

import (
	"net/http"
	"net/url"
	"slices"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// workFilter is what a seller looks at, and in which order: it rides in the query of every address of the work list, so that
// opening, completing and going back keep the place.
type workFilter struct {
	// Of is whose list it is: "" for the reader's own, everybody, or the id of a user. Only those who lead others may choose.
	Of     string
	Search string
	// Kinds are kinds of activities, none for all; Records kinds of records.
	Kinds   []string
	Records []record.Kind
	// Due is "" for what is due until the end of today, or overdue, today, later (from tomorrow) or all.
	Due string
	// Unopened leaves what was never opened, Followed what is about records that the seller follows.
	Unopened, Followed bool
	// Fields are filters by the fields of records.
	Fields []ident.FieldFilter
	// Sort is "" for the organisation's order.
	Sort   action.WorkSort
	Cursor string
	// Flow goes through the list one by one, in flow mode; see run.go.
	Flow bool
}

// readWorkFilter reads a filter from the query; what it does not know counts as not set.
func readWorkFilter(r *http.Request) workFilter { return workFilterOf(r.URL.Query()) }

func workFilterOf(q url.Values) workFilter {
	f := workFilter{Search: q.Get("q"), Unopened: q.Get("unopened") == "1", Followed: q.Get("followed") == "1", Cursor: q.Get("cursor"), Flow: q.Get("flow") == "1"}
	var of ident.User
	if f.Of = q.Get("of"); f.Of != everybody && readID(f.Of, &of) != nil {
		f.Of = ""
	}
	for _, o := range workKinds() {
		if slices.Contains(q["kind"], o.Value) {
			f.Kinds = append(f.Kinds, o.Value)
		}
	}
	for _, k := range record.Kinds() {
		if slices.Contains(q["record"], string(k)) {
			f.Records = append(f.Records, k)
		}
	}
	f.Fields = readIDs[ident.FieldFilter](q["filter"])
	if slices.ContainsFunc(workDues(), func(o ui.Option) bool { return o.Value == q.Get("due") }) {
		f.Due = q.Get("due")
	}
	if s := action.WorkSort(q.Get("sort")); s.Known() {
		f.Sort = s
	}
	return f
}

// workKinds are the kinds of activities to choose from.
func workKinds() []ui.Option {
	return []ui.Option{
		{Value: "email", Label: "Emails"},
		{Value: "text_message", Label: "Texts"},
		{Value: "phone_call", Label: "Calls"},
		{Value: "task", Label: "Tasks"},
		{Value: step.Meeting, Label: "Meetings"},
		{Value: "linkedin", Label: "LinkedIn"},
		{Value: "failed", Label: "Failed steps"},
	}
}

// workDues are the times to choose from.
func workDues() []ui.Option {
	return []ui.Option{
		{Value: "", Label: "Until the end of today"},
		{Value: "overdue", Label: "Overdue"},
		{Value: "today", Label: "Today"},
		{Value: "later", Label: "From tomorrow"},
		{Value: "all", Label: "At any time"},
	}
}

// failedKinds are the kinds of activities that automatic steps become when they cannot run.
func failedKinds() []string { return kindsWhere(func(k step.Kind) bool { return !k.Human }) }

func linkedinKinds() []string {
	return kindsWhere(func(k step.Kind) bool { return k.Group == step.LinkedIn })
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

// narrowed tells whether the filter leaves out anything that is due.
func (f workFilter) narrowed() bool { return f.Search != "" || f.chosen() > 0 }

// chosen counts what is filtered by, beside the search.
func (f workFilter) chosen() (n int) {
	for _, on := range []bool{len(f.Kinds) > 0, len(f.Records) > 0, f.Due != "" && f.Due != "all", f.Unopened, f.Followed, len(f.Fields) > 0} {
		if on {
			n++
		}
	}
	return n
}

// query gives the filter as an address carries it, with "?" before it unless it is empty.
func (f workFilter) query(more ...string) string {
	q := f.values()
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			q.Set(more[i], more[i+1])
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (f workFilter) values() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("of", f.Of)
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
	set("due", f.Due)
	if f.Unopened {
		q.Set("unopened", "1")
	}
	if f.Followed {
		q.Set("followed", "1")
	}
	set("sort", string(f.Sort))
	set("cursor", f.Cursor)
	if f.Flow {
		q.Set("flow", "1")
	}
	return q
}

// saved gives the query under which the filter is saved: without the place in the list, and for whoever's list.
func (f workFilter) saved() string {
	f.Cursor, f.Flow, f.Of = "", false, ""
	return f.values().Encode()
}

// sorted gives the filter in another order, from the top.
func (f workFilter) sorted(s action.WorkSort) workFilter {
	f.Sort, f.Cursor = s, ""
	return f
}

// list gives the address of the list with this filter.
func (f workFilter) list() string { return "/work" + f.query() }

// activity gives the address of one activity within the list, or of something done with it ("complete", "email").
func (f workFilter) activity(id ident.Activity, verb string) string {
	path := activityPath(id)
	if verb != "" {
		path += "/" + verb
	}
	return path + f.query()
}

// storeQuery asks the store for the page of the list that the filter describes.
func (f workFilter) storeQuery(v view) store.WorkQuery {
	tonight := endOfDay(v.Now)
	q := store.WorkQuery{
		Assignee: f.assignee(v), Everybody: f.Of == everybody, Until: tonight, Search: f.Search, Cursor: f.Cursor, Unopened: f.Unopened, RecordKinds: f.Records, FieldFilters: f.Fields,
	}
	if f.Followed {
		q.Followed = v.Actor.ID
	}
	switch f.Due {
	case "overdue":
		q.Until = tonight.AddDate(0, 0, -1)
	case "today":
		q.From = tonight.AddDate(0, 0, -1)
	case "later":
		q.From, q.Later = tonight, true
	case "all":
		q.Later = true
	}
	for _, k := range f.Kinds {
		switch k {
		case "failed":
			q.Kinds = append(q.Kinds, failedKinds()...)
		case "linkedin":
			q.Kinds = append(q.Kinds, linkedinKinds()...)
		default:
			q.Kinds = append(q.Kinds, k)
		}
	}
	return q
}
