package action

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/engine"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// digestReaders are the users who want a digest while three nodes do the chores.
const digestReaders = 12

// threeNodes gives a house on the first of three nodes, and the apps of all three.
func threeNodes(t *testing.T) (*house, []*App) {
	t.Helper()
	now := &atomic.Int64{}
	now.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMicro()) // a Monday
	nodes := storetest.Nodes(t, 3, store.Options{Now: func() time.Time { return time.UnixMicro(now.Load()).UTC() }})
	h := newHouse(t, nodes[0], now)
	apps := []*App{h.app}
	for _, db := range nodes[1:] {
		app, err := New(Config{DB: db, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Key: bytes.Repeat([]byte{7}, 32), DataDir: t.TempDir(), BaseURL: "https://cadenza.test"})
		if err != nil {
			t.Fatal(err)
		}
		apps = append(apps, app)
	}
	return h, apps
}

// readers makes users who want a digest and have something to read in it.
func (h *house) readers(n int) {
	h.t.Helper()
	rec := h.lead(h.anna, "Cara", "Cole")
	for i := range n {
		who := access.Actor{Name: fmt.Sprint("Reader ", i), Email: fmt.Sprintf("reader%d@example.com", i), Role: access.Seller, Zone: "Europe/Berlin"}
		h.write(func(tx *store.Tx) (err error) {
			if who.ID, err = userOf(tx, who); err != nil {
				return err
			}
			_, err = tx.InsertMailbox(store.Mailbox{User: who.ID, Address: who.Email, SenderName: who.Name, Host: "mail.example.com", Port: 465, Security: store.TLS, Username: who.Name})
			return err
		})
		if _, err := h.app.CreateActivity(h.ctx, who, NewActivity{Record: rec, Kind: "task", Name: "Ring them up"}); err != nil {
			h.t.Fatal(err)
		}
		h.wantsDigest(who, 8)
	}
}

func userOf(tx *store.Tx, a access.Actor) (ident.User, error) {
	u, err := tx.InsertUser(store.User{Name: a.Name, Email: a.Email, Role: a.Role, Zone: a.Zone, Active: true})
	return u.ID, err
}

// digestCount counts the digests of each user.
func (h *house) digestCount() map[ident.User]int {
	h.t.Helper()
	page, err := h.app.ListMessages(context.Background(), access.System(), store.MessageQuery{Limit: store.MaxPageSize})
	if err != nil {
		h.t.Fatal(err)
	}
	counts := map[ident.User]int{}
	for _, m := range page.Rows {
		if m.IsDigest() {
			counts[m.User]++
		}
	}
	return counts
}

// leaders gives those of the nodes that may do a chore now, as the engine asks for it.
func (h *house) leaders(apps []*App, c engine.Chore) (list []*App) {
	h.t.Helper()
	for _, app := range apps {
		leads, err := app.db.Lead(h.ctx, c.Name, fmt.Sprintf("node %p", app), 2*c.Every)
		if err != nil {
			h.t.Fatal(err)
		}
		if leads {
			list = append(list, app)
		}
	}
	return list
}

// TestChoresOnce has three nodes do what one of them is to do: one leads, it ends in the middle of its digests, another takes over when the lease has run out,
// and even where all three do it at once, each user gets one digest and each activity is handed over once.
func TestChoresOnce(t *testing.T) {
	t.Parallel()
	h, apps := threeNodes(t)
	h.readers(digestReaders)
	digests := engine.Chore{Name: "digests", Every: time.Minute}
	leading := h.leaders(apps, digests)
	if len(leading) != 1 || leading[0] != apps[0] {
		t.Fatalf("%d nodes lead, want the first", len(leading))
	}
	dying, kill := context.WithCancel(h.ctx)
	ended := make(chan struct{})
	go func() { // it ends with its node, wherever it is
		_, _ = leading[0].SendDigests(dying)
		close(ended)
	}()
	for len(h.digestCount()) < digestReaders/4 {
		select {
		case <-ended:
			t.Fatalf("the leader ended after %d digests", len(h.digestCount()))
		default:
		}
	}
	kill()
	<-ended
	t.Logf("the first leader had written %d of %d digests", len(h.digestCount()), digestReaders)
	if n := len(h.leaders(apps[1:], digests)); n != 0 {
		t.Errorf("%d others lead while the lease of the first stands", n)
	}
	h.later(2*digests.Every + time.Second)
	if n := len(h.leaders(apps[1:], digests)); n != 1 {
		t.Errorf("%d lead after the lease of the first, want one", n)
	}
	// Worse than leases allow: all at once.
	var all sync.WaitGroup
	for _, app := range apps {
		all.Go(func() {
			if _, err := app.SendDigests(h.ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	counts := h.digestCount()
	for user, n := range counts {
		if n != 1 {
			t.Errorf("user %s got %d digests", user, n)
		}
	}
	if len(counts) != digestReaders {
		t.Errorf("%d users got a digest, want %d", len(counts), digestReaders)
	}
}

// TestHandOverOnce has three nodes begin the same time off at once.
func TestHandOverOnce(t *testing.T) {
	t.Parallel()
	h, apps := threeNodes(t)
	rec := h.lead(h.anna, "Cara", "Cole")
	const many = 20
	for range many {
		if _, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "task", Name: "Ring them up"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.app.AddTimeOff(h.ctx, h.anna, TimeOffInput{User: h.anna.ID, From: "2026-03-02", To: "2026-03-06", Substitute: h.bob.ID, OpenToo: true}); err != nil {
		t.Fatal(err)
	}
	var moved atomic.Int64
	var all sync.WaitGroup
	for _, app := range apps {
		all.Go(func() {
			for range 3 {
				n, err := app.db.BeginTimesOff(h.ctx)
				if err != nil {
					t.Error(err)
				}
				moved.Add(int64(n))
			}
		})
	}
	all.Wait()
	same(t, "activities that were handed over", moved.Load(), many)
	list, err := h.app.Notifications(h.ctx, h.bob, NotificationQuery{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "notifications of who stands in", len(list.Rows), 1)
}
