package store_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

func text(id string) step.Step {
	return step.Step{ID: id, Type: "automated_text", Name: "Text", Config: step.Config{"template": "ping"}}
}

// texting lets the gate answer one thing for every queued text message whose time has come.
func (h *house) texting(looked int, v func(*store.MailCandidate) store.Verdict) []*store.MailCandidate {
	h.Helper()
	pass, n, err := h.db.Texts().ClaimMail(context.Background(), "test", 100, func(c *store.MailCandidate, _ time.Time) store.Verdict { return v(c) })
	h.must(err)
	if n != looked {
		h.Fatalf("%d text messages were looked at, want %d", n, looked)
	}
	return pass
}

func passingText(c *store.MailCandidate) store.Verdict {
	m := c.Message
	m.Sender, m.Recipient, m.Text, m.Parts = "Cadenza", "+491701234567", "Hello", 1
	return store.Verdict{Kind: store.Pass, Message: m}
}

// TestChannels holds that emails and text messages share the outbox's rules, and that neither stands before the other.
func TestChannels(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		provider := store.TextProvider{URL: "https://sms.test/send", Method: "POST", Format: "json", Body: `{"to":"{{to}}"}`, Sender: "Cadenza", Header: "Authorization", Secret: []byte{1, 2}, CheckedAt: h.now(), CheckError: "x", Rev: 3}
		h.write(func(tx *store.Tx) error {
			if _, err := tx.InsertTemplate(store.Template{Key: "ping", Name: "Ping", Channel: message.TextChannel, TemplateContent: store.TemplateContent{Text: "Hello {{ last_name }}"}}, 0); err != nil {
				return err
			}
			return tx.SaveTextProvider(provider)
		})
		anna := h.user("Anna").ID
		drain(h.db.MailSignal())
		drain(h.db.Texts().MailSignal())
		mailed := h.connected(h.sequence("Mail", mail("intro"), task("call")), anna, 1)[0]
		h.due(10, 1)
		if len(h.db.MailSignal()) != 1 || len(h.db.Texts().MailSignal()) != 0 {
			t.Error("a queued email wakes the delivery of emails, and only that")
		}
		drain(h.db.MailSignal())
		texted := h.connected(h.sequence("Text", text("ping"), task("call")), anna, 1)[0]
		h.due(10, 1)
		if len(h.db.MailSignal()) != 0 || len(h.db.Texts().MailSignal()) != 1 {
			t.Error("a queued text message wakes the delivery of text messages, and only that")
		}
		if next, err := h.db.Texts().NextMail(context.Background()); err != nil || !next.Equal(h.now()) {
			t.Errorf("the next text message is due at %s, %v", next, err)
		}
		h.verdict(1, func(c *store.MailCandidate) store.Verdict {
			if c.Message.Enrollment != mailed || c.Message.Channel != message.EmailChannel || c.Provider.Ready() {
				t.Errorf("the gate of emails is given %+v", c.Message)
			}
			return passing(c)
		})
		pass := h.texting(1, func(c *store.MailCandidate) store.Verdict {
			if c.Message.Enrollment != texted || c.Message.Channel != message.TextChannel || c.Template.Text != "Hello {{ last_name }}" ||
				c.Template.Channel != message.TextChannel || !reflect.DeepEqual(c.Provider, provider) {
				t.Errorf("the gate of text messages is given %+v", c)
			}
			return passingText(c)
		})
		h.texting(0, passingText)
		if m := h.message(texted, store.MessageSending, ""); m.Channel != message.TextChannel || m.Parts != 1 || m.Attempts != 1 || m.Recipient != "+491701234567" || m.Text != "Hello" {
			t.Errorf("before it is sent the attempt is written down as %+v", m)
		}
		h.finish(store.Retry, pass[0].Message, "The provider is busy.")
		h.texting(0, passingText)
		h.pass(15 * time.Minute)
		pass = h.texting(1, passingText)
		h.finish(store.Delivered, pass[0].Message, "")
		h.due(10, 1)
		h.message(texted, store.MessageSent, "")
		h.stands(texted, "active in call#2 for person")
		h.read(func(tx *store.Tx) error {
			for channel, want := range map[message.Channel]int{"": 2, message.EmailChannel: 1, message.TextChannel: 1} {
				p, err := tx.ListMessages(store.MessageQuery{Channel: channel})
				if err != nil || len(p.Rows) != want {
					t.Errorf("%d messages of channel %q, %v, want %d", len(p.Rows), channel, err, want)
				}
			}
			return nil
		})
	})
}

// TestTextTrouble holds that a text message whose sending is cut off waits for a person, and that one which fails is handed
// to one.
func TestTextTrouble(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Text", text("ping"), task("call"))
		ids := h.connected(s, h.user("Anna").ID, 2)
		lost, failed := ids[0], ids[1]
		h.due(10, 2)
		h.texting(2, func(c *store.MailCandidate) store.Verdict {
			if c.Message.Enrollment == failed {
				return store.Verdict{Kind: store.Fail, Reason: "The record has no valid mobile or phone number."}
			}
			return passingText(c)
		})
		h.pass(time.Hour)
		if n, err := h.db.ExpireSending(context.Background(), "another start"); err != nil || n != 1 {
			t.Fatalf("%d messages became unknown, %v, want 1", n, err)
		}
		h.texting(0, passingText)
		m := h.messages(lost)[0]
		if m.State != store.MessageUnknown {
			t.Fatalf("after the node is gone it is %s", m.State)
		}
		drain(h.db.Texts().MailSignal())
		h.write(func(tx *store.Tx) error { return tx.RequeueMessage(m) })
		if len(h.db.Texts().MailSignal()) != 1 {
			t.Error("one that is sent again wakes nobody")
		}
		h.texting(1, passingText)
		h.due(10, 1)
		h.stands(failed, "active in ping#1 for person")
		h.work(failed, "automated_text open", "message failed")
	})
}

// TestTextWish holds that the record's wish is known where a sequence sends text messages.
func TestTextWish(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, h *house) {
		rec := h.records(1)[0]
		h.write(func(tx *store.Tx) error {
			r, err := tx.GetRecord(rec)
			if err != nil {
				return err
			}
			r.Values = record.Values{"last_name": "Quiet", "do_not_text": "true"}
			_, err = tx.UpdateRecord(r)
			return err
		})
		id := h.enroll(h.sequence("Text", text("ping"), task("call")), h.user("Anna").ID, rec)[0]
		h.due(10, 1)
		h.history(id, "connected", "step ping skipped The record must not be sent text messages.")
		h.work(id, "task open")
	})
}
