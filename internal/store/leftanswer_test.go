package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// answering is a correspondence in which a lead got the only mail of a sequence, whose options are changed.
func answering(h *house, change func(*flow.Options), steps ...step.Step) (c *correspondence, first ident.Enrollment) {
	h.Helper()
	c = newCorrespondence(h)
	c.lead = h.lead(record.Values{"last_name": "Okafor", "email": "marta@buyer.test"})
	first = h.enroll(h.sequenceWith("Short", change, append([]step.Step{mail("intro")}, steps...)...), c.anna.ID, c.lead)[0]
	c.sent = c.send()
	return c, first
}

func asItIs(*flow.Options) {}

// reply has somebody answer the mail that was sent.
func (c *correspondence) reply(sender string) {
	c.Helper()
	c.receive(message.HumanReply, message.Reading{Class: message.HumanReply, Originals: c.about()}, message.Incoming{From: from(sender), Text: "Yes."})
	c.drain()
}

// toAnswer wants the activities that are to answer replies, oldest first: whose each is, which of the received mails it is about, and how it stands.
func (c *correspondence) toAnswer(want ...string) {
	c.Helper()
	var got []string
	c.read(func(tx *store.Tx) error {
		came, err := tx.ReceivedOf(c.lead, 20)
		if err != nil {
			return err
		}
		list, err := tx.ActivitiesOf(c.lead, 20)
		for _, a := range list {
			for i, v := range came {
				if v.ID == a.Answers && a.Name == "Answer this reply" && a.Kind == "email" && a.Enrollment == 0 {
					got = append([]string{fmt.Sprintf("%s %d %s", a.AssigneeName, len(came)-i, a.State)}, got...)
				}
			}
		}
		return err
	})
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		c.Errorf("to answer: %q, want %q", got, want)
	}
}

// answered completes what is to answer.
func (c *correspondence) answered() {
	c.Helper()
	c.write(func(tx *store.Tx) error {
		list, err := tx.UndoneActivities(c.lead)
		for _, a := range list {
			if err == nil && a.Answers != 0 {
				a.State = store.ActivityCompleted
				err = tx.SaveActivity(a)
			}
		}
		return err
	})
}

// byHand has Anna write a mail to the lead outside of any sequence, which becomes the one that is answered.
func (c *correspondence) byHand() {
	c.Helper()
	c.write(func(tx *store.Tx) (err error) {
		m := store.Message{Record: c.lead, User: c.anna.ID, Recipient: "marta@buyer.test", Subject: "Hello", RFCID: message.NewMessageID("hand", "test.local"), State: store.MessageQueued}
		if m.ID, err = tx.InsertMessage(m); err != nil {
			return err
		}
		if c.sent, err = tx.LockMessage(m.ID); err != nil {
			return err
		}
		return tx.MarkSent(c.sent)
	})
}

// TestReplyAfterTheEndIsAnswered holds that a reply to the mail of a sequence that is over has its owner answer it: once, however often it is read, and
// what comes next joins it while it is open.
func TestReplyAfterTheEndIsAnswered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c, first := answering(h, asItIs)
		h.stands(first, "finished completed")
		c.reply("marta@buyer.test")
		c.toAnswer("Anna 1 open")
		h.stands(first, "finished completed")
		again := message.Incoming{From: from("marta@buyer.test"), MessageID: fmt.Sprintf("m%d@buyer.test", c.uid), Text: "Yes."}
		c.receive(message.Unrelated, message.Reading{Class: message.HumanReply, Originals: c.about()}, again)
		c.drain()
		c.toAnswer("Anna 1 open")
		c.reply("marta@buyer.test")
		c.toAnswer("Anna 2 open")
		c.reply("boss@buyer.test")
		c.toAnswer("Anna 3 open")
		c.answered()
		c.reply("marta@buyer.test")
		c.toAnswer("Anna 3 completed", "Anna 4 open")
		h.count(0, `select count(*) from enrollment_states where status = 3 and (due_at is not null or signalled)`)
	})
}

// TestReplyToAMailByHandIsAnswered holds the same of a mail of no sequence, and of an answer to a reply.
func TestReplyToAMailByHandIsAnswered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c, _ := answering(h, func(o *flow.Options) { o.AnswerReplies = false })
		c.byHand()
		c.reply("marta@buyer.test")
		c.toAnswer("Anna 1 open")
		c.reply("marta@buyer.test")
		c.toAnswer("Anna 2 open")
		c.answered()
		c.reply("boss@buyer.test")
		c.toAnswer("Anna 2 completed", "Anna 3 open")
	})
}

// TestReplyIsLeftAlone holds where nobody gets an activity: the sequence goes on, or wants none, or no colleague counts.
func TestReplyIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*flow.Options)
		steps  []step.Step
		sender string
	}{
		{"goes on", asItIs, []step.Step{task("call")}, "marta@buyer.test"},
		{"wants none", func(o *flow.Options) { o.AnswerReplies = false }, nil, "marta@buyer.test"},
		{"no colleague counts", func(o *flow.Options) { o.ColleagueReplies = false }, nil, "boss@buyer.test"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, h *house) {
				c, _ := answering(h, tt.change, tt.steps...)
				c.reply(tt.sender)
				c.toAnswer()
			})
		})
	}
}

// TestReplyThatEndsAnotherSequenceIsAnswered holds that one activity comes of it, whatever becomes of the sequence whose mail is answered.
func TestReplyThatEndsAnotherSequenceIsAnswered(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*flow.Options)
		steps  []step.Step
		first  string
	}{
		{"it is over", asItIs, nil, "finished completed"},
		{"it is over and wants none", func(o *flow.Options) { o.AnswerReplies = false }, nil, "finished completed"},
		{"it goes on", asItIs, []step.Step{task("call")}, "active in call#2 for person"},
		{"it ends with it", endsOnReply, []step.Step{task("call")}, "finished replied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, h *house) {
				c, first := answering(h, tt.change, tt.steps...)
				second := h.enroll(h.sequenceWith("Second", func(o *flow.Options) { o.ExitOnReply, o.OtherReplies = true, true }, task("visit")), h.user("Carla").ID, c.lead)[0]
				c.drain()
				c.reply("marta@buyer.test")
				h.stands(first, tt.first)
				h.stands(second, "finished replied")
				c.toAnswer("Anna 1 open")
			})
		})
	}
}

// TestReplyBehindAnEndIsAnswered holds that a reply which waits for the engine is answered when the enrollment ends before it is played, and that two
// of them leave one activity.
func TestReplyBehindAnEndIsAnswered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c, first := answering(h, endsOnReply, task("call"))
		h.signal(first, step.MeetingBooked{By: c.anna.ID})
		for range 2 {
			c.receive(message.HumanReply, message.Reading{Class: message.HumanReply, Originals: c.about()}, message.Incoming{From: from("marta@buyer.test")})
		}
		c.toAnswer()
		c.drain()
		h.stands(first, "finished meeting_booked")
		c.toAnswer("Anna 2 open")
		h.must(h.db.Exec(context.Background(), `update activities set state = 3 where answers is not null`))
		c.reply("marta@buyer.test")
		c.toAnswer("Anna 3 held")
	})
}

// TestAnswerCountsItsReply holds that priority counts for an activity to answer when the reply was written that it is about, also of one that is opened
// again, and when it was read where the mail says a moment that cannot be.
func TestAnswerCountsItsReply(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c, _ := answering(h, asItIs)
		sent := h.now()
		counts := func(what string, want time.Time) {
			h.Helper()
			h.read(func(tx *store.Tx) error {
				narrow, err := tx.WorkFacts(store.WorkQuery{Assignee: c.anna.ID, Later: true}, 10)
				if err != nil {
					return err
				}
				whole, _, err := tx.WorkEntries(store.WorkQuery{Assignee: c.anna.ID, Later: true}, 10)
				if len(narrow) != 1 || len(whole) != 1 || !narrow[0].Facts.AnsweredAt.Equal(want) || !whole[0].Facts.AnsweredAt.Equal(want) {
					t.Errorf("%s: the list has %+v and %+v, want one that was answered at %s", what, narrow, whole, want)
				}
				return err
			})
		}
		reply := func(written time.Time) {
			c.receive(message.HumanReply, message.Reading{Class: message.HumanReply, Originals: c.about()}, message.Incoming{From: from("marta@buyer.test"), Date: written})
			c.drain()
		}
		h.pass(2 * time.Hour)
		reply(sent.Add(time.Hour))
		counts("written an hour ago", sent.Add(time.Hour))
		h.pass(time.Hour)
		reply(sent.Add(-24 * time.Hour))
		counts("written before what it answers", sent.Add(3*time.Hour))
		h.write(func(tx *store.Tx) error {
			list, err := tx.UndoneActivities(c.lead)
			if err == nil {
				err = tx.SaveActivity(list[0])
			}
			return err
		})
		counts("changed", sent.Add(3*time.Hour))
		h.must(h.db.CopyFacts(context.Background()))
		counts("copied anew", sent.Add(3*time.Hour))
		c.answered()
		c.byHand()
		h.pass(time.Hour)
		reply(h.now().Add(24 * time.Hour))
		counts("of a mail by hand, written in days to come", sent.Add(4*time.Hour))
	})
}
