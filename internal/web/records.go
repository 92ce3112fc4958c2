package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// recordList is one page of the records of a kind.
type recordList struct {
	View  view
	Query store.RecordQuery
	// Owner is "", "mine" or a user's id, as the filter carries it.
	Owner string
	Page  store.Page[store.RecordRow]
	// News are those of the page of which the reader has notifications to read.
	News  map[ident.Record]bool
	Users []store.User
	// Named are the filters for the record that all rows name.
	Named []ui.Filter
	// Prev and Next lead to the pages beside this one, "" where there is none.
	Prev, Next string
	// sortHref gives the address that sorts by a column.
	sortHref func(column string) string
	// First is the number of the first row of the page, from 1.
	First int
	// Show is the way in which the list is looked at; Kept is the way to which its reader switched last.
	Show, Kept action.RecordView
	// address gives the address of the list with some parameters changed.
	address func(pairs ...string) string
}

// narrowed tells whether a filter leaves records out.
func (l recordList) narrowed() bool {
	q := l.Query
	return q.Search != "" || q.Account != 0 || q.Contact != 0 || l.Owner != "" || q.Status != "" || q.Connection != "" || q.Cursor != ""
}

// showRecords shows the list of a kind, as a table or focused; htmx gets the table alone.
func (s *Server) showRecords(kind record.Kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		l, err := s.readRecords(r, kind)
		if err != nil {
			return err
		}
		if l.Show == action.FocusedView {
			return s.showFocused(w, r, l, r.URL.Query().Get("open"), workOpened{})
		}
		if isFragment(r) {
			return s.fragment(w, r, 0, recordTable(l))
		}
		keys := []ui.KeyHint{{Key: "j", Does: "Next row"}, {Key: "k", Does: "Previous row"}, {Key: "x", Does: "Select the row"}, {Key: "n", Does: "New " + kindWord(kind, 1)}, {Key: "/", Does: "Search"}}
		return s.render(w, r, page{Title: kind.Plural(), Keys: keys, Scripts: []string{"js/work.js"}}, recordsPage(l))
	}
}

// readRecords loads the page of the list that the request asks for. What the filter does not know counts as not set.
func (s *Server) readRecords(r *http.Request, kind record.Kind) (recordList, error) {
	v, q := s.view(r), r.URL.Query()
	l := recordList{View: v, Owner: q.Get("owner"), Query: store.RecordQuery{
		Kind: kind, Search: q.Get("q"), Status: oneOf(q.Get("status"), record.Statuses(kind)),
		Connection: oneOf(q.Get("connection"), []string{"connected", "unconnected"}),
		Sort:       oneOf(q.Get("sort"), recordSorts()), Cursor: q.Get("cursor"), Limit: readPageSize(q.Get("size")),
	}}
	if l.Query.Sort == "" {
		l.Query.Sort = "name"
	}
	switch l.Owner {
	case "mine":
		l.Query.Owner = v.Actor.ID
	default:
		if readID(l.Owner, &l.Query.Owner) != nil {
			l.Owner = ""
		}
	}
	for _, f := range record.Lookups(kind) {
		if id, ok := record.LinkOf(q.Get(f.Key)); ok {
			l.Query.Name(f.Key, id)
		}
	}
	var err error
	if l.Kept, err = s.app.ViewOf(r.Context(), v.Actor, kind); err != nil {
		return l, err
	}
	if l.Show = action.RecordView(q.Get("view")); !slices.Contains(action.RecordViews(), l.Show) {
		l.Show = l.Kept
		if r.Header.Get("HX-Target") == "records" { // a table, from before the switch in another window
			l.Show = action.TableView
		}
	}
	if l.Show == action.FocusedView {
		l.Query.Activities = action.NextOnCard
	}
	if l.Named, err = s.namedFilters(r, l.Query); err != nil {
		return l, err
	}
	if l.Users, err = s.app.ListUsers(r.Context(), v.Actor); err != nil {
		return l, err
	}
	if l.Page, err = s.app.ListRecords(r.Context(), v.Actor, l.Query); err != nil {
		return l, err
	}
	ids := make([]ident.Record, len(l.Page.Rows))
	for i, rec := range l.Page.Rows {
		ids[i] = rec.ID
	}
	if l.News, err = s.app.News(r.Context(), v.Actor, ids); err != nil {
		return l, err
	}
	l.sortHref = func(column string) string { return withQuery(r, "sort", column, "trail", "") }
	l.address = func(pairs ...string) string {
		return withQuery(r, append([]string{"cursor", l.Query.Cursor, "view", l.carriedView()}, pairs...)...)
	}
	l.pages(r)
	return l, nil
}

// pageSizes are how many records a page may hold.
func pageSizes() []int { return []int{store.DefaultPageSize, 100, store.MaxRecordPage} }

func readPageSize(size string) int {
	n, err := strconv.Atoi(size)
	if err != nil || !slices.Contains(pageSizes(), n) {
		return store.DefaultPageSize
	}
	return n
}

// carriedView is the view as addresses of the list carry it: the focused one always, the table when without it the other would come.
func (l recordList) carriedView() string {
	if l.Show == action.FocusedView || l.Kept == action.FocusedView {
		return string(l.Show)
	}
	return ""
}

// pages finds the addresses of the pages beside this one. A cursor only leads on, so the address carries the cursors
// of the pages before, oldest first.
func (l *recordList) pages(r *http.Request) {
	var trail []string
	if t := r.URL.Query().Get("trail"); t != "" {
		trail = strings.Split(t, "~")
	}
	l.First = 1
	if l.Query.Cursor != "" {
		l.First = (len(trail)+1)*l.Query.Limit + 1
		before, rest := "", trail
		if n := len(trail); n > 0 {
			before, rest = trail[n-1], trail[:n-1]
		}
		l.Prev = l.address("open", "", "cursor", before, "trail", strings.Join(rest, "~"))
		trail = append(trail, l.Query.Cursor)
	}
	if l.Page.Next != "" {
		l.Next = l.address("open", "", "cursor", l.Page.Next, "trail", strings.Join(trail, "~"))
	}
}

// recordSorts are the orders of a list; "-" before one reverses it.
func recordSorts() []string {
	return []string{"name", "-name", "company", "-company", "owner", "-owner", "created", "-created", "updated", "-updated"}
}

// oneOf gives the text when it is one of the choices, else "".
func oneOf(text string, choices []string) string {
	for _, c := range choices {
		if c == text {
			return text
		}
	}
	return ""
}

// deleteRecords deletes the chosen records, after a question that says what goes with them.
func (s *Server) deleteRecords(kind record.Kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := parse(r); err != nil {
			return err
		}
		ids := readIDs[ident.Record](r.Form["id"])
		if len(ids) == 0 {
			return s.nothingChosen(w, r, kind)
		}
		if r.FormValue("sure") == "" {
			connected, err := s.liveOf(r, ids)
			if err != nil {
				return err
			}
			q := question{ID: "delete-records", Title: "Delete " + countOf(kind, len(ids)) + "?", Size: ui.Small, Back: back(r, recordsPath(kind))}
			return s.ask(w, r, 0, q, func(q question) templ.Component { return deleteRecordsBody(q, kind, ids, connected) })
		}
		deleted, refusals, err := s.app.DeleteRecords(r.Context(), actorOf(r), ids)
		if err != nil {
			return err
		}
		if deleted > 0 {
			s.say(r, countOf(kind, deleted)+" deleted.")
		}
		return s.showRefusals(w, r, refusalProps{
			Title: "Not deleted", Intro: countOf(kind, len(refusals)) + " could not be deleted.", Refused: refusals, Back: back(r, recordsPath(kind)),
		})
	}
}

// liveOf gives the enrollments of records that have not finished.
func (s *Server) liveOf(r *http.Request, ids []ident.Record) ([]store.Enrollment, error) {
	var live []store.Enrollment
	for _, id := range ids {
		found, err := s.app.ListEnrollments(r.Context(), actorOf(r), store.EnrollmentQuery{Record: id, Status: "live", Limit: store.MaxPageSize})
		if err != nil {
			return nil, err
		}
		live = append(live, found.Rows...)
	}
	return live, nil
}

// nothingChosen says that no row was ticked.
func (s *Server) nothingChosen(w http.ResponseWriter, r *http.Request, kind record.Kind) error {
	s.flash(r, ui.Flash{Tone: ui.Red, Text: "Choose " + kind.Path() + " first: tick the boxes at the left."})
	return s.refresh(w, r, back(r, recordsPath(kind)))
}

// refusalProps lists what was left out of a bulk action, and why.
type refusalProps struct {
	Title, Intro string
	Refused      []action.Refusal
	Back         string
}

// showRefusals shows what was left out, or goes back when nothing was.
func (s *Server) showRefusals(w http.ResponseWriter, r *http.Request, p refusalProps) error {
	if len(p.Refused) == 0 {
		return s.refresh(w, r, p.Back)
	}
	return s.render(w, r, page{Title: p.Title}, refusalPage(p))
}

// news says that the reader has notifications of a record to read.
func (l recordList) news(id ident.Record) string {
	if l.News[id] {
		return "News for you"
	}
	return ""
}

// recordRow is one row of the list.
func (l recordList) recordRow(rec store.RecordRow) ui.Row {
	var due ui.Cell
	if !rec.NextDueAt.IsZero() {
		at := l.View.at(rec.NextDueAt)
		at.Late = l.View.late(rec.NextDueAt)
		due.Content = ui.Time(at)
	}
	status := statusBadge(rec.Kind, rec.Get("status"))
	cells := []ui.Cell{
		{Text: rec.Name(), Href: recordPath(rec.ID), Sub: secondLine(rec.Record), New: l.news(rec.ID)},
		{Badge: &status},
	}
	if hasValue(rec.Kind) {
		cells = append(cells, ui.Cell{Text: groupedNumber(rec.Get("value")), Soft: true})
	}
	cells = append(cells,
		ui.Cell{Text: strings.Join(rec.Sequences, ", "), Soft: true},
		due,
		ui.Cell{Text: rec.OwnerName, Soft: true},
		ui.Cell{Content: ui.Time(l.View.at(rec.UpdatedAt))})
	return ui.Row{ID: rec.ID.String(), Value: rec.ID.String(), Label: rec.Name(), Cells: cells}
}

// secondLine says, below its name in a list, who a record is.
func secondLine(rec store.Record) string {
	company := orText(rec.Get("company"), rec.Links["account"].Name)
	sub := joined(", ", rec.Get("job_title"), company)
	if rec.Kind == record.Opportunity {
		sub = joined(", ", orText(joined(" ", rec.Get("first_name"), rec.Get("last_name")), rec.Links["contact"].Name), company)
	}
	if sub == rec.Name() || sub == "" {
		sub = joined(" · ", rec.Get("email"), rec.Get("city"))
	}
	return sub
}

// hasValue tells whether records of a kind are worth an amount of money that the list shows.
func hasValue(k record.Kind) bool { return k == record.Opportunity }

// columns are the heads of the list.
func (l recordList) columns() []ui.Column {
	sorted := func(label, key string, wide, hide bool) ui.Column {
		c := ui.Column{Label: label, Wide: wide, HidePhone: hide, SortHref: l.sortHref(key)}
		switch l.Query.Sort {
		case key:
			c.Sorted, c.SortHref = ui.Ascending, l.sortHref("-"+key)
		case "-" + key:
			c.Sorted = ui.Descending
		}
		return c
	}
	columns := []ui.Column{sorted("Name", "name", true, false), {Label: "Status"}}
	if hasValue(l.Query.Kind) {
		columns = append(columns, ui.Column{Label: "Value", Numeric: true})
	}
	return append(columns, ui.Column{Label: "Sequences"}, ui.Column{Label: "Next due"},
		sorted("Owner", "owner", false, true), sorted("Changed", "updated", false, true))
}

// mayChange tells whether the reader may do anything with chosen rows.
func (l recordList) mayChange() bool {
	return l.View.may(access.Connect) || l.View.may(access.DeleteRecords)
}
