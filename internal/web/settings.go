package web

import (
	"net/http"

	"cadenza/internal/access"
	"cadenza/internal/action"
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
		Organisation: text(r, "organisation"), Zone: text(r, "zone"), Hours: readHours(r),
		Follow: text(r, "follow") != "", TrackingURL: text(r, "tracking_url"),
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
