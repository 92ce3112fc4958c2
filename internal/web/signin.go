package web

import (
	"net"
	"net/http"

	"cadenza/internal/ident"
	"cadenza/internal/web/ui"
)

// showHome leads to the work list, or to the sign-in page.
func (s *Server) showHome(w http.ResponseWriter, r *http.Request) error {
	if actorOf(r).ID == 0 {
		return s.redirect(w, r, "/sign-in")
	}
	return s.redirect(w, r, "/work")
}

// signInForm is the sign-in page's state.
type signInForm struct {
	Email, Next string
	Problems    problems
	Samples     []sampleUser
}

// sampleUser is somebody whom a visitor of the demo may sign in as.
type sampleUser struct {
	ID         ident.User
	Name, Role string
}

func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.FormValue("next"))
	if actorOf(r).ID != 0 {
		return s.redirect(w, r, next)
	}
	if empty, err := s.app.NeedsSetup(r.Context()); err != nil {
		return err
	} else if empty {
		return s.renderPlain(w, r, 0, ui.PlainProps{
			Title: "Set up Cadenza first",
			Text:  "There are no users yet. Open the set-up link that the server printed when it started.",
		}, setupHelp())
	}
	return s.renderSignIn(w, r, 0, signInForm{Next: next})
}

func (s *Server) renderSignIn(w http.ResponseWriter, r *http.Request, status int, f signInForm) error {
	var err error
	if f.Samples, err = s.sampleUsers(r); err != nil {
		return err
	}
	return s.renderPlain(w, r, status, ui.PlainProps{Title: "Sign in"}, signInPage(f))
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := signInForm{Email: text(r, "email"), Next: localPath(r.FormValue("next"))}
	actor, err := s.app.SignIn(r.Context(), f.Email, r.FormValue("password"), clientAddress(r))
	if err != nil {
		var shown bool
		if f.Problems, shown = signInRefused(err); !shown {
			return err
		}
		return s.renderSignIn(w, r, http.StatusUnprocessableEntity, f)
	}
	if err := s.begin(r, actor.ID); err != nil {
		return err
	}
	s.log.Info("user signed in", "user", actor.ID)
	return s.redirect(w, r, f.Next)
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	return s.redirect(w, r, "/sign-in")
}

// clientAddress gives the address of who connects, without the port. Behind a proxy that nobody named (--trusted-proxies) it is the
// proxy's: the limiter counts by email as well.
func clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
