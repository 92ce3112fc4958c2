package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const sendingPath = "/settings/sending"

func (s *Server) showSending(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.ManageSettings)); err != nil {
		return err
	}
	in, err := s.app.GetSending(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	return s.renderSending(w, r, 0, in, problems{})
}

func (s *Server) renderSending(w http.ResponseWriter, r *http.Request, status int, in action.SendingInput, p problems) error {
	return s.render(w, r, page{Title: "Sending", Status: status}, sendingPage(in, p))
}

func (s *Server) saveSending(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	in := action.SendingInput{Limits: readSendLimits(r), Windows: text(r, "windows") == "windows"}
	in.Limits.Rev = readRev(r)
	for day := range in.Days {
		name := strings.ToLower(time.Weekday(day).String())
		in.Days[day] = action.DayWindow{From: text(r, name+"_from"), To: text(r, name+"_to")}
	}
	if _, err := s.app.SaveSending(r.Context(), actorOf(r), in); err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.renderSending(w, r, http.StatusUnprocessableEntity, in, p)
	}
	s.say(r, "Saved. What waits is looked at again.")
	return s.redirect(w, r, sendingPath)
}

// readSendLimits reads limits; what is no number is one that the check refuses.
func readSendLimits(r *http.Request) store.SendLimits {
	number := func(name string) int {
		if text(r, name) == "" {
			return 0
		}
		n, err := strconv.Atoi(text(r, name))
		if err != nil || n > 1e9 {
			return -1
		}
		return n
	}
	return store.SendLimits{
		Hour: number("hour"), Day: number("day"), Gap: time.Duration(number("gap")) * time.Second, Jitter: time.Duration(number("jitter")) * time.Second,
		RampFirst: number("ramp_first"), RampStep: number("ramp_step"), RampFrom: text(r, "ramp_from"),
	}
}

// numberValue writes a limit for a field; none is empty.
func numberValue(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// clockValue writes a time of day for a browser's field, which calls the end of the day 00:00.
func clockValue(clock string) string {
	if clock == "24:00" {
		return "00:00"
	}
	return clock
}

func pacePath(user ident.User) string { return string(mailboxPath(user)) + "/pace" }

func (s *Server) showPace(w http.ResponseWriter, r *http.Request) error {
	return s.renderPace(w, r, 0, nil, problems{})
}

// renderPace shows how a mailbox sends. input is what the reader entered, nil for what is saved.
func (s *Server) renderPace(w http.ResponseWriter, r *http.Request, status int, input *store.SendLimits, p problems) error {
	var user ident.User
	if err := readID(r.PathValue("user"), &user); err != nil {
		return err
	}
	pv, err := s.app.GetPace(r.Context(), actorOf(r), user)
	if err != nil {
		return err
	}
	f := paceForm{View: pv, Own: pv.Own != nil, Rev: pv.Rev(), Problems: p}
	if pv.Own != nil {
		f.Limits = *pv.Own
	} else if in, err := s.app.GetSending(r.Context(), actorOf(r)); err == nil {
		f.Limits = in.Limits
	}
	if p.any() { // of a form that is shown again
		f.Own, f.Rev = input != nil, readRev(r)
	}
	if input != nil {
		f.Limits = *input
	}
	return s.render(w, r, page{Title: "Pace of " + pv.Mailbox.Address, Status: status}, pacePage(s.view(r), f))
}

// paceForm is the page of a mailbox's pace.
type paceForm struct {
	View action.PaceView
	// Own tells that the mailbox has limits of its own, or is about to.
	Own    bool
	Limits store.SendLimits
	// Rev is that of the limits from which the form was made.
	Rev      int64
	Problems problems
}

func (s *Server) savePace(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	var user ident.User
	if err := readID(r.PathValue("user"), &user); err != nil {
		return err
	}
	var own *store.SendLimits
	if text(r, "own") == "own" {
		l := readSendLimits(r)
		own = &l
	}
	if _, err := s.app.SavePace(r.Context(), actorOf(r), user, own, readRev(r)); err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.renderPace(w, r, http.StatusUnprocessableEntity, own, p)
	}
	s.say(r, "Saved. What waits is looked at again.")
	return s.redirect(w, r, pacePath(user))
}

// facts are what the mailbox has sent, and what waits.
func (f paceForm) facts(v view) []ui.Fact {
	of := func(n, limit int) string {
		if limit > 0 {
			return ui.Count(n) + " of " + ui.Count(limit)
		}
		return ui.Count(n)
	}
	p := f.View
	list := []ui.Fact{
		{Label: "Last hour", Value: of(p.LastHour, p.Limits.Hour)},
		{Label: "Today", Value: of(p.Today, p.Cap)},
		{Label: "Last 7 days", Value: ui.Count(p.Health.Sent) + " sent, " + ui.Count(p.Health.Bounced) + " bounced, " + ui.Count(p.Health.Complained) + " reported as spam"},
		{Label: "Waiting", Value: ui.Count(p.Waiting)},
	}
	if !p.OpensAt.IsZero() {
		list = append(list, ui.Fact{Label: "Next may go", Content: ui.Time(v.at(p.OpensAt))})
	}
	return list
}
