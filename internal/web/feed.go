package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"cadenza/internal/action"
	"cadenza/internal/fault"
)

// Feed answers at action.FeedPath, for calendar programs: no session, no cookie, and reading alone.
func Feed(app *action.App, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "A calendar feed can only be read.", http.StatusMethodNotAllowed)
			return
		}
		secret := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, action.FeedPath), ".ics")
		body, err := app.ReadFeed(r.Context(), secret)
		var f *fault.Error
		switch {
		case errors.As(err, &f):
			http.Error(w, sentence(f), statusOf(f.Code))
			return
		case err != nil:
			log.Error("calendar feed failed", "error", err)
			http.Error(w, "Something went wrong.", http.StatusInternalServerError)
			return
		}
		sum := sha256.Sum256(body)
		tag := `"` + hex.EncodeToString(sum[:16]) + `"`
		h := w.Header()
		h.Set("ETag", tag)
		h.Set("Cache-Control", "private, no-cache")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if strings.Contains(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", "text/calendar; charset=utf-8")
		h.Set("Content-Disposition", `inline; filename="cadenza.ics"`)
		if r.Method == http.MethodGet {
			_, _ = w.Write(body) // whoever went away does not miss it
		}
	})
}

// makeFeed makes the address of the reader's calendar, and shows it this once.
func (s *Server) makeFeed(w http.ResponseWriter, r *http.Request) error {
	scheme := "http"
	if s.secure {
		scheme = "https"
	}
	address, err := s.app.MakeFeed(r.Context(), actorOf(r), scheme+"://"+r.Host)
	if err != nil {
		return err
	}
	f, err := s.profile(r)
	if err != nil {
		return err
	}
	f.FeedAddress = address
	return s.renderProfile(w, r, 0, f)
}

func (s *Server) revokeFeed(w http.ResponseWriter, r *http.Request) error {
	if err := s.app.RevokeFeed(r.Context(), actorOf(r)); err != nil {
		return err
	}
	s.say(r, "The calendar address is revoked.")
	return s.redirect(w, r, "/profile")
}
