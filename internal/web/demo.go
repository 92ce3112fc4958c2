package web

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/web/ui"
)

// sampleUsers lists whom a visitor of the demo may sign in as; nobody outside of the demo.
func (s *Server) sampleUsers(r *http.Request) ([]sampleUser, error) {
	if s.demo == nil {
		return nil, nil
	}
	users, err := s.demo.SampleUsers(r.Context())
	if err != nil {
		return nil, err
	}
	var list []sampleUser
	for _, u := range users {
		list = append(list, sampleUser{u.ID, u.Name, u.Role.Label()})
	}
	return list, nil
}

// demoSignIn signs a visitor of the demo in as one of the sample users.
func (s *Server) demoSignIn(w http.ResponseWriter, r *http.Request) error {
	var id ident.User
	if err := readID(r.FormValue("user"), &id); err != nil {
		return err
	}
	users, err := s.sampleUsers(r)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.ID == id {
			if err := s.begin(r, id); err != nil {
				return err
			}
			return s.redirect(w, r, localPath(r.FormValue("next")))
		}
	}
	return fault.New(fault.NotFound, "There is nothing at this address.")
}

// demoMoveClock moves the demo's clock ahead by the given hours, or to the next due moment.
func (s *Server) demoMoveClock(w http.ResponseWriter, r *http.Request) error {
	if s.demo == nil {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	var span time.Duration
	if by := r.FormValue("hours"); by != "" {
		hours, err := strconv.Atoi(by)
		if err != nil || hours < 1 || hours > 24*90 {
			return fault.New(fault.Malformed, "The clock moves ahead by 1 hour to 90 days.")
		}
		span = time.Duration(hours) * time.Hour
	}
	move, err := s.demo.MoveClock(r.Context(), span)
	if err != nil {
		return err
	}
	s.say(r, moveText(move, s.view(r).Zone))
	return s.refresh(w, r, localPath(pathOf(r.Referer())))
}

// capturedPolicy is framePolicy for a page of its own. The pixel of a followed mail comes from this very server.
const capturedPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; base-uri 'none'; form-action 'none'; " +
	"sandbox allow-popups allow-popups-to-escape-sandbox"

// showCapturedMail shows a mail as its recipient sees it. Opening it and following its links counts, as it would there.
func (s *Server) showCapturedMail(w http.ResponseWriter, r *http.Request) error {
	m, err := s.messageOf(r)
	if err != nil {
		return err
	}
	if s.demo == nil {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	html, err := s.demo.CapturedMail(m.RFCID)
	if err != nil {
		return err
	}
	if html == "" {
		return fault.New(fault.NotFound, "This email was not captured.")
	}
	w.Header().Set("Content-Security-Policy", capturedPolicy)
	return s.write(w, r, 0, mailPaper(mailDocument{Title: messageTitle(m.Message), Subject: m.Subject, HTML: html}))
}

// moveText says in the visitor's zone, as the bar does, what moving the clock came to.
func moveText(m ClockMove, zone *time.Location) string {
	if m.At.IsZero() {
		return "Nothing is waiting for time. Connect some records first."
	}
	return fmt.Sprintf("It is %s now. Emails sent meanwhile: %d.", m.At.In(zone).Format("Monday 2 January, 15:04"), m.SentCount)
}

// demoBar is the bar above every page of the demo, nil elsewhere.
func (s *Server) demoBar(v view) templ.Component {
	if s.demo == nil {
		return nil
	}
	return demoBarView(v.Now.Format("Mon 2 Jan 2006, 15:04"), aheadText(s.demo.Ahead()))
}

// aheadText says how far the demo's clock is ahead: "2 days 4 hours ahead".
func aheadText(ahead time.Duration) string {
	hours := int((ahead + 30*time.Minute) / time.Hour)
	days, rest := hours/24, hours%24
	switch {
	case hours == 0:
		return ""
	case days == 0:
		return plural(rest, "hour", "hours") + " ahead"
	case rest == 0:
		return plural(days, "day", "days") + " ahead"
	}
	return plural(days, "day", "days") + " " + plural(rest, "hour", "hours") + " ahead"
}

// plural gives a count with its word: "1 step", "3 steps".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return ui.Count(n) + " " + many
}
