package store_test

import (
	"context"
	"sync"
	"testing"

	"cadenza/internal/store"
)

// TestDeadConnections ends all connections of a node in the moment before its next transaction, as a PostgreSQL that is started again does: people hear
// nothing of it.
func TestDeadConnections(t *testing.T) {
	t.Parallel()
	_, nodes := newNodes(t, 2)
	ctx, node := context.Background(), nodes[0]
	for what, begin := range map[string]func(context.Context, func(*store.Tx) error) error{"read": node.Read, "write": node.Write} {
		for range 3 {
			var all, out sync.WaitGroup
			all.Add(5)
			for range 5 { // as many connections
				out.Go(func() {
					met := sync.OnceFunc(all.Done)
					defer met()
					if err := node.Read(ctx, func(*store.Tx) error { met(); all.Wait(); return nil }); err != nil {
						t.Error(err)
					}
				})
			}
			out.Wait()
			if err := nodes[1].Exec(ctx, "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"); err != nil {
				t.Fatal(err)
			}
			if err := begin(ctx, func(tx *store.Tx) error { _, err := tx.SendingHeld(); return err }); err != nil {
				t.Errorf("the first %s after that: %v", what, err)
			}
		}
	}
}
