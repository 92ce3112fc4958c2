package web

import (
	"net/http"
	"slices"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// workList is one page of the work list.
type workList struct {
	action.WorkPage
	Filter workFilter
	// Asked is the filter as it was asked for, and Problems what is wrong with the values chosen in it: those narrow nothing.
	Asked    workFilter
	Problems problems
	Of       workOf
	// Filters are those that the reader can choose.
	Filters action.WorkFilters
	Views   []store.WorkView
	// Due counts everything that is due until the end of today, also beyond the filter and the page.
	Due int
	// Mark changes when what is due does.
	Mark string
	// Drafts tells for which of the rows the reader has begun an email.
	Drafts map[ident.Activity]time.Time
	// HasRecords tells whether there is any record at all, so that an empty list can say what to do.
	HasRecords bool
}

// readWorkList loads the page of the list that the request asks for.
func (s *Server) readWorkList(r *http.Request, f workFilter) (workList, error) {
	v := s.view(r)
	filters, err := s.app.WorkFilters(r.Context(), v.Actor)
	if err != nil {
		return workList{}, err
	}
	f.WorkFilter = f.Known(filters.Fields)
	l := workList{Filter: f, Asked: f, Filters: filters, HasRecords: true}
	if l.Problems = valueProblems(f, filters); l.Problems.any() {
		l.Filter.FieldValues = withoutWrong(f.FieldValues, l.Problems)
		f = l.Filter
	}
	if l.WorkPage, err = s.app.Work(r.Context(), v.Actor, f.storeQuery(v), action.WorkOrder{Sort: f.Sort, Tonight: endOfDay(v.Now)}); err != nil {
		return workList{}, err
	}
	if l.Of, err = s.readWorkOf(r, f); err != nil {
		return workList{}, err
	}
	if l.Views, err = s.app.WorkViews(r.Context(), v.Actor); err != nil {
		return workList{}, err
	}
	if l.Drafts, err = s.app.MailDraftsOf(r.Context(), v.Actor, idsOf(l.Rows)); err != nil {
		return workList{}, err
	}
	if l.Mark, l.Due, err = s.workMark(r); err != nil {
		return workList{}, err
	}
	if len(l.Rows) == 0 && !f.narrowed() {
		l.HasRecords, err = s.anyRecord(r)
	}
	return l, err
}

func idsOf(list []action.WorkRow) []ident.Activity {
	var ids []ident.Activity
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return ids
}

// anyRecord tells whether somebody has brought in records yet.
func (s *Server) anyRecord(r *http.Request) (bool, error) {
	for _, k := range record.Kinds() {
		found, err := s.app.ListRecords(r.Context(), actorOf(r), store.RecordQuery{Kind: k, Limit: 1})
		if err != nil {
			return false, err
		}
		if len(found.Rows) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// after gives the activity that comes next when id is done: the one below it, else the one above, else none.
func (l workList) after(id ident.Activity) ident.Activity {
	at := slices.IndexFunc(l.Rows, func(a action.WorkRow) bool { return a.ID == id })
	switch {
	case at >= 0 && at+1 < len(l.Rows):
		return l.Rows[at+1].ID
	case at > 0:
		return l.Rows[at-1].ID
	case at < 0 && len(l.Rows) > 0:
		return l.Rows[0].ID
	}
	return 0
}

// showWork shows the list with its first activity opened beside it; a phone shows the list alone.
func (s *Server) showWork(w http.ResponseWriter, r *http.Request) error {
	return s.renderWork(w, r, workOpened{})
}

// showActivity shows the list with one activity opened.
func (s *Server) showActivity(w http.ResponseWriter, r *http.Request) error {
	var id ident.Activity
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	return s.renderWork(w, r, workOpened{ID: id, Do: r.URL.Query().Get("do"), Chosen: true})
}

// workOpened is which activity is opened, and what is being done with it.
type workOpened struct {
	ID ident.Activity
	// Do is "" or what is being filled in: email, complete, skip, snooze, assign.
	Do string
	// Chosen tells that a person opened it, so that a phone shows it instead of the list.
	Chosen bool
	Form   activityForm
	Status int
}

// renderWork shows the list with an activity, as a page or as a fragment for htmx. What is done in the focused view of records is shown there.
func (s *Server) renderWork(w http.ResponseWriter, r *http.Request, o workOpened) error {
	if at := focusAround(r); at != nil {
		return s.renderFocus(w, r, at, o)
	}
	if f := readWorkFilter(r); f.Flow {
		return s.renderRun(w, r, f, o)
	}
	list, err := s.readWorkList(r, readWorkFilter(r))
	if err != nil {
		return err
	}
	if o.ID == 0 && len(list.Rows) > 0 {
		o.ID = list.Rows[0].ID
	}
	props := workProps{View: s.view(r), List: list}
	if list.Problems.any() && o.Status == 0 {
		o.Status = http.StatusUnprocessableEntity
	}
	title := "Work list"
	if o.ID != 0 {
		detail, err := s.readDetail(r, o)
		if err != nil {
			return err
		}
		props.Detail, props.Chosen = &detail, o.Chosen
		if o.Chosen {
			if err := s.app.See(r.Context(), actorOf(r), detail.Activity); err != nil {
				return err
			}
			title = detail.Activity.Name + " · " + detail.Activity.RecordName
		}
	}
	if isFragment(r) {
		tidyAddress(w, r, list.Filter)
		return s.fragment(w, r, o.Status, fragmentTitle(title), workPane(props))
	}
	return s.render(w, r, page{Title: title, Status: o.Status, Fill: true, Keys: workKeys(), Scripts: []string{"js/work.js", "js/live.js", "js/pages.js", "js/select.js"}}, workPane(props))
}

// tidyAddress has the browser keep the filter's own address where that of a form says a thing with nothing in it.
func tidyAddress(w http.ResponseWriter, r *http.Request, f workFilter) {
	if r.Method != http.MethodGet || r.URL.Path != "/work" {
		return
	}
	for _, values := range r.URL.Query() {
		if slices.Contains(values, "") {
			w.Header().Set("HX-Push-Url", f.list())
			return
		}
	}
}

// late tells whether something was due before today. What was due earlier today is not late yet: a seller plans by days.
func (v view) late(due time.Time) bool { return due.Before(endOfDay(v.Now).AddDate(0, 0, -1)) }

// workKeys are the keys of the work list, for the list of keys.
func workKeys() []ui.KeyHint {
	return []ui.KeyHint{
		{Key: "j", Does: "Next row; at the last one the next page"},
		{Key: "k", Does: "Previous row; at the first one the page before"},
		{Key: "Enter", Does: "Open the row"},
		{Key: "p", Does: "From the list to what is open, and back"},
		{Key: "d", Does: "Complete"},
		{Key: "s", Does: "Skip"},
		{Key: "z", Does: "Snooze"},
		{Key: "e", Does: "Write the email"},
		{Key: "c", Does: "Call"},
		{Key: "1–9", Does: "Say how the call ended"},
		{Key: "a", Does: "Hand over"},
		{Key: "t", Does: "Add an activity"},
		{Key: "b", Does: "Book a meeting"},
		{Key: "n", Does: "Add a note"},
		{Key: "x", Does: "Select the row; with Shift as far as it"},
		{Key: "/", Does: "Search"},
	}
}

// swapWork lets htmx load an address of the work list into its place, keeping the list where it is.
func swapWork(address string) ui.Attrs {
	return ui.A("hx-get", address, "hx-target", ".split", "hx-swap", "outerHTML show:none", "hx-push-url", "true")
}

// sendWork lets htmx send a form of the work list and put the answer into its place.
func sendWork(address string) ui.Attrs {
	return ui.A("hx-post", address, "hx-target", ".split", "hx-swap", "outerHTML show:none")
}

// activityKind gives the icon of an activity.
func activityKind(kind string) ui.Kind {
	if step.ActivityLabel(kind) != "" {
		return ui.Kind(kind)
	}
	return ui.KindTask
}
