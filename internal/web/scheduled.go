package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// mayChange tells whether the reader may move or take back a message that waits.
func (v view) mayChange(m store.Message) bool {
	return m.Pending() && (m.User == v.Actor.ID || v.mayOn(access.DoActivities, m.User))
}

// waitingText says what an activity waits for whose email is not sent yet.
func waitingText(c scope, a store.Activity) string {
	m, found := c.Mail[a.ID]
	switch {
	case !found:
	case m.State == store.MessageHeld:
		return "The email waits until the sequence is resumed."
	case m.Waits(c.View.Now):
		return "The email goes out " + c.clock(m.ScheduledAt) + ". The activity is completed when it is sent."
	case m.Reason != "":
		return "The email waits: " + m.Reason
	}
	return onItsWay(a)
}

// clock says a moment by the record's clock and the reader's.
func (c scope) clock(at time.Time) string {
	zone, err := time.LoadLocation(c.Record.Get("time_zone"))
	if err != nil || c.Record.Get("time_zone") == "" {
		zone = c.View.Zone
	}
	return action.ClockIn(at, zone, c.View.Zone)
}

// sendMessageNow sends an email that waits for its time.
func (s *Server) sendMessageNow(w http.ResponseWriter, r *http.Request) error {
	return s.changeMessage(w, r, func(id ident.Message) (string, error) {
		m, err := s.app.RescheduleMessage(r.Context(), actorOf(r), id, time.Time{})
		return "The email to " + m.Recipient + " is on its way.", err
	})
}

// takeBackMessage takes an email back that waits, and opens it to be changed.
func (s *Server) takeBackMessage(w http.ResponseWriter, r *http.Request) error {
	id, err := s.messageID(r)
	if err != nil {
		return err
	}
	m, err := s.app.TakeBackMessage(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	s.say(r, "The email is taken back. Its text is kept as a draft.")
	return s.redirect(w, r, composerOf(m.Activity, r.PostFormValue("back")))
}

// composerOf gives the address of an activity's composer, in the work list as it was filtered when somebody came from there.
func composerOf(id ident.Activity, back string) string {
	query := url.Values{}
	if from, err := url.Parse(back); err == nil && from.Path == activityPath(id) {
		query = from.Query()
	}
	query.Set("do", "email")
	return activityPath(id) + "?" + query.Encode()
}

func (s *Server) messageID(r *http.Request) (id ident.Message, err error) {
	if err = parse(r); err == nil {
		err = readID(r.PathValue("id"), &id)
	}
	return id, err
}

func (s *Server) changeMessage(w http.ResponseWriter, r *http.Request, change func(ident.Message) (string, error)) error {
	id, err := s.messageID(r)
	if err != nil {
		return err
	}
	said, err := change(id)
	if err != nil {
		return err
	}
	s.say(r, said)
	return s.redirect(w, r, back(r, messagePath(id)))
}

// sendTimeForm is the question for another time.
type sendTimeForm struct {
	Message  store.Message
	Later    laterForm
	View     view
	Back     string
	Problems problems
}

func (s *Server) readSendTimeForm(r *http.Request) (f sendTimeForm, err error) {
	id, err := s.messageID(r)
	if err != nil {
		return f, err
	}
	f = sendTimeForm{View: s.view(r), Back: back(r, messagePath(id))}
	if f.Message, err = s.app.GetMessage(r.Context(), actorOf(r), id); err != nil {
		return f, err
	}
	f.Later, err = s.readLater(r, store.Activity{Record: f.Message.Record})
	return f, err
}

func (s *Server) showSendTime(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readSendTimeForm(r)
	if err != nil {
		return err
	}
	return s.askSendTime(w, r, 0, f)
}

func (s *Server) askSendTime(w http.ResponseWriter, r *http.Request, status int, f sendTimeForm) error {
	q := question{ID: "send-time", Title: "When is it sent?", Back: f.Back, Size: ui.Small}
	return s.ask(w, r, status, q, func(q question) templ.Component { return sendTimeBody(q, f) })
}

// saveSendTime moves an email that waits to another time.
func (s *Server) saveSendTime(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readSendTimeForm(r)
	if err != nil {
		return err
	}
	zone := f.Later.zone(f.View)
	at, err := readSendTime(f.View, zone, r)
	if err == nil {
		f.Message, err = s.app.RescheduleMessage(r.Context(), actorOf(r), f.Message.ID, at)
	}
	if err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askSendTime(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "The email to "+f.Message.Recipient+" goes out "+action.ClockIn(at, zone, f.View.Zone)+".")
	return s.redirect(w, r, f.Back)
}
