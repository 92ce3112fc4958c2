package store_test

import (
	"context"
	"testing"
	"time"

	"cadenza/internal/engine"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// TestLeasesOfNodesWithWrongClocks holds that a node whose clock is an hour ahead, or was set back, neither takes what others hold nor
// keeps what it held beyond its time.
func TestLeasesOfNodesWithWrongClocks(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	ahead := time.Hour
	nodes := storetest.Nodes(t, 2, store.Options{Now: func() time.Time { return time.Now().Add(ahead) }})
	right, wrong := nodes[0], nodes[1]
	for _, db := range nodes {
		db.LeaseByDatabase()
	}
	lead := func(db *store.DB, name, node string, span time.Duration) bool {
		t.Helper()
		ok, err := db.Lead(ctx, name, node, span)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	alive := func(db *store.DB) int {
		t.Helper()
		list, err := db.LivingNodes(ctx, "right")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	lead(right, engine.NodeLease+"right", "right", time.Minute)
	lead(wrong, engine.NodeLease+"wrong", "wrong", time.Minute)
	lead(right, "tidy", "right", time.Minute)
	for _, ahead = range []time.Duration{2 * time.Hour, -2 * time.Hour} {
		if lead(wrong, "tidy", "wrong", time.Minute) {
			t.Errorf("a node that is %s ahead took a lease that another holds", ahead)
		}
		if n := alive(wrong); n != 2 {
			t.Errorf("a node that is %s ahead sees %d nodes, want both", ahead, n)
		}
		if err := wrong.Tidy(ctx); err != nil {
			t.Fatal(err)
		}
	}
	ahead = 2 * time.Hour
	lead(wrong, "digests", "wrong", time.Microsecond)
	for begin := time.Now(); !lead(right, "digests", "right", time.Minute); {
		if time.Since(begin) > time.Minute {
			t.Fatal("a lease of a microsecond is held for a minute")
		}
	}
}
