package action

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// TestFeedNames has the events of two installations never be one, and those of feeds that exist stay what they are.
func TestFeedNames(t *testing.T) {
	t.Parallel()
	named := func(key byte, f store.Feed, id ident.Activity) string {
		v, err := NewVault(bytes.Repeat([]byte{key}, KeySize))
		if err != nil {
			t.Fatal(err)
		}
		return (&App{vault: v}).feedEvent(f, store.Activity{ID: id}, nil).UID
	}
	first := named(1, store.Feed{}, 7)
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(first) {
		t.Errorf("%s is no UUID of version 8", first)
	}
	if again := named(1, store.Feed{}, 7); again != first {
		t.Errorf("the same activity is named %s and %s", first, again)
	}
	for _, other := range []string{named(1, store.Feed{}, 8), named(2, store.Feed{}, 7)} {
		if other == first {
			t.Errorf("%s names two activities", first)
		}
	}
	if old, want := named(1, store.Feed{OldNames: true}, 7), ident.Activity(7).String()+"@cadenza"; old != want {
		t.Errorf("a feed that exists names its event %s, want %s", old, want)
	}
}

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
