package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const calendarPath = "/calendar"

// calendarMode is how many days are shown. Where nobody chose, both are there: a wide window shows the week, a phone the day.
type calendarMode string

const (
	bothModes calendarMode = ""
	dayMode   calendarMode = "day"
	weekMode  calendarMode = "week"
)

// calendarQuery is what somebody looks at; it rides in the address.
type calendarQuery struct {
	Mode calendarMode
	// Date is one of the days that are shown, zero for today.
	Date calendar.Date
	User ident.User
	// Moved is the activity that was moved just now.
	Moved ident.Activity
}

// readCalendarQuery reads a query; what it does not know counts as not set.
func readCalendarQuery(q url.Values) (c calendarQuery) {
	if m := calendarMode(q.Get("view")); m == dayMode || m == weekMode {
		c.Mode = m
	}
	if d, err := calendar.ParseDate(q.Get("date")); err == nil {
		c.Date = d
	}
	_ = readID(q.Get("user"), &c.User)
	_ = readID(q.Get("moved"), &c.Moved)
	return c
}

// path gives the address of the query.
func (c calendarQuery) path() string {
	q := url.Values{}
	if c.Mode != bothModes {
		q.Set("view", string(c.Mode))
	}
	if c.Date != 0 {
		q.Set("date", c.Date.String())
	}
	if c.User != 0 {
		q.Set("user", c.User.String())
	}
	if c.Moved != 0 {
		q.Set("moved", c.Moved.String())
	}
	if len(q) == 0 {
		return calendarPath
	}
	return calendarPath + "?" + q.Encode()
}

// on gives the query for another day, and for another mode; what was moved is not carried along.
func (c calendarQuery) on(mode calendarMode, d calendar.Date) calendarQuery {
	return calendarQuery{Mode: mode, Date: d, User: c.User}
}

// mondayOf is the first day of a date's week.
func mondayOf(d calendar.Date) calendar.Date {
	return d - calendar.Date((int(d.Start(time.UTC).Weekday())+6)%7)
}

// span gives the first and the last day that are loaded.
func (c calendarQuery) span(today calendar.Date) (from, to calendar.Date) {
	if c.Date == 0 {
		c.Date = today
	}
	if c.Mode == dayMode {
		return c.Date, c.Date
	}
	return mondayOf(c.Date), mondayOf(c.Date) + 6
}

// calendarProps is the page.
type calendarProps struct {
	View    view
	Query   calendarQuery
	Planned action.Planned
	// Today and Date are days of the user that is looked at.
	Today, Date calendar.Date
	// Users are those whose calendars the reader may look at; nil for the own alone.
	Users []store.User
	// Moved is what was moved just now, while that can be taken back.
	Moved *store.Activity
	// Overdue counts what the reader should have done by now.
	Overdue int
}

// own tells whether the reader looks at the own calendar.
func (p calendarProps) own() bool { return p.Planned.User.ID == p.View.Actor.ID }

// readCalendar loads what a query asks for.
func (s *Server) readCalendar(r *http.Request, q calendarQuery) (calendarProps, error) {
	v := s.view(r)
	p := calendarProps{View: v, Query: q}
	zone, err := s.zoneOfUser(r.Context(), v, q.User)
	if err != nil {
		return p, err
	}
	p.Today = calendar.DateAt(v.Now, zone)
	if p.Date = q.Date; p.Date == 0 {
		p.Date = p.Today
	}
	from, to := q.span(p.Today)
	if p.Planned, err = s.app.Planned(r.Context(), v.Actor, q.User, from, to); err != nil {
		return p, err
	}
	if v.may(access.ManageActivities) {
		if p.Users, err = s.app.ListUsers(r.Context(), v.Actor); err != nil {
			return p, err
		}
	}
	if p.Moved, err = s.movedJustNow(r.Context(), v, q.Moved); err != nil {
		return p, err
	}
	if p.own() {
		p.Overdue, _, err = s.app.WorkCounts(r.Context(), v.Actor, v.Actor.ID, v.Now)
	}
	return p, err
}

// zoneOfUser gives the zone in which a user's days are reckoned; zero is the reader.
func (s *Server) zoneOfUser(ctx context.Context, v view, user ident.User) (*time.Location, error) {
	if user == 0 || user == v.Actor.ID {
		return v.Zone, nil
	}
	w, err := s.app.WorkingTime(ctx, v.Actor, user)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(w.Zone)
	if err != nil || w.Zone == "" {
		return time.UTC, nil
	}
	return zone, nil
}

// undoTime is how long the calendar offers to take a move back.
const undoTime = time.Hour

// movedJustNow gives the activity whose move can be taken back; nil for none.
func (s *Server) movedJustNow(ctx context.Context, v view, id ident.Activity) (*store.Activity, error) {
	if id == 0 {
		return nil, nil
	}
	a, err := s.app.GetActivity(ctx, v.Actor, id)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case a.DueBefore.IsZero() || a.State != store.ActivityOpen || v.Now.Sub(a.MovedAt) > undoTime || !v.mayOn(access.DoActivities, a.Assignee):
		return nil, nil
	}
	return &a, nil
}

func (s *Server) showCalendar(w http.ResponseWriter, r *http.Request) error {
	return s.renderCalendar(w, r, readCalendarQuery(r.URL.Query()))
}

func (s *Server) renderCalendar(w http.ResponseWriter, r *http.Request, q calendarQuery) error {
	p, err := s.readCalendar(r, q)
	if err != nil {
		return err
	}
	if isFragment(r) {
		return s.fragment(w, r, 0, fragmentTitle("Calendar"), calendarBody(p))
	}
	return s.render(w, r, page{Title: "Calendar", Keys: calendarKeys(), Scripts: []string{"js/calendar.js"}}, calendarPage(p))
}

// calendarKeys are the keys of the calendar, for the list of keys.
func calendarKeys() []ui.KeyHint {
	return []ui.KeyHint{
		{Key: "t", Does: "Today"},
		{Key: "h", Does: "Earlier, as ←"},
		{Key: "l", Does: "Later, as →"},
		{Key: "d", Does: "Day"},
		{Key: "w", Does: "Week"},
		{Key: "j", Does: "Next activity"},
		{Key: "k", Does: "Previous activity"},
		{Key: "m", Does: "Move the activity"},
		{Key: "b", Does: "Book a meeting"},
		{Key: "u", Does: "Undo the move"},
	}
}

// moveForm is the form that moves an activity to another time.
type moveForm struct {
	Activity store.Activity
	Zone     *time.Location
	// Back is the calendar that it was opened from.
	Back     calendarQuery
	Until    string
	Now      time.Time
	Problems problems
}

// movedIn loads the form of the activity in a request's path.
func (s *Server) movedIn(r *http.Request) (f moveForm, err error) {
	var id ident.Activity
	if err := readID(r.PathValue("id"), &id); err != nil {
		return f, err
	}
	v := s.view(r)
	if f.Activity, err = s.app.GetActivity(r.Context(), v.Actor, id); err != nil {
		return f, err
	}
	if err := need(v.mayOn(access.DoActivities, f.Activity.Assignee)); err != nil {
		return f, err
	}
	if f.Zone, err = s.zoneOfUser(r.Context(), v, f.Activity.Assignee); err != nil {
		return f, err
	}
	back, err := url.Parse(back(r, calendarPath))
	if err != nil {
		return f, err
	}
	f.Back, f.Now = readCalendarQuery(back.Query()), v.Now.In(f.Zone)
	f.Until = f.Activity.DueAt.In(f.Zone).Format(localTime)
	return f, nil
}

func (s *Server) showMove(w http.ResponseWriter, r *http.Request) error {
	f, err := s.movedIn(r)
	if err != nil {
		return err
	}
	return s.askMove(w, r, 0, f)
}

func (s *Server) askMove(w http.ResponseWriter, r *http.Request, status int, f moveForm) error {
	q := question{ID: "move", Title: "Move “" + f.Activity.Name + "”", Text: joined(" · ", f.Activity.RecordName, f.Activity.SequenceName), Size: ui.Small, Back: f.Back.path()}
	if isFragment(r) {
		w.Header().Set("HX-Reswap", "innerHTML")
	}
	return s.ask(w, r, status, q, func(q question) templ.Component { return moveFields(q, f) })
}

// moveActivity moves an activity to another time, and shows the calendar with the way back.
func (s *Server) moveActivity(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f, err := s.movedIn(r)
	if err != nil {
		return err
	}
	f.Until = text(r, "until")
	until, err := readSnooze(view{Now: f.Now, Zone: f.Zone}, nil, "", f.Until)
	if err == nil {
		_, err = s.app.Snooze(r.Context(), actorOf(r), f.Activity.ID, until)
	}
	if err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askMove(w, r, http.StatusUnprocessableEntity, f)
	}
	f.Back.Moved = f.Activity.ID
	return s.backToCalendar(w, r, f.Back)
}

// undoMove takes a move back.
func (s *Server) undoMove(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f, err := s.movedIn(r)
	if err != nil {
		return err
	}
	a, err := s.app.Unsnooze(r.Context(), actorOf(r), f.Activity.ID)
	if err != nil {
		return err
	}
	s.say(r, "“"+a.Name+"” is due "+a.DueAt.In(f.Zone).Format("Mon 2 Jan, 15:04")+" again.")
	f.Back.Moved = 0
	return s.backToCalendar(w, r, f.Back)
}

// backToCalendar shows the calendar after a change; htmx gets it at once.
func (s *Server) backToCalendar(w http.ResponseWriter, r *http.Request, q calendarQuery) error {
	if !isFragment(r) {
		return s.redirect(w, r, q.path())
	}
	w.Header().Set("HX-Replace-Url", q.path())
	return s.renderCalendar(w, r, q)
}
