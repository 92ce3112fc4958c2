package web

import (
	"errors"
	"net/http"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// connectMailbox leads to the provider, where the person consents.
func (s *Server) connectMailbox(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	var user ident.User
	if err := readID(r.PathValue("user"), &user); err != nil {
		return err
	}
	address, err := s.app.StartConsent(r.Context(), actorOf(r), user, store.Auth(text(r, "provider")), s.origin(r))
	if err != nil {
		return err
	}
	return s.redirect(w, r, address)
}

// origin is the address under which the browser reached the server. The provider compares it with the one that is
// registered there, so that a forged one leads nowhere.
func (s *Server) origin(r *http.Request) string {
	if s.secure || r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// oneSentence gives a fault as one text for a message at the top of the next page; false for any other error.
func oneSentence(err error) (string, bool) {
	var f *fault.Error
	if !errors.As(err, &f) || f.Message == "" {
		return "", false
	}
	return sentence(f), true
}

// mailboxConnected is where the provider sends people back. The connection is tested at once.
func (s *Server) mailboxConnected(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	m, err := s.app.FinishConsent(r.Context(), actorOf(r), action.Returned{State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error")})
	if err != nil {
		text, shown := oneSentence(err)
		if !shown || m.User == 0 {
			return err
		}
		s.flash(r, ui.Flash{Tone: ui.Red, Text: text})
		return s.redirect(w, r, mailboxPath(m.User))
	}
	return s.tryMailbox(w, r, m.User, "Mailbox connected. ")
}
