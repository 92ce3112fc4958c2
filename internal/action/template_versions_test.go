package action

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// rewrite gives the template intro another subject.
func (h *house) rewrite(subject string) store.Template {
	h.t.Helper()
	t, err := h.app.TemplateByKey(h.ctx, h.admin, "intro")
	if err == nil {
		t, err = h.app.UpdateTemplate(h.ctx, h.admin, t.ID, TemplateInput{Name: t.Name, Subject: subject, HTML: t.HTML})
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return t
}

// queuedSubject gives what the first message in the outbox would be made of, and leaves it there.
func (h *house) queuedSubject() (subject string) {
	h.t.Helper()
	_, _, err := h.db.ClaimMail(context.Background(), "test", 1, func(c *store.MailCandidate, now time.Time) store.Verdict {
		subject = c.Template.Subject
		return store.Verdict{Kind: store.Later, At: now}
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return subject
}

// TestTemplatesUnderSequences holds that a change of a template does not change an active sequence under it.
func TestTemplatesUnderSequences(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		tpl := h.rewrite("One")
		seq := h.active(h.manager, define("Trial", mail("m", "intro"), write("w", "intro")))
		h.connect(h.anna, seq, h.lead(h.anna, "Cara", "Cole"))
		h.pass(0)
		h.rewrite("Two")
		same(t, "the queued mail", h.queuedSubject(), "One")
		h.deliver(store.Delivered, "")
		act := h.work(h.anna)
		composed := func(want string) {
			t.Helper()
			d, err := h.app.ComposeDraft(h.ctx, h.anna, act.ID, "", "")
			same(t, "composed", fmt.Sprint(d.Subject, err), want+"<nil>")
		}
		composed("One")
		p, err := h.app.PreviewTemplate(h.ctx, h.anna, TemplateInput{Subject: h.rewrite("Three").Subject}, 0)
		same(t, "the preview has the newest", fmt.Sprint(p.Subject, err), "Three<nil>")
		d, err := h.app.ComposeDraft(h.ctx, h.anna, h.byHand(act.Record).ID, "intro", "")
		same(t, "an activity of no sequence has the newest", fmt.Sprint(d.Subject, err), "Three<nil>")

		uses, err := h.app.TemplateInUse(h.ctx, h.anna, tpl.ID)
		if err != nil || len(uses) != 1 {
			t.Fatalf("uses: %+v, %v", uses, err)
		}
		same(t, "in use", fmt.Sprint(uses[0].Name, uses[0].Numbers(), uses[0].Connected, uses[0].Behind, uses[0].MayAdopt), "Trial[2] 1 true false")
		_, err = h.app.AdoptTemplate(h.ctx, h.anna, tpl.ID, []ident.Sequence{seq})
		refused(t, "a seller changes the sequence of another", err, fault.Forbidden)
		_, err = h.app.AdoptTemplate(h.ctx, h.manager, tpl.ID, []ident.Sequence{seq + 1})
		refused(t, "a sequence that does not use it", err, fault.Invalid, "sequences/0")
		uses, err = h.app.AdoptTemplate(h.ctx, h.manager, tpl.ID, []ident.Sequence{seq})
		same(t, "adopted", fmt.Sprint(uses[0].Numbers(), uses[0].Behind, err), "[4] false <nil>")
		composed("Three")

		h.rewrite("For {{ close_date }}")
		_, err = h.app.AdoptTemplate(h.ctx, h.manager, tpl.ID, []ident.Sequence{seq})
		refused(t, "a text that leads cannot fill", err, fault.Conflict, "close_date", "Trial")
		restored, err := h.app.RestoreTemplate(h.ctx, h.manager, tpl.ID, 1)
		same(t, "restored", fmt.Sprint(restored.Version, restored.Subject, err), "6Hello {{ first_name | default: \"there\" }}<nil>")
		_, err = h.app.RestoreTemplate(h.ctx, h.manager, tpl.ID, 6)
		refused(t, "restore what is there", err, fault.Conflict, "Version 6")

		if _, err := h.app.Deactivate(h.ctx, h.manager, seq, PauseRecords); err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.Activate(h.ctx, h.manager, seq, ActivateInput{}); err != nil {
			t.Fatal(err)
		}
		composed("Hello Cara")
		refused(t, "delete", h.app.DeleteTemplate(h.ctx, h.manager, tpl.ID), fault.Conflict, "Trial")
	})
}

// byHand makes an email to a record that no sequence asked for.
func (h *house) byHand(rec ident.Record) store.Activity {
	h.t.Helper()
	act, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "email", Name: "Write", Assignee: h.anna.ID})
	if err != nil {
		h.t.Fatal(err)
	}
	return act
}
