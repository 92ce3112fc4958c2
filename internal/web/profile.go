package web

import (
	"net/http"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// profileForm is the state of the profile page. Each of its forms has problems of its own.
type profileForm struct {
	Name, Email, Zone string
	Tokens            []store.Token
	TokenName         string
	// Feed is the address for calendar programs, nil for none; FeedAddress is a new one, shown once.
	Feed        *store.Feed
	FeedAddress string
	// Secret is that of a token just made; it is shown once.
	Secret                         string
	Profile, Password, TokenFaults problems
	Own                            action.OwnSettings
	OwnFaults                      problems
	Notify                         action.NotificationSettings
	DigestTrouble                  string
	NotifyFaults                   problems
}

func (s *Server) profile(r *http.Request) (profileForm, error) {
	actor := actorOf(r)
	tokens, err := s.app.ListTokens(r.Context(), actor)
	if err != nil {
		return profileForm{}, err
	}
	f := profileForm{Name: actor.Name, Email: actor.Email, Zone: actor.Zone, Tokens: tokens}
	if f.Own, err = s.app.GetOwnSettings(r.Context(), actor); err != nil {
		return profileForm{}, err
	}
	if f.DigestTrouble, err = s.app.DigestTrouble(r.Context(), actor); err != nil {
		return f, err
	}
	if f.Notify, err = s.app.NotificationSettings(r.Context(), actor); err != nil {
		return profileForm{}, err
	}
	feed, err := s.app.Feed(r.Context(), actor)
	if fault.Is(err, fault.NotFound) {
		return f, nil
	}
	f.Feed = &feed
	return f, err
}

func (s *Server) renderProfile(w http.ResponseWriter, r *http.Request, status int, f profileForm) error {
	return s.render(w, r, page{Title: "Profile", Status: status}, profilePage(s.view(r), themeOf(r), f))
}

func (s *Server) showProfile(w http.ResponseWriter, r *http.Request) error {
	f, err := s.profile(r)
	if err != nil {
		return err
	}
	return s.renderProfile(w, r, 0, f)
}

func (s *Server) saveProfile(w http.ResponseWriter, r *http.Request) error {
	f, err := s.profile(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	f.Name, f.Zone = text(r, "name"), text(r, "zone")
	actor := actorOf(r)
	_, err = s.app.UpdateUser(r.Context(), actor, actor.ID,
		action.UserChange{Name: f.Name, Email: actor.Email, Zone: f.Zone, Role: actor.Role, Active: true})
	if err != nil {
		var shown bool
		if f.Profile, shown = refused(err); !shown {
			return err
		}
		return s.renderProfile(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "Profile saved.")
	return s.redirect(w, r, "/profile")
}

func (s *Server) savePassword(w http.ResponseWriter, r *http.Request) error {
	f, err := s.profile(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	actor, next := actorOf(r), r.FormValue("password")
	err = fault.Field("again", "different", "The new password and its repetition differ.")
	if next == r.FormValue("again") {
		err = s.app.SetPassword(r.Context(), actor, actor.ID, r.FormValue("current"), next)
	}
	if err != nil {
		var shown bool
		if f.Password, shown = refused(err); !shown {
			return err
		}
		return s.renderProfile(w, r, http.StatusUnprocessableEntity, f)
	}
	if err := s.begin(r, actor.ID); err != nil {
		return err
	}
	s.say(r, "Password changed. You are signed out everywhere else.")
	return s.redirect(w, r, "/profile")
}

// createToken shows the secret in its answer and keeps it nowhere.
func (s *Server) createToken(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	name := text(r, "token_name")
	secret, _, err := s.app.CreateToken(r.Context(), actorOf(r), name)
	faults, shown := refused(err)
	if err != nil && !shown {
		return err
	}
	f, readErr := s.profile(r)
	if readErr != nil {
		return readErr
	}
	f.Secret = secret
	status := http.StatusOK
	if err != nil {
		f.TokenName, f.TokenFaults, status = name, faults, http.StatusUnprocessableEntity
	}
	return s.renderProfile(w, r, status, f)
}

func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request) error {
	var id ident.Token
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	if err := s.app.RevokeToken(r.Context(), actorOf(r), id); err != nil {
		return err
	}
	s.say(r, "Token revoked.")
	return s.redirect(w, r, "/profile")
}
