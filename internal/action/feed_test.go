package action

import (
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
)

// TestFeed holds on both databases what a feed tells of, and who can read it.
func TestFeed(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, err := h.app.Feed(h.ctx, h.anna)
		refused(t, "none yet", err, fault.NotFound)
		address, err := h.app.MakeFeed(h.ctx, h.anna, "http://elsewhere.test")
		if err != nil || !strings.HasPrefix(address, "https://cadenza.test/calendar-feed/cal_") {
			t.Fatalf("%s, %v", address, err)
		}
		secret := strings.TrimSuffix(strings.TrimPrefix(address, "https://cadenza.test"+FeedPath), ".ics")
		lead := h.lead(h.anna, "Cara", "Cole")
		now := h.db.Now()
		for name, due := range map[string]time.Duration{"Too old": -31 * 24 * time.Hour, "Overdue": -29 * 24 * time.Hour, "Ahead": 300 * 24 * time.Hour, "Too far": 366 * 24 * time.Hour} {
			if _, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: lead, Kind: "task", Name: name, DueAt: now.Add(due)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.app.CreateActivity(h.ctx, h.bob, NewActivity{Record: lead, Kind: "task", Name: "Another's"}); err != nil {
			t.Fatal(err)
		}
		body, err := h.app.ReadFeed(h.ctx, secret)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]bool{"Too old": false, "Overdue": true, "Ahead": true, "Too far": false, "Another's": false} {
			if got := strings.Contains(string(body), "SUMMARY:"+name); got != want {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
		if f, err := h.app.Feed(h.ctx, h.anna); err != nil || !f.UsedAt.Equal(now) {
			t.Errorf("read at %v, %v", f.UsedAt, err)
		}
		if _, err := h.app.ActorByToken(h.ctx, secret); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the secret of a feed opens the API: %v", err)
		}
		if _, err := h.app.UpdateUser(h.ctx, h.admin, h.anna.ID, UserChange{Name: "Anna", Email: h.anna.Email, Zone: "UTC", Role: h.anna.Role}); err != nil {
			t.Fatal(err)
		}
		_, err = h.app.ReadFeed(h.ctx, secret)
		refused(t, "of somebody without access", err, fault.NotFound, "no calendar")
	})
}
