package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
	"cadenza/internal/testpg"
)

// TestSilentNodeIsForgotten lets one node stop in the middle of a transaction, as kill -STOP or a cut cable does: what it had in hand goes to the other.
func TestSilentNodeIsForgotten(t *testing.T) {
	t.Parallel()
	var nodes []*store.DB
	h := newHouse(t, func(tb testing.TB, o store.Options) *store.DB {
		nodes = storetest.NodesAt(tb, 2, o, "&idle_in_transaction_session_timeout=300ms")
		return nodes[0]
	})
	id := h.connected(h.sequence("Trial", mail("intro")), h.user("Anna").ID, 1)[0]
	ctx := context.Background()
	err := nodes[1].Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Advance([]ident.Enrollment{id}, nil); err != nil {
			return err
		}
		if n, err := nodes[0].Due(ctx, 10); err != nil || n != 0 {
			t.Errorf("the other node played %d enrollments which are in this one's hands, %v", n, err)
		}
		begin := time.Now()
		for n := 0; n == 0 && time.Since(begin) < 10*time.Second; {
			var err error
			if n, err = nodes[0].Due(ctx, 10); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	if err == nil {
		t.Error("the silent node could commit all the same")
	}
	h.count(1, `select count(*) from messages`)
}

// TestConnectionsAskToBeForgotten holds what each connection asks of PostgreSQL, and that the address has the last word.
func TestConnectionsAskToBeForgotten(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]int64{"": 8000, "&idle_in_transaction_session_timeout=1min": 60_000} {
		db, err := store.Open(t.Context(), testpg.Database(t)+address, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := db.Count(t.Context(), `select setting::bigint from pg_settings where name = 'idle_in_transaction_session_timeout'`)
		if err != nil || got != want {
			t.Errorf("with %q an idle transaction may last %d ms, %v, want %d", strings.TrimPrefix(address, "&"), got, err, want)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
