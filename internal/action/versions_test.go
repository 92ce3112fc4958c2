package action

import (
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

func TestVersionHistory(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", write("intro", "intro"), pause("rest", "2d"), task("look")))
		activate := func(note string, steps ...step.Step) {
			t.Helper()
			h.later(time.Hour)
			s := h.draft(h.manager, define("Trial", steps...))
			if _, err := h.app.Activate(h.ctx, h.manager, id, ActivateInput{Rev: s.DraftRev, Note: note}); err != nil {
				t.Fatal(err)
			}
		}
		activate("More patience", write("intro", "intro"), pause("rest", "3d"), task("look"), call("talk"))
		list, err := h.app.VersionHistory(h.ctx, h.anna, id, 0, 0)
		if err != nil || len(list.Entries) != 2 || list.Next != 0 {
			t.Fatalf("%+v, %v", list, err)
		}
		newest, first := list.Entries[0], list.Entries[1]
		same(t, "what version 2 changed", newest.Changed.Summary(), "“Call talk” added, wait now 3 days")
		same(t, "its note", newest.Note, "More patience")
		same(t, "its steps", newest.Steps, 4)
		same(t, "version 1 is the first", first.First && first.Changed.Empty(), true)
		same(t, "nothing differs in the draft", list.Draft.Empty(), true)

		// A text that was written anew is a difference only together with one of the steps.
		tpl := h.template("intro")
		if _, err := h.app.UpdateTemplate(h.ctx, h.admin, tpl.ID, TemplateInput{Name: tpl.Name, Subject: "Another", HTML: tpl.HTML}); err != nil {
			t.Fatal(err)
		}
		list, err = h.app.VersionHistory(h.ctx, h.anna, id, 0, 1)
		same(t, "more before version 2", list.Next, 2)
		same(t, "the draft is as it was", err == nil && list.Draft.Empty(), true)
		h.draft(h.manager, define("Trial", write("intro", "intro"), task("look"), call("talk")))
		d, err := h.app.Differ(h.ctx, h.anna, id, 2, DraftNumber)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the draft against version 2", d.Summary(), "“Wait 3 days” removed, text of “Introduction” now version 2")
		d, err = h.app.Differ(h.ctx, h.anna, id, 1, 2)
		same(t, "versions 1 and 2", d.Summary(), "“Call talk” added, wait now 3 days")
		same(t, "without an error", err, nil)
		d, err = h.app.Differ(h.ctx, h.anna, id, 2, 2)
		same(t, "a version against itself", err == nil && d.Empty(), true)
		_, err = h.app.Differ(h.ctx, h.anna, id, 1, 7)
		refused(t, "a version that is not", err, fault.NotFound)
		list, err = h.app.VersionHistory(h.ctx, h.anna, id, 2, 1)
		same(t, "versions before 2", err == nil && len(list.Entries) == 1 && list.Entries[0].First, true)
	})
}

func TestDraftSince(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		s := h.draft(h.manager, define("Trial", task("look"), pause("rest", "2d")))
		read := s.Draft
		// The admin saves first, so the manager is refused and learns what the admin changed.
		other := define("Trial", task("look"), pause("rest", "4d"))
		if _, err := h.app.SaveDraft(h.ctx, h.admin, s.ID, s.DraftRev, other); err != nil {
			t.Fatal(err)
		}
		mine := define("Trial", task("look"), pause("rest", "2d"), call("talk"))
		_, err := h.app.SaveDraft(h.ctx, h.manager, s.ID, s.DraftRev, mine)
		refused(t, "a draft over that of somebody else", err, fault.Stale, "Ada Admin")
		d, err := h.app.DraftSince(h.ctx, h.manager, s.ID, read, false)
		same(t, "what the admin changed", d.Summary(), "Wait now 4 days")
		same(t, "without an error", err, nil)
		d, err = h.app.DraftSince(h.ctx, h.manager, s.ID, mine, true)
		same(t, "what saving mine would change", d.Summary(), "“Call talk” added, wait now 2 days")
		same(t, "without an error", err, nil)
	})
}

// template gives a template by its key.
func (h *house) template(key string) (t store.Template) {
	h.t.Helper()
	h.write(func(tx *store.Tx) (err error) {
		t, err = tx.TemplateByKey(key)
		return err
	})
	return t
}
