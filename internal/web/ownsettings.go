package web

import (
	"net/http"

	"cadenza/internal/action"
	"cadenza/internal/record"
	"cadenza/internal/web/ui"
)

// saveOwnSettings saves how its reader wants to work.
func (s *Server) saveOwnSettings(w http.ResponseWriter, r *http.Request) error {
	f, err := s.profile(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	f.Own.AfterDone = action.AfterDone(text(r, "after_done"))
	if !f.Own.IconsFixed {
		f.Own.Icons = map[record.Kind]string{}
		for _, k := range record.Kinds() {
			if icon := text(r, "icon."+string(k)); icon != "" {
				f.Own.Icons[k] = icon
			}
		}
	}
	if _, err := s.app.SaveOwnSettings(r.Context(), actorOf(r), f.Own); err != nil {
		var shown bool
		if f.OwnFaults, shown = refused(err); !shown {
			return err
		}
		return s.renderProfile(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "Saved how you work.")
	return s.redirect(w, r, "/profile")
}

// afterDoneOptions are the choices of what follows a completed activity; ask names the question.
func afterDoneOptions(ask string) []ui.Option {
	labels := map[action.AfterDone]string{
		action.NextActivity: "Go to the next one", action.StayOnRecord: "Stay on the record", action.AskWhatNext: ask,
	}
	var options []ui.Option
	for _, a := range action.AfterDones() {
		options = append(options, ui.Option{Value: string(a), Label: labels[a]})
	}
	return options
}
