package web

import (
	"net/http"
	"net/url"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// workFilter is what a seller looks at, and in which order: it rides in the query of every address of the work list, so that
// opening, completing and going back keep the place.
type workFilter struct {
	action.WorkFilter
	// Of is whose list it is: "" for the reader's own, everybody, or the id of a user. Only those who lead others may choose.
	Of     string
	Cursor string
	// Flow goes through the list one by one, in flow mode; see run.go.
	Flow bool
}

// readWorkFilter reads a filter from the query; what it does not know counts as not set.
func readWorkFilter(r *http.Request) workFilter { return workFilterOf(r.URL.Query()) }

func workFilterOf(q url.Values) workFilter {
	f := workFilter{WorkFilter: action.ReadWorkFilter(q), Cursor: q.Get("cursor"), Flow: q.Get("flow") == "1"}
	var of ident.User
	if f.Of = q.Get("of"); f.Of != everybody && readID(f.Of, &of) != nil {
		f.Of = ""
	}
	return f
}

// workKinds are the kinds of activities to choose from.
func workKinds() []ui.Option {
	labels := map[string]string{
		"email": "Emails", "text_message": "Texts", "phone_call": "Calls", "task": "Tasks", step.Meeting: "Meetings",
		action.LinkedInWork: "LinkedIn", action.FailedWork: "Failed steps",
	}
	return labelled(action.WorkKinds(), labels)
}

// workDues are the times to choose from.
func workDues() []ui.Option {
	return labelled(action.WorkDues(), map[string]string{
		action.DueTonight: "Until the end of today", action.DueOverdue: "Overdue", action.DueToday: "Today", action.DueLater: "From tomorrow", action.DueAll: "At any time",
	})
}

func labelled(values []string, labels map[string]string) []ui.Option {
	options := make([]ui.Option, len(values))
	for i, v := range values {
		options[i] = ui.Option{Value: v, Label: labels[v]}
	}
	return options
}

// narrowed tells whether the filter leaves out anything that is due.
func (f workFilter) narrowed() bool { return f.Search != "" || f.Count() > 0 }

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
	q := f.Values()
	if f.Of != "" {
		q.Set("of", f.Of)
	}
	if f.Cursor != "" {
		q.Set("cursor", f.Cursor)
	}
	if f.Flow {
		q.Set("flow", "1")
	}
	return q
}

// saved gives the query under which the filter is saved: without the place in the list, and for whoever's list.
func (f workFilter) saved() string { return f.Values().Encode() }

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
	q := f.Query(v.Actor.ID, endOfDay(v.Now))
	q.Assignee, q.Everybody, q.Cursor = f.assignee(v), f.Of == everybody, f.Cursor
	return q
}
