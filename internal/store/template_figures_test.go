package store_test

import (
	"context"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestTemplateFigures counts what became of a template's messages: each once, of the days asked for, tests left out.
func TestTemplateFigures(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Trial", mail("intro"), task("call"))
		ids := h.connected(s, h.user("Anna").ID, 4)
		h.due(10, 4)
		sent := h.sendAll(10)
		if len(sent) != 4 {
			t.Fatalf("%d messages were sent, want 4", len(sent))
		}
		h.write(func(tx *store.Tx) error {
			for range 2 { // seen again it counts once
				if _, err := tx.Engage(
					store.Engagement{Enrollment: ids[0], Step: "intro", Result: step.Opened}, store.Engagement{Enrollment: ids[1], Step: "intro", Result: step.Opened},
					store.Engagement{Enrollment: ids[1], Step: "intro", Result: step.LinkOpened}, store.Engagement{Enrollment: ids[2], Step: "intro", Result: step.Answered},
				); err != nil {
					return err
				}
			}
			return nil
		})
		figures := func(since time.Time) []store.TemplateFigures {
			t.Helper()
			var list []store.TemplateFigures
			h.must(h.db.Read(context.Background(), func(tx *store.Tx) (err error) {
				list, err = tx.For(access.System()).TemplateFigures(sent[0].Message.Template, since)
				return err
			}))
			return list
		}
		got := figures(h.now().Add(-time.Hour))
		if len(got) != 1 || got[0].Sent != 4 || got[0].Version != 1 || got[0].Sequence != s.ID || got[0].SequenceName != "Trial" {
			t.Fatalf("got %+v, want four of the sequence", got)
		}
		for r, want := range map[step.Result]int64{step.Opened: 2, step.LinkOpened: 1, step.Answered: 1, step.Downloaded: 0} {
			if got[0].Results[r] != want {
				t.Errorf("%s: %d, want %d", r, got[0].Results[r], want)
			}
		}
		if got := figures(h.now().Add(time.Minute)); len(got) != 0 {
			t.Errorf("of messages to come: %+v", got)
		}
	})
}
