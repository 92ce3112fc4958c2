package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/engine"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// queued gives an enrollment whose mail is queued, and which has a task after it.
func (h *house) queued() ident.Enrollment {
	h.Helper()
	h.leads++
	s := h.sequence(fmt.Sprint("Mail", h.leads), mail("intro"), task("call"))
	id := h.connected(s, h.user(fmt.Sprint("Anna", h.leads)).ID, 1)[0]
	h.due(10, 1)
	return id
}

// verdict lets the gate answer one thing for every queued message whose time has come.
func (h *house) verdict(looked int, v func(*store.MailCandidate) store.Verdict) []*store.MailCandidate {
	h.Helper()
	pass, n, err := h.db.ClaimMail(context.Background(), "test", 100, func(c *store.MailCandidate, now time.Time) store.Verdict {
		if !now.Equal(h.now()) {
			h.Errorf("the gate is asked for %s, want %s", now, h.now())
		}
		return v(c)
	})
	h.must(err)
	if n != looked {
		h.Fatalf("%d messages were looked at, want %d", n, looked)
	}
	return pass
}

func kind(k store.VerdictKind, reason string) func(*store.MailCandidate) store.Verdict {
	return func(*store.MailCandidate) store.Verdict { return store.Verdict{Kind: k, Reason: reason} }
}

func passing(c *store.MailCandidate) store.Verdict {
	m := c.Message
	m.Sender, m.Recipient, m.Subject, m.HTML, m.Text = "anna@test.local", "lead@buyer.test", "Hello", "<p>Hello</p>", "Hello"
	return store.Verdict{Kind: store.Pass, Message: m}
}

// message wants the one message of an enrollment in a state, with a reason.
func (h *house) message(id ident.Enrollment, state store.MessageState, reason string) store.Message {
	h.Helper()
	list := h.messages(id)
	if len(list) != 1 || list[0].State != state || list[0].Reason != reason {
		h.Fatalf("messages %+v, want one %s: %q", list, state, reason)
	}
	return list[0]
}

func (h *house) finish(k store.ResultKind, m store.Message, reason string) {
	h.Helper()
	h.must(h.db.FinishMail(context.Background(), []store.MailResult{{Message: m, Kind: k, Reason: reason, Again: h.now().Add(15 * time.Minute)}}))
}

func TestCandidate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		id := h.queued()
		h.write(func(tx *store.Tx) error {
			_, err := tx.InsertTemplate(store.Template{Key: "intro", Name: "Intro", TemplateContent: store.TemplateContent{Subject: "Hello {{ last_name }}", HTML: "<p>Hello</p>"}}, 0)
			return err
		})
		e := h.enrollment(id)
		h.verdict(1, func(c *store.MailCandidate) store.Verdict {
			m := c.Message
			if m.Enrollment != id || m.Token != h.token(id) || m.Record != e.Record || m.User != e.Assignee || m.Template != "intro" || m.Attempts != 0 ||
				c.Record.ID != e.Record || c.Record.Get("last_name") != e.RecordName || c.User.Name != e.AssigneeName || c.Mailbox.Host != "mail.test" ||
				c.Mailbox.User != e.Assignee || c.Template.Subject != "Hello {{ last_name }}" || c.SequenceName != e.SequenceName ||
				!c.Live || !c.RecordFound || !c.TemplateFound {
				t.Errorf("the gate is given %+v for %+v", c, e)
			}
			return store.Verdict{Kind: store.Later, At: h.now()}
		})
		h.write(func(tx *store.Tx) error {
			if err := tx.DeleteMailbox(e.Assignee); err != nil {
				return err
			}
			if err := tx.DeleteRecord(e.Record); err != nil {
				return err
			}
			templates, err := tx.ListTemplates("", "")
			if err != nil {
				return err
			}
			return tx.DeleteTemplate(templates[0].ID)
		})
		h.verdict(1, func(c *store.MailCandidate) store.Verdict {
			if c.Mailbox.ID != 0 || c.RecordFound || c.TemplateFound {
				t.Errorf("after mailbox, record and template are gone the gate is given %+v", c)
			}
			return store.Verdict{Kind: store.Later, At: h.now()}
		})
	})
}

// TestVerdicts holds what each answer of the gate does to the message and to the enrollment that waits for it.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		later, failed, refused, withdrawn, passed := h.queued(), h.queued(), h.queued(), h.queued(), h.queued()
		long := "Because " + strings.Repeat("ä", 2000)
		pass := h.verdict(5, func(c *store.MailCandidate) store.Verdict {
			switch c.Message.Enrollment {
			case later:
				return store.Verdict{Kind: store.Later, Reason: "The mailbox is paused.", At: h.now().Add(time.Minute)}
			case failed:
				return store.Verdict{Kind: store.Fail, Reason: long}
			case refused:
				return store.Verdict{Kind: store.Refuse, Reason: "The record must not be emailed."}
			case withdrawn:
				return store.Verdict{Kind: store.Withdraw, Reason: "The record was deleted."}
			}
			return passing(c)
		})
		if len(pass) != 1 || pass[0].Message.Enrollment != passed || pass[0].Message.Subject != "Hello" {
			t.Fatalf("passed %+v", pass)
		}
		if m := h.message(passed, store.MessageSending, ""); m.Attempts != 1 || !m.AttemptAt.Equal(h.now()) || m.Subject != "Hello" ||
			m.Recipient != "lead@buyer.test" || m.Mailbox == 0 || !m.NextAt.IsZero() {
			t.Errorf("before it is sent the attempt is written down as %+v", m)
		}
		h.due(10, 2)
		if m := h.message(later, store.MessageQueued, "The mailbox is paused."); !m.NextAt.Equal(h.now().Add(time.Minute)) {
			t.Errorf("it waits until %s", m.NextAt)
		}
		if m := h.messages(failed)[0]; m.State != store.MessageFailed || len(m.Reason) > 1000 || !strings.HasSuffix(m.Reason, "ä…") {
			t.Errorf("the failed message is %s with a reason of %d bytes, want at most 1,000", m.State, len(m.Reason))
		}
		h.stands(failed, "active in intro#1 for person")
		if a := h.activities(failed); len(a) != 1 || !strings.HasPrefix(a[0].Trouble, "Because") {
			t.Errorf("activities after a failure: %+v", a)
		}
		h.message(refused, store.MessageFailed, "The record must not be emailed.")
		h.stands(refused, "active in call#2 for person")
		h.message(withdrawn, store.MessageWithdrawn, "The record was deleted.")
		checkNextMail(h, h.now().Add(time.Minute))
		h.verdict(0, passing)
		h.pass(time.Minute)
		h.verdict(1, passing)
		checkNextMail(h, time.Time{})
	})
}

func checkNextMail(h *house, want time.Time) {
	h.Helper()
	if next, err := h.db.NextMail(context.Background()); err != nil || !next.Equal(want) {
		h.Errorf("next mail at %s, %v, want %s", next, err, want)
	}
}

// TestResults holds what each result of an attempt does, and that a result counts once.
func TestResults(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		sent, again, rejected, unknown := h.queued(), h.queued(), h.queued(), h.queued()
		attempt := map[ident.Enrollment]store.Message{}
		for _, c := range h.verdict(4, passing) {
			attempt[c.Message.Enrollment] = c.Message
		}
		for range 2 { // the second time nothing more happens
			h.finish(store.Delivered, attempt[sent], "")
			h.finish(store.Retry, attempt[again], "The mail server answered 450: busy")
			h.finish(store.Rejected, attempt[rejected], "The mail server answered 550: no such user")
			h.finish(store.Unknown, attempt[unknown], "The connection broke.")
		}
		if m := h.message(sent, store.MessageSent, ""); !m.SentAt.Equal(h.now()) || m.Subject != "Hello" {
			t.Errorf("the sent message is %+v", m)
		}
		if m := h.message(again, store.MessageQueued, "The mail server answered 450: busy"); !m.NextAt.Equal(h.now().Add(15*time.Minute)) || m.Attempts != 1 {
			t.Errorf("the message to try again is %+v", m)
		}
		h.message(rejected, store.MessageFailed, "The mail server answered 550: no such user")
		h.message(unknown, store.MessageUnknown, "The connection broke.")
		h.due(10, 2)
		h.due(10, 0)
		h.stands(sent, "active in call#2 for person")
		h.stands(rejected, "active in intro#1 for person")
		h.stands(again, "active in intro#1 for mail")
		h.stands(unknown, "active in intro#1 for mail")
		h.work(rejected, "automated_email open", "message failed")

		h.pass(15 * time.Minute)
		if c := h.verdict(1, passing); c[0].Message.Attempts != 1 || c[0].Message.ID != attempt[again].ID || c[0].Message.RFCID != attempt[again].RFCID {
			t.Errorf("the second attempt is %+v, want the same message", c[0].Message)
		}
	})
}

// TestSettle holds the two answers of a person to a message whose fate is unknown.
func TestSettle(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		arrived, lost := h.queued(), h.queued()
		for _, c := range h.verdict(2, passing) {
			h.finish(store.Unknown, c.Message, "The connection broke.")
		}
		h.verdict(0, passing) // never by itself
		h.write(func(tx *store.Tx) error {
			m, err := tx.LockMessage(h.messages(arrived)[0].ID)
			if err != nil {
				return err
			}
			return tx.MarkSent(m)
		})
		h.write(func(tx *store.Tx) error { return tx.RequeueMessage(h.messages(lost)[0]) })
		h.message(arrived, store.MessageSent, "")
		h.due(10, 1)
		h.stands(arrived, "active in call#2 for person")
		h.message(lost, store.MessageQueued, "")
		h.verdict(1, passing)
		if m := h.message(lost, store.MessageSending, ""); m.Attempts != 2 {
			t.Errorf("attempts: %d, want 2", m.Attempts)
		}
	})
}

// TestLateResult holds that the result of an older attempt changes nothing after a person had the message sent again.
func TestLateResult(t *testing.T) {
	t.Parallel()
	for _, late := range []store.ResultKind{store.Retry, store.Rejected, store.Unknown} {
		t.Run(fmt.Sprint(late), func(t *testing.T) {
			t.Parallel()
			each(t, func(_ *testing.T, h *house) {
				id := h.queued()
				first := h.verdict(1, passing)[0].Message
				n, err := h.db.ExpireSending(context.Background(), "another")
				h.must(err)
				if n != 1 {
					h.Fatalf("%d messages became unknown, want 1", n)
				}
				h.write(func(tx *store.Tx) error { return tx.RequeueMessage(first) })
				second := h.verdict(1, passing)[0].Message
				h.finish(late, first, "This comes late.")
				h.message(id, store.MessageSending, "")
				h.finish(store.Delivered, second, "")
				h.finish(late, second, "This is of no attempt.")
				h.message(id, store.MessageSent, "")
				h.due(10, 1)
				h.stands(id, "active in call#2 for person")
			})
		})
	}
}

// TestLateYes holds that a message which was taken after all is not sent again, although a person asked for it.
func TestLateYes(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, h *house) {
		id := h.queued()
		m := h.verdict(1, passing)[0].Message
		h.finish(store.Unknown, m, "The connection broke.")
		h.write(func(tx *store.Tx) error { return tx.RequeueMessage(m) })
		h.finish(store.Delivered, m, "")
		h.verdict(0, passing)
		h.message(id, store.MessageSent, "")
	})
}

// TestWhilePaused holds that a paused enrollment sends nothing, whatever becomes of the attempt that was under way.
func TestWhilePaused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		again, unknown := h.queued(), h.queued()
		attempt := map[ident.Enrollment]store.Message{}
		for _, c := range h.verdict(2, passing) {
			attempt[c.Message.Enrollment] = c.Message
		}
		h.play(2, step.Paused{}, again, unknown)
		h.finish(store.Retry, attempt[again], "busy")
		h.finish(store.Unknown, attempt[unknown], "broken")
		h.write(func(tx *store.Tx) error { return tx.RequeueMessage(attempt[unknown]) })
		h.pass(time.Hour)
		h.verdict(0, passing)
		h.message(again, store.MessageHeld, "busy")
		h.message(unknown, store.MessageHeld, "")
		h.play(2, step.Resumed{}, again, unknown)
		h.verdict(2, passing)
	})
}

// TestMailOfFinished holds that mail of an enrollment which ended during the attempt is not tried again.
func TestMailOfFinished(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		id := h.queued()
		m := h.verdict(1, passing)[0].Message
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, id)
		h.finish(store.Retry, m, "busy")
		h.pass(time.Hour)
		h.verdict(1, func(c *store.MailCandidate) store.Verdict {
			if c.Live {
				t.Error("the message of a finished enrollment is live")
			}
			return store.Verdict{Kind: store.Withdraw, Reason: "Its enrollment has finished."}
		})
		h.message(id, store.MessageWithdrawn, "Its enrollment has finished.")
	})
}

// TestOneMessagePerVisit holds the unique token: whatever is written, a visit has one message.
func TestOneMessagePerVisit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		id := h.queued()
		insert := `insert into messages (enrollment_id, step, visit, record_id, template, rfc_id, state, attempts, node, sender, recipient, cc,
			subject, reason, created_at) select enrollment_id, step, visit, record_id, template, 'other@test.local', 1, 0, '', '', '',
			'', '', '', 0 from messages`
		if err := h.db.Exec(context.Background(), insert); err == nil {
			t.Error("a second message of the same visit was written")
		}
		h.message(id, store.MessageQueued, "")
	})
}

func TestExpireSending(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		id := h.queued()
		lives := func(node string) {
			t.Helper()
			held, err := h.db.Lead(ctx, engine.NodeLease+node, node, 15*time.Second)
			if err != nil || !held {
				t.Fatalf("say that %s lives: %v %v", node, held, err)
			}
		}
		expire := func(node string, want int64) {
			t.Helper()
			if n, err := h.db.ExpireSending(ctx, node); err != nil || n != want {
				t.Fatalf("%d messages became unknown, %v, want %d", n, err, want)
			}
		}
		lives("test") // the node of verdict
		m := h.verdict(1, passing)[0].Message
		expire("test", 0)
		if h.db.Dialect() == "postgres" {
			lives("other")
			expire("other", 0)
			h.pass(15*time.Second + time.Microsecond)
			lives("other")
		}
		expire("other", 1)
		h.message(id, store.MessageUnknown, "The server stopped while this was being sent. Look whether it arrived, then say so.")
		// The node was only slow after all: its answer is the truth.
		h.finish(store.Delivered, m, "")
		h.message(id, store.MessageSent, "")
	})
}

// TestClaimBreaksOff holds that nothing passes when the claim cannot be written.
func TestClaimBreaksOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		id := h.queued()
		ctx, stop := context.WithCancel(context.Background())
		pass, _, err := h.db.ClaimMail(ctx, "test", 10, func(c *store.MailCandidate, _ time.Time) store.Verdict {
			stop()
			return passing(c)
		})
		if !errors.Is(err, context.Canceled) || len(pass) > 0 {
			t.Errorf("passed %d messages, %v", len(pass), err)
		}
		if m := h.message(id, store.MessageQueued, ""); m.Attempts != 0 {
			t.Errorf("attempts: %d, want none", m.Attempts)
		}
	})
}
