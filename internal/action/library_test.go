package action

import (
	"strings"
	"testing"

	"cadenza/internal/fault"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// TestLibraryIsReadyToUse holds that whoever may make sequences can activate each one of the library at once.
func TestLibraryIsReadyToUse(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		list, err := h.app.Library(h.ctx, h.anna, "")
		if err != nil || len(list) < 10 {
			t.Fatalf("%d sequences, %v", len(list), err)
		}
		for _, e := range list {
			s, err := h.app.CreateSequence(h.ctx, h.anna, SequenceInput{Library: e.Key})
			if err != nil {
				t.Fatalf("%s: %v", e.Key, err)
			}
			if s.Name != e.Def.Name || s.Description != e.Def.Description || s.RecordKind != e.Def.Record || s.Owner != h.anna.ID {
				t.Errorf("%s became %+v", e.Key, s)
			}
			if view, err := h.app.Activate(h.ctx, h.anna, s.ID, ActivateInput{}); err != nil || view.Status != store.Active {
				t.Errorf("%s: %v", e.Key, err)
			}
		}
		for _, kind := range record.Kinds() {
			if of, err := h.app.Library(h.ctx, h.anna, kind); err != nil || len(of) < 2 || of[0].Def.Record != kind {
				t.Errorf("for %s: %d, %v", kind.Path(), len(of), err)
			}
		}
	})
}

func TestLibraryTemplates(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		make := func(in SequenceInput) store.Sequence {
			t.Helper()
			s, err := h.app.CreateSequence(h.ctx, h.manager, in)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		named := func(s store.Sequence) string {
			var keys []string
			for _, st := range s.Draft.Each() {
				keys = append(keys, st.Templates()...)
			}
			return strings.Join(keys, " ")
		}
		first := make(SequenceInput{Library: "no-show"})
		second := make(SequenceInput{Library: "no-show", Name: "Nobody came", Description: "Ours"})
		third := make(SequenceInput{Library: "no-show"})
		same(t, "the names", first.Name+", "+second.Name+", "+third.Name, "Missed meeting, Nobody came, Missed meeting 2")
		same(t, "the description", second.Description, "Ours")
		const keys = "no-show-missed no-show-ten-minutes no-show-still-open"
		same(t, "the templates of the first", named(first), keys)
		same(t, "the templates of the second", named(second), keys)

		// A template that somebody has changed stays as it is; the next one gets the text of the library beside it.
		old, err := h.app.TemplateByKey(h.ctx, h.manager, "no-show-missed")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.UpdateTemplate(h.ctx, h.manager, old.ID, TemplateInput{Name: old.Name, Subject: "Where were you?", HTML: old.HTML, RecordKind: old.RecordKind}); err != nil {
			t.Fatal(err)
		}
		const beside = "no-show-missed-2 no-show-ten-minutes no-show-still-open"
		same(t, "the templates after a change", named(make(SequenceInput{Library: "no-show"})), beside)
		same(t, "the templates after that", named(make(SequenceInput{Library: "no-show"})), beside)

		for _, c := range []struct {
			in   SequenceInput
			want fault.Code
		}{
			{SequenceInput{Library: "sorcery"}, fault.Invalid},
			{SequenceInput{Library: "no-show", Name: "nobody CAME"}, fault.Invalid},
			{SequenceInput{Library: "no-show", Record: record.Lead}, fault.Invalid},
		} {
			if _, err := h.app.CreateSequence(h.ctx, h.manager, c.in); !fault.Is(err, c.want) {
				t.Errorf("%+v: %v, want %s", c.in, err, c.want)
			}
		}
	})
}
