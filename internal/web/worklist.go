package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// workFilter is what a seller looks at: it rides in the query of every address of the work list, so that opening,
// completing and going back keep the place.
type workFilter struct {
	Search string
	// Kind is a kind of activity, "" for all; Record a kind of record.
	Kind   string
	Record record.Kind
	// Later takes in what is due after today.
	Later  bool
	Cursor string
}

// readWorkFilter reads a filter from the query; what it does not know counts as not set.
func readWorkFilter(r *http.Request) workFilter {
	q := r.URL.Query()
	f := workFilter{Search: q.Get("q"), Later: q.Get("later") == "1", Cursor: q.Get("cursor")}
	if slices.ContainsFunc(workKinds(), func(o ui.Option) bool { return o.Value == q.Get("kind") }) {
		f.Kind = q.Get("kind")
	}
	if k := record.Kind(q.Get("record")); k.Known() {
		f.Record = k
	}
	return f
}

// workKinds are the kinds of activities to choose from.
func workKinds() []ui.Option {
	return []ui.Option{
		{Value: "", Label: "All"},
		{Value: "email", Label: "Emails"},
		{Value: "text_message", Label: "Texts"},
		{Value: "phone_call", Label: "Calls"},
		{Value: "task", Label: "Tasks"},
		{Value: "linkedin", Label: "LinkedIn"},
		{Value: "failed", Label: "Failed steps"},
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
func (f workFilter) narrowed() bool { return f.Search != "" || f.Kind != "" || f.Record != "" }

// query gives the filter as an address carries it, with "?" before it unless it is empty.
func (f workFilter) query(more ...string) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("q", f.Search)
	set("kind", f.Kind)
	set("record", string(f.Record))
	set("cursor", f.Cursor)
	if f.Later {
		q.Set("later", "1")
	}
	for i := 0; i+1 < len(more); i += 2 {
		set(more[i], more[i+1])
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
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
	q := store.WorkQuery{Assignee: v.Actor.ID, Until: endOfDay(v.Now), Later: f.Later, Search: f.Search, Cursor: f.Cursor}
	switch f.Kind {
	case "":
	case "failed":
		q.Kinds = failedKinds()
	case "linkedin":
		q.Kinds = linkedinKinds()
	default:
		q.Kinds = []string{f.Kind}
	}
	if f.Record != "" {
		q.RecordKinds = []record.Kind{f.Record}
	}
	return q
}

// workList is one page of the work list.
type workList struct {
	Filter workFilter
	Rows   []store.Activity
	Next   string
	// Due counts everything that is due until the end of today, also beyond the filter and the page.
	Due int
	// HasRecords tells whether there is any record at all, so that an empty list can say what to do.
	HasRecords bool
}

// readWorkList loads the page of the list that the request asks for.
func (s *Server) readWorkList(r *http.Request, f workFilter) (workList, error) {
	v := s.view(r)
	rows, err := s.app.WorkList(r.Context(), v.Actor, f.storeQuery(v))
	if err != nil {
		return workList{}, err
	}
	l := workList{Filter: f, Rows: rows.Rows, Next: rows.Next, HasRecords: true}
	overdue, today, err := s.app.WorkCounts(r.Context(), v.Actor, v.Actor.ID, endOfDay(v.Now))
	if err != nil {
		return workList{}, err
	}
	l.Due = overdue + today
	if len(l.Rows) == 0 && !f.narrowed() {
		l.HasRecords, err = s.anyRecord(r)
	}
	return l, err
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
	at := slices.IndexFunc(l.Rows, func(a store.Activity) bool { return a.ID == id })
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

// renderWork shows the list with an activity, as a page or as a fragment for htmx.
func (s *Server) renderWork(w http.ResponseWriter, r *http.Request, o workOpened) error {
	list, err := s.readWorkList(r, readWorkFilter(r))
	if err != nil {
		return err
	}
	if o.ID == 0 && len(list.Rows) > 0 {
		o.ID = list.Rows[0].ID
	}
	props := workProps{View: s.view(r), List: list}
	title := "Work list"
	if o.ID != 0 {
		detail, err := s.readDetail(r, o)
		if err != nil {
			return err
		}
		props.Detail, props.Chosen = &detail, o.Chosen
		if o.Chosen {
			title = detail.Activity.Name + " · " + detail.Activity.RecordName
		}
	}
	if isFragment(r) {
		return s.fragment(w, r, o.Status, fragmentTitle(title), workPane(props))
	}
	return s.render(w, r, page{Title: title, Status: o.Status, Fill: true, Keys: workKeys(), Scripts: []string{"js/work.js"}}, workPane(props))
}

// late tells whether something was due before today. What was due earlier today is not late yet: a seller plans by days.
func (v view) late(due time.Time) bool { return due.Before(endOfDay(v.Now).AddDate(0, 0, -1)) }

// workKeys are the keys of the work list, for the list of keys.
func workKeys() []ui.KeyHint {
	return []ui.KeyHint{
		{Key: "j", Does: "Next row"},
		{Key: "k", Does: "Previous row"},
		{Key: "Enter", Does: "Open the row"},
		{Key: "d", Does: "Complete"},
		{Key: "s", Does: "Skip"},
		{Key: "z", Does: "Snooze"},
		{Key: "e", Does: "Write the email"},
		{Key: "c", Does: "Call"},
		{Key: "a", Does: "Hand over"},
		{Key: "n", Does: "Add a note"},
		{Key: "/", Does: "Search"},
	}
}

// workGroups puts the rows under Overdue (due before today), Today and Later.
func workGroups(v view, l workList, open ident.Activity) []ui.WorkGroup {
	groups := []ui.WorkGroup{{Label: "Overdue"}, {Label: "Today"}, {Label: "Later"}}
	for _, a := range l.Rows {
		at := 1
		switch {
		case v.late(a.DueAt):
			at = 0
		case !a.DueAt.Before(endOfDay(v.Now)):
			at = 2
		}
		groups[at].Rows = append(groups[at].Rows, workRow(v, l.Filter, a, open))
	}
	for i := range groups {
		groups[i].Count = len(groups[i].Rows)
	}
	return slices.DeleteFunc(groups, func(g ui.WorkGroup) bool { return len(g.Rows) == 0 })
}

func workRow(v view, f workFilter, a store.Activity, open ident.Activity) ui.WorkRow {
	due := v.at(a.DueAt)
	due.Form, due.Late = ui.Due, v.late(a.DueAt)
	row := ui.WorkRow{
		ID: "row-" + a.ID.String(), Href: f.activity(a.ID, ""), Kind: activityKind(a.Kind), Title: a.RecordName,
		Sub: joined(" · ", a.Name, a.Company, a.SequenceName), Time: due, Current: a.ID == open, Attrs: swapWork(f.activity(a.ID, "")),
	}
	if a.Company == a.RecordName {
		row.Sub = joined(" · ", a.Name, a.SequenceName)
	}
	if a.Behalf != 0 {
		row.Sub = "For " + a.BehalfName + " · " + row.Sub // first, because long lines are cut
	}
	switch {
	case a.State == store.ActivitySending:
		row.Badge = &ui.BadgeProps{Text: "sending", Tone: ui.Blue}
	case a.Trouble != "":
		row.Badge = &ui.BadgeProps{Text: "Failed", Tone: ui.Red, Title: a.Trouble}
	}
	return row
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
	if _, ok := step.KindOf(kind); ok {
		return ui.Kind(kind)
	}
	return ui.KindTask
}
