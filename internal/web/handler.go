package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"cadenza/internal/fault"
)

// handler answers a request or gives an error, which becomes a page or a message.
type handler func(w http.ResponseWriter, r *http.Request) error

// formLimit bounds the body of an ordinary form.
const formLimit = 1 << 20

// contentPolicy lets a page load from this server only and run no inline script or style.
const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

type contextKey int

const (
	actorKey contextKey = iota
	requestKey
)

// outermost is what every request passes: headers, a request id, protection against other sites, the session, and the
// net under panics.
func (s *Server) outermost(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, fault.New(fault.Forbidden, "This form was sent from another site, so nothing was done.").
			WithHint("Open the page here and send it again."))
	}))
	guarded := guard.Handler(next)
	withSession := s.sessions.LoadAndSave(guarded)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := newRequestID()
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(self)")
		if s.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r = r.WithContext(context.WithValue(r.Context(), requestKey, id))
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("page panicked", "request_id", id, "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				s.plainFailure(w, id)
			}
		}()
		if strings.HasPrefix(r.URL.Path, "/static/") {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Cache-Control", "no-store")
		h.Add("Vary", "HX-Request")
		withSession.ServeHTTP(w, r)
	})
}

// limited bounds the body of a request.
func (s *Server) limited(limit int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		next.ServeHTTP(w, r)
	})
}

// anybody runs a handler; who is signed in is known to it, if anybody is.
func (s *Server) anybody(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, err := s.withActor(r)
		if err == nil {
			err = h(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// signedIn runs a handler when somebody is signed in and else leads to the sign-in page.
func (s *Server) signedIn(h handler) http.Handler {
	return s.anybody(func(w http.ResponseWriter, r *http.Request) error {
		if actorOf(r).ID == 0 {
			return fault.New(fault.Unauthenticated, "You are not signed in.").WithHint("Sign in, and try again.")
		}
		return h(w, r)
	})
}

// fail shows an error. A fault says what is wrong; anything else is logged and shown as "Something went wrong" with the
// request's id.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // nobody is there to read it
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		err = fault.New(fault.TooLarge, "What was sent is larger than %d MB.", max(large.Limit>>20, 1)).WithHint("Send less at once.")
	}
	id := requestID(r)
	var f *fault.Error
	if !errors.As(err, &f) {
		s.log.Error("page failed", "request_id", id, "method", r.Method, "path", r.URL.Path, "error", err)
		f = fault.New("internal", "Something went wrong.").WithHint("Try again. If it stays, give your admin this id: " + id)
	} else if f.Code == fault.Unavailable {
		s.log.Error("page unavailable", "request_id", id, "path", r.URL.Path, "error", err, "cause", errors.Unwrap(f))
	}
	if f.Code == fault.Unauthenticated && !wantsJSON(r) {
		if err := s.askSignIn(w, r); err == nil {
			return
		}
	}
	if isFragment(r) || wantsJSON(r) {
		s.failSmall(w, r, f)
		return
	}
	if err := s.showProblem(w, r, f); err != nil {
		s.log.Error("error page failed", "request_id", id, "error", err)
		s.plainFailure(w, id)
	}
}

// failSmall answers scripts: htmx shows the header X-Problem as a short message, the designer reads the JSON.
func (s *Server) failSmall(w http.ResponseWriter, r *http.Request, f *fault.Error) {
	w.Header().Set("X-Problem", url.PathEscape(sentence(f)))
	if wantsJSON(r) {
		if err := writeJSON(w, statusOf(f.Code), problemJSON(f)); err != nil {
			s.log.Debug("answer was not taken", "request_id", requestID(r), "error", err)
		}
		return
	}
	w.WriteHeader(statusOf(f.Code))
}

// plainFailure is the last resort, when not even the error page can be made.
func (s *Server) plainFailure(w http.ResponseWriter, id string) {
	http.Error(w, "Something went wrong. If it stays, give your admin this id: "+id, http.StatusInternalServerError)
}

// statusOf gives the HTTP status of a fault's code.
func statusOf(code fault.Code) int {
	switch code {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Malformed:
		return http.StatusBadRequest
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict, fault.Stale:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// sentence gives a fault's message and hint as one text.
func sentence(f *fault.Error) string { return strings.TrimSpace(f.Message + " " + f.Hint) }

func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// requestID gives the id that stands in the log and on the error page.
func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestKey).(string)
	return id
}
