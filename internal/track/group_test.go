package track

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/hit"
)

// TestGroup lets many hits come while each commit takes a while: all are stored once, each before its answer, in few
// commits that keep their distance.
func TestGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 3000
		var mu sync.Mutex
		stored := map[int]int{}
		commits, most := 0, 0
		var last time.Time
		g := newGroup(func(hits []hit.Hit) error {
			if !last.IsZero() && len(hits) < groupMax && time.Since(last) < gather {
				t.Errorf("commit after %s", time.Since(last))
			}
			time.Sleep(4 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			for _, h := range hits {
				stored[h.Link]++
			}
			commits, most, last = commits+1, max(most, len(hits)), time.Now()
			return nil
		})
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 20 * time.Microsecond)
				if err := g.add(hit.Hit{Link: i}); err != nil {
					t.Errorf("hit %d: %v", i, err)
				}
				mu.Lock()
				defer mu.Unlock()
				if stored[i] != 1 {
					t.Errorf("hit %d was answered and is stored %d times", i, stored[i])
				}
			})
		}
		all.Wait()
		if len(stored) != n || most > groupMax || commits > 10 {
			t.Errorf("%d hits are stored in %d commits of up to %d", len(stored), commits, most)
		}
		if g.busy || g.waiting != 0 || len(g.queue) != 0 {
			t.Errorf("left behind: %t %d %d", g.busy, g.waiting, len(g.queue))
		}
	})
}

// TestGroupFails holds that an error reaches all who wait for the commit, and nobody after it.
func TestGroupFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("the disk is full")
		var fails atomic.Bool
		fails.Store(true)
		release := make(chan struct{})
		g := newGroup(func([]hit.Hit) error {
			<-release
			if fails.Load() {
				return broken
			}
			return nil
		})
		var failed atomic.Int64
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if errors.Is(g.add(hit.Hit{}), broken) {
					failed.Add(1)
				}
			})
		}
		synctest.Wait()
		close(release)
		all.Wait()
		fails.Store(false)
		if err := g.add(hit.Hit{}); err != nil || failed.Load() != 10 {
			t.Errorf("%d of 10 heard of the failure, and after it: %v", failed.Load(), err)
		}
	})
}

// TestGroupFull holds that what waits is bounded: who comes beyond is told at once.
func TestGroupFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		g := newGroup(func([]hit.Hit) error { <-release; return nil })
		var refused atomic.Int64
		var all sync.WaitGroup
		for range waitingMax + 7 {
			all.Go(func() {
				if errors.Is(g.add(hit.Hit{}), errBusy) {
					refused.Add(1)
				}
			})
		}
		synctest.Wait()
		if refused.Load() != 7 {
			t.Errorf("%d were refused, want 7", refused.Load())
		}
		close(release)
		all.Wait()
	})
}

// TestLinks holds that the last links are remembered, and that their number is bounded.
func TestLinks(t *testing.T) {
	t.Parallel()
	l := newLinks()
	for i := range 3 * linksMax {
		l.put(1, i, "https://buyer.test")
		if _, ok := l.get(1, 0); !ok {
			t.Fatalf("the link that is used all the time was forgotten after %d others", i)
		}
		if len(l.now)+len(l.old) > 2*linksMax {
			t.Fatalf("%d links are kept", len(l.now)+len(l.old))
		}
	}
	if _, ok := l.get(1, 1); ok {
		t.Error("a link that nobody used is still known")
	}
}
