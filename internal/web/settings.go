package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/web/ui"
)

func (s *Server) showSettings(w http.ResponseWriter, r *http.Request) error {
	v := s.view(r)
	if err := need(v.may(access.ManageSettings)); err != nil {
		return err
	}
	in, err := s.app.GetSettings(r.Context(), v.Actor)
	if err != nil {
		return err
	}
	return s.renderSettings(w, r, 0, in, problems{})
}

func (s *Server) renderSettings(w http.ResponseWriter, r *http.Request, status int, in action.Settings, p problems) error {
	state, err := s.app.TrackingState(r.Context())
	if err != nil {
		return err
	}
	return s.render(w, r, page{Title: "Settings", Status: status}, settingsPage(in, state, p))
}

func (s *Server) saveSettings(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	in := action.Settings{
		Organisation: text(r, "organisation"), Zone: text(r, "zone"), From: text(r, "from"), To: text(r, "to"),
		Follow: text(r, "follow") != "", TrackingURL: text(r, "tracking_url"),
	}
	for day := range in.Days {
		in.Days[day] = slices.Contains(r.Form["days"], strconv.Itoa(day))
	}
	if in.To == "00:00" {
		in.To = "24:00" // a browser's field for times knows no end of the day
	}
	if _, err := s.app.SaveSettings(r.Context(), actorOf(r), in); err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.renderSettings(w, r, http.StatusUnprocessableEntity, in, p)
	}
	s.say(r, "Settings saved.")
	return s.redirect(w, r, "/settings")
}

// dayOptions are the days of the week from Monday; their values count from Sunday, as Settings.Days does.
func dayOptions(in action.Settings) []ui.Option {
	var options []ui.Option
	for i := range 7 {
		day := (i + 1) % 7
		options = append(options, ui.Option{Value: strconv.Itoa(day), Label: time.Weekday(day).String(), Chosen: in.Days[day]})
	}
	return options
}

// timeValue writes a time of day for a browser's field, which calls the end of the day 00:00.
func timeValue(clock string) string {
	if clock == "24:00" {
		return "00:00"
	}
	return clock
}
