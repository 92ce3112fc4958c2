package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// heldFor says to somebody what holds an enrollment, and what to do about it.
func (h *house) heldFor(reader access.Actor, id ident.Enrollment) string {
	h.t.Helper()
	x, err := h.app.Explain(h.ctx, reader, id)
	if err != nil || len(x.Holds) != 1 {
		h.t.Fatalf("held: %v, %v", x.Holds, err)
	}
	return x.Holds[0].Text + " " + x.Holds[0].Change
}

// explanation is what Explain says, in lines that a test can hold against each other.
func (h *house) explanation(id ident.Enrollment) string {
	h.t.Helper()
	x, err := h.app.Explain(h.ctx, h.bob, id)
	if err != nil {
		h.t.Fatal(err)
	}
	var lines []string
	for _, r := range x.Reasons {
		lines = append(lines, "because "+at(r.At)+" "+r.Text)
	}
	for _, held := range x.Holds {
		lines = append(lines, fmt.Sprintf("held %s from %s to %s %s\n     %s [%s]", held.Code, at(held.Since), at(held.Until), held.Text, held.Change, held.Place.Kind))
	}
	lines = append(lines, "then "+visits(x.Coming()))
	if x.Fork != nil {
		lines = append(lines, "asks "+x.Fork.Step.ID, "yes "+at(x.Fork.Yes.At)+" "+way(x.Fork.Yes.Way), "no "+at(x.Fork.No.At)+" "+way(x.Fork.No.Way))
	} else {
		lines = append(lines, "ends "+string(x.End.Exit)+" "+at(x.End.EndAt)+x.End.Stuck)
	}
	return strings.Join(lines, "\n")
}

func at(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2 15:04")
}

func way(w flow.Way) string { return visits(w.Visits) + " = " + string(w.Exit) + w.Stuck }

func visits(list []flow.Visit) string {
	words := []string{}
	for _, v := range list {
		words = append(words, v.Step.ID+" "+at(v.At))
	}
	return strings.Join(words, ", ")
}

// TestExplainWithoutHistory asks of an enrollment whose history is deleted, and looks at the timeline of its record.
func TestExplainWithoutHistory(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Olga", "Sato")
		e := h.connect(h.anna, h.active(h.manager, define("Way", task("first"))), rec)
		if _, _, err := h.app.Disconnect(h.ctx, h.anna, []ident.Enrollment{e}); err != nil {
			t.Fatal(err)
		}
		s, err := h.app.GetSettings(h.ctx, h.admin)
		if err != nil {
			t.Fatal(err)
		}
		s.HistoryMonths = 1
		if _, err := h.app.SaveSettings(h.ctx, h.admin, s); err != nil {
			t.Fatal(err)
		}
		h.pass(32 * 24 * time.Hour)
		if n, err := h.db.DropHistory(h.ctx); n != 1 || err != nil {
			t.Fatalf("dropped the history of %d, %v", n, err)
		}
		if said := h.explanation(e); !strings.HasPrefix(said, "because 2 09:00 What happened before is deleted") {
			t.Errorf("it is explained by %s", said)
		}
		if _, err := h.app.Timeline(h.ctx, h.anna, rec, 0); err != nil {
			t.Errorf("timeline: %v", err)
		}
		left, err := h.app.GetEnrollment(h.ctx, h.anna, e)
		if err != nil || left.State.Exit != step.ExitDisconnected || left.FinishedAt.IsZero() {
			t.Errorf("what stays is %+v, %v", left, err)
		}
	})
}

// why is what WhyOf says of a record, in lines.
func (h *house) why(rec ident.Record) string {
	h.t.Helper()
	w, err := h.app.WhyOf(h.ctx, h.bob, rec, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	var lines []string
	say := func(what string, h Hold) {
		lines = append(lines, fmt.Sprintf("%s %s since %s: %s %s [%s]", what, h.Code, at(h.Since), h.Text, h.Change, h.Place.Kind))
	}
	for _, x := range w.Live {
		lines = append(lines, "on "+x.Enrollment.SequenceName)
	}
	if w.Idle != nil {
		say("idle", *w.Idle)
	}
	for _, c := range w.Waiting {
		say("waiting "+c.Message.Subject, *c.Hold)
	}
	for _, e := range w.Ended {
		lines = append(lines, "ended "+e.Enrollment.SequenceName+" "+at(e.Reason.At)+" "+e.Reason.Text+" "+e.Change)
	}
	for _, o := range w.Obstacles {
		say("obstacle", o)
	}
	for _, c := range w.Chances {
		names := []string{}
		for _, s := range c.Sequences {
			names = append(names, s.Name)
		}
		lines = append(lines, fmt.Sprintf("chance %s: %s %s %v [%s]", strings.Join(names, ", "), c.Code, c.Reason, c.Notes, c.Place.Kind))
	}
	if w.MoreChances > 0 {
		lines = append(lines, fmt.Sprint("more ", w.MoreChances))
	}
	for _, c := range w.Causes {
		var reasons []string
		for _, r := range c.Reasons {
			until := ""
			if !r.Until.IsZero() {
				until = " to " + at(r.Until)
			}
			reasons = append(reasons, at(r.At)+until+" "+r.Text)
		}
		lines = append(lines, c.Message.Token.Step+": "+strings.Join(reasons, " / "))
		alone, err := h.app.CauseOf(h.ctx, h.bob, c.Message.ID)
		if err != nil || len(alone.Reasons) != len(c.Reasons) {
			h.t.Errorf("alone it is explained by %v, %v", alone.Reasons, err)
		}
	}
	return strings.Join(lines, "\n")
}

// wantWhy asks about the email of TestExplain once it is sent.
func (h *house) wantWhy(rec ident.Record) {
	h.t.Helper()
	same(h.t, "why", h.why(rec), `on Way
m: 2 09:00 Connected by Anna Berg. / 2 09:00 The step “Mail m” of “Way”, version 1, made the email from the template “Introduction”, version 1, in the name of Anna Berg. / 2 09:00 to 2 10:00 It had to wait: It is outside of the send window. / 2 10:00 to 3 10:00 It had to wait: The mailbox of Anna Berg is paused. / 3 10:00 Everything allowed it, and it was sent from anna@example.com.`)
}

// TestFates wants a time and words for what became of a message, also where little is known.
func TestFates(t *testing.T) {
	made := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for want, m := range map[string]store.Message{
		"2 09:00 It waits to be sent.":                   {State: store.MessageHeld},
		"2 10:00 Somebody said that it was sent.":        {State: store.MessageSent, SentAt: made.Add(time.Hour)},
		"2 09:00 It is withdrawn. The customer replied.": {State: store.MessageWithdrawn, Reason: "The customer replied."},
	} {
		m.CreatedAt = made
		r := fateOf(m, nil)
		same(t, "fate", at(r.At)+" "+r.Text, want)
	}
}

// TestWhyOfDeleted asks of a message by hand whose record, and so whose activity, is gone.
func TestWhyOfDeleted(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Olga", "Sato")
		var id ident.Message
		h.write(func(tx *store.Tx) (err error) {
			act, err := tx.InsertActivity(store.Activity{Record: rec, Kind: "email", Name: "Write", Assignee: h.anna.ID, DueAt: tx.Now}, h.anna.ID)
			if err != nil {
				return err
			}
			m, err := tx.InsertMessage(store.Message{Record: rec, Activity: act, User: h.anna.ID, Subject: "Hello", Recipient: "olga@sato.test", HTML: "<p>Hello</p>"})
			id = m
			return err
		})
		if n, _, err := h.app.DeleteRecords(h.ctx, h.admin, []ident.Record{rec}); n != 1 || err != nil {
			t.Fatalf("%d records are deleted, %v", n, err)
		}
		c, err := h.app.CauseOf(h.ctx, h.admin, id)
		if err != nil || len(c.Reasons) != 2 || c.Reasons[0].Text != "Anna Berg wrote the email by hand." {
			t.Errorf("it is explained by %v, %v", c.Reasons, err)
		}
	})
}

// TestExplain follows one record and asks at every place why it stands there, what comes next on each way, and what holds it.
func TestExplain(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		opened := step.Step{ID: "opened", Type: "condition", When: &step.When{Email: &step.EmailTest{Step: "m", Results: []step.Result{step.Opened}, Within: "2d", AtOnce: true}}, Yes: []step.Step{task("quick")}, No: []step.Step{pause("rest", "1d"), task("slow")}}
		seq := h.active(h.manager, define("Way", mail("m", "intro"), opened, task("last")))
		rec := h.lead(h.anna, "Olga", "Sato", "email", "olga@sato.test")
		e := h.connect(h.anna, seq, rec)
		h.pass(0)
		same(t, "before the email leaves", h.explanation(e), `because 2 09:00 Connected by Anna Berg.
held sending from 2 09:00 to - The email is about to be sent.
      [message]
then 
asks opened
yes 2 09:00 quick 2 09:00, last 2 09:00 = completed
no 4 09:00 rest 4 09:00, slow 5 09:00, last 5 09:00 = completed`)

		later := func(v store.Verdict) {
			if _, _, err := h.db.ClaimMail(h.ctx, "test", 1, func(*store.MailCandidate, time.Time) store.Verdict { return v }); err != nil {
				t.Fatal(err)
			}
		}
		later(store.Verdict{Kind: store.Later, Blocker: store.BlockWindow, Reason: "It is outside of the send window.", At: h.db.Now().Add(time.Hour)})
		same(t, "at the gate", h.explanation(e), `because 2 09:00 Connected by Anna Berg.
held window from 2 09:00 to 2 10:00 The email waits: It is outside of the send window.
     An admin can change the send windows under Settings; whoever edits the sequence can have it send at any time. []
then 
asks opened
yes 2 10:00 quick 2 10:00, last 2 10:00 = completed
no 4 10:00 rest 4 10:00, slow 5 10:00, last 5 10:00 = completed`)
		h.later(time.Hour)
		later(store.Verdict{Kind: store.Later, Blocker: store.BlockPaused, Reason: "The mailbox of Anna Berg is paused.", Turn: true, At: h.db.Now()})
		same(t, "with a paused mailbox", h.explanation(e), `because 2 09:00 Connected by Anna Berg.
held mailbox_paused from 2 10:00 to - The email waits: The mailbox of Anna Berg is paused.
     An admin, or whoever owns the mailbox, can resume it under Mailboxes. []
then 
ends  -The mailbox of Anna Berg is paused.`)

		h.later(24 * time.Hour)
		h.deliver(store.Delivered, "")
		same(t, "at the condition", h.explanation(e), `because 2 09:00 Connected by Anna Berg.
because 3 10:00 “Mail m” was sent.
held condition from 3 10:00 to 5 10:00 Looks whether the customer opened the email; goes on as soon as that happens, or when the time is over.
     Anna Berg, sales managers and sequence managers can end the wait; the condition is answered with what is known then. [enrollment]
then 
asks opened
yes 3 10:00 quick 3 10:00, last 3 10:00 = completed
no 5 10:00 rest 5 10:00, slow 6 10:00, last 6 10:00 = completed`)
		h.wantWhy(rec)
		if _, err := h.app.PauseEnrollment(h.ctx, h.anna, e); err != nil {
			t.Fatal(err)
		}
		same(t, "paused", h.explanation(e), `because 2 09:00 Connected by Anna Berg.
because 3 10:00 “Mail m” was sent.
held paused from 3 10:00 to - Paused by Anna Berg until somebody resumes it.
     Anna Berg, sales managers and sequence managers can resume it. [enrollment]
held condition from 3 10:00 to 5 10:00 Looks whether the customer opened the email; goes on as soon as that happens, or when the time is over.
     Anna Berg, sales managers and sequence managers can end the wait; the condition is answered with what is known then. [enrollment]
then 
asks opened
yes 3 10:00 quick 3 10:00, last 3 10:00 = completed
no 5 10:00 rest 5 10:00, slow 6 10:00, last 6 10:00 = completed`)
		if _, err := h.app.ResumeEnrollment(h.ctx, h.anna, e); err != nil {
			t.Fatal(err)
		}
		h.write(func(tx *store.Tx) error {
			_, err := tx.Engage(store.Engagement{Enrollment: e, Step: "m", Result: step.Opened})
			return err
		})
		h.pass(time.Hour)
		a := h.work(h.anna)
		if _, err := h.app.Snooze(h.ctx, h.anna, a.ID, h.db.Now().Add(3*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if view, err := h.app.UpNext(h.ctx, h.anna, rec); err != nil || at(view.Tracks[0].Reached["last"]) != "3 14:00" {
			t.Errorf("up next: %v, %v", view.Tracks, err)
		}
		same(t, "an activity", h.explanation(e), `because 2 09:00 Connected by Anna Berg.
because 3 11:00 Opened “Mail m”? was answered with Yes. The customer opened the email.
held person from 3 11:00 to 3 14:00 It is Anna Berg's turn: “Task quick” has to be completed or skipped. It is due later. It was put off once.
     Anna Berg finds it in the work list. A sales manager can hand it over. [activity]
then last 3 14:00
ends completed 3 14:00`)
		same(t, "to Anna herself", h.heldFor(h.anna, e),
			"It is your turn: “Task quick” has to be completed or skipped. It is due later. It was put off once. You find it in your work list. A sales manager can hand it over.")

		if err := h.disconnect(e); err != nil {
			t.Fatal(err)
		}
		same(t, "finished", h.explanation(e), `because 2 09:00 Connected by Anna Berg.
because 3 11:00 Opened “Mail m”? was answered with Yes. The customer opened the email.
because 3 11:00 Disconnected by Anna Berg.
held ended from 3 11:00 to - Disconnected by Anna Berg. The sequence is over for it, and nothing comes next.
     Anna Berg, sales managers and sequence managers can connect it again. []
then 
ends disconnected 3 11:00`)
		if list, err := h.app.ExplainRecord(h.ctx, h.bob, rec); err != nil || len(list) != 0 {
			t.Errorf("of the record: %v, %v", list, err)
		}
	})
}
