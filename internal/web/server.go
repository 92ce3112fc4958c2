package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"cadenza/internal/action"
	"cadenza/internal/store"
)

// Config is what New needs.
type Config struct {
	App *action.App
	Log *slog.Logger
	// Secure tells that people reach the server over HTTPS: cookies are then never sent in the clear.
	Secure bool
	// Demo is set by `cadenza demo` only.
	Demo Demo
	// Schema is the JSON Schema of sequences, which goes along with an export.
	Schema []byte
}

// Demo is what `cadenza demo` adds to the pages: sample users to sign in as by one click, and a clock to move.
type Demo interface {
	// SampleUsers lists whom a visitor may sign in as, without a password.
	SampleUsers(ctx context.Context) ([]store.User, error)
	// Ahead is how far the demo's clock is ahead of the real one.
	Ahead() time.Duration
	// MoveClock moves the clock ahead by span, or to the next due moment when span is zero, and comes back when what
	// fell due is done.
	MoveClock(ctx context.Context, span time.Duration) (ClockMove, error)
	// CapturedMail gives the HTML of a mail as it was sent, by its Message-ID; "" when none was captured.
	CapturedMail(rfcID string) (string, error)
}

// ClockMove is what came of moving the demo's clock.
type ClockMove struct {
	// At is the moment to which the clock moved; zero when it stayed, because nothing waits for time.
	At time.Time
	// SentCount is how many emails went out meanwhile.
	SentCount int
}

// Server serves the pages. It is safe for concurrent use.
type Server struct {
	app      *action.App
	log      *slog.Logger
	demo     Demo
	schema   []byte
	secure   bool
	sessions *scs.SessionManager
	root     http.Handler
}

// New builds the server with all its routes.
func New(c Config) *Server {
	s := &Server{app: c.App, log: c.Log, demo: c.Demo, secure: c.Secure, schema: c.Schema}
	s.sessions = newSessions(c.App.DB(), c.Secure)
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }
	mux := http.NewServeMux()
	s.routes(routeTable{s, mux})
	s.root = s.outermost(mux)
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.root.ServeHTTP(w, r) }

// now is the moment by the database's clock, which the demo moves.
func (s *Server) now() time.Time { return s.app.DB().Now() }
