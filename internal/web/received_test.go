package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// TestReceivedMail shows a reply on the record's timeline, at the message and on its page, and nothing in it acts.
func TestReceivedMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	marta := h.lead("Marta", "Lindqvist")
	m := h.mail(marta, "cadenza.intro")
	box := store.Mailbox{ID: 1, User: h.users[access.Seller].ID, Address: "seller@example.com"}
	in := message.Incoming{
		From: message.Address{Name: "Ola Nordmann", Email: "ola@elsewhere.test"}, Subject: "Re: cadenza.intro", MessageID: "r1@buyer.test", Text: "Thursday is fine.\n\n> Hello",
		HTML: `<p>Thursday is <b>fine</b>.</p><script>alert(1)</script><img src="https://spy.test/p.gif">`, Attachments: []message.Attachment{{Name: "plan.pdf", Type: "application/pdf"}},
	}
	class, err := h.app.DB().Receive(t.Context(), box, store.FolderCursor{Folder: "INBOX", Validity: 1, Next: 2}, store.Arrival{
		UID: 1, In: in, Reading: message.Reading{Class: message.AutomaticReply, Originals: []string{m.RFCID}, Returns: time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)},
	})
	if err != nil || class != message.AutomaticReply {
		t.Fatalf("taken in as %s, %v", class, err)
	}
	c := h.as(access.Seller)
	c.get("/records/"+marta.ID.String()).is(http.StatusOK, "Marta Lindqvist").sees("Automatic reply of Ola Nordmann", "back on 9 March 2026", "Thursday is fine.")
	var page store.Page[store.Received]
	if err := h.app.DB().Read(t.Context(), func(tx *store.Tx) (err error) { page, err = tx.ListReceived(store.ReceivedQuery{}); return err }); err != nil || len(page.Rows) != 1 {
		t.Fatalf("%d received, %v", len(page.Rows), err)
	}
	path := "/received/" + page.Rows[0].ID.String()
	c.get(messageAddress(m)).is(http.StatusOK, m.Subject).sees("Came in", "Automatic reply")
	c.get(path).is(http.StatusOK, "Re: cadenza.intro").sees("A program answered: back on 9 March 2026", "plan.pdf", "Ola Nordmann")
	c.get(path+"?part=text").is(http.StatusOK, "Re: cadenza.intro").sees("Thursday is fine.")
	body := c.get(path + "/mail").Body
	if !strings.Contains(body, "Thursday is <b>fine</b>") || strings.Contains(body, "alert(1)") || strings.Contains(body, "spy.test") {
		t.Errorf("the frame shows %s", body)
	}
}
