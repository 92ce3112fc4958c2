package web

import (
	"net/http"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/web/ui"
)

// newActivityForm is the form of an activity made by hand.
type newActivityForm struct {
	scope
	Kind, Name, Description, Due, Assignee string
	// From is the page over which it was asked for, and to which it leads back.
	From     string
	Problems problems
}

func (f newActivityForm) button() string { return "Add activity" }

// showNewActivity shows the form; it is due now unless another time is chosen.
func (s *Server) showNewActivity(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readNewActivity(r)
	if err != nil {
		return err
	}
	f.Kind, f.Due, f.Assignee = "task", f.View.Now.Format(localTime), f.View.Actor.ID.String()
	return s.askActivity(w, r, 0, f)
}

// askActivity shows the form, over the work list or on a page of its own.
func (s *Server) askActivity(w http.ResponseWriter, r *http.Request, status int, f newActivityForm) error {
	q := question{ID: "new-activity", Title: "Add activity", Text: "For " + f.Record.Name() + ". It stands on the work list of the person who does it.", Back: f.From}
	return s.ask(w, r, status, q, func(q question) templ.Component { return newActivityBody(q, f) })
}

func (s *Server) readNewActivity(r *http.Request) (newActivityForm, error) {
	id, err := recordOf(r)
	if err != nil {
		return newActivityForm{}, err
	}
	c, err := s.readScope(r, id)
	f := newActivityForm{scope: c, From: recordPath(id)}
	if work := workAround(r); work != "" {
		f.From = work
	}
	return f, err
}

// createActivity makes an activity by hand.
func (s *Server) createActivity(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readNewActivity(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	f.Kind, f.Name, f.Description = text(r, "kind"), text(r, "name"), text(r, "description")
	f.Due, f.Assignee, f.From = text(r, "due"), text(r, "assignee"), back(r, f.From)
	in := action.NewActivity{Record: f.Record.ID, Kind: f.Kind, Name: f.Name, Description: f.Description}
	err = f.fill(&in)
	if err == nil {
		_, err = s.app.CreateActivity(r.Context(), actorOf(r), in)
	}
	if err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askActivity(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "“"+f.Name+"” is added.")
	return s.comeBack(w, r, f.From)
}

// fill reads the due time and the assignee of the form.
func (f newActivityForm) fill(in *action.NewActivity) error {
	var assignee ident.User
	if f.Assignee != "" && readID(f.Assignee, &assignee) != nil {
		return fault.Field("assignee", "invalid", "Choose who does it.")
	}
	in.Assignee = assignee
	if f.Due == "" {
		return nil
	}
	at, err := readLocalTime(f.View, f.Due)
	if err != nil {
		return fault.Field("due", "invalid", "Choose a date and time.")
	}
	in.DueAt = at
	return nil
}

// newActivityKinds are the kinds of activities that are made by hand.
func newActivityKinds() []ui.Option {
	return []ui.Option{{Value: "task", Label: "Task"}, {Value: "phone_call", Label: "Phone call"}, {Value: "email", Label: "Email"}, {Value: "text_message", Label: "Text message"}}
}
