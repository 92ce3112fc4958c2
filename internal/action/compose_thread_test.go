package action

import (
	"fmt"
	"testing"

	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// TestAnswerByHand holds that an email which a seller writes answers those before it where its step says so, from the mailbox
// that began the thread, unless the seller starts a new one.
func TestAnswerByHand(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		second, third := write("second", "intro"), write("third", "intro")
		second.Config["thread"], third.Config["thread"] = true, true
		id := h.active(h.manager, define("Trial", write("first", "intro"), second, third, write("alone", "intro")))
		h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))

		send := func(d Draft) store.Message {
			t.Helper()
			act := h.work(h.anna)
			d.To, d.HTML = "cara@customer.test", "<p>Hello</p>"
			m, err := h.app.SendEmail(h.ctx, h.anna, act.ID, d)
			if err != nil {
				t.Fatal(err)
			}
			h.deliver(store.Delivered, "")
			return m
		}
		act := h.work(h.anna)
		d, err := h.app.ComposeDraft(h.ctx, h.anna, act.ID, "", "")
		same(t, "first of all", fmt.Sprint(d.Thread, len(d.Before), d.Subject, err), "0Hello Cara<nil>")
		_, err = h.app.ComposeDraft(h.ctx, h.anna, act.ID, "", ReplyThread)
		refused(t, "answer to nothing", err, fault.Invalid, "thread")
		_, err = h.app.ComposeDraft(h.ctx, h.anna, act.ID, "", "sideways")
		refused(t, "unknown thread", err, fault.Invalid, "thread")
		first := send(Draft{Subject: "An idea"})
		same(t, "first is in a thread", first.Thread, false)

		// Bob does the work by now, without a mailbox: the answer still goes through Anna's.
		act = h.work(h.anna)
		if _, err = h.app.Reassign(h.ctx, h.admin, act.ID, h.bob.ID); err != nil {
			t.Fatal(err)
		}
		d, err = h.app.ComposeDraft(h.ctx, h.bob, act.ID, "", "")
		same(t, "answer", fmt.Sprint(d.Thread, " ", len(d.Before), " ", d.Before[0].Subject, " ", d.Subject, " ", d.From, d.Warning, err), "reply 1 An idea Re: An idea anna@example.com<nil>")
		d, err = h.app.ComposeDraft(h.ctx, h.bob, act.ID, "", NewThread)
		same(t, "new thread", fmt.Sprint(d.Thread, " ", len(d.Before), " ", d.Subject, " ", d.From, err), "new 1 Hello Cara <nil>")
		m, err := h.app.SendEmail(h.ctx, h.bob, act.ID, Draft{To: "cara@customer.test", Subject: "What I typed", HTML: "<p>Well?</p>"})
		same(t, "sent", fmt.Sprint(m.Subject, " ", m.Thread, " ", m.User == h.anna.ID, " ", m.Sender, err), "Re: An idea true true anna@example.com<nil>")
		h.deliver(store.Delivered, "")

		act = h.work(h.anna)
		d, err = h.app.ComposeDraft(h.ctx, h.anna, act.ID, "", "")
		same(t, "second answer", fmt.Sprint(len(d.Before), " ", d.Before[1].Subject, " ", d.Subject, err), "2 Re: An idea Re: An idea<nil>")
		_, err = h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", HTML: "<p>x</p>", Thread: NewThread})
		refused(t, "new thread without a subject", err, fault.Invalid, "subject")
		m = send(Draft{Subject: "Another matter", Thread: NewThread})
		same(t, "sent anew", fmt.Sprint(m.Subject, m.Thread), "Another matterfalse")

		d, err = h.app.ComposeDraft(h.ctx, h.anna, h.work(h.anna).ID, "", "")
		same(t, "its step does not answer", fmt.Sprint(d.Thread, len(d.Before), d.Subject, err), "0Hello Cara<nil>")
	})
}
