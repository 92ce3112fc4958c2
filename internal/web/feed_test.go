package web_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-ical"

	"cadenza/internal/access"
	"cadenza/internal/web"
)

// readFeed asks a feed as a calendar program does, without any cookie.
func (h *house) readFeed(method, path string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	web.Feed(h.app, slog.New(slog.NewTextHandler(io.Discard, nil))).ServeHTTP(w, r)
	return w
}

// TestCalendarFeed makes an address on the profile, reads it as a calendar program, makes another, and revokes that.
func TestCalendarFeed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	act := h.planned(access.Seller, 10, "Send the offer; then, call")
	c := h.as(access.Seller)
	made := c.post("/profile/calendar-feed", url.Values{}).is(http.StatusOK, "Profile").sees("Copy it now", "not read yet")
	path := regexp.MustCompile(`/calendar-feed/cal_\w+\.ics`).FindString(made.Body)
	c.get("/profile").is(http.StatusOK, "Profile").buttons("Make a new one", "Revoke the calendar address").misses(path)

	w := h.readFeed(http.MethodGet, path)
	if kind := w.Header().Get("Content-Type"); w.Code != http.StatusOK || kind != "text/calendar; charset=utf-8" || len(w.Result().Cookies()) > 0 {
		t.Fatalf("status %d, %s, cookies %v", w.Code, kind, w.Result().Cookies())
	}
	events := parseFeed(t, w.Body.Bytes())
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	at, _ := events[0].DateTimeStart(nil)
	summary, _ := events[0].Props.Text("SUMMARY")
	uid, sequence := events[0].Props.Get("UID").Value, events[0].Props.Get("SEQUENCE").Value
	if !at.Equal(act.DueAt) || summary != "Send the offer; then, call: Ines Noor, Kühn & Söhne" || events[0].Props.Get("STATUS").Value != "CONFIRMED" {
		t.Errorf("%v %q %v", at, summary, events[0].Props)
	}
	if again := h.readFeed(http.MethodGet, path, "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("unchanged: status %d, %d bytes", again.Code, again.Body.Len())
	}
	if head := h.readFeed(http.MethodHead, path); head.Code != http.StatusOK || head.Body.Len() > 0 {
		t.Errorf("head: status %d, %d bytes", head.Code, head.Body.Len())
	}
	if post := h.readFeed(http.MethodPost, path); post.Code != http.StatusMethodNotAllowed {
		t.Errorf("post: status %d", post.Code)
	}

	if _, err := h.app.SkipActivity(t.Context(), h.actor(access.Seller), act.ID, ""); err != nil {
		t.Fatal(err)
	}
	over := parseFeed(t, h.readFeed(http.MethodGet, path).Body.Bytes())
	if len(over) != 1 || over[0].Props.Get("STATUS").Value != "CANCELLED" || over[0].Props.Get("UID").Value != uid || over[0].Props.Get("SEQUENCE").Value <= sequence {
		t.Errorf("what was skipped: %v", over)
	}

	made = c.post("/profile/calendar-feed", url.Values{}).is(http.StatusOK, "Profile")
	next := regexp.MustCompile(`/calendar-feed/cal_\w+\.ics`).FindString(made.Body)
	for wrong, want := range map[string]int{path: 404, next: 200, "/calendar-feed/": 404, "/calendar-feed/cal_no.ics": 404, next + "x": 404} {
		if got := h.readFeed(http.MethodGet, wrong).Code; got != want {
			t.Errorf("%s: status %d, want %d", wrong, got, want)
		}
	}
	c.post("/profile/calendar-feed/revoke", url.Values{}).leadsTo("/profile")
	if got := h.readFeed(http.MethodGet, next); got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), "Make a new address under Profile") {
		t.Errorf("a revoked address: status %d, %s", got.Code, got.Body)
	}
}

func parseFeed(t *testing.T, body []byte) []ical.Event {
	t.Helper()
	c, err := ical.NewDecoder(bytes.NewReader(body)).Decode()
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return c.Events()
}
