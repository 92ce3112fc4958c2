package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// TestBouncedMessage wants the outbox and the message's page to say that a sent mail came back, and why.
func TestBouncedMessage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		class               message.Class
		badge, title, means string
	}{
		{message.HardBounce, "Bounced", "The address takes no mail", "Nothing more is sent to it."},
		{message.SoftBounce, "Soft bounce", "One email did not arrive, or is late", "The address may still take others."},
	} {
		t.Run(string(tt.class), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			m := h.mail(h.lead("Marta", "Lindqvist"), "Intro")
			c := h.as(access.Seller)
			h.cutOff(m.ID)
			c.post(messageAddress(m)+"/settle", url.Values{"fate": {"sent"}}).is(http.StatusSeeOther, "")
			c.get("/outbox?state=bounced").sees("Nothing has bounced").misses("Marta Lindqvist")
			h.comesBack(m, tt.class, "550 5.1.1 Ask for another one.")
			c.get("/outbox?state=all").sees("Bounced 1", "Sent 1")
			c.get("/outbox?state=bounced").sees("Marta Lindqvist", tt.badge, "550 5.1.1 Ask for another one.").misses("Nothing has bounced")
			c.get("/outbox?state=sent").sees("Marta Lindqvist", tt.badge)
			page := c.get(messageAddress(m)).sees(tt.badge, tt.title, "550 5.1.1 Ask for another one. "+tt.means, "Open the report")
			_, rest, _ := strings.Cut(page.Body, `href="/received/`)
			report, _, _ := strings.Cut(rest, `"`)
			c.get("/received/"+report).is(http.StatusOK, "Undelivered").sees(tt.title)
		})
	}
}

// comesBack has a report come in about a mail.
func (h *house) comesBack(m store.Message, class message.Class, said string) {
	h.t.Helper()
	box := store.Mailbox{ID: 1, User: h.users[access.Seller].ID, Address: "seller@example.com"}
	f := message.Failure{Address: m.Recipient, Detail: said, Hard: class == message.HardBounce}
	got, err := h.app.DB().Receive(h.t.Context(), box, store.FolderCursor{Folder: "INBOX", Validity: 1, Next: 2}, store.Arrival{
		UID: 1, In: message.Incoming{From: message.Address{Email: "mailer-daemon@example.com"}, Subject: "Undelivered", MessageID: "b1@example.com"},
		Reading: message.Reading{Class: class, Originals: []string{m.RFCID}, Failures: []message.Failure{f}},
	})
	if err != nil || got != class {
		h.t.Fatalf("taken in as %s, %v", got, err)
	}
}
