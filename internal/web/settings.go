package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

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
		Organisation: text(r, "organisation"), Zone: text(r, "zone"), Hours: readHours(r),
		Follow: text(r, "follow") != "", TrackingURL: text(r, "tracking_url"), Rev: readRev(r),
	}
	var err error
	if in.HistoryMonths, err = strconv.Atoi(cmp.Or(text(r, "history_months"), "0")); err != nil {
		in.HistoryMonths = -1 // refused by its field
	}
	if _, err = s.app.SaveSettings(r.Context(), actorOf(r), in); err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.renderSettings(w, r, http.StatusUnprocessableEntity, in, p)
	}
	s.say(r, "Settings saved.")
	return s.redirect(w, r, "/settings")
}

// historyOptions are for how long history can be kept, with what is in force where somebody chose another length.
func historyOptions(now int) []ui.Option {
	months := []int{0, 3, 6, 12, 24, 36, 60, 120}
	if now > 0 && !slices.Contains(months, now) {
		months = append(months, now)
		slices.Sort(months)
	}
	var options []ui.Option
	for _, m := range months {
		label := "For ever"
		if m > 0 {
			label = strings.ToUpper(action.KeptText(m)[:1]) + action.KeptText(m)[1:] + " after it ends"
		}
		options = append(options, ui.Option{Value: strconv.Itoa(m), Label: label})
	}
	return options
}
