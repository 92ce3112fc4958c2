package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

func TestAdvance(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", mail("intro"), task("call"), task("book"))
		ids := h.connected(s, h.user("Anna").ID, 2)
		// A nil event plays what is due or pending, and nothing else.
		nothing := func(flow.Snapshot) step.Event { return nil }
		for _, c := range []struct {
			event func(flow.Snapshot) step.Event
			moved int
		}{{nil, 2}, {nil, 0}, {nothing, 0}} {
			h.write(func(tx *store.Tx) error {
				n, err := tx.Advance(ids, c.event)
				if err == nil && n != c.moved {
					t.Errorf("moved %d enrollments, want %d", n, c.moved)
				}
				return err
			})
		}
		h.stands(ids[0], "active in intro#1 for mail")
		// The pending event comes first: the decision sees the activity that it opened.
		h.signal(ids[0], step.MailSent{Token: h.token(ids[0])})
		h.write(func(tx *store.Tx) error {
			_, err := tx.Advance(ids[:1], func(s flow.Snapshot) step.Event {
				return step.ActivityDone{Token: step.Token{Enrollment: s.Enrollment, Step: s.State.Step, Visit: s.State.Visit}, By: 1}
			})
			return err
		})
		h.stands(ids[0], "active in book#3 for person")
		h.history(ids[0], "connected", "step intro sent", "step call completed")
		// A stale event moves nothing, and an unknown key is no error.
		h.play(0, step.ActivityDone{Token: step.Token{Enrollment: ids[0], Step: "call", Visit: 2}}, ids[0], 999_999)
		h.work(ids[0], "task open", "task open", "message queued")
	})
}

// TestAdvanceWakes holds that a person's move wakes the engine: something may fall due earlier than it sleeps for.
func TestAdvanceWakes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", task("call"), pause("rest", "1m"), task("book"))
		id := h.connected(s, h.user("Anna").ID, 1)[0]
		h.due(10, 1)
		drain(h.db.DueSignal())
		h.play(1, step.ActivityDone{Token: h.token(id), By: 1}, id)
		select {
		case <-h.db.DueSignal():
		default:
			t.Error("the engine was not woken")
		}
	})
}

func TestAdvanceSequence(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		s, other := h.sequence("Trial", task("call")), h.sequence("Other", task("call"))
		anna := h.user("Anna")
		ids, spared := h.connected(s, anna.ID, 1101), h.connected(other, anna.ID, 1)[0]
		for range 3 {
			_, err := h.db.Due(ctx, 500)
			h.must(err)
		}
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, ids[0])
		all := func(want int, ev step.Event) {
			t.Helper()
			h.write(func(tx *store.Tx) error {
				n, err := tx.AdvanceSequence(s.ID, ev)
				if err == nil && n != want {
					t.Errorf("%T moved %d enrollments, want %d", ev, n, want)
				}
				return err
			})
		}
		all(1100, step.Paused{By: anna.ID})
		all(0, step.Paused{By: anna.ID})
		h.work(ids[1100], "task held")
		all(1100, step.Resumed{By: anna.ID})
		h.work(ids[1100], "task open")
		all(1100, step.Stopped{Exit: step.ExitSequenceClosed})
		all(0, step.Stopped{Exit: step.ExitSequenceClosed})
		h.stands(ids[600], "finished sequence_closed")
		h.stands(ids[0], "finished disconnected")
		h.stands(spared, "active in call#1 for person")
		load, err := h.db.Load(ctx)
		h.must(err)
		if load.OpenActivities != 1 || load.Enrollments[flow.Active] != 1 || load.Enrollments[flow.Paused] != 0 {
			t.Errorf("afterwards there are %+v, want one active enrollment and one open activity", load)
		}
	})
}

func TestEndEnrollmentsOf(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s, other := h.sequence("Trial", task("call")), h.sequence("Other", mail("intro"))
		anna := h.user("Anna")
		recs := h.records(3)
		ids := append(h.enroll(s, anna.ID, recs...), h.enroll(other, anna.ID, recs...)...)
		h.due(10, 6)
		h.play(1, step.Paused{}, ids[3])
		h.write(func(tx *store.Tx) error {
			// The same record twice, and one that is on nothing.
			n, err := tx.EndEnrollmentsOf([]ident.Record{recs[1], recs[0], recs[1], 999_999}, step.RecordClosed{By: anna.ID})
			if err == nil && n != 4 {
				t.Errorf("ended %d enrollments, want 4", n)
			}
			return err
		})
		for i, want := range []string{
			"finished record_closed", "finished record_closed", "active in call#1 for person",
			"finished record_closed", "finished record_closed", "active in intro#1 for mail",
		} {
			h.stands(ids[i], want)
		}
		h.work(ids[0], "task cancelled", "message withdrawn")
		h.work(ids[2], "task open", "message queued")
	})
}

// TestHoldAndRelease holds what pausing, resuming and ending do to work that is open, unsent, or under way.
func TestHoldAndRelease(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", mail("intro"), task("call"), mail("again"))
		anna := h.user("Anna")
		queued, open, sending := h.connected(s, anna.ID, 1)[0], h.connected(s, anna.ID, 1)[0], h.connected(s, anna.ID, 1)[0]
		h.due(10, 3)
		h.signal(open, step.MailSent{Token: h.token(open)})
		h.due(10, 1)
		h.claim(sending)
		ids := []ident.Enrollment{queued, open, sending}
		check := func(what, forQueued string, forOpen []string, forSending string) {
			t.Helper()
			t.Log(what)
			h.work(queued, forQueued)
			h.work(open, forOpen...)
			h.work(sending, forSending)
		}
		check("at first", "message queued", []string{"task open", "message queued"}, "message sending")
		h.play(3, step.Paused{By: anna.ID}, ids...)
		check("paused", "message held", []string{"task held", "message held"}, "message sending")
		h.play(3, step.Resumed{By: anna.ID}, ids...)
		check("resumed", "message queued", []string{"task open", "message queued"}, "message sending")
		h.play(3, step.Paused{By: anna.ID}, ids...)
		h.play(3, step.Stopped{Exit: step.ExitDisconnected, By: anna.ID}, ids...)
		check("ended", "message withdrawn", []string{"task cancelled", "message withdrawn"}, "message sending")
		if a := h.activities(open)[0]; !a.DoneAt.Equal(monday) {
			t.Errorf("the cancelled activity ended at %s, want %s", a.DoneAt, monday)
		}
		if m := h.messages(queued)[0]; m.Reason == "" || !m.NextAt.IsZero() {
			t.Errorf("the withdrawn message is %+v, want a reason and no time", m)
		}
	})
}

// claim marks the unsent messages of these enrollments as being sent.
func (h *house) claim(ids ...ident.Enrollment) []*store.MailCandidate {
	h.Helper()
	pass, _, err := h.db.ClaimMail(context.Background(), "test", 1000, func(c *store.MailCandidate, now time.Time) store.Verdict {
		if slices.Contains(ids, c.Message.Enrollment) {
			return store.Verdict{Kind: store.Pass, Message: c.Message}
		}
		return store.Verdict{Kind: store.Later, At: now, Reason: "It is not its turn."}
	})
	h.must(err)
	if len(pass) != len(ids) {
		h.Fatalf("%d messages were claimed, want %d", len(pass), len(ids))
	}
	return pass
}

// TestOneMove holds moves that open work and end it again: it is never seen, and nothing of it stays.
func TestOneMove(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", mail("intro"), task("call"))
		ids := h.connected(s, h.user("Anna").ID, 4)
		opened, entered, resumed, paused := ids[0], ids[1], ids[2], ids[3]
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, entered) // its first step begins and ends in this move
		h.work(entered)
		h.due(10, 3)
		sent := func(id ident.Enrollment) step.Event { return step.MailSent{Token: h.token(id)} }
		h.signal(opened, sent(opened))
		h.play(1, step.Stopped{Exit: step.ExitDisconnected}, opened)
		h.work(opened, "message withdrawn")
		h.history(opened, "connected", "step intro sent", "exit call disconnected")

		h.signal(paused, step.MailFailed{Token: h.token(paused), Reason: "No such user."})
		h.play(1, step.Paused{}, paused) // opened and held in one move
		h.work(paused, "automated_email held", "message held")
		h.play(1, step.Resumed{}, paused)
		h.work(paused, "automated_email open", "message queued")

		h.play(1, step.Paused{}, resumed)
		h.signal(resumed, step.MailFailed{Token: h.token(resumed), Reason: "No such user."})
		h.play(1, step.Resumed{}, resumed) // opened while held, and released in one move
		h.work(resumed, "automated_email open", "message queued")
		h.play(1, step.Retry{Token: h.token(resumed)}, resumed)
		h.work(resumed, "automated_email cancelled", "message withdrawn", "message queued")
		if list := h.messages(resumed); list[0].RFCID == list[1].RFCID || list[1].Token != h.token(resumed) {
			t.Errorf("a new visit has a message of its own: %+v", list)
		}
	})
}

func TestConnectTo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna")
		next := h.sequence("Nurture", task("call"))
		s := h.sequence("Trial", task("first"), advance("go", "nurture"))
		fresh, there := h.connected(s, anna.ID, 1)[0], h.connected(s, anna.ID, 1)[0]
		old := h.enroll(next, 0, h.enrollment(there).Record)[0]
		h.due(10, 3)
		h.play(1, step.ActivityDone{Token: h.token(fresh), By: anna.ID}, fresh)
		h.play(1, step.ActivityDone{Token: h.token(there), By: anna.ID}, there)
		h.stands(fresh, "finished advanced")
		h.stands(there, "finished advanced")
		got := h.live(fresh)
		if len(got) != 1 || got[0].Sequence != next.ID || got[0].Assignee != anna.ID || got[0].State.AutoMoves != 1 || got[0].ConnectedBy != 0 {
			t.Fatalf("the record is on %+v now, want on Nurture, with its seller, by itself and after one automatic move", got)
		}
		if got := h.live(there); len(got) != 1 || got[0].ID != old {
			t.Errorf("a record that was on the next sequence already is on %+v, want %d as it was", got, old)
		}
		h.due(10, 1)
		h.work(got[0].ID, "task cancelled", "task open")
	})
}

// live gives what an enrollment's record is on now.
func (h *house) live(id ident.Enrollment) (list []store.Enrollment) {
	h.Helper()
	rec := h.enrollment(id).Record
	h.read(func(tx *store.Tx) (err error) {
		list, err = tx.LiveEnrollments(rec)
		return err
	})
	return list
}

// TestCircleOfSequences holds that automatic moves are handed on with the record, so that a circle without a pause ends.
func TestCircleOfSequences(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Round", advance("go", "Round"))
		id := h.connected(s, h.user("Anna").ID, 1)[0]
		rounds := 0
		for {
			n, err := h.db.Due(context.Background(), 10)
			h.must(err)
			if n == 0 {
				break
			}
			if rounds++; rounds > 2*flow.MaxAutoMoves {
				t.Fatal("the circle does not end")
			}
		}
		if len(h.live(id)) != 0 || rounds < flow.MaxAutoMoves {
			t.Errorf("after %d rounds the record is on %v", rounds, h.live(id))
		}
	})
}

// TestNextSequenceGone holds that an advance to a sequence that is closed or deleted becomes a person's activity.
func TestNextSequenceGone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		closed, deleted := h.sequence("Closed", task("call")), h.sequence("Deleted", task("call"))
		a, b := h.sequence("A", pause("rest", "1h"), advance("go", "Closed")), h.sequence("B", pause("rest", "1h"), advance("go", "Deleted"))
		first, second := h.connected(a, 0, 1)[0], h.connected(b, 0, 1)[0]
		h.due(10, 2)
		h.write(func(tx *store.Tx) error {
			if err := tx.SetSequenceInactive(closed.ID); err != nil {
				return err
			}
			return tx.DeleteSequence(deleted.ID)
		})
		h.pass(time.Hour)
		h.due(10, 2)
		for id, trouble := range map[ident.Enrollment]string{
			first:  `The sequence "Closed" is not active.`,
			second: `There is no sequence "Deleted" any more.`,
		} {
			h.stands(id, "active in go#2 for person")
			if list := h.activities(id); len(list) != 1 || list[0].Kind != "advance" || list[0].Trouble != trouble {
				t.Errorf("activities %+v, want one for a person that says %q", list, trouble)
			}
		}
	})
}

// TestEveryEffectIsStored walks the list of all effects: each has a case that shows it in the database.
func TestEveryEffectIsStored(t *testing.T) {
	t.Parallel()
	begin := func(h *house, steps ...step.Step) ident.Enrollment {
		id := h.connected(h.sequence("Trial", steps...), h.user("Anna").ID, 1)[0]
		h.due(10, 1)
		return id
	}
	cases := map[string]func(t *testing.T, h *house){
		"step.SendMail": func(_ *testing.T, h *house) { h.work(begin(h, mail("a")), "message queued") },
		"step.SendText": func(t *testing.T, h *house) {
			id := begin(h, text("a"))
			if h.work(id, "message queued"); h.messages(id)[0].Channel != message.TextChannel {
				t.Errorf("it is queued as %s", h.messages(id)[0].Channel)
			}
		},
		"step.OpenActivity": func(_ *testing.T, h *house) { h.work(begin(h, task("a")), "task open") },
		"step.CancelWork": func(_ *testing.T, h *house) {
			id := begin(h, task("a"))
			h.play(1, step.Stopped{Exit: step.ExitDisconnected}, id)
			h.work(id, "task cancelled")
		},
		"step.HoldWork": func(_ *testing.T, h *house) {
			id := begin(h, task("a"))
			h.play(1, step.Paused{}, id)
			h.work(id, "task held")
		},
		"step.ReleaseWork": func(_ *testing.T, h *house) {
			id := begin(h, task("a"))
			h.play(1, step.Paused{}, id)
			h.play(1, step.Resumed{}, id)
			h.work(id, "task open")
		},
		"step.LeaveActivity": func(t *testing.T, h *house) {
			anna := h.user("Anna")
			id := h.connected(h.sequenceWith("Trial", endsOnReply, task("a")), 0, 1)[0]
			h.due(10, 1)
			h.signal(id, step.Replied{Owner: anna.ID})
			h.due(10, 1)
			h.work(id, "task cancelled", "email open")
			h.write(func(tx *store.Tx) error {
				e, err := tx.GetEnrollment(id)
				if err != nil {
					return err
				}
				left, err := tx.UndoneActivities(e.Record)
				if len(left) != 1 || left[0].Kind != "email" || left[0].Enrollment != 0 || left[0].Assignee != anna.ID {
					t.Errorf("the reply left %+v, want one email to write that outlives the enrollment", left)
				}
				return err
			})
		},
		"step.RenewWork": func(t *testing.T, h *house) {
			id := begin(h, task("a"))
			h.move(id, flow.Mapping{{Number: 1, Step: "a"}: {Kind: flow.To, Step: "a"}}, step.Step{ID: "a", Type: "task", Name: "Renewed", Config: step.Config{}})
			if list := h.activities(id); len(list) != 1 || list[0].Name != "Renewed" || list[0].State != store.ActivityOpen {
				t.Errorf("activities %+v, want the one that was open, with its new name", list)
			}
		},
		"step.SetField": func(t *testing.T, h *house) {
			id := begin(h, step.Step{ID: "a", Type: "update_field", Config: step.Config{"field": "stage", "value": "develop"}})
			h.write(func(tx *store.Tx) error {
				e, err := tx.GetEnrollment(id)
				if err != nil {
					return err
				}
				r, err := tx.GetRecord(e.Record)
				if err == nil && (r.Get("stage") != "develop" || r.Rev != 2) {
					t.Errorf("the record is %v, revision %d", r.Values, r.Rev)
				}
				return err
			})
		},
		"step.ConnectTo": func(t *testing.T, h *house) {
			h.sequence("Next", task("call"))
			if id := begin(h, advance("a", "Next")); len(h.live(id)) != 1 {
				t.Errorf("the record is on %v, want on the next sequence", h.live(id))
			}
		},
	}
	for _, e := range step.Effects() {
		name := fmt.Sprintf("%T", e)
		check, ok := cases[name]
		if !ok {
			t.Errorf("nothing shows that %s is stored: write it down in effects (writes.go) and add a case", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, check)
		})
	}
	if len(cases) != len(step.Effects()) {
		t.Errorf("%d cases for %d effects", len(cases), len(step.Effects()))
	}
}

// TestWithdrawnSaysWhy holds that a message which an exit withdraws tells of the exit, and that nothing holds it up any more; so does the mail that a
// person wrote in a step's activity.
func TestWithdrawnSaysWhy(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna").ID
		sequences := []store.Sequence{
			h.sequenceWith("Mails", endsOnReply, mail("intro")),
			h.sequenceWith("By hand", endsOnReply, step.Step{ID: "write", Type: "email", Config: step.Config{}}),
		}
		for _, tt := range []struct {
			event  step.Event
			reason string
		}{
			{step.RecordClosed{By: anna}, "The record was closed."},
			{step.Replied{}, "The customer replied."},
			{step.Bounced{Detail: "No such user."}, "An email bounced."},
			{step.OptedOut{Channel: message.EmailChannel, Detail: "One-click opt-out"}, "The customer opted out."},
			{step.Suppressed{Channel: message.EmailChannel, Detail: "Added by a person", By: anna}, "The address or number was suppressed."},
			{step.MeetingBooked{By: anna}, "A meeting was booked."},
			{step.Stopped{Exit: step.ExitDisconnected, By: anna}, "Disconnected."},
			{step.Stopped{Exit: step.ExitSequenceClosed}, "The sequence was deactivated or deleted."},
		} {
			var ids []ident.Enrollment
			for i, s := range sequences {
				id := h.connected(s, anna, 1)[0]
				h.due(10, 1)
				if i == 1 {
					h.written(id, false)
				}
				ids = append(ids, id)
			}
			h.verdict(2, func(*store.MailCandidate) store.Verdict {
				return store.Verdict{Kind: store.Later, Turn: true, Blocker: store.BlockWindow, Reason: "The window opens tomorrow.", At: h.now().Add(time.Hour)}
			})
			h.play(2, tt.event, ids...)
			for _, id := range ids {
				for _, m := range h.messages(id) {
					if m.State != store.MessageWithdrawn || m.Reason != tt.reason || m.Blocker != store.NotBlocked || m.Turn || !m.NextAt.IsZero() {
						t.Errorf("%T: a message is %s: %q, blocked by %q until %s, its turn: %t; want %q", tt.event, m.State, m.Reason, m.Blocker, m.NextAt, m.Turn, tt.reason)
					}
				}
			}
		}
	})
}
