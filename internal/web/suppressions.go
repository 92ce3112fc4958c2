package web

import (
	"net/http"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/importer"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const (
	suppressionsPath = "/suppressions"
	optOutPath       = "/settings/opt-out"
	// suppressionFileLimit bounds a file of addresses.
	suppressionFileLimit = 10 << 20
)

// suppressionList is the state of the page of suppressions.
type suppressionList struct {
	Query store.SuppressionQuery
	Page  store.Page[store.Suppression]
	First string
	Older string
	// Address and Note are those of the form that adds one.
	Address, Note string
	Problems      problems
	// Imported is what became of a file; nil for none.
	Imported *action.SuppressionImport
}

func (l suppressionList) narrowed() bool {
	return l.Query.Search != "" || l.Query.Source != "" || l.Query.Channel != ""
}

func (s *Server) showSuppressions(w http.ResponseWriter, r *http.Request) error {
	return s.renderSuppressions(w, r, 0, suppressionList{})
}

func (s *Server) renderSuppressions(w http.ResponseWriter, r *http.Request, status int, l suppressionList) error {
	q := r.URL.Query()
	l.Query = store.SuppressionQuery{Search: q.Get("q"), Source: store.SuppressionSource(q.Get("source")), Channel: message.Channel(q.Get("channel")), Cursor: q.Get("cursor")}
	if !l.Query.Channel.Known() {
		l.Query.Channel = ""
	}
	var err error
	if l.Page, err = s.app.ListSuppressions(r.Context(), actorOf(r), l.Query); err != nil {
		return err
	}
	if l.Page.Next != "" {
		l.Older = withQuery(r, "cursor", l.Page.Next)
	}
	if l.Query.Cursor != "" {
		l.First = withQuery(r, "cursor", "")
	}
	v := s.view(r)
	if status == 0 && isFragment(r) {
		return s.fragment(w, r, 0, suppressionResults(v, l))
	}
	return s.render(w, r, page{Title: "Suppressions", Status: status, Keys: []ui.KeyHint{{Key: "/", Does: "Search"}}}, suppressionsPage(v, l))
}

func suppressionTable(v view, l suppressionList) ui.TableProps {
	t := ui.TableProps{Caption: "Suppressions", Columns: []ui.Column{
		{Label: "Address", Wide: true}, {Label: "Why"}, {Label: "Came from", HidePhone: true}, {Label: "Since"},
	}}
	if v.may(access.ManageSuppressions) {
		t.Columns = append(t.Columns, ui.Column{Label: "Remove", HideLabel: true})
	}
	for _, one := range l.Page.Rows {
		row := ui.Row{ID: one.ID.String(), Label: one.Address, Cells: []ui.Cell{
			{Text: one.Address, Sub: suppressionSub(one)},
			{Text: one.Source.Label()},
			suppressionOrigin(one),
			{Content: ui.Time(v.at(one.At))},
		}}
		if v.may(access.ManageSuppressions) {
			row.Cells = append(row.Cells, ui.Cell{Content: removeSuppressionButton(one)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// suppressionSub says what the address is, where it is not an email address, and the note.
func suppressionSub(s store.Suppression) string {
	what := ""
	switch {
	case s.Domain():
		what = "Every address of the domain"
	case s.Channel == message.TextChannel:
		what = "Text messages"
	}
	return joined(" · ", what, s.Note)
}

// suppressionOrigin leads to the record whose message led to it, or names who added it.
func suppressionOrigin(s store.Suppression) ui.Cell {
	if s.RecordName != "" {
		return ui.Cell{Text: s.RecordName, Href: recordPath(s.Record)}
	}
	return ui.Cell{Text: s.ByName, Soft: true}
}

func sourceOptions() []ui.Option {
	options := []ui.Option{{Label: "All reasons"}}
	for _, s := range store.SuppressionSources() {
		options = append(options, ui.Option{Value: string(s), Label: s.Label()})
	}
	return options
}

func (s *Server) addSuppression(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	l := suppressionList{Address: text(r, "address"), Note: text(r, "note")}
	added, err := s.app.AddSuppression(r.Context(), actorOf(r), action.SuppressionInput{Address: l.Address, Note: l.Note, Source: store.FromPerson})
	if err != nil {
		var shown bool
		if l.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderSuppressions(w, r, http.StatusUnprocessableEntity, l)
	}
	s.say(r, added.Address+" is written to no more.")
	return s.redirect(w, r, suppressionsPath)
}

func (s *Server) suppressionOf(r *http.Request) (store.Suppression, error) {
	var id ident.Suppression
	if err := readID(r.PathValue("id"), &id); err != nil {
		return store.Suppression{}, err
	}
	return s.app.GetSuppression(r.Context(), actorOf(r), id)
}

func (s *Server) showRemoveSuppression(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.ManageSuppressions)); err != nil {
		return err
	}
	return s.askRemoveSuppression(w, r, 0, problems{})
}

func (s *Server) askRemoveSuppression(w http.ResponseWriter, r *http.Request, status int, p problems) error {
	one, err := s.suppressionOf(r)
	if err != nil {
		return err
	}
	q := question{ID: "remove-suppression", Title: "Write to " + one.Address + " again?", Size: ui.Small, Back: suppressionsPath}
	return s.ask(w, r, status, q, func(q question) templ.Component { return removeSuppressionBody(q, one, text(r, "reason"), p) })
}

func (s *Server) removeSuppression(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	one, err := s.suppressionOf(r)
	if err != nil {
		return err
	}
	if err := s.app.RemoveSuppression(r.Context(), actorOf(r), one.ID, text(r, "reason")); err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.askRemoveSuppression(w, r, http.StatusUnprocessableEntity, p)
	}
	s.say(r, one.Address+" may be written to again.")
	return s.redirect(w, r, suppressionsPath)
}

// importSuppressions takes a CSV file whose first column is the address and whose second, if there is one, is a note.
func (s *Server) importSuppressions(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	rows, err := readUploadedRows(r)
	l := suppressionList{}
	if err == nil {
		var done action.SuppressionImport
		done, err = s.app.ImportSuppressionFile(r.Context(), actorOf(r), rows)
		l.Imported = &done
	}
	if err != nil {
		var shown bool
		if l.Problems, shown = refused(err); !shown {
			return err
		}
		l.Imported = nil
		return s.renderSuppressions(w, r, http.StatusUnprocessableEntity, l)
	}
	return s.renderSuppressions(w, r, http.StatusOK, l)
}

// readUploadedRows reads the CSV file of a form.
func readUploadedRows(r *http.Request) ([]importer.CellRow, error) {
	file, _, err := r.FormFile("file")
	if err != nil {
		return nil, fault.Field("file", "required", "Choose a file.")
	}
	defer func() { _ = file.Close() }()
	return importer.ReadRows(file)
}

func (s *Server) exportSuppressions(w http.ResponseWriter, r *http.Request) error {
	return s.app.ExportSuppressions(r.Context(), actorOf(r), &download{w: w, name: "suppressions.csv"})
}

func (s *Server) showOptOut(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.ManageSettings)); err != nil {
		return err
	}
	o, err := s.app.GetOptOut(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	return s.renderOptOut(w, r, 0, o, problems{})
}

// wayOut tells whether emails can lead their readers out.
type wayOut struct {
	said string
	ok   bool
}

// inEmail says what an email offers beside the line that the page sets.
func (w wayOut) inEmail() string {
	const own = "A template has a link of its own where it uses the merge field “Link to opt out”."
	if !w.ok {
		return own
	}
	return "Mail readers show a button of their own for automated emails. " + own + " " + w.said
}

func (s *Server) renderOptOut(w http.ResponseWriter, r *http.Request, status int, o store.OptOut, p problems) error {
	said, ok, err := s.app.WayOut(r.Context())
	if err != nil {
		return err
	}
	return s.render(w, r, page{Title: "Opt-out", Status: status}, optOutPage(o, wayOut{said, ok}, p))
}

func (s *Server) saveOptOut(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	o := store.OptOut{Footer: text(r, "footer") != "", ByHand: text(r, "by_hand") != "", Rev: readRev(r)}
	for _, f := range o.OptOutFields() {
		*f.Text = text(r, f.Key)
	}
	if _, err := s.app.SaveOptOut(r.Context(), actorOf(r), o); err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.renderOptOut(w, r, http.StatusUnprocessableEntity, o, p)
	}
	s.say(r, "Opt-out saved.")
	return s.redirect(w, r, optOutPath)
}
