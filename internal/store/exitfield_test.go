package store_test

import (
	"testing"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestFieldExitSaysWhatAndWho wants the history to say which condition a record met and who changed it.
func TestFieldExitSaysWhatAndWho(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna")
		s := h.sequenceWith("Trial", func(o *flow.Options) {
			o.ExitWhen = &record.Condition{Field: "city", Op: record.Equals, Values: []string{"Oslo"}}
		}, step.Step{ID: "call", Type: "phone_call", Name: "Call"})
		id := h.connected(s, anna.ID, 1)[0]
		h.due(100, 1)
		h.write(func(tx *store.Tx) error {
			e, err := tx.GetEnrollment(id)
			if err != nil {
				return err
			}
			r, err := tx.LockRecord(e.Record)
			if err != nil {
				return err
			}
			r.Values["city"] = "Oslo"
			if _, err := tx.UpdateRecord(r); err != nil {
				return err
			}
			return tx.NoteChanges([]ident.Record{r.ID}, anna.ID)
		})
		h.due(100, 1)
		h.history(id, "connected", "exit call field_condition City is Oslo")
		h.read(func(tx *store.Tx) error {
			rows, err := tx.HistoryOf(id)
			if last := rows[len(rows)-1]; last.By != anna.ID {
				h.Errorf("it ended by %v, want Anna", last.By)
			}
			return err
		})
	})
}
