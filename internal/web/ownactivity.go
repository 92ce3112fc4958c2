package web

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// activityEdit is the form that changes an activity of the record alone.
type activityEdit struct {
	View                   view
	Activity               store.Activity
	Name, Description, Due string
	// Of a meeting.
	meetingFields
	// From is the page over which it was asked for, and to which it leads back.
	From     string
	Problems problems
}

func (s *Server) showEditActivity(w http.ResponseWriter, r *http.Request) error {
	e, err := s.readActivityEdit(r)
	if err != nil {
		return err
	}
	e.Name, e.Description, e.Due = e.Activity.Name, e.Activity.Description, e.Activity.DueAt.In(e.View.Zone).Format(localTime)
	e.meetingFields = meetingFieldsOf(e.Activity, e.View.Zone)
	return s.askEdit(w, r, 0, e)
}

func (s *Server) askEdit(w http.ResponseWriter, r *http.Request, status int, e activityEdit) error {
	if isFragment(r) {
		w.Header().Set("HX-Reswap", "innerHTML")
	}
	q := question{ID: "edit-activity", Title: "Edit " + strings.ToLower(e.word()), Text: "For " + e.Activity.RecordName + ".", Back: e.From}
	return s.ask(w, r, status, q, func(q question) templ.Component { return editActivityBody(q, e) })
}

func (s *Server) readActivityEdit(r *http.Request) (activityEdit, error) {
	e := activityEdit{View: s.view(r)}
	id, err := activityOf(r)
	if err != nil {
		return e, err
	}
	if e.Activity, err = s.app.GetActivity(r.Context(), actorOf(r), id); err != nil {
		return e, err
	}
	if err := action.OfRecord(e.Activity); err != nil {
		return e, err
	}
	e.From = recordPath(e.Activity.Record)
	if work := workAround(r); work != "" {
		e.From = work
	}
	return e, nil
}

func (s *Server) editActivity(w http.ResponseWriter, r *http.Request) error {
	e, err := s.readActivityEdit(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	e.Name, e.Description, e.Due, e.From = text(r, "name"), text(r, "description"), text(r, "due"), back(r, e.From)
	e.meetingFields = readMeetingFields(r)
	c, err := e.change()
	if err == nil {
		_, err = s.app.EditActivity(r.Context(), actorOf(r), e.Activity.ID, c)
	}
	if err != nil {
		var shown bool
		if e.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askEdit(w, r, http.StatusUnprocessableEntity, e)
	}
	s.say(r, "“"+e.Name+"” is changed.")
	return s.comeBack(w, r, e.From)
}

// word names what is edited.
func (e activityEdit) word() string {
	if e.Activity.Kind == step.Meeting {
		return stepLabel(step.Meeting)
	}
	return "activity"
}

// change reads what the form changes.
func (e activityEdit) change() (action.ActivityChange, error) {
	c := action.ActivityChange{Name: &e.Name, Description: &e.Description}
	if e.Activity.Kind != step.Meeting {
		due, err := readLocalTime(e.View, e.Due)
		if err != nil {
			return c, fault.Field("due", "invalid", "Choose a date and time.")
		}
		if e.Due != e.Activity.DueAt.In(e.View.Zone).Format(localTime) { // the form knows no seconds
			c.DueAt = &due
		}
		return c, nil
	}
	people := e.people()
	c.Place, c.People = &e.Place, &people
	begins, ends, err := e.span(e.View)
	if was := meetingFieldsOf(e.Activity, e.View.Zone); err == nil && (e.Begins != was.Begins || e.Length != was.Length) {
		c.DueAt, c.EndsAt = &begins, &ends
	}
	return c, err
}

// deleteActivity asks nothing: the message that follows takes it back.
func (s *Server) deleteActivity(w http.ResponseWriter, r *http.Request) error {
	id, err := activityOf(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	a, err := s.app.DeleteActivity(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	s.flash(r, ui.Flash{Text: "“" + a.Name + "” is deleted.", Action: activityPath(id) + "/restore", LinkText: "Undo"})
	return s.comeBack(w, r, back(r, recordPath(a.Record)))
}

func (s *Server) restoreActivity(w http.ResponseWriter, r *http.Request) error {
	id, err := activityOf(r)
	if err != nil {
		return err
	}
	a, err := s.app.RestoreActivity(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	s.say(r, "“"+a.Name+"” is back.")
	return s.redirect(w, r, activityPath(a.ID))
}

// activityOf reads the activity that the address names.
func activityOf(r *http.Request) (ident.Activity, error) {
	var id ident.Activity
	err := readID(r.PathValue("id"), &id)
	return id, err
}

// ownEntries are what can be done with an activity that no sequence gave, besides doing it.
func (c scope) ownEntries(a store.Activity) []ui.MenuEntry {
	if action.OfRecord(a) != nil || a.State != store.ActivityOpen {
		return nil
	}
	edit, remove, back := activityPath(a.ID)+"/edit", activityPath(a.ID)+"/delete", c.Back
	if back == "" {
		back = c.Filter.list()
	}
	return []ui.MenuEntry{
		{Label: "Edit", Icon: "pencil", Href: edit, Attrs: asks(edit), Divider: true},
		{Label: "Delete", Icon: "trash", Action: remove, Fields: []ui.Hidden{{Name: "back", Value: back}}, Attrs: c.stay(remove), Danger: true},
	}
}
