package web

import (
	"net/http"
	"strconv"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// recordForm is the form of a record, new or being edited. It keeps what was typed.
type recordForm struct {
	View   view
	Kind   record.Kind
	ID     ident.Record // zero for a new one
	Name   string
	Values record.Values
	// Links are the records whose names the lookups show.
	Links map[string]store.Link
	Owner ident.User
	Rev   int64
	Users []store.User
	// Connected counts the sequences that closing would end.
	Connected int
	Problems  problems
	// Stale tells that somebody else changed the record meanwhile.
	Stale bool
}

// path is the address that takes the form.
func (f recordForm) path() string {
	if f.ID == 0 {
		return recordsPath(f.Kind)
	}
	return recordPath(f.ID)
}

// leave is the page to which Cancel leads.
func (f recordForm) leave() string { return f.path() }

// showNewRecord shows the empty form of a kind.
func (s *Server) showNewRecord(kind record.Kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := s.newRecordForm(r, kind)
		if err != nil {
			return err
		}
		if err := s.prefillLinks(r, &f); err != nil {
			return err
		}
		return s.renderRecordForm(w, r, 0, f)
	}
}

func (s *Server) newRecordForm(r *http.Request, kind record.Kind) (recordForm, error) {
	users, err := s.app.ListUsers(r.Context(), actorOf(r))
	return recordForm{View: s.view(r), Kind: kind, Values: record.Values{}, Owner: actorOf(r).ID, Users: users}, err
}

func (s *Server) renderRecordForm(w http.ResponseWriter, r *http.Request, status int, f recordForm) error {
	title := "New " + kindWord(f.Kind, 1)
	if f.ID != 0 {
		title = "Edit " + f.Name
	}
	return s.render(w, r, page{Title: title, Status: status}, recordFormPage(f, title))
}

// createRecord makes a record of a kind.
func (s *Server) createRecord(kind record.Kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := s.newRecordForm(r, kind)
		if err != nil {
			return err
		}
		if err := parse(r); err != nil {
			return err
		}
		f.read(r)
		values, err := s.linked(r, f)
		if err != nil {
			return s.showRefusedRecord(w, r, f, err)
		}
		rec, err := s.app.CreateRecord(r.Context(), actorOf(r), action.RecordInput{Kind: kind, Values: values, Owner: f.Owner})
		if err != nil {
			return s.showRefusedRecord(w, r, f, err)
		}
		s.say(r, rec.Name()+" is created.")
		return s.redirect(w, r, recordPath(rec.ID))
	}
}

// read takes over what was typed. A box that is not ticked is not sent, so it clears its field.
func (f *recordForm) read(r *http.Request) {
	f.Values = record.Values{}
	for _, field := range record.Fields(f.Kind) {
		f.Values[field.Key] = text(r, field.Key)
	}
	f.Links = shownLinks(r, f.Kind)
	var owner ident.User
	if readID(r.FormValue("owner"), &owner) == nil {
		f.Owner = owner
	}
}

// showRefusedRecord shows the form again with what is wrong, or gives the error on.
func (s *Server) showRefusedRecord(w http.ResponseWriter, r *http.Request, f recordForm, err error) error {
	var shown bool
	if f.Problems, shown = refused(err); !shown {
		return err
	}
	f.Stale = fault.Is(err, fault.Stale)
	return s.renderRecordForm(w, r, http.StatusUnprocessableEntity, f)
}

// readRecordForm loads the form of a record that exists.
func (s *Server) readRecordForm(r *http.Request) (recordForm, error) {
	id, err := recordOf(r)
	if err != nil {
		return recordForm{}, err
	}
	rec, err := s.app.GetRecord(r.Context(), actorOf(r), id)
	if err != nil {
		return recordForm{}, err
	}
	f, err := s.newRecordForm(r, rec.Kind)
	if err != nil {
		return f, err
	}
	f.ID, f.Name, f.Values, f.Links, f.Owner, f.Rev = rec.ID, rec.Name(), rec.Values, rec.Links, rec.Owner, rec.Rev
	live, err := s.app.ListEnrollments(r.Context(), actorOf(r), store.EnrollmentQuery{Record: id, Status: "live"})
	f.Connected = len(live.Rows)
	return f, err
}

func (s *Server) showRecordForm(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readRecordForm(r)
	if err != nil {
		return err
	}
	return s.renderRecordForm(w, r, 0, f)
}

// saveRecord changes a record, unless somebody else changed it since the form was shown.
func (s *Server) saveRecord(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readRecordForm(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	before := f.Owner
	f.read(r)
	f.Rev, _ = strconv.ParseInt(r.FormValue("rev"), 10, 64) // without a revision nothing is checked
	values, err := s.linked(r, f)
	if err != nil {
		return s.showRefusedRecord(w, r, f, err)
	}
	change := action.RecordChange{Values: values, Rev: f.Rev}
	if f.Owner != before {
		change.Owner = &f.Owner
	}
	rec, err := s.app.UpdateRecord(r.Context(), actorOf(r), f.ID, change)
	if err != nil {
		return s.showRefusedRecord(w, r, f, err)
	}
	s.say(r, rec.Name()+" is saved.")
	return s.redirect(w, r, recordPath(rec.ID))
}

// recordFieldProps shows one field of a record in its form.
func recordFieldProps(f recordForm, field record.Field) ui.FieldProps {
	p := ui.FieldProps{
		Name: field.Key, Label: field.Label, Value: f.Values[field.Key], Required: field.Required(), Error: f.Problems.of(field.Key), Autocomplete: "off",
	}
	switch field.Type {
	case record.Email:
		p.Kind = ui.EmailField
	case record.Phone:
		p.Kind = ui.PhoneField
		if field.Key == "phone" {
			p.Hint = "With the country code, for instance +49 30 901820."
		}
	case record.URL:
		p.Placeholder = "https://"
	case record.Number:
		p.InputMode = "decimal"
	case record.Date:
		p.Kind = ui.DateField
	case record.LongText:
		p.Kind, p.Rows, p.MaxLength = ui.TextAreaField, 5, 10_000
	case record.Choice:
		p.Kind = ui.SelectField
		if field.Key != "status" {
			p.Options = []ui.Option{{Value: "", Label: "None"}}
		}
		for _, o := range field.Options {
			p.Options = append(p.Options, ui.Option{Value: o, Label: sentenceCase(o)})
		}
		if field.Key == "status" && f.Connected > 0 {
			p.Hint = "Closing it ends " + plural(f.Connected, "sequence", "sequences") + " for this " + kindWord(f.Kind, 1) + "."
		}
	case record.Zone:
		p.Hint, p.Attrs = "For instance Europe/Berlin.", ui.A("list", "zones")
	case record.Bool:
		p.Kind, p.Value, p.Checked = ui.CheckField, "true", f.Values[field.Key] != ""
	case record.Lookup:
		p.Value = f.linkText(field)
		p.Hint, p.Attrs = "Begin to write its name.", linkAttrs(field)
	case record.Text:
		p.MaxLength = 255
	}
	return p
}

// recordSection is a group of fields in the form.
type recordSection struct {
	Title, Text string
	Fields      []record.Field
}

// recordSections groups the fields of a kind: who it is, how to reach it, everything else.
func recordSections(kind record.Kind) []recordSection {
	who := recordSection{Title: "Who it is"}
	reach := recordSection{Title: "How to reach them", Text: "Phone first, then mobile, is what sellers call."}
	rest := recordSection{Title: "Details"}
	for _, f := range record.Fields(kind) {
		switch f.Key {
		case "name", "first_name", "last_name", "company", "account", "contact", "job_title":
			who.Fields = append(who.Fields, f)
		case "email", "phone", "mobile", "time_zone", "do_not_email", "do_not_track", "do_not_text", "do_not_phone":
			reach.Fields = append(reach.Fields, f)
		default:
			rest.Fields = append(rest.Fields, f)
		}
	}
	return []recordSection{who, reach, rest}
}

// mayChangeOwner tells whether the reader may give the record to somebody else.
func (f recordForm) mayChangeOwner() bool { return f.View.may(access.EditAllRecords) }
