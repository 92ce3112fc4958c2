package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// sessionLife is how long somebody stays signed in.
const sessionLife = 7 * 24 * time.Hour

// The keys of a session's values.
const (
	userValue   = "user"
	seriesValue = "series"
	flashValue  = "flash"
	runValue    = "run"
)

// newSessions keeps sessions in the database; the store hashes their tokens.
func newSessions(db *store.DB, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = db.Sessions()
	m.Lifetime = sessionLife
	m.Cookie.Name = "cadenza"
	m.Cookie.Secure = secure
	m.Cookie.SameSite = http.SameSiteLaxMode
	return m
}

// begin signs somebody in. The token changes, so that one planted before is worth nothing.
func (s *Server) begin(r *http.Request, user ident.User) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	series, err := s.app.SessionSeries(r.Context(), user)
	if err != nil {
		return err
	}
	s.sessions.Put(r.Context(), userValue, user.String())
	s.sessions.Put(r.Context(), seriesValue, series)
	return nil
}

// withActor puts who is signed in into the request. Somebody who was deactivated or deleted meanwhile, or got a new
// password, is nobody.
func (s *Server) withActor(r *http.Request) (*http.Request, error) {
	var id ident.User
	if readID(s.sessions.GetString(r.Context(), userValue), &id) != nil {
		return r, nil
	}
	actor, err := s.app.ActorBySession(r.Context(), id, s.sessions.GetInt64(r.Context(), seriesValue))
	switch fault.CodeOf(err) {
	case "":
		if err != nil {
			return r, err
		}
	case fault.NotFound, fault.Unauthenticated, fault.Forbidden:
		return r, s.sessions.Destroy(r.Context())
	default:
		return r, err
	}
	return r.WithContext(context.WithValue(r.Context(), actorKey, actor)), nil
}

// actorOf gives who is signed in, the zero Actor for nobody.
func actorOf(r *http.Request) access.Actor {
	a, _ := r.Context().Value(actorKey).(access.Actor)
	return a
}

// askSignIn leads to the sign-in page and back to the present one afterwards.
func (s *Server) askSignIn(w http.ResponseWriter, r *http.Request) error {
	next := r.URL.RequestURI()
	if r.Method != http.MethodGet || isFragment(r) {
		next = pathOf(r.Header.Get("HX-Current-URL"), r.Referer())
	}
	return s.redirect(w, r, "/sign-in?"+url.Values{"next": {localPath(next)}}.Encode())
}

// pathOf gives the path and query of the first address that has one.
func pathOf(addresses ...string) string {
	for _, a := range addresses {
		if u, err := url.Parse(a); err == nil && u.Path != "" {
			return u.RequestURI()
		}
	}
	return "/"
}

// localPath keeps a path of this server and turns everything else into the home page, so that a link cannot lead
// somebody away who has just signed in.
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsAny(path, "\\\r\n\t") || strings.HasPrefix(u.Path, "/sign-in") {
		return "/"
	}
	return path
}

// flash keeps a short message for the next page or fragment that is rendered.
func (s *Server) flash(r *http.Request, f ui.Flash) {
	list, err := json.Marshal(append(s.keptFlashes(r), f))
	if err == nil {
		s.sessions.Put(r.Context(), flashValue, string(list))
	}
}

// say is flash for a plain confirmation.
func (s *Server) say(r *http.Request, text string) { s.flash(r, ui.Flash{Text: text}) }

func (s *Server) keptFlashes(r *http.Request) []ui.Flash {
	var list []ui.Flash
	if text := s.sessions.GetString(r.Context(), flashValue); text != "" {
		_ = json.Unmarshal([]byte(text), &list) // written by flash
	}
	return list
}

// takeFlashes gives the kept messages once.
func (s *Server) takeFlashes(r *http.Request) []ui.Flash {
	list := s.keptFlashes(r)
	if len(list) > 0 {
		s.sessions.Remove(r.Context(), flashValue)
	}
	return list
}
