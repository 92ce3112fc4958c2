package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const fieldFiltersPath = "/work-filters"

// leastRows is how many rows the form of a filter shows at least.
const leastRows = 2

func fieldFilterPath(id ident.FieldFilter) string { return fieldFiltersPath + "/" + id.String() }

// shippedFilter is a filter that is always there.
type shippedFilter struct{ Name, Label, Text string }

func shippedFilters() []shippedFilter {
	return []shippedFilter{
		{"due", "Due", "Overdue, today, from tomorrow"},
		{"kind", "Activities", "Emails, calls, tasks and others"},
		{"record", "Records", "Leads, opportunities, contacts, accounts"},
		{"unopened", "Not opened", "What the assignee has not looked at"},
		{"followed", "Followed", "Records that one follows"},
	}
}

// fieldFilterForm is the form of a filter by fields.
type fieldFilterForm struct {
	Filter   store.FieldFilter
	Shared   bool
	Rows     []filterRow
	Problems problems
}

// filterRow is a comparison as it is typed.
type filterRow struct {
	Field, Op, Value string
	// WhenUsed tells that the value is chosen when the filter is used.
	WhenUsed bool
}

func (f fieldFilterForm) fresh() bool { return f.Filter.ID == 0 }

func (f fieldFilterForm) title() string {
	if f.fresh() {
		return "New filter"
	}
	return f.Filter.Name
}

func (f fieldFilterForm) action() string {
	if f.fresh() {
		return fieldFiltersPath
	}
	return fieldFilterPath(f.Filter.ID)
}

func (s *Server) showFieldFilters(w http.ResponseWriter, r *http.Request) error {
	list, err := s.app.WorkFilters(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	return s.render(w, r, page{Title: "Filters of the work list", Keys: []ui.KeyHint{{Key: "n", Does: "New filter"}}}, fieldFiltersPage(s.view(r), list))
}

func (s *Server) showNewFieldFilter(w http.ResponseWriter, r *http.Request) error {
	kind := record.Kind(text(r, "kind"))
	if !slices.Contains(record.Kinds(), kind) {
		kind = record.Lead
	}
	return s.renderFieldFilter(w, r, 0, fieldFilterForm{Filter: store.FieldFilter{Kind: kind}})
}

func (s *Server) showFieldFilter(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readSavedFilter(r)
	if err != nil {
		return err
	}
	form := fieldFilterForm{Filter: f, Shared: f.User == 0}
	for _, row := range f.Rows {
		form.Rows = append(form.Rows, filterRow{row.Field, string(row.Op), strings.Join(row.Values, ", "), row.WhenUsed})
	}
	return s.renderFieldFilter(w, r, 0, form)
}

func (s *Server) readSavedFilter(r *http.Request) (store.FieldFilter, error) {
	var id ident.FieldFilter
	if err := readID(r.PathValue("id"), &id); err != nil {
		return store.FieldFilter{}, err
	}
	return s.app.GetFieldFilter(r.Context(), actorOf(r), id)
}

func (s *Server) renderFieldFilter(w http.ResponseWriter, r *http.Request, status int, f fieldFilterForm) error {
	for len(f.Rows) < leastRows {
		f.Rows = append(f.Rows, filterRow{})
	}
	return s.render(w, r, page{Title: f.title(), Status: status}, fieldFilterPage(s.view(r), f))
}

// saveFieldFilter saves a new filter, or a changed one; the button for another row only shows the form again.
func (s *Server) saveFieldFilter(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	form := fieldFilterForm{Shared: text(r, "shared") == "1"}
	if r.PathValue("id") != "" {
		var err error
		if form.Filter, err = s.readSavedFilter(r); err != nil {
			return err
		}
	} else {
		form.Filter.Kind = record.Kind(text(r, "kind"))
	}
	form.read(r)
	if text(r, "more") != "" {
		form.Rows = append(form.Rows, filterRow{})
		return s.renderFieldFilter(w, r, 0, form)
	}
	saved, err := s.app.SaveFieldFilter(r.Context(), actorOf(r), form.Filter, form.Shared)
	if err != nil {
		var shown bool
		if form.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderFieldFilter(w, r, http.StatusUnprocessableEntity, form)
	}
	s.say(r, "The filter “"+saved.Name+"” is saved.")
	return s.redirect(w, r, fieldFiltersPath)
}

// read reads what was typed; a row without a field is not meant.
func (f *fieldFilterForm) read(r *http.Request) {
	f.Filter.Name, f.Filter.Group, f.Filter.Rows = text(r, "name"), text(r, "group"), nil
	ops, values := r.PostForm["op"], r.PostForm["value"]
	for i, field := range r.PostForm["field"] {
		if field == "" || i >= len(ops) || i >= len(values) {
			continue
		}
		row := filterRow{field, ops[i], values[i], slices.Contains(r.PostForm["when_used"], strconv.Itoa(i))}
		f.Rows = append(f.Rows, row)
		f.Filter.Rows = append(f.Filter.Rows, row.read())
	}
}

// read gives the comparison that is typed.
func (row filterRow) read() store.FilterRow {
	op := record.Op(row.Op)
	return store.FilterRow{Condition: record.Condition{Field: row.Field, Op: op, Values: action.FilterTexts(op, row.Value)}, WhenUsed: row.WhenUsed}
}

func (s *Server) deleteFieldFilter(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readSavedFilter(r)
	if err != nil {
		return err
	}
	if err := s.app.DeleteFieldFilter(r.Context(), actorOf(r), f.ID); err != nil {
		return err
	}
	s.say(r, "The filter “"+f.Name+"” is deleted.")
	return s.redirect(w, r, fieldFiltersPath)
}

func (s *Server) deleteFilterGroup(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	group := text(r, "group")
	if err := s.app.DeleteFilterGroup(r.Context(), actorOf(r), group, text(r, "shared") == "1"); err != nil {
		return err
	}
	s.say(r, "The group “"+groupLabel(group)+"” is deleted with its filters.")
	return s.redirect(w, r, fieldFiltersPath)
}

// hideFilter hides a filter or a group, or shows it again.
func (s *Server) hideFilter(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	if err := s.app.HideFilter(r.Context(), actorOf(r), text(r, "name"), text(r, "hide") == "1", text(r, "all") == "1"); err != nil {
		return s.notHere(w, r, err, fieldFiltersPath)
	}
	return s.redirect(w, r, fieldFiltersPath)
}

// groupLabel names a group of filters.
func groupLabel(group string) string {
	if group == "" {
		return "More"
	}
	return group
}

// filterGroup is a group of filters by fields, of everybody or of the reader.
type filterGroup struct {
	Name    string
	Filters []store.FieldFilter
}

// filterGroups puts filters under the names of their groups, as they come.
func filterGroups(list []store.FieldFilter) (groups []filterGroup) {
	for _, f := range list {
		if n := len(groups); n == 0 || groups[n-1].Name != f.Group {
			groups = append(groups, filterGroup{Name: f.Group})
		}
		g := &groups[len(groups)-1]
		g.Filters = append(g.Filters, f)
	}
	return groups
}

// mayChange tells whether the reader may change a filter.
func mayChangeFilter(v view, f store.FieldFilter) bool {
	return f.User != 0 || v.may(access.ManageSettings)
}

// filterFieldOptions are the fields of a kind and of the records that it names.
func filterFieldOptions(kind record.Kind) []ui.Option {
	options := []ui.Option{{Value: "", Label: "Choose a field"}}
	for _, f := range record.Fields(kind) {
		options = append(options, ui.Option{Value: f.Key, Label: f.Label})
	}
	for _, lookup := range record.Lookups(kind) {
		for _, f := range record.RelatedFields(lookup) {
			options = append(options, ui.Option{Value: f.Key, Label: f.Label})
		}
	}
	return options
}

func opOptions() []ui.Option {
	var options []ui.Option
	for _, o := range record.AllOps() {
		options = append(options, ui.Option{Value: string(o), Label: o.Label()})
	}
	return options
}

// choiceLines say what can stand in the fields that hold one of a few values.
func choiceLines(kind record.Kind) []string {
	var lines []string
	for _, f := range record.Fields(kind) {
		if len(f.Options) > 0 {
			lines = append(lines, f.Label+": "+strings.Join(f.Options, ", "))
		}
	}
	return lines
}

// rowProblem gives what is wrong with a row of a filter.
func rowProblem(p problems, row int) string {
	prefix := "rows." + strconv.Itoa(row)
	for _, one := range p.list {
		if one.Field == prefix || strings.HasPrefix(one.Field, prefix+".") {
			return one.Message
		}
	}
	return ""
}

// filterState says whether a filter is shown, and whose wish it is when it is not.
func filterState(l action.WorkFilters, name string) ui.BadgeProps {
	switch {
	case slices.Contains(l.ForAll, name):
		return ui.BadgeProps{Text: "Hidden from all", Tone: ui.Amber}
	case slices.Contains(l.Own, name):
		return ui.BadgeProps{Text: "Hidden from me", Tone: ui.Neutral}
	}
	return ui.BadgeProps{Text: "Shown", Tone: ui.Green}
}
