package api

import (
	"testing"

	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// TestQueueIsOfWhatWaits holds that only what waits can be asked for in the order of the queue.
func TestQueueIsOfWhatWaits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(anna, "GET", "/messages?sort=queue&state=sent", nil).want(422).wantAt("errors.0.code", "state", "errors.0.parameter", "sort")
	h.ask(anna, "GET", "/messages?sort=oldest", nil).want(422)
	h.ask(anna, "GET", "/messages?sort=queue&state=queued", nil).want(200).wantAt("next_cursor", "")
}

// TestBouncedMessages wants a sent email that came back to say so, and to be found by it.
func TestBouncedMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	sent := h.sentTo(lead)
	h.ask(anna, "GET", "/messages?bounced=any", nil).want(200).wantAt("data", "[]")
	h.ask(anna, "GET", "/messages?bounced=any&state=queued", nil).want(422).wantAt("errors.0.parameter", "bounced")
	h.ask(anna, "GET", "/messages?bounced=any&sort=queue", nil).want(422).wantAt("errors.0.parameter", "bounced")
	h.ask(anna, "GET", "/messages?bounced=badly", nil).want(422)
	box := store.Mailbox{ID: sent.Mailbox, User: sent.User, Address: "anna@example.com"}
	_, err := h.db.Receive(t.Context(), box, store.FolderCursor{Folder: "INBOX", Validity: 1, Next: 2}, store.Arrival{
		UID: 1, In: message.Incoming{From: message.Address{Email: "mailer-daemon@example.com"}, MessageID: "b1@example.com"},
		Reading: message.Reading{Class: message.HardBounce, Originals: []string{sent.RFCID}, Failures: []message.Failure{{Address: sent.Recipient, Detail: "No such user", Hard: true}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"bounced=any", "bounced=hard", "bounced=hard&state=sent"} {
		h.ask(anna, "GET", "/messages?"+query, nil).want(200).wantAt("data.0.id", sent.ID.String(), "data.0.state", "sent", "data.0.bounce.kind", "hard", "data.0.bounce.reason", "No such user")
	}
	h.ask(anna, "GET", "/messages?bounced=soft", nil).want(200).wantAt("data", "[]")
	h.ask(anna, "GET", "/messages/hold", nil).want(200).wantAt("held", "false", "goes", "0", "sequences", "[]")
	h.ask(anna, "GET", "/messages?on_release=goes&state=sent", nil).want(422)
	h.ask(anna, "GET", "/messages?on_release=doubt", nil).want(200).wantAt("data", "[]")
	h.ask(anna, "POST", "/messages/release", nil).want(403)
	h.ask(anna, "GET", "/messages/counts", nil).want(200).wantAt("counts.sent", "1", "bounced", "1")
	report := h.ask(anna, "GET", "/messages/"+sent.ID.String(), nil).want(200).at("bounce.received")
	h.ask(anna, "GET", "/received/"+report, nil).want(200).wantAt("class", "bounce", "sequence", "", "enrollment_status", "")
}

// sentTo gives an email to a record that was sent.
func (h *house) sentTo(lead string) (m store.Message) {
	h.t.Helper()
	var rec ident.Record
	if err := rec.UnmarshalText([]byte(lead)); err != nil {
		h.t.Fatal(err)
	}
	err := h.db.Write(h.t.Context(), func(tx *store.Tx) error {
		r, err := tx.GetRecord(rec)
		if err != nil {
			return err
		}
		id, err := tx.InsertMessage(store.Message{Record: rec, User: r.Owner, RFCID: "one@example.com", Sender: "anna@example.com", Recipient: "lena@roth.example", Subject: "Hello", Text: "Hello"})
		if err != nil {
			return err
		}
		if m, err = tx.GetMessage(id); err != nil {
			return err
		}
		return tx.MarkSent(m)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}
