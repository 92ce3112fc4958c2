package action

import (
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
)

// TestChangeNote edits, deletes and brings back a note: by its writer, and by who may edit its record.
func TestChangeNote(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Cara", "Cole")
		n, err := h.app.AddNote(h.ctx, h.bob, rec, "Likes tea")
		if err != nil {
			t.Fatal(err)
		}
		h.later(time.Hour)
		if _, err := h.app.EditNote(h.ctx, h.bob, n.ID, "Likes tea"); err != nil {
			t.Fatal(err)
		}
		line := func() TimelineEntry {
			t.Helper()
			list, err := h.app.Timeline(h.ctx, h.bob, rec, 0)
			if err != nil || len(list) != 1 {
				t.Fatalf("got %d lines, %v; want the note", len(list), err)
			}
			return list[0]
		}
		same(t, "the same text is no edit", line().Edited.IsZero(), true)
		for _, body := range []string{"  ", strings.Repeat("x", maxNote+1)} {
			_, err := h.app.EditNote(h.ctx, h.bob, n.ID, body)
			refused(t, "a wrong text", err, fault.Invalid)
		}
		if _, err := h.app.EditNote(h.ctx, h.anna, n.ID, "Likes coffee"); err != nil {
			t.Fatal(err)
		}
		same(t, "text", line().Detail, "Likes coffee")
		same(t, "edited", line().Edited.Equal(h.db.Now()), true)
		same(t, "still by its writer", line().By, h.bob.Name)

		own, err := h.app.AddNote(h.ctx, h.anna, rec, "Mine")
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.app.EditNote(h.ctx, h.bob, own.ID, "Ours")
		refused(t, "another's note on another's record", err, fault.Forbidden)
		_, err = h.app.DeleteNote(h.ctx, h.bob, own.ID)
		refused(t, "deleting it", err, fault.Forbidden)
		if _, err := h.app.DeleteNote(h.ctx, h.anna, own.ID); err != nil {
			t.Fatal(err)
		}
		same(t, "after the deletion", line().Note, n.ID)
		_, err = h.app.GetNote(h.ctx, h.anna, own.ID)
		refused(t, "a deleted note", err, fault.NotFound)
		_, err = h.app.EditNote(h.ctx, h.anna, own.ID, "Again")
		refused(t, "editing a deleted note", err, fault.NotFound)
		_, err = h.app.DeleteNote(h.ctx, h.anna, own.ID)
		refused(t, "deleting it twice", err, fault.NotFound)
		_, err = h.app.RestoreNote(h.ctx, h.bob, own.ID)
		refused(t, "bringing another's back", err, fault.Forbidden)
		if _, err := h.app.RestoreNote(h.ctx, h.anna, own.ID); err != nil {
			t.Fatal(err)
		}
		back, err := h.app.GetNote(h.ctx, h.bob, own.ID)
		same(t, "brought back", back.Body, "Mine")
		if err != nil {
			t.Fatal(err)
		}

		if _, err := h.app.DeleteNote(h.ctx, h.anna, own.ID); err != nil {
			t.Fatal(err)
		}
		h.later(31 * 24 * time.Hour)
		if err := h.db.Tidy(h.ctx); err != nil {
			t.Fatal(err)
		}
		_, err = h.app.RestoreNote(h.ctx, h.anna, own.ID)
		refused(t, "after a month", err, fault.NotFound)
		same(t, "the other one stays", line().Note, n.ID)
	})
}
