package web

import (
	"net/http"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/calendar"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// workTimeForm is the state of the page of a user's hours and time off. Its forms have problems of their own.
type workTimeForm struct {
	action.WorkingTime
	TimesOff []action.TimeOff
	// HandedOver counts the open activities that others do for the user.
	HandedOver         int
	Leave              leaveForm
	Users              []store.User
	Hours, TimeOff     problems
	OrganisationRegion string
}

// leaveForm is what is being entered of time off.
type leaveForm struct {
	action.TimeOffInput
	Users    []store.User
	Problems problems
}

func workTimePath(user ident.User) string { return userPath(user) + "/working-time" }

func timeOffPath(id ident.TimeOff) string { return "/time-off/" + id.String() }

// workTimeIn loads the page of the user in a request's path.
func (s *Server) workTimeIn(r *http.Request) (f workTimeForm, err error) {
	actor := actorOf(r)
	var id ident.User
	if err := readID(r.PathValue("id"), &id); err != nil {
		return f, err
	}
	if f.WorkingTime, err = s.app.WorkingTime(r.Context(), actor, id); err != nil {
		return f, err
	}
	if f.TimesOff, err = s.app.TimesOff(r.Context(), actor, id); err != nil {
		return f, err
	}
	if f.HandedOver, err = s.app.HandedOver(r.Context(), actor, id); err != nil {
		return f, err
	}
	holidays, err := s.app.Holidays(r.Context(), actor)
	if err != nil {
		return f, err
	}
	region, _ := calendar.RegionOf(holidays.Region)
	f.OrganisationRegion = region.Label()
	f.Leave.User, f.Leave.OpenToo = id, true
	f.Leave.Users, err = s.app.ListUsers(r.Context(), actor)
	return f, err
}

func (s *Server) renderWorkTime(w http.ResponseWriter, r *http.Request, status int, f workTimeForm) error {
	return s.render(w, r, page{Title: "Working time of " + f.Name, Status: status}, workTimePage(s.view(r), f))
}

func (s *Server) showWorkTime(w http.ResponseWriter, r *http.Request) error {
	f, err := s.workTimeIn(r)
	if err != nil {
		return err
	}
	return s.renderWorkTime(w, r, 0, f)
}

func (s *Server) saveWorkTime(w http.ResponseWriter, r *http.Request) error {
	f, err := s.workTimeIn(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	f.Own, f.WorkingTime.Hours, f.Region = text(r, "own") != "", readHours(r), text(r, "region")
	if _, err := s.app.SaveWorkingTime(r.Context(), actorOf(r), f.WorkingTime); err != nil {
		var shown bool
		if f.Hours, shown = refused(err); !shown {
			return err
		}
		return s.renderWorkTime(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "Working time saved.")
	return s.redirect(w, r, workTimePath(f.User))
}

// readLeave reads the fields of leaveFields.
func readLeave(r *http.Request, in *action.TimeOffInput) error {
	in.From, in.To, in.Note = text(r, "from"), text(r, "to"), text(r, "note")
	in.OpenToo, in.MailWaits, in.Substitute = text(r, "open_too") != "", text(r, "mail_waits") != "", 0
	if chosen := text(r, "substitute"); chosen != "" {
		return readID(chosen, &in.Substitute)
	}
	return nil
}

func (s *Server) addTimeOff(w http.ResponseWriter, r *http.Request) error {
	f, err := s.workTimeIn(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	if err := readLeave(r, &f.Leave.TimeOffInput); err != nil {
		return err
	}
	t, err := s.app.AddTimeOff(r.Context(), actorOf(r), f.Leave.TimeOffInput)
	if err != nil {
		var shown bool
		if f.Leave.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderWorkTime(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "Time off added: "+daysText(t.Leave, s.view(r).Now)+".")
	return s.redirect(w, r, workTimePath(f.User))
}

func (s *Server) takeBack(w http.ResponseWriter, r *http.Request) error {
	var id ident.User
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	n, err := s.app.TakeBack(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	s.say(r, "Taken back: "+plural(n, "activity", "activities")+".")
	return s.redirect(w, r, workTimePath(id))
}

// leaveIn loads the time off of a request's path.
func (s *Server) leaveIn(r *http.Request) (t store.TimeOff, f leaveForm, err error) {
	var id ident.TimeOff
	if err := readID(r.PathValue("id"), &id); err != nil {
		return t, f, err
	}
	actor := actorOf(r)
	if t, err = s.app.GetTimeOff(r.Context(), actor, id); err != nil {
		return t, f, err
	}
	if err := need(access.MayOn(actor, access.SetWorkingTime, t.User)); err != nil {
		return t, f, err
	}
	f.TimeOffInput = action.TimeOffInput{
		User: t.User, From: t.From.String(), To: t.To.String(), Note: t.Note, Substitute: t.Substitute, OpenToo: t.OpenToo, MailWaits: t.MailWaits,
	}
	f.Users, err = s.app.ListUsers(r.Context(), actor)
	return t, f, err
}

func (s *Server) renderTimeOff(w http.ResponseWriter, r *http.Request, status int, t store.TimeOff, f leaveForm) error {
	return s.render(w, r, page{Title: "Time off of " + t.UserName, Status: status}, timeOffPage(s.view(r), t, f))
}

func (s *Server) showTimeOff(w http.ResponseWriter, r *http.Request) error {
	t, f, err := s.leaveIn(r)
	if err != nil {
		return err
	}
	return s.renderTimeOff(w, r, 0, t, f)
}

func (s *Server) saveTimeOff(w http.ResponseWriter, r *http.Request) error {
	t, f, err := s.leaveIn(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	if err := readLeave(r, &f.TimeOffInput); err != nil {
		return err
	}
	if _, err := s.app.ChangeTimeOff(r.Context(), actorOf(r), t.ID, f.TimeOffInput); err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderTimeOff(w, r, http.StatusUnprocessableEntity, t, f)
	}
	s.say(r, "Time off saved.")
	return s.redirect(w, r, workTimePath(t.User))
}

func (s *Server) deleteTimeOff(w http.ResponseWriter, r *http.Request) error {
	t, _, err := s.leaveIn(r)
	if err != nil {
		return err
	}
	if err := s.app.DeleteTimeOff(r.Context(), actorOf(r), t.ID); err != nil {
		return err
	}
	s.say(r, "Time off deleted. What others do meanwhile stays with them until it is taken back.")
	return s.redirect(w, r, workTimePath(t.User))
}

func (s *Server) handOverOpen(w http.ResponseWriter, r *http.Request) error {
	t, _, err := s.leaveIn(r)
	if err != nil {
		return err
	}
	n, err := s.app.HandOver(r.Context(), actorOf(r), t.ID)
	if err != nil {
		return err
	}
	s.say(r, "Handed over: "+plural(n, "activity", "activities")+".")
	return s.redirect(w, r, workTimePath(t.User))
}

// teamRow is a user on the page of the team.
type teamRow struct {
	store.User
	// Away is the time off that is running, Next the one that comes; nil for none.
	Away, Next *action.TimeOff
	Until      calendar.Date
}

// team lists the active users with who is away.
func (s *Server) team(r *http.Request) ([]teamRow, error) {
	users, err := s.app.ListUsers(r.Context(), actorOf(r))
	if err != nil {
		return nil, err
	}
	leaves, err := s.app.TimesOff(r.Context(), actorOf(r), 0)
	if err != nil {
		return nil, err
	}
	rows := make([]teamRow, len(users))
	for i, u := range users {
		rows[i].User = u
		for j := range leaves {
			t := &leaves[j]
			switch {
			case t.User != u.ID:
			case t.Running:
				rows[i].Away, rows[i].Until = t, max(rows[i].Until, t.To)
			case rows[i].Away != nil && t.From == rows[i].Until+1:
				rows[i].Until = t.To
			case rows[i].Next == nil:
				rows[i].Next = t
			}
		}
	}
	return rows, nil
}

func (s *Server) showTeam(w http.ResponseWriter, r *http.Request) error {
	rows, err := s.team(r)
	if err != nil {
		return err
	}
	active := rows[:0]
	for _, row := range rows {
		if row.Active {
			active = append(active, row)
		}
	}
	return s.render(w, r, page{Title: "Availability"}, teamPage(s.view(r), active))
}

// dayText writes a date for people, with its year when it is not this one: "Mon 9 Mar".
func dayText(d calendar.Date, now time.Time) string {
	form := "Mon 2 Jan"
	if y, _, _ := d.Split(); y != now.Year() {
		form += " 2006"
	}
	return d.Start(nil).Format(form)
}

// daysText writes the days of time off.
func daysText(l calendar.Leave, now time.Time) string {
	if l.From == l.To {
		return dayText(l.From, now)
	}
	return dayText(l.From, now) + " – " + dayText(l.To, now)
}

// awayBadge marks somebody who is away.
func awayBadge(until calendar.Date, now time.Time) *ui.BadgeProps {
	return &ui.BadgeProps{Text: "Away until " + dayText(until, now), Tone: ui.Amber, Dot: true}
}

// substituteOptions are the active users but the one who is away.
func substituteOptions(f leaveForm) []ui.Option {
	options := []ui.Option{{Value: "", Label: "Nobody"}}
	for _, u := range f.Users {
		if u.ID != f.User && (u.Active || u.ID == f.Substitute) {
			options = append(options, ui.Option{Value: u.ID.String(), Label: u.Name})
		}
	}
	return options
}

// regionOptions are the regions whose holidays are known, after the empty one.
func regionOptions(none string) []ui.Option {
	options := []ui.Option{{Value: "", Label: none}}
	for _, r := range calendar.Regions() {
		options = append(options, ui.Option{Value: r.Code, Label: r.Label()})
	}
	return options
}

// regionNone says what a user's empty region means.
func (f workTimeForm) regionNone() string {
	if f.OrganisationRegion == "" {
		return "As the organisation (none)"
	}
	return "As the organisation (" + f.OrganisationRegion + ")"
}

// hoursLines are working hours for reading, days with the same hours together: "Mon–Fri 08:00-17:00".
func hoursLines(w action.WeekHours) []string {
	var lines []string
	days := fromMonday()
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && w[days[j+1]] == w[days[i]] {
			j++
		}
		name := days[i].String()[:3]
		if j > i {
			name += "–" + days[j].String()[:3]
		}
		if hours := w[days[i]]; hours != "" {
			lines = append(lines, name+" "+strings.ReplaceAll(hours, "-", "–"))
		}
		i = j + 1
	}
	return lines
}
