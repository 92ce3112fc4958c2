//go:build soak

package main

import (
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestSoak is what `make soak` runs: hours of bad luck in some minutes, on real processes, a real PostgreSQL and a mail server that counts.
//
// SOAK_KILLS is how often the one node of each database is killed (30), SOAK_MINUTES how long three nodes are disturbed (5), SOAK_PAUSE for how
// many seconds a node is paused or cut off (20; a minute is 60), SOAK_OLDER an older program to upgrade from (else one is
// built from git), SOAK_SEED the order of it all: a failure says which it was.
func TestSoak(t *testing.T) {
	seed := uint64(number("SOAK_SEED", int(time.Now().UnixNano()%1_000_000)))
	t.Logf("SOAK_SEED=%d repeats the order of this run", seed)
	for kind, address := range databases(t) {
		t.Run("one node killed again and again on "+kind, func(t *testing.T) {
			dir := t.TempDir()
			kills := number("SOAK_KILLS", 30)
			l := newLoad(t, site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir}, loopback, true)
			l.killAtRandom(rand.New(rand.NewPCG(seed, 1)), kills)
		})
	}
	t.Run("a full disk on sqlite", diskFillsSQLite)
	t.Run("a full disk on postgres", diskFillsPostgres)
	t.Run("three nodes on postgres", func(t *testing.T) {
		machines, mail := threeMachines(t)
		c := newCluster(t, machines, mail, true)
		c.disturb(rand.New(rand.NewPCG(seed, 2)), time.Duration(number("SOAK_MINUTES", 5))*time.Minute, time.Duration(number("SOAK_PAUSE", 20))*time.Second)
	})
	t.Run("older nodes replaced by newer ones", func(t *testing.T) {
		older := olderProgram(t)
		for kind := range databases(t) {
			t.Run("on "+kind, func(t *testing.T) { upgradeUnderLoad(t, older, kind) })
		}
	})
}

// killAtRandom kills the node at random moments while it works at full load: some emails after it listens, or in the middle of its start.
func (l *load) killAtRandom(r *rand.Rand, kills int) {
	args := []string{
		"serve", "--listen=127.0.0.1:0", "--db=" + l.site.DB, "--key-file=" + l.site.KeyFile, "--data-dir=" + l.site.DataDir,
		"--mailbox-workers=" + strconv.Itoa(crashConnections),
	}
	l.must(l.add(200 + 35*kills))
	early, began := 0, time.Now()
	for range kills {
		if r.IntN(8) == 0 {
			early++
			p := launch(l.t, args...)
			<-time.After(time.Duration(r.IntN(1000)) * time.Millisecond)
			p.kill()
			continue
		}
		p := start(l.t, "listens on", args...)
		until := l.sink.Count() + r.IntN(80)
		begun := time.Now()
		l.until("more emails arrive", func() bool { return l.sink.Count() >= until || time.Since(begun) > 3*time.Second })
		<-time.After(time.Duration(r.IntN(10)) * time.Millisecond)
		p.kill()
	}
	l.t.Logf("%d kills, %d of them during the start, in %s; %d emails had arrived", kills, early, time.Since(began).Round(time.Second), l.sink.Count())
	l.finish()
	l.compare()
	l.settleRest(l.leads*loadMails, l.finish)
	l.everythingOnce()
}

// disturb does everything bad to the nodes, one thing after the other in random order, for at least the given time.
func (c *cluster) disturb(r *rand.Rand, atLeast, span time.Duration) {
	any := func() *node { return c.nodes[r.IntN(len(c.nodes))] }
	stop := c.feed(20, 100*time.Millisecond)
	defer stop()
	for began := time.Now(); time.Since(began) < atLeast; {
		for _, d := range shuffled(r, []func(){
			func() { c.killed(any(), true) },
			func() { c.killed(any(), false) },
			func() { c.paused(any(), span) },
			func() { c.away(any(), span, false) },
			func() { c.away(any(), span, true) },
			func() { c.databaseRestarts(false) },
			func() { c.databaseRestarts(true) },
			c.replaced,
		}) {
			d()
			c.othersGoOn("all were back")
			if time.Since(began) > atLeast {
				break
			}
		}
	}
	stop()
	c.end()
}
