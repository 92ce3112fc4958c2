package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

const (
	trackKills   = 6
	trackClients = 24
	trackMails   = 60
)

// TestCrashLosesNoHit kills the server with kill -9 while many clients open followed mail and follow its links, on each
// database: every hit that was answered is stored, once.
func TestCrashLosesNoHit(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			x := &trackCrash{
				t: t, site: site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir},
				answered: map[string]int{}, asked: map[string]int{},
			}
			x.prepare()
			for round := range trackKills {
				x.killAfter(50 + 40*round)
			}
			x.compare()
		})
	}
}

type trackCrash struct {
	t     *testing.T
	site  site
	house *house
	// paths are the addresses in the mails, of is what each is: a message and the number of its link.
	paths []string
	of    map[string]place

	mu              sync.Mutex
	asked, answered map[string]int
}

type place struct {
	message ident.Message
	link    int
}

// prepare makes messages as they are after their sending.
func (x *trackCrash) prepare() {
	ctx, t := context.Background(), x.t
	h, err := build(ctx, blueprint{site: x.site, log: quiet, cost: action.PasswordCost{Memory: 8 << 10, Rounds: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.db.Close() })
	x.house, x.of = h, map[string]place{}
	if _, err := h.db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	signer := h.app.Vault().Signer()
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		for i := range trackMails {
			id, err := tx.InsertMessage(store.Message{Record: ident.Record(i + 1), RFCID: fmt.Sprintf("crash.%d@test.local", i), Follow: true})
			if err != nil {
				return err
			}
			for path, link := range map[string]int{"/t/o/" + signer.Token(id, 0) + ".gif": 0, "/t/c/" + signer.Token(id, 1): 1} {
				x.paths, x.of[path] = append(x.paths, path), place{id, link}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	pass, _, err := h.db.ClaimMail(ctx, h.node, trackMails, func(c *store.MailCandidate, now time.Time) store.Verdict {
		m := c.Message
		m.Tracked, m.AttemptAt = true, now
		return store.Verdict{Kind: store.Pass, Message: m, Links: []string{"https://shop.test/offer"}}
	})
	if err != nil || len(pass) != trackMails {
		t.Fatalf("claimed %d, %v", len(pass), err)
	}
	for _, c := range pass {
		if err := h.db.FinishMail(ctx, []store.MailResult{{Message: c.Message, Kind: store.Delivered}}); err != nil {
			t.Fatal(err)
		}
	}
}

// killAfter starts a server, lets clients get so many answers, and kills it in the middle of more.
func (x *trackCrash) killAfter(answers int) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		x.t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	p := start(x.t, "listens on", "serve", "--listen="+address, "--url=https://links.test", "--db="+x.site.DB, "--key-file="+x.site.KeyFile, "--data-dir="+x.site.DataDir)
	var got atomic.Int64
	enough := make(chan struct{})
	var clients sync.WaitGroup
	for i := range trackClients {
		clients.Go(func() {
			client := &http.Client{
				Timeout: time.Minute, Transport: &http.Transport{},
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			}
			for n := i; x.ask(client, "http://"+address, x.paths[n%len(x.paths)]); n += 7 {
				if got.Add(1) == int64(answers) {
					close(enough)
				}
			}
		})
	}
	select {
	case <-enough:
	case <-time.After(time.Minute):
		x.t.Errorf("%d answers in a minute", got.Load())
	}
	p.kill()
	clients.Wait()
}

// ask makes one hit and notes it; it gives false when the server is gone.
func (x *trackCrash) ask(client *http.Client, base, path string) bool {
	r, err := http.NewRequest(http.MethodGet, base+path, nil)
	if err != nil {
		x.t.Error(err)
		return false
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	x.note(x.asked, path)
	answer, err := client.Do(r)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusFound {
		x.t.Errorf("%s: %s", path, answer.Status)
		return false
	}
	x.note(x.answered, path)
	return err == nil
}

func (x *trackCrash) note(in map[string]int, path string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	in[path]++
}

// compare holds what is stored against what was asked and answered.
func (x *trackCrash) compare() {
	stored := map[place]int{}
	err := x.house.db.Read(context.Background(), func(tx *store.Tx) error {
		seen := map[ident.Message]bool{}
		for _, at := range x.of {
			if seen[at.message] {
				continue
			}
			seen[at.message] = true
			hits, err := tx.HitsOf(at.message, 1000)
			if err != nil {
				return err
			}
			for _, h := range hits {
				stored[place{h.Message, h.Link}]++
			}
		}
		return nil
	})
	if err != nil {
		x.t.Fatal(err)
	}
	answers, kept := 0, 0
	for path, at := range x.of {
		n := stored[at]
		answers, kept = answers+x.answered[path], kept+n
		if n < x.answered[path] || n > x.asked[path] {
			x.t.Errorf("%v was asked for %d times, answered %d times, and is stored %d times", at, x.asked[path], x.answered[path], n)
		}
	}
	if answers == 0 {
		x.t.Error("nothing was answered")
	}
	x.t.Logf("%d kills, %d hits answered, %d stored", trackKills, answers, kept)
}
