package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/engine"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/portion"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// shaky is a real database that trips: what a test sets is asked before each call.
type shaky struct {
	*store.DB
	due    func(ctx context.Context, limit int) (handled bool, err error)
	next   func() error
	listen func() error
}

func (s *shaky) Play(ctx context.Context, p *portion.Portion) (int, error) {
	if s.due != nil {
		if handled, err := s.due(ctx, p.Size()); handled || err != nil {
			return 0, err
		}
	}
	return s.DB.Play(ctx, p)
}

func (s *shaky) NextDue(ctx context.Context) (time.Time, error) {
	if s.next != nil {
		if err := s.next(); err != nil {
			return time.Time{}, err
		}
	}
	return s.DB.NextDue(ctx)
}

func (s *shaky) Listen(ctx context.Context) error {
	if s.listen != nil {
		if err := s.listen(); err != nil {
			return err
		}
	}
	return s.DB.Listen(ctx)
}

var _ engine.Store = (*shaky)(nil)

// newShaky opens a database with n enrollments that are due.
func newShaky(t *testing.T, n int) *shaky {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "engine.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		def := flow.Sequence{Name: "Trial", Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{
			{ID: "rest", Type: "wait", Config: step.Config{"for": "1h"}}, {ID: "call", Type: "task", Config: step.Config{}},
		}}
		s, err := tx.InsertSequence(def, 0)
		if err != nil {
			return err
		}
		v, err := tx.InsertVersion(s.ID, 1, def, "", 0)
		if err != nil {
			return err
		}
		list := make([]store.NewEnrollment, n)
		for i := range list {
			list[i] = store.NewEnrollment{Sequence: s.ID, Version: v, Record: ident.Record(i + 1)}
		}
		_, err = tx.Enroll(list)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return &shaky{DB: db}
}

// run runs an engine until the test ends.
func run(t *testing.T, s engine.Store, node string, chores ...engine.Chore) (stop func()) {
	t.Helper()
	return runWith(t, s, node, 1, chores...)
}

func runWith(t *testing.T, s engine.Store, node string, hands int, chores ...engine.Chore) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { engine.New(s, slog.New(slog.DiscardHandler), node, hands, chores...).Run(ctx) })
	stop = func() { cancel(); done.Wait() }
	t.Cleanup(stop)
	return stop
}

// tripping gives an error for the first n calls, and notes when each call came.
type tripping struct {
	mu    sync.Mutex
	left  int
	calls []time.Time
}

func (f *tripping) err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, time.Now())
	if f.left--; f.left >= 0 {
		return errors.New("the database is gone")
	}
	return nil
}

// pauses gives the pauses between the calls.
func (f *tripping) pauses() (list []time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := 1; i < len(f.calls); i++ {
		list = append(list, f.calls[i].Sub(f.calls[i-1]))
	}
	return list
}

var ladder = []time.Duration{
	250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second,
	5 * time.Second, 5 * time.Second, 5 * time.Second, 5 * time.Second,
}

// TestBacksOffAndRecovers holds that errors make the engine wait longer and longer, up to 5 seconds, and that it plays
// what is due when they end.
func TestBacksOffAndRecovers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"due", "next due", "listen"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, f := newShaky(t, 1), &tripping{left: len(ladder)}
				switch name {
				case "due":
					s.due = func(context.Context, int) (bool, error) { return false, f.err() }
				case "next due":
					s.next = f.err
				case "listen":
					s.listen = f.err
				}
				run(t, s, "test")
				time.Sleep(3 * time.Minute)
				synctest.Wait()
				if got := f.pauses(); len(got) < len(ladder) || !slices.Equal(got[:len(ladder)], ladder) {
					t.Errorf("paused for %v, want %v", got, ladder)
				}
				if load, err := s.Load(t.Context()); err != nil || !load.OldestDue.After(time.Now()) {
					t.Errorf("the oldest due time is %s, %v: nothing was played", load.OldestDue, err)
				}
			})
		})
	}
}

// TestLooksAwayFromOthersWork holds that what is due, but in the hands of another node, does not keep this one busy.
func TestLooksAwayFromOthersWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShaky(t, 1)
		var looks atomic.Int64
		var free atomic.Bool
		s.due = func(context.Context, int) (bool, error) {
			if looks.Add(1) > 10_000 {
				panic("the engine spins")
			}
			return !free.Load(), nil
		}
		run(t, s, "test")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := looks.Load(); n > 60 {
			t.Errorf("it looked %d times in ten seconds", n)
		}
		free.Store(true)
		time.Sleep(time.Second)
		synctest.Wait()
		if next, err := s.DB.NextDue(t.Context()); err != nil || !next.After(time.Now()) {
			t.Errorf("a second after the other node is done the next due time is %s, %v, want the end of the wait", next, err)
		}
	})
}

// TestBatchesGrow holds the sizes in which a backlog is drained.
func TestBatchesGrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShaky(t, 2700)
		<-s.DueSignal() // of the connects
		var sizes []int
		var mu sync.Mutex
		s.due = func(_ context.Context, limit int) (bool, error) {
			mu.Lock()
			defer mu.Unlock()
			sizes = append(sizes, limit)
			return false, nil
		}
		run(t, s, "test")
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if want := []int{500, 1000, 1000, 1000}; !slices.Equal(sizes, want) {
			t.Errorf("batches of %v, want %v", sizes, want)
		}
	})
}

// TestDrainsWithAllHands holds that a backlog is played by as many batches at once as the engine has hands, and that the round ends
// with the last of them.
func TestDrainsWithAllHands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const hands = 3
		s := newShaky(t, 2700)
		<-s.DueSignal() // of the connects
		var mu sync.Mutex
		var now, most, calls int
		s.due = func(_ context.Context, limit int) (bool, error) {
			mu.Lock()
			now, calls = now+1, calls+1
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Second) // of the bubble: the others come meanwhile
			mu.Lock()
			now--
			mu.Unlock()
			return false, nil
		}
		runWith(t, s, "test", hands)
		synctest.Wait()
		time.Sleep(time.Minute / 2)
		mu.Lock()
		defer mu.Unlock()
		if most != hands {
			t.Errorf("%d batches at once at most in %d calls, want %d", most, calls, hands)
		}
		if load, err := s.Load(context.Background()); err != nil || !load.OldestDue.After(time.Now()) {
			t.Errorf("the oldest due time is %s, %v: something was left", load.OldestDue, err)
		}
	})
}

// TestFinishesBatchInHand holds that a stop does not break off a transaction.
func TestFinishesBatchInHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShaky(t, 3)
		begun, goOn := make(chan struct{}), make(chan struct{})
		s.due = func(ctx context.Context, _ int) (bool, error) {
			close(begun)
			<-goOn
			return false, ctx.Err()
		}
		stop := run(t, s, "test")
		<-begun
		time.AfterFunc(time.Second, func() { close(goOn) })
		stop()
		if load, err := s.Load(context.Background()); err != nil || !load.OldestDue.After(time.Now()) {
			t.Errorf("the oldest due time is %s, %v: the batch was broken off", load.OldestDue, err)
		}
	})
}

// TestChores holds that one node of a cluster runs a chore, and that another takes over when it is gone.
func TestChores(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShaky(t, 0)
		var mu sync.Mutex
		ran := map[string]int{}
		chore := func(node string) engine.Chore {
			return engine.Chore{Name: "tidy", Every: 10 * time.Minute, Run: func(context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				ran[node]++
				return fmt.Errorf("run %d of %s went wrong", ran[node], node) // which does not keep it from the next one
			}}
		}
		check := func(what string, one, two int) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if ran["one"] != one || ran["two"] != two {
				t.Errorf("%s the chore ran %v, want %d and %d times", what, ran, one, two)
			}
		}
		stop := run(t, s, "one", chore("one"))
		check("at the start", 1, 0)
		time.Sleep(time.Minute)
		run(t, s, "two", chore("two"))
		time.Sleep(time.Hour)
		check("after an hour", 7, 0)
		stop()
		time.Sleep(time.Hour)
		check("an hour after the first node ended", 7, 5)
	})
}

// TestChoresKeepTime holds that chores which are due at the same moment come again when each is due, not after the safety poll.
func TestChoresKeepTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShaky(t, 0)
		var fast, slow atomic.Int64
		count := func(n *atomic.Int64) func(context.Context) error {
			return func(context.Context) error { n.Add(1); return nil }
		}
		run(t, s, "one", engine.Chore{Name: "fast", Every: 5 * time.Second, Run: count(&fast)}, engine.Chore{Name: "slow", Every: 10 * time.Second, Run: count(&slow)})
		time.Sleep(59 * time.Second)
		if fast.Load() != 12 || slow.Load() != 6 {
			t.Errorf("in a minute they ran %d and %d times, want 12 and 6", fast.Load(), slow.Load())
		}
	})
}

// TestNodeLives holds that a node's lease is renewed in time, and free when the node is gone.
func TestNodeLives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShaky(t, 0)
		ctx, stop := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { engine.New(s, slog.New(slog.DiscardHandler), "one", 1).Live(ctx) })
		free := func(want bool) {
			t.Helper()
			if held, err := s.Lead(t.Context(), engine.NodeLease+"one", "another", time.Second); err != nil || held != want {
				t.Errorf("the lease can be taken: %v, %v, want %v", held, err, want)
			}
		}
		synctest.Wait()
		for range 100 {
			free(false)
			time.Sleep(7 * time.Second)
		}
		stop()
		done.Wait()
		time.Sleep(10*time.Second + time.Millisecond)
		free(true)
	})
}
