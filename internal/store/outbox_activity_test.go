package store_test

import (
	"fmt"
	"testing"

	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// written makes an activity by a person whose mail is on its way; of an enrollment, or made by hand for its record.
func (h *house) written(id ident.Enrollment, byHand bool) (ident.Activity, ident.Message) {
	h.Helper()
	e := h.enrollment(id)
	var (
		activity ident.Activity
		message  ident.Message
	)
	if !byHand {
		activity = h.activities(id)[0].ID
	}
	h.write(func(tx *store.Tx) (err error) {
		if byHand {
			if activity, err = tx.InsertActivity(store.Activity{Record: e.Record, Kind: "email", Name: "Write", DueAt: tx.Now}, e.Assignee); err != nil {
				return err
			}
		}
		a, err := tx.LockActivity(activity)
		if err != nil {
			return err
		}
		message, err = tx.InsertMessage(store.Message{
			Activity: activity, Record: e.Record, User: e.Assignee, RFCID: fmt.Sprintf("%s@test.local", activity),
			Sender: "anna@test.local", Recipient: "lead@buyer.test", Subject: "Hello", HTML: "<p>Hello</p>", Text: "Hello",
		})
		if err != nil {
			return err
		}
		a.State, a.Message = store.ActivitySending, message
		return tx.SaveActivity(a)
	})
	return activity, message
}

// TestMailOfActivities holds what the results of a person's own mail do to the activity and its enrollment.
func TestMailOfActivities(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", step.Step{ID: "write", Type: "email", Config: step.Config{}}, task("call"))
		anna := h.user("Anna").ID
		check := func(id ident.Activity, state store.ActivityState, trouble string) store.Activity {
			t.Helper()
			var a store.Activity
			h.read(func(tx *store.Tx) (err error) {
				a, err = tx.GetActivity(id)
				return err
			})
			if a.State != state || a.Trouble != trouble {
				t.Errorf("the activity is %s %q, want %s %q", a.State, a.Trouble, state, trouble)
			}
			return a
		}
		for _, byHand := range []bool{false, true} {
			id := h.connected(s, anna, 1)[0]
			h.due(10, 1)
			activity, _ := h.written(id, byHand)
			// It fails before it is sent, and later at the server; each time the activity opens again.
			h.verdict(1, kind(store.Fail, "The mailbox is gone."))
			check(activity, store.ActivityOpen, "The mailbox is gone.")
			h.due(10, 0)
			h.write(func(tx *store.Tx) error {
				a, err := tx.GetActivity(activity)
				if err != nil {
					return err
				}
				a.State = store.ActivitySending
				if err := tx.SaveActivity(a); err != nil {
					return err
				}
				m := h.messages(id)[0]
				m.RFCID = "again." + m.RFCID
				a.Message, err = tx.InsertMessage(m)
				return err
			})
			c := h.verdict(1, passing)
			if m := c[0].Message; m.Activity != activity || !c[0].Live || m.Enrollment != 0 {
				t.Errorf("the gate is given %+v", c[0])
			}
			h.finish(store.Delivered, c[0].Message, "")
			if a := check(activity, store.ActivityCompleted, "The mailbox is gone."); a.Outcome != "sent" || a.DoneBy != anna || !a.DoneAt.Equal(h.now()) {
				t.Errorf("the completed activity is %+v", a)
			}
			if byHand {
				h.due(10, 0)
				h.stands(id, "active in write#1 for person")
				continue
			}
			h.due(10, 1)
			h.history(id, "connected", "step write completed sent")
		}
	})
}

// TestMailOfEndedActivity holds that mail of an activity which was cancelled meanwhile is withdrawn with it.
func TestMailOfEndedActivity(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", step.Step{ID: "write", Type: "email", Config: step.Config{}})
		id := h.connected(s, h.user("Anna").ID, 1)[0]
		h.due(10, 1)
		h.written(id, false)
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, id)
		h.work(id, "email cancelled", "message withdrawn")
		h.verdict(0, func(c *store.MailCandidate) store.Verdict {
			t.Errorf("%s is claimed", c.Message.ID)
			return store.Verdict{}
		})
	})
}

// TestFailedMailWhilePaused holds that an activity whose mail failed stays out of sight while its enrollment is paused.
func TestFailedMailWhilePaused(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, h *house) {
		s := h.sequence("Trial", step.Step{ID: "write", Type: "email", Config: step.Config{}})
		id := h.connected(s, h.user("Anna").ID, 1)[0]
		h.due(10, 1)
		h.written(id, false)
		m := h.verdict(1, passing)[0].Message
		h.play(1, step.Paused{}, id)
		h.finish(store.Rejected, m, "The mail server answered 550: no such user")
		h.work(id, "email held", "message failed")
		h.play(1, step.Resumed{}, id)
		h.work(id, "email open", "message failed")
	})
}
