package phone_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/phone"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
	"cadenza/internal/testphone"
)

// bench is a phone with its database, and a trunk.
type bench struct {
	t     *testing.T
	db    *store.DB
	trunk *testphone.Trunk
	phone *phone.Phone
	user  ident.User
	watch *phone.Watcher
	stop  func()
	mu    sync.Mutex
	set   phone.Trunk
}

func openBench(t *testing.T, db *store.DB, change func(*phone.Config, *phone.Trunk)) *bench {
	t.Helper()
	b := &bench{t: t, db: db, trunk: testphone.Start(t)}
	b.set = phone.Trunk{
		Trunk:    store.Trunk{Host: "127.0.0.1", Port: b.trunk.Port, Transport: "udp", User: testphone.User, Rev: 1},
		Password: testphone.Password,
	}
	c := phone.Config{
		Book: db, Node: "node", Log: slog.New(slog.NewTextHandler(logTo{t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Trunk: func(context.Context) (phone.Trunk, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.set, nil
		},
		LostAfter: 2 * time.Second,
	}
	if change != nil {
		change(&c, &b.set)
	}
	b.phone = phone.New(c)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { b.phone.Run(ctx) })
	b.stop = func() { cancel(); running.Wait() }
	t.Cleanup(b.stop)
	b.write(func(tx *store.Tx) error {
		u, err := tx.InsertUser(store.User{Name: "Seller", Email: fmt.Sprintf("seller%d@test.local", b.trunk.Port), Role: access.Seller, Zone: "UTC", Active: true})
		b.user = u.ID
		return err
	})
	b.watch = b.phone.Watch(b.user)
	t.Cleanup(b.watch.Stop)
	return b
}

// by has the phone reach the trunk by another transport.
func (b *bench) by(transport string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set.Rev++
	b.set.Transport, b.set.Port = transport, b.trunk.Port
	if transport == "tls" {
		b.set.Port, b.set.RootCAs = b.trunk.TLSPort, b.trunk.Authority
	}
}

// logTo writes what is logged into the test's log.
type logTo struct{ t *testing.T }

func (l logTo) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func (b *bench) write(fn func(tx *store.Tx) error) {
	b.t.Helper()
	if err := b.db.Write(context.Background(), fn); err != nil {
		b.t.Fatal(err)
	}
}

// call writes a call down and dials it for a page.
func (b *bench) call(p *page, number string) ident.Call {
	b.t.Helper()
	var c store.Call
	b.write(func(tx *store.Tx) (err error) {
		c, err = tx.InsertCall(store.Call{User: b.user, Number: number, Node: "node"})
		return err
	})
	answer, err := b.phone.Dial(b.t.Context(), c, p.offer())
	if err != nil {
		b.t.Fatal(err)
	}
	p.accept(answer)
	return c.ID
}

// await waits until the user's newest call is as asked, and gives it.
func (b *bench) await(what string, ok func(phone.Info) bool) phone.Info {
	b.t.Helper()
	limit := time.After(25 * time.Second)
	var last phone.Info
	for {
		if list := b.phone.Calls(b.user); len(list) > 0 {
			if last = list[len(list)-1]; ok(last) {
				return last
			}
		}
		select {
		case <-b.watch.Changed():
		case <-limit:
			b.t.Fatalf("waited in vain for %s; the call is %s, ended by %q (%s)", what, last.State, last.End.Key(), last.Detail)
		}
	}
}

func (b *bench) awaitState(s phone.State) phone.Info {
	b.t.Helper()
	return b.await(string(s), func(i phone.Info) bool { return i.State == s })
}

// awaitEnd waits for the end of the call and holds it against what was written down.
func (b *bench) awaitEnd(id ident.Call, want store.CallEnd) store.Call {
	b.t.Helper()
	i := b.awaitState(phone.Ended)
	if i.End != want {
		b.t.Errorf("the call ended by %q (%s), want %q", i.End.Key(), i.Detail, want.Key())
	}
	var c store.Call
	if err := b.db.Read(b.t.Context(), func(tx *store.Tx) (err error) {
		c, err = tx.GetCall(id)
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	if c.End != want || c.EndedAt.IsZero() {
		b.t.Errorf("written down is the end %q at %s, want %q", c.End.Key(), c.EndedAt, want.Key())
	}
	return c
}

// until looks every few milliseconds whether what sound does is so.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for limit := time.After(8 * time.Second); !ok(); {
		select {
		case <-ticker.C:
		case <-limit:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// half is half a second of sound.
const half = 4000

func last(samples []int16, n int) []int16 { return samples[max(0, len(samples)-n):] }

func (b *bench) bothHear(p *page) {
	b.t.Helper()
	until(b.t, "the page hears the telephone's 440 Hz", func() bool {
		s := p.last(half)
		return len(s) == half && testphone.Loudness(s, 440) > 0.9
	})
	until(b.t, "the telephone hears the page's 1000 Hz", func() bool {
		s := last(b.trunk.Heard(), half)
		return len(s) == half && testphone.Loudness(s, 1000) > 0.9
	})
}

// TestCall calls, hears and is heard, presses keys, holds, and hangs up.
func TestCall(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, transport := range []string{"udp", "tcp", "tls"} {
			t.Run(transport, func(t *testing.T) {
				b := openBench(t, db, nil)
				b.by(transport)
				p := openPage(t, 1000)
				id := b.call(p, "+4930123456")
				b.awaitState(phone.Talking)
				b.bothHear(p)

				if err := b.phone.Press(t.Context(), id, b.user, "5#"); err != nil {
					t.Fatal(err)
				}
				b.trunk.AwaitSaid("received event: '5' (end=1)")
				b.trunk.AwaitSaid("received event: '#' (end=1)")

				if err := b.phone.Hold(t.Context(), id, b.user, true); err != nil {
					t.Fatal(err)
				}
				b.awaitState(phone.Held)
				p.speaks(half) // what was on its way arrives
				p.forget()
				before := len(b.trunk.Heard())
				p.speaks(2 * half)
				if here, there := p.last(half), b.trunk.Heard()[before:]; testphone.Loudness(here, 440) > 0.1 || testphone.Loudness(there, 1000) > 0.1 {
					t.Errorf("on hold the page hears %.2f of the telephone and the telephone %.2f of the page, want neither",
						testphone.Loudness(here, 440), testphone.Loudness(there, 1000))
				}
				if err := b.phone.Hold(t.Context(), id, b.user, false); err != nil {
					t.Fatal(err)
				}
				b.bothHear(p)

				if err := b.phone.HangUp(t.Context(), id, b.user, false); err != nil {
					t.Fatal(err)
				}
				if c := b.awaitEnd(id, store.EndedHere); c.AnsweredAt.IsZero() || c.Seconds() < 1 {
					t.Errorf("the call lasted %d seconds, answered at %s", c.Seconds(), c.AnsweredAt)
				}
				b.trunk.AwaitSaid("terminated")
			})
		}
	})
}

// TestEnds has calls end in all ways that the trunk and the other side know.
func TestEnds(t *testing.T) {
	t.Parallel()
	b := openBench(t, storetest.SQLite(t, store.Options{}), func(c *phone.Config, _ *phone.Trunk) { c.RingLimit = 3 * time.Second })
	for _, c := range []struct {
		name, number string
		want         store.CallEnd
	}{
		{"busy", testphone.Busy, store.EndedBusy},
		{"unknown number", testphone.Unknown, store.EndedUnknownNumber},
		{"trunk without a line", testphone.Broken, store.EndedTrunkTrouble},
		{"nobody answers", testphone.Rings, store.EndedNoAnswer},
	} {
		b.awaitEnd(b.call(openPage(t, 1000), c.number), c.want)
	}

	p := openPage(t, 1000)
	id := b.call(p, testphone.Rings)
	b.awaitState(phone.Ringing)
	until(t, "the page hears it ringing", func() bool { return testphone.Loudness(p.last(half), 425) > 0.9 })
	if err := b.phone.HangUp(t.Context(), id, b.user, false); err != nil {
		t.Fatal(err)
	}
	b.awaitEnd(id, store.EndedCancelled)

	id = b.call(openPage(t, 1000), "+4930123456")
	b.awaitState(phone.Talking)
	b.trunk.HangUp()
	b.awaitEnd(id, store.EndedThere)

	p = openPage(t, 1000)
	id = b.call(p, "+4930123456")
	b.awaitState(phone.Talking)
	p.close() // as a page does that is loaded anew, or of which the network is gone
	b.awaitEnd(id, store.EndedBrowserLost)

	id = b.call(openPage(t, 1000), "+4930123456")
	b.awaitState(phone.Talking)
	b.stop()
	b.awaitEnd(id, store.EndedStopped)
}

// TestTrunkTrouble calls through trunks that do not let us.
func TestTrunkTrouble(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	b := openBench(t, db, nil)
	set := func(change func(*phone.Trunk)) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.set.Rev++
		change(&b.set)
	}
	try := func() (string, error) {
		return phone.Try(t.Context(), b.set, phone.Config{Log: slog.New(slog.DiscardHandler)})
	}
	if note, err := try(); err != nil || note != "" {
		t.Fatalf("trying the trunk says %q, %v", note, err)
	}
	set(func(tr *phone.Trunk) { tr.Password = "wrong" })
	b.awaitEnd(b.call(openPage(t, 1000), "+4930123456"), store.EndedWrongPassword)
	if _, err := try(); err == nil || !strings.Contains(err.Error(), "password") {
		t.Errorf("trying a wrong password says %v", err)
	}
	set(func(tr *phone.Trunk) { tr.Password, tr.Transport = testphone.Password, "tls" })
	b.awaitEnd(b.call(openPage(t, 1000), "+4930123456"), store.EndedTrunkDown)
	set(func(tr *phone.Trunk) { tr.Port = b.trunk.TLSPort }) // with a certificate that nobody vouches for
	b.awaitEnd(b.call(openPage(t, 1000), "+4930123456"), store.EndedTrunkDown)
	if _, err := try(); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("trying a trunk with a strange certificate says %v", err)
	}
	set(func(tr *phone.Trunk) { tr.RootCAs = b.trunk.Authority })
	if note, err := try(); err != nil || note != "" {
		t.Errorf("trying the trunk over TLS says %q, %v", note, err)
	}
	set(func(tr *phone.Trunk) { tr.Port = b.trunk.Port })
	b.trunk.Stop()
	for _, transport := range []string{"tcp", "udp"} {
		set(func(tr *phone.Trunk) { tr.Transport = transport })
		b.awaitEnd(b.call(openPage(t, 1000), "+4930123456"), store.EndedTrunkDown)
		if _, err := try(); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
			t.Errorf("trying a trunk that is down says %v", err)
		}
	}
}

// TestIncoming has a telephone call us: it rings for who is at a page, with the record found by the number.
func TestIncoming(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := openBench(t, db, func(c *phone.Config, tr *phone.Trunk) { tr.Register, tr.Rev, c.AwayAfter = true, 2, time.Nanosecond })
		var rec ident.Record
		b.write(func(tx *store.Tx) error {
			r, err := tx.InsertRecord(record.Record{Kind: record.Contact, Owner: b.user, Values: record.Values{"last_name": "Buyer", "mobile": testphone.Caller, "status": "active"}})
			rec = r.ID
			return err
		})
		until(t, "the trunk knows us", func() bool { return b.phone.Registered() })

		b.trunk.Dial()
		i := b.awaitState(phone.Ringing)
		if i.Number != testphone.Caller || i.Record != rec || i.RecordName != "Buyer" || !i.Incoming {
			t.Errorf("it rings as %+v, want %s of %s", i.Call, testphone.Caller, rec)
		}
		p := openPage(t, 1000)
		answer, err := b.phone.Answer(t.Context(), i.ID, b.user, p.offer())
		if err != nil {
			t.Fatal(err)
		}
		p.accept(answer)
		b.awaitState(phone.Talking)
		b.bothHear(p)
		if err := b.phone.HangUp(t.Context(), i.ID, b.user, false); err != nil {
			t.Fatal(err)
		}
		b.awaitEnd(i.ID, store.EndedHere)

		b.trunk.Dial()
		i = b.await("the second call", func(n phone.Info) bool { return n.ID != i.ID && n.State == phone.Ringing })
		if err := b.phone.HangUp(t.Context(), i.ID, b.user, false); err != nil {
			t.Fatal(err)
		}
		b.awaitEnding(i.ID, store.EndedDeclined)

		b.trunk.Dial()
		i = b.await("the third call", func(n phone.Info) bool { return n.ID > i.ID && n.State == phone.Ringing })
		b.trunk.HangUp()
		b.awaitEnding(i.ID, store.EndedMissed)

		b.watch.Stop() // nobody is at a page
		b.trunk.Dial()
		b.awaitEnding(i.ID+1, store.EndedMissed)
	})
}

// TestIncomingByTLS gets a call over the connection by which the phone registered: nobody else reaches us by TLS.
func TestIncomingByTLS(t *testing.T) {
	t.Parallel()
	b := openBench(t, storetest.SQLite(t, store.Options{}), func(_ *phone.Config, tr *phone.Trunk) { tr.Register = true })
	b.by("tls")
	until(t, "the trunk knows us", func() bool { return b.phone.Registered() })
	b.trunk.Dial()
	i := b.awaitState(phone.Ringing)
	p := openPage(t, 1000)
	answer, err := b.phone.Answer(t.Context(), i.ID, b.user, p.offer())
	if err != nil {
		t.Fatal(err)
	}
	p.accept(answer)
	b.awaitState(phone.Talking)
	b.bothHear(p)
	b.trunk.HangUp()
	b.awaitEnd(i.ID, store.EndedThere)
}

// TestCallBetweenPages comes in while its seller goes from one page to the next.
func TestCallBetweenPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := openBench(t, db, func(_ *phone.Config, tr *phone.Trunk) { tr.Register, tr.Rev = true, 2 })
		until(t, "the trunk knows us", func() bool { return b.phone.Registered() })
		b.watch.Stop()
		b.trunk.Dial()
		until(t, "it rings", func() bool { return len(b.phone.Calls(b.user)) == 1 })
		b.watch = b.phone.Watch(b.user)
		i := b.awaitState(phone.Ringing)
		if err := b.phone.HangUp(t.Context(), i.ID, b.user, false); err != nil {
			t.Fatal(err)
		}
		b.awaitEnding(i.ID, store.EndedDeclined)
	})
}

func (b *bench) ending(id ident.Call) (e store.CallEnd) {
	_ = b.db.Read(b.t.Context(), func(tx *store.Tx) error {
		c, err := tx.GetCall(id)
		e = c.End
		return err
	})
	return e
}

// awaitEnding waits until an end is written down.
func (b *bench) awaitEnding(id ident.Call, want store.CallEnd) {
	b.t.Helper()
	until(b.t, "the call is over", func() bool { return b.ending(id) != store.CallUnderWay })
	if got := b.ending(id); got != want {
		b.t.Errorf("the call ended by %q, want %q", got.Key(), want.Key())
	}
}
