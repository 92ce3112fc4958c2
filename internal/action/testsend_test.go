package action

import (
	"fmt"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

func TestSendTest(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		anna := h.anna
		anna.Role = access.SalesManager // has a mailbox, and may write templates
		rec := h.lead(h.anna, "Cara", "Cole", "do_not_email", "true")
		in := TestInput{Key: "intro", Version: 1, Record: rec, Template: TemplateInput{RecordKind: record.Lead, Subject: "Hi {{ first_name }}", HTML: "<p>For {{ company }}</p>"}}
		_, err := h.app.SendTest(h.ctx, h.anna, in)
		refused(t, "a seller", err, fault.Forbidden)
		_, err = h.app.SendTest(h.ctx, h.manager, in)
		refused(t, "without a mailbox", err, fault.Conflict, "no mailbox", "Mailboxes")
		other := in
		other.To = "customer@buyer.test"
		_, err = h.app.SendTest(h.ctx, anna, other)
		refused(t, "to a stranger", err, fault.Invalid, "to:", "users")
		for text, want := range map[string]string{"{{ city }}": "Cara Cole has no value for city", "{{ moon }}": "no field moon"} {
			empty := in
			empty.Template.HTML = text
			_, err = h.app.SendTest(h.ctx, anna, empty)
			refused(t, "with "+text, err, fault.Invalid, want)
		}
		same(t, "sent after all refusals", h.deliver(store.Delivered, ""), 0)
		m, err := h.app.SendTest(h.ctx, anna, in)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "queued", fmt.Sprint(m.State, m.Test, m.Record, m.Follow, " ", m.Recipient, " ", m.Sender, " ", m.Subject), "queued true  false ann@example.com anna@example.com [Test] Hi Cara")
		other.To = "BOB@example.com"
		m2, err := h.app.SendTest(h.ctx, anna, other)
		same(t, "to a colleague", fmt.Sprint(m2.Recipient, err), "bob@example.com<nil>")
		same(t, "sent", h.deliver(store.Delivered, ""), 2)
		m, err = h.app.GetMessage(h.ctx, anna, m.ID)
		same(t, "state", fmt.Sprint(m.State, m.Tracked, err), "sent false <nil>")
		of, err := h.app.ListMessages(h.ctx, anna, store.MessageQuery{Record: rec})
		same(t, "messages of the record", fmt.Sprint(len(of.Rows), err), "0 <nil>")
	})
}

// TestSendTestFiles holds that a test goes out with the files that stand in the editor, not those of the saved template.
func TestSendTestFiles(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		anna := h.anna
		anna.Role = access.SalesManager
		offer := h.file(h.anna, "offer.pdf")
		rec := h.lead(h.anna, "Cara", "Cole")
		m, err := h.app.SendTest(h.ctx, anna, TestInput{Key: "intro", Version: 1, Record: rec, Template: TemplateInput{
			RecordKind: record.Lead, Subject: "Hi", HTML: "<p>See the file.</p>", Files: []ident.File{offer.ID},
		}})
		if err != nil {
			t.Fatal(err)
		}
		var carried []store.File
		_, _, err = h.db.ClaimMail(h.ctx, "test", 10, func(c *store.MailCandidate, _ time.Time) store.Verdict {
			carried = c.Files
			return store.Verdict{Kind: store.Pass, Message: c.Message}
		})
		if err != nil || len(carried) != 1 || carried[0].ID != offer.ID {
			t.Errorf("the test %s goes with %+v, %v; want offer.pdf", m.ID, carried, err)
		}
	})
}
