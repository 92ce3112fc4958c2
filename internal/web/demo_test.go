package web_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/store"
	"cadenza/internal/web"
)

// stoppedDemo is a demo whose clock says where it was moved and stays.
type stoppedDemo struct{ users []store.User }

func (d stoppedDemo) SampleUsers(context.Context) ([]store.User, error) { return d.users, nil }
func (d stoppedDemo) Ahead() time.Duration                              { return 28 * time.Hour }
func (d stoppedDemo) CapturedMail(string) (string, error)               { return "", nil }
func (d stoppedDemo) MoveClock(_ context.Context, span time.Duration) (web.ClockMove, error) {
	if span == 0 {
		return web.ClockMove{}, nil
	}
	return web.ClockMove{At: time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC).Add(span), SentCount: 2}, nil
}

func TestDemo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	plain := h.as(access.Seller)
	plain.post("/demo/clock", url.Values{"hours": {"1"}}).is(http.StatusNotFound, "Not found")
	plain.post("/demo/sign-in", url.Values{"user": {h.users[access.Admin].ID.String()}}).is(http.StatusNotFound, "Not found")

	demo := stoppedDemo{users: []store.User{h.users[access.Seller], h.users[access.SequenceManager]}}
	server := httptest.NewServer(web.New(web.Config{App: h.app, Log: slog.New(slog.DiscardHandler), Demo: demo}))
	t.Cleanup(server.Close)
	h.http = server
	c := h.nobody()
	c.get("/sign-in").is(http.StatusOK, "Sign in").sees("Or look around as", "Seller Jones", "Sequence manager Jones").misses("Admin Jones")
	c.post("/demo/clock", url.Values{"hours": {"1"}}).leadsTo("/sign-in")
	c.post("/demo/sign-in", url.Values{"user": {h.users[access.Admin].ID.String()}}).is(http.StatusNotFound, "Not found")
	c.post("/demo/sign-in", url.Values{"user": {h.users[access.Seller].ID.String()}, "next": {"/sequences"}}).leadsTo("/sequences")
	c.get("/sequences").is(http.StatusOK, "Sequences").sees("Demo", "1 day 4 hours ahead", "Next due", "Seller Jones")
	for hours, said := range map[string]string{
		// The visitor lives an hour east of UTC, as the bar above knows too.
		"1":  "It is Tuesday 3 March, 10:00 now. Emails sent meanwhile: 2.",
		"24": "It is Wednesday 4 March, 09:00 now. Emails sent meanwhile: 2.",
		"":   "Nothing is waiting for time. Connect some records first.",
	} {
		c.post("/demo/clock", url.Values{"hours": {hours}}, "Referer", server.URL+"/sequences?q=x").leadsTo("/sequences?q=x")
		c.get("/sequences").sees(said)
	}
	for _, bad := range []string{"0", "-3", "99999", "soon"} {
		c.post("/demo/clock", url.Values{"hours": {bad}}).is(http.StatusBadRequest, "This cannot be used as it is")
	}
}
