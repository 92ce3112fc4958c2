package web

import (
	"net/http"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/web/ui"
)

// setupForm is the set-up page's state: who becomes the first user, an admin.
type setupForm struct {
	Key, Name, Email, Zone string
	Problems               problems
}

func (s *Server) showSetup(w http.ResponseWriter, r *http.Request) error {
	key := r.FormValue("key")
	if err := s.app.CheckSetup(r.Context(), key); err != nil {
		return s.refuseSetup(w, r, err)
	}
	return s.renderSetup(w, r, 0, setupForm{Key: key, Zone: "UTC"})
}

// refuseSetup answers for a link that is of no use: with users one signs in, without one needs the newest link.
func (s *Server) refuseSetup(w http.ResponseWriter, r *http.Request, err error) error {
	switch fault.CodeOf(err) {
	case fault.Conflict:
		s.flash(r, ui.Flash{Tone: ui.Red, Text: faultSentence(err)})
		return s.redirect(w, r, "/sign-in")
	case fault.Forbidden:
		return s.renderPlain(w, r, http.StatusForbidden, ui.PlainProps{Title: "This set-up link does not work", Text: faultSentence(err)}, templ.NopComponent)
	}
	return err
}

func (s *Server) renderSetup(w http.ResponseWriter, r *http.Request, status int, f setupForm) error {
	return s.renderPlain(w, r, status, ui.PlainProps{
		Title: "Set up Cadenza",
		Text:  "You become the first user, an admin. Everybody else is added later, under Users.",
	}, setupPage(f))
}

func (s *Server) setUp(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := setupForm{Key: r.FormValue("key"), Name: text(r, "name"), Email: text(r, "email"), Zone: text(r, "zone")}
	user, err := s.app.Setup(r.Context(), f.Key, action.NewUser{Name: f.Name, Email: f.Email, Password: r.FormValue("password"), Zone: f.Zone})
	if err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown || fault.Is(err, fault.Conflict) {
			return s.refuseSetup(w, r, err)
		}
		return s.renderSetup(w, r, http.StatusUnprocessableEntity, f)
	}
	if err := s.begin(r, user.ID); err != nil {
		return err
	}
	s.log.Info("first user was made", "user", user.ID)
	s.say(r, "Cadenza is set up. Next, connect your mailbox and import leads.")
	return s.redirect(w, r, "/sequences")
}

// signInRefused is refused for the sign-in form, where a wrong password is something to try again.
func signInRefused(err error) (problems, bool) {
	if p, ok := refused(err); ok {
		return p, true
	}
	switch fault.CodeOf(err) {
	case fault.Unauthenticated, fault.Forbidden:
		return problems{message: faultSentence(err)}, true
	}
	return problems{}, false
}
