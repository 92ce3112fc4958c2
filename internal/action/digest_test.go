package action

import (
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/store"
)

// digests sends what is due and gives the newest digest, empty for none.
func (h *house) digests(want int) store.Message {
	h.t.Helper()
	n, err := h.app.SendDigests(h.ctx)
	if err != nil || n != want {
		h.t.Fatalf("%d digests went out at %s (%v), want %d", n, h.db.Now().Format("Mon 15:04"), err, want)
	}
	page, err := h.app.ListMessages(h.ctx, h.anna, store.MessageQuery{})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, m := range page.Rows {
		if m.IsDigest() {
			return m
		}
	}
	return store.Message{}
}

// wantsDigest has a user ask for a digest from an hour on.
func (h *house) wantsDigest(actor access.Actor, hour int) {
	h.t.Helper()
	if _, err := h.app.SaveNotificationSettings(h.ctx, actor, NotificationSettings{Digest: hour}); err != nil {
		h.t.Fatal(err)
	}
}

// TestDigest writes one mail a working day, from the hour that was asked for, to who has something to read and a mailbox to send it.
func TestDigest(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.digests(0) // nobody has asked
		h.wantsDigest(h.anna, 11)
		h.wantsDigest(h.bob, 11)
		rec := h.lead(h.anna, "Cara", "Cole & Sons")
		h.digests(0) // it is ten o'clock in Berlin
		h.pass(time.Hour)
		h.digests(0) // nothing is due, nothing is new

		for _, who := range []access.Actor{h.anna, h.bob} {
			if _, err := h.app.CreateActivity(h.ctx, who, NewActivity{Record: rec, Kind: "task", Name: "Ring <b>them</b> up"}); err != nil {
				t.Fatal(err)
			}
		}
		m := h.digests(1) // Bob has no mailbox
		if m.Recipient != h.anna.Email || m.Subject != "Your day: 1 activity due" || m.State != store.MessageQueued {
			t.Errorf("the digest is %q to %s, %s", m.Subject, m.Recipient, m.State)
		}
		full, err := h.app.GetMessage(h.ctx, h.anna, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Cara Cole &amp; Sons: Ring &lt;b&gt;them&lt;/b&gt; up", `href="https://cadenza.test/work/act_`, "/profile#notifications"} {
			if !strings.Contains(full.HTML, want) {
				t.Errorf("the digest lacks %q:\n%s", want, full.HTML)
			}
		}
		if want := "- Cara Cole & Sons: Ring <b>them</b> up"; !strings.Contains(full.Text, want) {
			t.Errorf("the digest's text lacks %q:\n%s", want, full.Text)
		}
		h.digests(0) // once a day
		h.pass(24 * time.Hour)
		if m = h.digests(1); m.Subject != "Your day: 1 activity due" {
			t.Errorf("the second digest is %q", m.Subject)
		}
		h.pass(4 * 24 * time.Hour)
		h.digests(0) // it is Saturday
		h.wantsDigest(h.anna, store.NoDigest)
		h.pass(2 * 24 * time.Hour)
		h.digests(0)
	})
}

// TestDigestTellsOfNews tells of what the user has not read since the last digest, even when nothing is due.
func TestDigestTellsOfNews(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.wantsDigest(h.anna, 9)
		rec := h.lead(h.anna, "Cara", "Cole")
		h.connect(h.anna, h.active(h.manager, define("Trial", mail("a", "intro"), pause("b", "5d"), task("c"))), rec)
		h.pass(0)
		h.deliver(store.Delivered, "")
		page, err := h.app.ListMessages(h.ctx, h.anna, store.MessageQuery{})
		if err != nil || len(page.Rows) != 1 {
			t.Fatalf("%d messages, %v", len(page.Rows), err)
		}
		h.later(time.Hour)
		h.opens(page.Rows[0].ID, 0)
		m := h.digests(1)
		if m.Subject != "Your day: 1 new notification" {
			t.Errorf("the digest is %q", m.Subject)
		}
		h.pass(24 * time.Hour)
		h.digests(0) // it was told
	})
}

// TestDigestHours reads and writes the hours as people and programs do.
func TestDigestHours(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"07:00": 7, "7": 7, "23:00": 23, "off": store.NoDigest, "": store.NoDigest, "00:00": -1, "24:00": -1, "07:30": -1, "noon": -1} {
		got, err := ReadDigest(text)
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q reads as %d, %v", text, got, err)
		}
	}
	same(t, "seven and off", DigestText(7)+" "+DigestText(store.NoDigest), "07:00 off")
}
