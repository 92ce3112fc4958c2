package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestAnswerThisReply wants the activity that a reply leaves to say so, and to lead to the reply, on the work list and on the
// record's page.
func TestAnswerThisReply(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.template("intro")
	lead := h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist", "email": "marta@nordlys.test"})
	intro := step.Step{ID: "intro", Type: "automated_email", Config: step.Config{"template": "intro"}}
	h.connect(h.activeWith("Trial", func(o *flow.Options) { o.ExitOnReply = true }, intro, waitStep, taskStep), lead)
	h.replied(h.sent())
	list := h.work()
	if len(list) != 1 || list[0].Name != "Answer this reply" {
		t.Fatalf("the work list has %+v", list)
	}
	c := h.as(access.Seller)
	h.due(lead, "task", "Send the price list", time.Hour)
	page := c.get(opened(list[0], "")).is(http.StatusOK, "").sees("Up next · after a reply", "Read the reply", "Added by hand · due")
	c.get(recordAt(lead, "")).sees("Up next · after a reply", "Read the reply", "Also to do", "Added by hand")
	_, rest, _ := strings.Cut(page.Body, `href="/received/`)
	reply, _, _ := strings.Cut(rest, `"`)
	c.get("/received/"+reply).is(http.StatusOK, "Re: Ten minutes?").sees("Thursday is fine.", "It has left “Trial”: The customer replied.")
	c.get(opened(h.work()[1], "")).sees("After a reply · due")
}

// sent sends the mail that is due.
func (h *house) sent() store.Message {
	h.t.Helper()
	list, _, err := h.app.DB().ClaimMail(h.t.Context(), "node", 10, func(c *store.MailCandidate, _ time.Time) store.Verdict {
		c.Message.Sender, c.Message.Recipient, c.Message.Subject, c.Message.Text = "seller@example.com", c.Record.Get("email"), "Ten minutes?", "Hello"
		return store.Verdict{Kind: store.Pass, Message: c.Message}
	})
	if err != nil || len(list) != 1 {
		h.t.Fatalf("%d mails are due, %v, want 1", len(list), err)
	}
	if err := h.app.DB().FinishMail(h.t.Context(), []store.MailResult{{Message: list[0].Message}}); err != nil {
		h.t.Fatal(err)
	}
	h.drain()
	return list[0].Message
}

// replied has the recipient of a mail answer it.
func (h *house) replied(m store.Message) {
	h.t.Helper()
	box := store.Mailbox{ID: 1, User: h.users[access.Seller].ID, Address: "seller@example.com"}
	class, err := h.app.DB().Receive(h.t.Context(), box, store.FolderCursor{Folder: "INBOX", Validity: 1, Next: 2}, store.Arrival{
		UID: 1, In: message.Incoming{From: message.Address{Email: m.Recipient}, Subject: "Re: " + m.Subject, MessageID: "r1@nordlys.test", Text: "Thursday is fine."},
		Reading: message.Reading{Class: message.HumanReply, Originals: []string{m.RFCID}},
	})
	if err != nil || class != message.HumanReply {
		h.t.Fatalf("taken in as %s, %v", class, err)
	}
	h.drain()
}

// drain moves every enrollment on that is due.
func (h *house) drain() {
	h.t.Helper()
	for {
		n, err := h.app.DB().Due(h.t.Context(), 100)
		if err != nil {
			h.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// TestReceivedList lists what came in with what came of it, by kind and by mailbox, and says what would stand there where there is nothing.
func TestReceivedList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	c.get("/received").is(http.StatusOK, "Received").sees("Nothing came in yet", "IMAP server")
	h.template("intro")
	lead := h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist", "email": "marta@nordlys.test"})
	intro := step.Step{ID: "intro", Type: "automated_email", Config: step.Config{"template": "intro"}}
	h.connect(h.activeWith("Trial", func(o *flow.Options) { o.ExitOnReply = true }, intro, waitStep, taskStep), lead)
	h.replied(h.sent())
	list := c.get("/received").is(http.StatusOK, "Received").sees("marta@nordlys.test", "Re: Ten minutes?", "Reply", "Marta Lindqvist", "It has left “Trial”: The customer replied.")
	_, rest, _ := strings.Cut(list.Body, `href="/received/`)
	mail, _, _ := strings.Cut(rest, `"`)
	c.get("/received/"+mail).is(http.StatusOK, "Re: Ten minutes?")
	c.get("/received?class=reply&owner=mine").sees("Re: Ten minutes?")
	c.get("/received?class=bounce").sees("Nothing of this kind came in", "Show everything").misses("Re: Ten minutes?")
	h.as(access.Admin).get("/received?owner=mine").sees("Nothing of this kind came in")
	c.get("/received?class=nonsense").sees("Re: Ten minutes?")
	if part := c.get("/received?class=reply", "HX-Request", "true").is(http.StatusOK, ""); strings.Contains(part.Body, "<html") {
		t.Error("the filtered list came with a frame")
	}
}
