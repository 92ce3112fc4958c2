package action

import (
	"fmt"
	"testing"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// answers has somebody at the customer's answer a message of ours.
func (h *house) answers(m store.Message, sender, id string) {
	h.t.Helper()
	box, err := look(h.ctx, h.app, func(tx *store.Tx) (store.Mailbox, error) { return tx.MailboxOf(m.User) })
	if err != nil {
		h.t.Fatal(err)
	}
	uid := uint32(len(id))
	class, err := h.db.Receive(h.ctx, box, store.FolderCursor{Folder: "INBOX", Validity: 1, Next: uid + 1}, store.Arrival{
		UID: uid, In: message.Incoming{From: message.Address{Email: sender}, Subject: "Re: " + m.Subject, MessageID: id, Text: "Yes."},
		Reading: message.Reading{Class: message.HumanReply, Originals: []string{m.RFCID}},
	})
	if err != nil || class != message.HumanReply {
		h.t.Fatalf("taken in as %s, %v", class, err)
	}
	h.pass(0)
}

// TestAnswerGoesToWhoWrote holds that the email of an activity to answer a reply goes to the sender of that reply, as a message of the record, and is
// refused where that address must not be written to.
func TestAnswerGoesToWhoWrote(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		lead := h.lead(h.anna, "Cara", "Cole")
		h.connect(h.anna, h.active(h.manager, define("Trial", mail("m", "intro"))), lead)
		h.deliver(store.Delivered, "")
		first := h.newest(lead)
		first.Subject = "News"
		h.answers(first, "boss@customer.test", "r1")
		act := h.work(h.anna)
		draft := func(template string, of ident.Activity) string {
			d, err := h.app.ComposeDraft(h.ctx, h.anna, of, template, "")
			return fmt.Sprint(d.To, "|", d.Subject, "|", d.Reply.Sender, "|", d.Warning, err)
		}
		same(t, "draft", draft("", act.ID), "boss@customer.test|Re: News|boss@customer.test|<nil>")
		same(t, "draft from a template", draft("intro", act.ID), "boss@customer.test|Hello Cara|boss@customer.test|<nil>")
		h.answers(first, "cara@customer.test", "r12")
		same(t, "draft after the next reply", draft("", h.work(h.anna).ID), "cara@customer.test|Re: News|cara@customer.test|<nil>")
		h.answers(first, "boss@customer.test", "r123")

		entry, err := h.app.AddSuppression(h.ctx, h.manager, SuppressionInput{Address: "boss@customer.test", Source: store.FromPerson})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "draft to who must not be written to", draft("", act.ID),
			"boss@customer.test|Re: News|boss@customer.test|The address is suppressed. Skip this step, or reach them in another way.<nil>")
		mail := Draft{To: "boss@customer.test", Subject: "Re: News", HTML: "<p>Gladly.</p>"}
		_, err = h.app.SendEmail(h.ctx, h.anna, act.ID, mail)
		refused(t, "to who must not be written to", err, fault.Invalid, "suppressed")
		if err := h.app.RemoveSuppression(h.ctx, h.admin, entry.ID, "It is theirs."); err != nil {
			t.Fatal(err)
		}
		m, err := h.app.SendEmail(h.ctx, h.anna, act.ID, mail)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "sent", fmt.Sprint(m.Recipient, m.Record == lead, m.Answers != 0), "boss@customer.testtrue true")
		h.deliver(store.Delivered, "")
		same(t, "the record's newest message", h.newest(lead).ID, m.ID)

		h.answers(m, "boss@customer.test", "r1234")
		byHand, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: lead, Kind: "email", Name: "Write", DueAt: act.DueAt})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "draft of an email by hand", draft("", byHand.ID), "boss@customer.test|Re: News|boss@customer.test|<nil>")
		same(t, "draft of an email by hand in another conversation", draft("intro", byHand.ID), "cara@customer.test|Hello Cara|boss@customer.test|<nil>")
	})
}

// newest gives the message that a record got last.
func (h *house) newest(rec ident.Record) store.Message {
	h.t.Helper()
	list, err := look(h.ctx, h.app, func(tx *store.Tx) ([]store.Message, error) { return tx.MessagesOf(rec, 1) })
	if err != nil || len(list) != 1 {
		h.t.Fatalf("%d messages, %v", len(list), err)
	}
	return list[0]
}
