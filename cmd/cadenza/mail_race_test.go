//go:build mail

package main

import (
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

// TestMailReplyMeanwhile answers the first mail while the server has the second one on the wire: Postfix does not say yes to its final
// dot before the reply was read. That one mail is gone, and is told of as sent; nothing leaves after the exit, and nothing twice.
func TestMailReplyMeanwhile(t *testing.T) {
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			held, release := make(chan struct{}), make(chan struct{})
			var count atomic.Int32
			postfix := testmail.StartPostfix(t, testmail.PostfixOptions{Hold: testmail.NewHold(t, func(string) <-chan struct{} {
				if count.Add(1) != 2 {
					return nil
				}
				close(held)
				return release
			})})
			dir := t.TempDir()
			r := &reading{journey: newJourney(t, site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir}, postfix)}
			r.prepare()
			r.serve()
			r.connect()
			<-held
			one, two := r.mail("one"), r.mail("two")
			if one.State != store.MessageSent || two.State != store.MessageSending {
				t.Fatalf("while the second is on the wire: %s", r.messages())
			}
			r.postfix.Deliver(t, testmail.Buyer, []string{testmail.Anna}, r.answer("Marta Lindqvist <"+testmail.Buyer+">")(one))
			r.until("the exit", func() bool { return r.state().Exit == step.ExitReplied })
			if m := r.mail("two"); m.State != store.MessageSending {
				t.Errorf("after the exit the mail on the wire is %s, want it sending still: nobody can call it back", m.State)
			}
			close(release)
			r.until("the second mail sent", func() bool { return r.mail("two").State == store.MessageSent })
			r.once(one, r.mail("two"))
			draft, err := r.house.app.ComposeDraft(r.ctx, actorOf(r.anna), r.await("email").ID, "", "")
			r.must(err)
			if draft.Subject != "Re: Hello Marta" || draft.To != testmail.Buyer {
				t.Errorf("the answer begins with subject %q, to %s", draft.Subject, draft.To)
			}
			r.replied(one, draft)
		})
	}
}

// replied sends the answer to a reply, and wants it in the buyer's thread: below their mail, which is below ours.
func (r *reading) replied(to store.Message, draft action.Draft) {
	r.t.Helper()
	draft.HTML = "<p>Gladly.</p>"
	sent, err := r.house.app.SendEmail(r.ctx, actorOf(r.anna), r.await("email").ID, draft)
	r.must(err)
	want := []string{to.RFCID, draft.Reply.RFCID}
	for _, m := range r.inbox(3) {
		in, err := message.Parse(m.Raw)
		r.must(err)
		if m.MessageID == sent.RFCID && in.InReplyTo == draft.Reply.RFCID && slices.Equal(in.References, want) {
			return
		}
	}
	r.t.Errorf("no answer came below %v", want)
}

// once wants these mails to be the record's only ones, with the buyer once each, and on the timeline, the last one as sent past the exit.
func (r *reading) once(mails ...store.Message) {
	r.t.Helper()
	if st := r.state(); st.Status != flow.Finished || st.Exit != step.ExitReplied {
		r.t.Errorf("the enrollment is %+v", st)
	}
	page, err := r.house.app.ListMessages(r.ctx, access.System(), store.MessageQuery{Record: r.lead})
	r.must(err)
	if len(page.Rows) != len(mails) {
		r.t.Errorf("the messages are: %s", r.messages())
	}
	arrived := map[string]int{}
	for _, m := range r.inbox(len(mails)) {
		arrived[m.MessageID]++
	}
	told, late := map[string]int{}, mails[len(mails)-1].ID
	timeline, err := r.house.app.Timeline(r.ctx, access.System(), r.lead, 0)
	r.must(err)
	for _, line := range timeline {
		if line.Trouble {
			r.t.Errorf("the timeline tells of trouble: %+v", line)
		}
		told[line.Message.String()]++
		if line.Message == late && line.Detail != "It was on its way already when Three mails ended." {
			r.t.Errorf("the last mail is told of as %q, %q", line.Title, line.Detail)
		}
	}
	for _, m := range mails {
		if arrived[m.RFCID] != 1 || m.Attempts != 1 {
			r.t.Errorf("%s arrived %d times, in %d attempts", m.Token.Step, arrived[m.RFCID], m.Attempts)
		}
		if told[m.ID.String()] != 1 {
			r.t.Errorf("the timeline tells of %s %d times: %+v", m.Token.Step, told[m.ID.String()], timeline)
		}
	}
	if len(arrived) != len(mails) {
		r.t.Errorf("the buyer has %d mails, want %d", len(arrived), len(mails))
	}
}

// mail gives the record's message of a step.
func (r *reading) mail(id string) store.Message {
	r.t.Helper()
	page, err := r.house.app.ListMessages(r.ctx, access.System(), store.MessageQuery{Record: r.lead})
	r.must(err)
	for _, m := range page.Rows {
		if m.Token.Step == id {
			return m
		}
	}
	r.t.Fatalf("no message of step %s: %s", id, r.messages())
	return store.Message{}
}

// state gives how the newest enrollment of the record stands.
func (r *reading) state() flow.State {
	r.t.Helper()
	page, err := r.house.app.ListEnrollments(r.ctx, access.System(), store.EnrollmentQuery{Record: r.lead})
	r.must(err)
	return page.Rows[0].State
}
