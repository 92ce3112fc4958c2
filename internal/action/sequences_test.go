package action

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

func TestCreateSequence(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		s, err := h.app.CreateSequence(h.ctx, h.anna, SequenceInput{Name: "  Trial   follow-up ", Description: "First touch"})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "created", fmt.Sprint(s.Name, "|", s.RecordKind, "|", s.Status, "|", s.OwnerName, "|", s.DraftRev), "Trial follow-up|lead|inactive|Anna Berg|1")
		same(t, "options", s.Draft.Options, flow.DefaultOptions())
		for _, c := range []struct {
			in    SequenceInput
			actor access.Actor
			code  fault.Code
			words string
		}{
			{SequenceInput{Name: "TRIAL follow-up"}, h.bob, fault.Invalid, "/name"},
			{SequenceInput{Name: " "}, h.bob, fault.Invalid, "needs a name"},
			{SequenceInput{Name: strings.Repeat("x", 161)}, h.bob, fault.Invalid, "160"},
			{SequenceInput{Name: "Other", Record: "robot"}, h.bob, fault.Invalid, "/record"},
			{SequenceInput{Name: "Other"}, access.Actor{}, fault.Unauthenticated, "Sign in"},
		} {
			_, err := h.app.CreateSequence(h.ctx, c.actor, c.in)
			refused(t, fmt.Sprintf("%+v", c.in), err, c.code, c.words)
		}
	})
}

func TestSaveDraft(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		s := h.draft(h.manager, define("Trial", call("a")))
		view, err := h.app.SaveDraft(h.ctx, h.admin, s.ID, s.DraftRev, define("Trial", call("a"), task("b"), pause("c", "1d")))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "rev after a save", view.DraftRev, s.DraftRev+1)
		same(t, "problems of an unfinished draft", fmt.Sprint(view.Problems), "[/steps/2 step c: A sequence cannot end with a wait. Add a step after it, or remove the wait.]")

		t.Log("a stale draft of another person is refused with who and when, in the zone of the one who asks")
		h.later(3 * time.Hour)
		_, err = h.app.SaveDraft(h.ctx, h.manager, s.ID, s.DraftRev, define("Trial", task("z")))
		refused(t, "stale draft", err, fault.Stale, "Ada Admin saved this draft at 10:00.", "Copy what you changed")
		h.later(48 * time.Hour)
		_, err = h.app.Activate(h.ctx, h.admin, s.ID, ActivateInput{Rev: s.DraftRev})
		refused(t, "stale activation of one's own", err, fault.Stale, "You saved this draft on 2 March at 10:00 in another window.")
		same(t, "the draft stays", len(h.sequence(s.ID).Draft.Steps), 3)

		t.Log("of many who save the same revision at once one does")
		var wg sync.WaitGroup
		faults := make([]error, 4)
		for i := range faults {
			wg.Go(func() {
				_, faults[i] = h.app.SaveDraft(h.ctx, h.admin, s.ID, view.DraftRev, define("Trial", task(fmt.Sprint("t", i)), pause("c", "1d")))
			})
		}
		wg.Wait()
		saved := 0
		for _, err := range faults {
			if err == nil {
				saved++
				continue
			}
			refused(t, "the others", err, fault.Stale, "saved this draft")
		}
		same(t, "saved", saved, 1)
		if view, err = h.app.GetSequence(h.ctx, h.admin, s.ID); err != nil {
			t.Fatal(err)
		}

		t.Log("an equal draft keeps its revision")
		again, err := h.app.SaveDraft(h.ctx, h.manager, s.ID, view.DraftRev, view.Draft)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "rev after an equal save", again.DraftRev, view.DraftRev)

		h.draft(h.anna, define("Nurture", call("a")))
		opportunity := define("Trial", call("a"))
		opportunity.Record = record.Opportunity
		double := define("Trial", call("a"), task("a"))
		for _, c := range []struct {
			what  string
			actor access.Actor
			def   flow.Sequence
			code  fault.Code
			word  string
		}{
			{"name of another", h.manager, define("nurture", call("a")), fault.Invalid, "/name"},
			{"other kind", h.manager, opportunity, fault.Invalid, "/record"},
			{"bad shape", h.manager, double, fault.Invalid, "/steps/1"},
			{"of another owner", h.anna, define("Trial"), fault.Forbidden, "Seller"},
		} {
			_, err := h.app.SaveDraft(h.ctx, c.actor, s.ID, 0, c.def)
			refused(t, c.what, err, c.code, c.word)
		}
		_, err = h.app.SaveDraft(h.ctx, h.manager, s.ID+99, 0, define("X"))
		refused(t, "unknown sequence", err, fault.NotFound, "sequence")
	})
}

func TestRenameSequence(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		nurture := h.active(h.manager, define("Nurture", call("a")))
		trial := h.draft(h.manager, define("Trial", call("a"), advance("b", "nurture")))

		if _, err := h.app.SaveDraft(h.ctx, h.manager, nurture, 0, define("Care", call("a"))); err != nil {
			t.Fatal(err)
		}
		followed := h.sequence(trial.ID)
		same(t, "the draft that advances follows", followed.Draft.Advances()[0], "Care")
		same(t, "its revision", followed.DraftRev, trial.DraftRev+1)
		same(t, "a name is no change of the steps", h.view(nurture).Changed, false)

		if _, err := h.app.Activate(h.ctx, h.manager, trial.ID, ActivateInput{}); err != nil {
			t.Fatal(err)
		}
		_, err := h.app.SaveDraft(h.ctx, h.manager, nurture, 0, define("Tend", call("a")))
		refused(t, "an active version names it", err, fault.Invalid, "/name", "Trial")
		if _, err := h.app.SaveDraft(h.ctx, h.manager, nurture, 0, define("CARE", call("a"))); err != nil {
			t.Errorf("case of letters: %v", err)
		}
	})
}

func (h *house) sequence(id ident.Sequence) store.Sequence {
	h.t.Helper()
	return h.view(id).Sequence
}

func (h *house) view(id ident.Sequence) SequenceView {
	h.t.Helper()
	v, err := h.app.GetSequence(h.ctx, h.admin, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

func TestActivateRefuses(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.draft(h.manager, define("Asleep", call("a")))
		sales := define("Sales", call("a"))
		sales.Record = record.Opportunity
		h.active(h.manager, sales)
		h.active(h.manager, define("Loop", mail("a", "intro")))
		loop, err := h.app.SequenceByName(h.ctx, h.manager, "loop")
		if err != nil {
			t.Fatal(err)
		}
		replies := define("S")
		replies.Options.ExitOnReply = true
		replies.Steps = []step.Step{call("a")}
		for _, c := range []struct {
			def  flow.Sequence
			want string // "step code"
		}{
			{define("S"), " empty"},
			{define("S", call("a"), pause("b", "2d")), "b last"},
			{define("S", call("a"), pause("b", "31d"), task("c")), "b range"},
			{define("S", pause("a", ""), task("c")), "a required"},
			{define("S", advance("a", "Loop")), "a first"},
			{define("S", call("a"), advance("b", "Loop"), task("c")), "c unreachable"},
			{define("S", mail("a", "")), "a required"},
			{define("S", mail("a", "nothing")), "a not_found"},
			{define("S", mail("a", "deal")), "a unknown_fields"},
			{define("S", call("a"), advance("b", "Asleep")), "b inactive"},
			{define("S", call("a"), advance("b", "Nobody")), "b not_found"},
			{define("S", call("a"), advance("b", "Sales")), "b record_kind"},
			{define("S", mail("a", "intro"), advance("b", "S")), "b cycle"},
			{define("S", step.Step{ID: "a", Type: "task"}), "a required"},
			{replies, " no_email"},
		} {
			s := h.draft(h.manager, c.def)
			_, err := h.app.Activate(h.ctx, h.manager, s.ID, ActivateInput{})
			problems := fault.ProblemsOf(err)
			if len(problems) != 1 || problems[0].Step+" "+problems[0].Code != c.want || problems[0].Hint == "" {
				t.Errorf("activate %v: got %v, want %s", c.def.Steps, err, c.want)
			}
			view, err := h.app.Activate(h.ctx, h.manager, s.ID, ActivateInput{DryRun: true})
			if err != nil || len(view.Problems) != 1 || view.Status != store.Inactive {
				t.Errorf("dry run of %v: %v, %v", c.def.Steps, view.Problems, err)
			}
		}

		t.Log("a circle of advances through another sequence")
		h.active(h.manager, define("Round", mail("a", "intro"), advance("b", "Loop")))
		if _, err := h.app.SaveDraft(h.ctx, h.manager, loop.ID, 0, define("Loop", mail("a", "intro"), advance("b", "Round"))); err != nil {
			t.Fatal(err)
		}
		_, err = h.app.Activate(h.ctx, h.manager, loop.ID, ActivateInput{})
		refused(t, "circle", err, fault.Invalid, "circle", "Round", "step b")
	})
}

func TestActivateLimit(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.write(func(tx *store.Tx) error {
			for n := range flow.MaxActive {
				def := define(fmt.Sprint("S", n), call("a"))
				s, err := tx.InsertSequence(def, h.manager.ID)
				if err != nil {
					return err
				}
				v, err := tx.InsertVersion(s.ID, 1, def, "", h.manager.ID)
				if err != nil {
					return err
				}
				if err := tx.SetSequenceActive(s.ID, v, 1); err != nil {
					return err
				}
			}
			return nil
		})
		s := h.draft(h.manager, define("One more", call("a")))
		_, err := h.app.Activate(h.ctx, h.manager, s.ID, ActivateInput{})
		refused(t, "the 251st", err, fault.Invalid, "250 sequences are active")
		one, err := h.app.SequenceByName(h.ctx, h.manager, "S17")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.Deactivate(h.ctx, h.manager, one.ID, PauseRecords); err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.Activate(h.ctx, h.manager, s.ID, ActivateInput{}); err != nil {
			t.Errorf("after one was deactivated: %v", err)
		}
	})
}

func TestVersions(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", call("a"), task("b")))
		first := h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		_, err := h.app.Activate(h.ctx, h.manager, id, ActivateInput{})
		refused(t, "nothing new", err, fault.Conflict, "no changes")
		_, err = h.app.Activate(h.ctx, h.manager, id, ActivateInput{DryRun: true})
		refused(t, "nothing new in a dry run", err, fault.Conflict, "no changes")

		view, err := h.app.SaveDraft(h.ctx, h.manager, id, 0, define("Trial", task("only")))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "changed", view.Changed, true)
		if view, err = h.app.Activate(h.ctx, h.manager, id, ActivateInput{Rev: view.DraftRev, Note: "Shorter"}); err != nil {
			t.Fatal(err)
		}
		same(t, "second version", fmt.Sprint(view.VersionNumber, view.Changed, view.Status), "2 falseactive")
		second := h.connect(h.anna, id, h.lead(h.anna, "Dora", "Dale"))
		same(t, "the first stays on its version", h.enrollment(first), "active a person")
		same(t, "the second is on the new one", h.enrollment(second), "active only person")

		versions, err := h.app.VersionHistory(h.ctx, h.bob, id, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, v := range versions.Entries {
			list = append(list, fmt.Sprint(v.Number, v.Note, v.CreatedByName, v.Connected))
		}
		same(t, "versions", strings.Join(list, "; "), "2ShorterMax Manager1; 1Max Manager1")
		old, err := h.app.GetVersion(h.ctx, h.bob, id, 1)
		if err != nil || len(old.Steps) != 2 {
			t.Errorf("version 1 has %d steps, %v", len(old.Steps), err)
		}
		_, err = h.app.GetVersion(h.ctx, h.bob, id, 3)
		refused(t, "unknown version", err, fault.NotFound)

		t.Log("a draft can be discarded")
		if view, err = h.app.SaveDraft(h.ctx, h.manager, id, 0, define("Trial", call("other"))); err != nil {
			t.Fatal(err)
		}
		back, err := h.app.DiscardDraft(h.ctx, h.manager, id, view.DraftRev)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "discarded", fmt.Sprint(back.Draft.Steps[0].ID, back.Changed), "onlyfalse")
		_, err = h.app.DiscardDraft(h.ctx, h.manager, h.draft(h.manager, define("New", call("a"))).ID, 0)
		refused(t, "never activated", err, fault.Conflict, "never activated")
	})
}

func TestDeactivate(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", call("a"), pause("b", "1d"), task("c")))
		standing := h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		waiting := h.connect(h.bob, id, h.lead(h.bob, "Dora", "Dale"))
		same(t, "Bob's work", h.workNames(h.bob), "Call a")
		if _, err := h.app.SkipActivity(h.ctx, h.bob, h.work(h.bob).ID, ""); err != nil {
			t.Fatal(err)
		}

		_, err := h.app.Deactivate(h.ctx, h.manager, id, "explode")
		refused(t, "unknown mode", err, fault.Invalid, "mode")
		affected, err := h.app.Deactivate(h.ctx, h.manager, id, PauseRecords)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "paused records", affected, 2)
		same(t, "standing", h.enrollment(standing), "paused a person")
		same(t, "waiting", h.enrollment(waiting), "paused b time")
		same(t, "held work is off the list", h.workNames(h.anna), "")
		_, err = h.app.ResumeEnrollment(h.ctx, h.anna, standing)
		refused(t, "resume in an inactive sequence", err, fault.Conflict, "not active")
		_, err = h.app.Connect(h.ctx, h.anna, id, []ident.Record{h.lead(h.anna, "E", "E")}, false)
		refused(t, "connect to an inactive sequence", err, fault.Conflict, "Activate it first")
		_, err = h.app.Deactivate(h.ctx, h.manager, id, PauseRecords)
		refused(t, "twice", err, fault.Conflict, "not active")

		t.Log("reactivating takes the same version and lets the paused go on, the wait included that has passed meanwhile")
		h.pass(48 * time.Hour)
		view, err := h.app.Activate(h.ctx, h.manager, id, ActivateInput{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "same version", view.VersionNumber, 1)
		h.pass(0)
		same(t, "standing goes on", h.enrollment(standing), "active a person")
		same(t, "waiting goes on", h.enrollment(waiting), "active c person")
		same(t, "Anna's work is back", h.workNames(h.anna), "Call a")

		if affected, err = h.app.Deactivate(h.ctx, h.manager, id, DisconnectRecords); err != nil {
			t.Fatal(err)
		}
		same(t, "disconnected", affected, 2)
		same(t, "ended", h.enrollment(standing), "finished a sequence_closed")
		same(t, "no work", h.workNames(h.anna)+h.workNames(h.bob), "")
	})
}

func TestDeleteAndCopySequence(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", call("a")))
		e := h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		copied, err := h.app.CopySequence(h.ctx, h.anna, id, "")
		if err != nil {
			t.Fatal(err)
		}
		same(t, "copy", fmt.Sprint(copied.Name, copied.OwnerName, copied.Status, len(copied.Draft.Steps)), "Copy of TrialAnna Berginactive1")
		if copied, err = h.app.CopySequence(h.ctx, h.anna, id, ""); err != nil || copied.Name != "Copy of Trial 2" {
			t.Errorf("second copy: %q, %v", copied.Name, err)
		}
		_, err = h.app.CopySequence(h.ctx, h.anna, id, "trial")
		refused(t, "copy under a taken name", err, fault.Invalid, "/name")

		_, err = h.app.DeleteSequence(h.ctx, h.anna, id)
		refused(t, "delete by a seller", err, fault.Forbidden)
		affected, err := h.app.DeleteSequence(h.ctx, h.manager, id)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "affected", affected, 1)
		same(t, "ended", h.enrollment(e), "finished a sequence_closed")
		_, err = h.app.GetSequence(h.ctx, h.admin, id)
		refused(t, "deleted", err, fault.NotFound)
		h.draft(h.anna, define("Trial", call("new"))) // its name is free again
	})
}
