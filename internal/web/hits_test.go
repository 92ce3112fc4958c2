package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/hit"
	"cadenza/internal/store"
)

// TestHitsPage holds where opens and clicks are shown, and that a person can say that one counts.
func TestHitsPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	rec := h.lead("Marta", "Lindqvist")
	m := h.mail(rec, "Intro")
	ctx, db := t.Context(), h.app.DB()
	pass, _, err := db.ClaimMail(ctx, "test", 10, func(c *store.MailCandidate, now time.Time) store.Verdict {
		followed := c.Message
		followed.Tracked, followed.AttemptAt = true, now
		return store.Verdict{Kind: store.Pass, Message: followed, Links: []string{"https://shop.test/offer"}}
	})
	if err != nil || len(pass) != 1 {
		t.Fatalf("claimed %d, %v", len(pass), err)
	}
	if err := db.FinishMail(ctx, []store.MailResult{{Message: pass[0].Message, Kind: store.Delivered}}); err != nil {
		t.Fatal(err)
	}
	c.get(messageAddress(m)).is(http.StatusOK, "Intro").sees("Not opened yet")
	later := db.Now().Add(time.Hour)
	firefox := "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	if n, err := db.AddHits(ctx, []hit.Hit{
		{Message: m.ID, At: later, Agent: firefox}, {Message: m.ID, At: later.Add(time.Minute), Agent: firefox}, {Message: m.ID, Link: 1, At: later.Add(2 * time.Minute), Agent: "curl/8.5"},
	}); n != 3 || err != nil {
		t.Fatalf("kept %d, %v", n, err)
	}
	c.get(messageAddress(m)).sees("Opened 2 times", "Opens, clicks and downloads", "https://shop.test/offer", "not a person", "Count it")
	hits, err := h.app.Hits(ctx, h.actor(access.Seller), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	count := messageAddress(m) + "/hits/" + hits[0].ID.String() + "/count"
	h.as(access.SequenceManager).post(count, url.Values{}).is(http.StatusForbidden, "")
	c.post(count, url.Values{}).leadsTo(messageAddress(m))
	c.get(messageAddress(m)).sees("The click counts now", "Opened 2 times, 1 click", "by "+h.users[access.Seller].Name)
	c.get("/outbox").sees("opened 2 times, 1 click")
	c.get("/records/" + rec.ID.String()).sees("opened 2 times, 1 click")
	if _, err := h.app.CountHit(ctx, h.actor(access.Seller), m.ID, hits[0].ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("counting twice: %v", err)
	}
}
