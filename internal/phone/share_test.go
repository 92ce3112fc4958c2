package phone_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/engine"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/phone"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
	"cadenza/internal/testphone"
)

// hears passes on what other nodes say, and says that this one lives.
func hears(t *testing.T, db *store.DB, node string) {
	t.Helper()
	if ok, err := db.Lead(t.Context(), engine.NodeLease+node, node, time.Hour); err != nil || !ok {
		t.Fatalf("the node %s does not live: %v", node, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var listening sync.WaitGroup
	listening.Go(func() {
		if err := db.Listen(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("listening: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); listening.Wait() })
}

// openNodes gives the phone of a node to which the trunk sends calls, and a second node on the same database to which the seller's
// page is connected.
func openNodes(t *testing.T) (first, second *bench) {
	t.Helper()
	nodes := storetest.Nodes(t, 2, store.Options{})
	hears(t, nodes[0], "one")
	hears(t, nodes[1], "two")
	first = openBench(t, nodes[0], func(c *phone.Config, tr *phone.Trunk) {
		c.Node, c.Board, c.AwayAfter, tr.Register, tr.Rev = "one", nodes[0], time.Nanosecond, true, 2
	})
	until(t, "the trunk knows the first node", func() bool { return first.phone.Registered() })
	first.watch.Stop()
	second = &bench{t: t, db: nodes[1], trunk: first.trunk, user: first.user}
	second.phone = phone.New(phone.Config{
		Book: nodes[1], Board: nodes[1], Node: "two", Log: slog.New(slog.NewTextHandler(logTo{t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Trunk: func(context.Context) (phone.Trunk, error) { return first.set, nil }, LostAfter: 2 * time.Second, AwayAfter: time.Nanosecond,
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { second.phone.Run(ctx) })
	second.stop = func() { cancel(); running.Wait() }
	t.Cleanup(second.stop)
	second.watch = second.phone.Watch(second.user)
	t.Cleanup(second.watch.Stop)
	return first, second
}

// knows waits until the second node has told who is at its pages.
func (b *bench) knows(users ...ident.User) {
	b.t.Helper()
	until(b.t, "the nodes know who is where", func() bool {
		list, err := b.db.PresentElsewhere(b.t.Context(), "one")
		return err == nil && slices.Equal(list, users)
	})
}

// TestCallsAcrossNodes has the trunk call one node while sellers' pages are connected to another as well.
func TestCallsAcrossNodes(t *testing.T) {
	t.Parallel()
	one, two := openNodes(t)
	speakAcrossNodes(t, one, two)
	ringAcrossNodes(t, one, two)
}

// speakAcrossNodes has a call ring at the other node, be answered, spoken, held, keyed and ended from there; the sound goes between the page
// and the node that the trunk reached.
func speakAcrossNodes(t *testing.T, one, two *bench) {
	t.Helper()
	two.knows(two.user)
	one.trunk.Dial()
	i := two.awaitState(phone.Ringing)
	if i.Node != "one" || i.Number != testphone.Caller || !i.Incoming || i.User != 0 {
		t.Errorf("it rings as %+v", i.Call)
	}
	p := openPage(t, 1000)
	answer, err := two.phone.Answer(t.Context(), i.ID, two.user, p.offer())
	if err != nil {
		t.Fatal(err)
	}
	p.accept(answer)
	if i = two.awaitState(phone.Talking); i.User != two.user {
		t.Errorf("it is the call of %s", i.User)
	}
	two.bothHear(p)
	if err := two.phone.MayDial(two.user); !fault.Is(err, fault.Conflict) {
		t.Errorf("who speaks over another node may dial: %v", err)
	}
	_, err = one.phone.Answer(t.Context(), i.ID, two.user, p.offer())
	if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Stale) {
		t.Errorf("a call that is answered is answered again: %v", err)
	}
	if err := two.phone.Press(t.Context(), i.ID, two.user, "5"); err != nil {
		t.Error(err)
	}
	one.trunk.AwaitSaid("received event: '5' (end=1)")
	if err := two.phone.Hold(t.Context(), i.ID, two.user, true); err != nil {
		t.Error(err)
	}
	two.awaitState(phone.Held)
	if err := two.phone.HangUp(t.Context(), i.ID, two.user, false); err != nil {
		t.Error(err)
	}
	two.awaitEnd(i.ID, store.EndedHere)
	if err := two.phone.HangUp(t.Context(), i.ID, two.user, true); err != nil {
		t.Errorf("leaving the page of a call that is over: %v", err)
	}
	if err := two.phone.Press(t.Context(), i.ID, two.user, "5"); !fault.Is(err, fault.Stale) {
		t.Errorf("a key after the end: %v", err)
	}

	one.trunk.Dial()
	i = two.await("the second call", func(n phone.Info) bool { return n.ID != i.ID && n.State == phone.Ringing })
	if err := two.phone.HangUp(t.Context(), i.ID, two.user, false); err != nil {
		t.Fatal(err)
	}
	two.awaitEnding(i.ID, store.EndedDeclined)
	if err := two.phone.HangUp(t.Context(), i.ID+99, two.user, false); !fault.Is(err, fault.NotFound) {
		t.Errorf("a call that there is not: %v", err)
	}
}

// ringAcrossNodes has a call ring for the owner of the caller's record alone, wherever the owner's page is connected, and for
// everybody of all nodes when the owner is away.
func ringAcrossNodes(t *testing.T, one, two *bench) {
	t.Helper()
	var other ident.User
	one.write(func(tx *store.Tx) error {
		u, err := tx.InsertUser(store.User{Name: "Other", Email: "other@test.local", Role: access.Seller, Zone: "UTC", Active: true})
		if other = u.ID; err != nil {
			return err
		}
		_, err = tx.InsertRecord(record.Record{Kind: record.Contact, Owner: two.user, Values: record.Values{"last_name": "Buyer", "mobile": testphone.Caller, "status": "active"}})
		return err
	})
	here := one.phone.Watch(other)
	t.Cleanup(here.Stop)
	one.trunk.Dial()
	i := two.await("the owner's call", func(n phone.Info) bool { return n.RecordName == "Buyer" && n.State == phone.Ringing })
	if list := one.phone.Calls(other); len(list) != 0 {
		t.Errorf("it rings for somebody else beside the owner: %+v", list)
	}
	one.trunk.HangUp()
	two.awaitEnd(i.ID, store.EndedMissed)

	two.watch.Stop()
	third := two.phone.Watch(other) // at two pages of two nodes
	t.Cleanup(third.Stop)
	two.knows(other)
	two.user = other
	one.trunk.Dial()
	until(t, "it rings on both nodes", func() bool {
		rings := func(p *phone.Phone) bool {
			list := p.Calls(other)
			return len(list) > 0 && list[len(list)-1].State == phone.Ringing && list[len(list)-1].ID != i.ID
		}
		return rings(one.phone) && rings(two.phone)
	})
	list := two.phone.Calls(other)
	i = list[len(list)-1]
	two.watch = third
	first, second := openPage(t, 1000), openPage(t, 1000)
	answer, err := two.phone.Answer(t.Context(), i.ID, other, first.offer())
	if err != nil {
		t.Fatal(err)
	}
	first.accept(answer)
	if _, err := one.phone.Answer(t.Context(), i.ID, other, second.offer()); !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Stale) {
		t.Errorf("a call is answered twice: %v", err)
	}
	two.awaitState(phone.Talking)
	one.stop() // the node that carries it ends
	two.awaitEnd(i.ID, store.EndedStopped)
}
