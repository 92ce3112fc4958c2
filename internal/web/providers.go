package web

import (
	"net/http"
	"strconv"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/store"
)

const providersPath = "/settings/mail-providers"

// providersForm is the page of the organisation's clients at the providers of mailboxes.
type providersForm struct {
	Clients []store.OAuthClient
	// Return is the address that is registered at the providers.
	Return   string
	Wrong    store.Auth // whose form has the problems
	Input    action.OAuthClientInput
	Problems problems
}

// of gives the problem of a provider's field.
func (f providersForm) of(p store.Auth, field string) string {
	if f.Wrong != p {
		return ""
	}
	return f.Problems.of(field)
}

func (s *Server) providers(r *http.Request) (f providersForm, err error) {
	f.Return = s.app.ConsentReturn(s.origin(r))
	f.Clients, err = s.app.ListOAuthClients(r.Context(), actorOf(r))
	return f, err
}

func (s *Server) showProviders(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.ManageSettings)); err != nil {
		return err
	}
	f, err := s.providers(r)
	if err != nil {
		return err
	}
	return s.render(w, r, page{Title: "Mail providers"}, providersPage(f))
}

func (s *Server) saveProvider(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	rev, _ := strconv.ParseInt(text(r, "rev"), 10, 64) // a broken one is 0, which does not check
	in := action.OAuthClientInput{
		Provider: store.Auth(text(r, "provider")), ID: text(r, "client_id"), Secret: text(r, "secret"), Tenant: text(r, "tenant"), Rev: rev,
	}
	if _, err := s.app.SaveOAuthClient(r.Context(), actorOf(r), in); err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		f, err := s.providers(r)
		if err != nil {
			return err
		}
		f.Wrong, f.Input, f.Problems = in.Provider, in, p
		for i := range f.Clients {
			if f.Clients[i].Provider == in.Provider {
				f.Clients[i].ID, f.Clients[i].Tenant = in.ID, in.Tenant
			}
		}
		return s.render(w, r, page{Title: "Mail providers", Status: http.StatusUnprocessableEntity}, providersPage(f))
	}
	s.say(r, "Saved.")
	return s.redirect(w, r, providersPath)
}
