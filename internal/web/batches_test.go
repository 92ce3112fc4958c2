package web_test

import (
	"net/http"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// TestBatchesWithFailures has nothing that failed look as if all were well.
func TestBatchesWithFailures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	var ids []ident.Batch
	for _, states := range [][]store.BatchRowState{{store.RowDone, store.RowFailed, store.RowFailed}, {store.RowFailed}, {store.RowDone}} {
		var rows []store.BatchRow
		for _, s := range states {
			row := store.BatchRow{Activity: h.due(lead, "task", "Call", 0).ID, Verb: "skip", State: s}
			if s == store.RowFailed {
				row.Reason = "The activity was changed meanwhile."
			}
			rows = append(rows, row)
		}
		if err := h.app.DB().Write(t.Context(), func(tx *store.Tx) error {
			id, err := tx.InsertBatch(store.Batch{User: h.users[access.Seller].ID, Verb: "skip", RunAt: tx.Now}, rows)
			ids = append(ids, id)
			if err != nil {
				return err
			}
			return tx.MoveBatch(store.Batch{ID: id, State: store.BatchDone, RunAt: tx.Now, FinishedAt: tx.Now})
		}); err != nil {
			t.Fatal(err)
		}
	}
	seller := h.as(access.Seller)
	seller.get("/batches").is(http.StatusOK, "Batches").sees("Skipped 1 activity Done 1 0", "Skipped 1 activity Failed 0 1", "Skipped 3 activities Done in part 1 2")
	seller.get("/batches/"+ids[0].String()).is(http.StatusOK, "Skipped 3 activities").
		sees("It is done, and 2 activities could not be changed: Failed says why.", "The activity was changed meanwhile.")
	seller.get("/batches/" + ids[2].String()).sees("It is done.").misses("could not be changed")
}
