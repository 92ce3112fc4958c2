package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// mail queues a written mail from the seller to a record.
func (h *house) mail(rec store.Record, subject string) store.Message {
	h.t.Helper()
	var m store.Message
	err := h.app.DB().Write(h.t.Context(), func(tx *store.Tx) error {
		id, err := tx.InsertMessage(store.Message{
			Record: rec.ID, User: h.users[access.Seller].ID, RFCID: subject + "@cadenza.test", Sender: "seller@example.com",
			Recipient: rec.Get("email"), Subject: subject, HTML: `<p style="color: #c00">Hello ` + rec.Get("first_name") + `</p>`, Text: "Hello in plain text",
		})
		if err != nil {
			return err
		}
		m, err = tx.GetMessage(id)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// cutOff lets a node stop in the middle of sending a message, so that its fate is unknown.
func (h *house) cutOff(id ident.Message) {
	h.t.Helper()
	pass := func(c *store.MailCandidate, now time.Time) store.Verdict {
		if c.Message.ID == id {
			return store.Verdict{Kind: store.Pass, Message: c.Message}
		}
		return store.Verdict{Kind: store.Later, At: now.Add(time.Hour), Reason: "The mailbox is paused."}
	}
	if _, _, err := h.app.DB().ClaimMail(h.t.Context(), "first", 10, pass); err != nil {
		h.t.Fatal(err)
	}
	if n, err := h.app.DB().ExpireSending(h.t.Context(), "second"); err != nil || n != 1 {
		h.t.Fatalf("cut off: %d, %v", n, err)
	}
}

func messageAddress(m store.Message) string { return "/outbox/" + m.ID.String() }

func TestOutbox(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	c.get("/outbox").is(http.StatusOK, "Outbox").sees("No message yet")
	lost := h.mail(h.lead("Marta", "Lindqvist"), "Intro for Lindqvist")
	h.mail(h.lead("Tomás", "Herrera"), "Offer for Herrera")
	h.cutOff(lost.ID)
	queue := c.get("/outbox").is(http.StatusOK, "Outbox").sees("Waiting 1", "Offer for Herrera", "The mailbox is paused.").misses("Intro for Lindqvist")
	if got := strings.Join(queue.words("th"), " "); got != "Goes out Message To From Why it waits" {
		t.Errorf("columns of the queue %q", got)
	}
	list := c.get("/outbox?state=all").is(http.StatusOK, "Outbox").sees("Intro for Lindqvist", "Offer for Herrera", "Seller Jones", "marta@example.com",
		"1 message may or may not have been sent", "The mailbox is paused.", "Waiting 1", "Unknown 1", "Outbox 1")
	if got := strings.Join(list.words("th"), " "); got != "Message To From State When" {
		t.Errorf("columns %q", got)
	}
	c.get("/outbox?state=queued").sees("Offer for Herrera").misses("Intro for Lindqvist")
	c.get("/outbox?state=sent").sees("Nothing is sent")
	c.get("/outbox?q=lindqvist").sees("Intro for Lindqvist").misses("Offer for Herrera")
	c.get("/outbox?q=nobody", "HX-Request", "true").sees("No message matches").misses("Work list")
	h.as(access.SalesManager).get("/outbox?owner=mine").sees("No message matches")
	h.as(access.SequenceManager).get("/outbox").misses("Outbox 1")
}

func TestMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.mail(h.lead("Marta", "Lindqvist"), "Intro")
	c := h.as(access.Seller)
	page := c.get(messageAddress(m)).is(http.StatusOK, "Intro").sees("Queued", "<Intro@cadenza.test>", "to Marta Lindqvist <marta@example.com>", "Headers")
	if !strings.Contains(page.Body, `sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"`) {
		t.Error("the mail is not in a sandboxed frame")
	}
	c.get(messageAddress(m) + "?part=text").sees("Hello in plain text")
	checkMailPolicy(t, c.get(messageAddress(m)+"/mail").is(http.StatusOK, "").sees("Hello Marta").misses("Work list"))
	c.get("/outbox/msg_0000000000000").is(http.StatusNotFound, "Not found")
}

func TestSettleMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, fate string
		role       access.Role
		status     int
		shows      string
	}{
		{"sent", "sent", access.Seller, http.StatusSeeOther, "Sent"},
		{"again", "again", access.SalesManager, http.StatusSeeOther, "Queued"},
		{"no answer", "", access.Seller, http.StatusUnprocessableEntity, "Unknown"},
		{"no right", "sent", access.SequenceManager, http.StatusForbidden, "Unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			m := h.mail(h.lead("Marta", "Lindqvist"), "Intro")
			h.cutOff(m.ID)
			b := h.as(c.role)
			asked := b.get(messageAddress(m)).sees("Was this email sent?", "nothing twice by itself")
			if c.role == access.SequenceManager {
				asked.misses("Send it again").sees("Seller Jones or a sales manager decides")
			} else {
				asked.sees("It was sent", "Send it again")
			}
			b.post(messageAddress(m)+"/settle", url.Values{"fate": {c.fate}}).is(c.status, "")
			b.get(messageAddress(m)).sees(c.shows)
		})
	}
}

// TestHeldAfterRestore holds that the outbox says that nothing is sent after a restore, and lets those who may release it.
func TestHeldAfterRestore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller, manager := h.as(access.Seller), h.as(access.SalesManager)
	seller.get("/outbox").misses("restored from a backup")
	if _, err := h.app.DB().Mend(h.t.Context()); err != nil {
		t.Fatal(err)
	}
	seller.get("/outbox").sees("Nothing is sent: the database was restored from a backup", "nothing that waits would go out").misses("Let messages go…", "See what")
	m := h.mail(h.lead("Marta", "Lindqvist"), "Offer")
	seller.get("/outbox").sees("1 message would go out, as windows and limits allow", "See what would go", "On release", "Sending is held since the database was restored on", "When somebody acts").misses("See what is in doubt")
	seller.get("/outbox?state=queued&release=goes").sees("Offer")
	seller.get("/outbox?state=queued&release=doubt").misses("Offer").sees("No message matches")
	seller.get("/outbox?state=queued&release=nonsense").sees("Offer")
	seller.get("/outbox?state=sent").misses("Waits for a word")
	seller.get(messageAddress(m)).sees("It waits", "When somebody acts", "Open the outbox", "Sending is held since the database was restored on")
	seller.post("/outbox/release", nil).is(http.StatusForbidden, "")
	manager.get("/outbox").sees("Let messages go…")
	manager.post("/outbox/release", nil).leadsTo("/outbox")
	manager.get("/outbox").misses("restored from a backup")
}
