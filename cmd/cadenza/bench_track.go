package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/track"
)

// The mail that the hits are on: each message has one link, and gets as many opens as clicks, some in all.
const benchMessages = 20000

// hits measures how many hits on followed mail are answered in a second, every one stored before. The raw reference is
// the same door over the same connections, behind which nothing is stored.
func (b *bench) hits(ctx context.Context) error {
	records, err := b.insertRecords(ctx, benchMessages)
	if err != nil {
		return err
	}
	signer := b.app.Vault().Signer()
	paths, err := b.insertFollowed(ctx, records, signer)
	if err != nil {
		return err
	}
	b.now.Store(time.Now().Add(time.Hour).UnixMicro()) // long after the sending
	// By turns: what else the machine does weighs on both alike.
	var real, raw time.Duration
	const turns = 10
	n := max(1, b.command.Hits/turns)
	for range turns {
		for _, of := range []struct {
			memory track.Memory
			took   *time.Duration
		}{{forgetful{b.db}, &raw}, {b.db, &real}} {
			took, err := b.answer(ctx, of.memory, signer, paths, n)
			if err != nil {
				return err
			}
			*of.took += took
		}
	}
	rate := func(took time.Duration) float64 { return float64(n*turns) / took.Seconds() }
	b.figures = append(b.figures, figure{
		Name: "hits stored", Value: rate(real), Unit: perSecond, Reference: rate(raw),
		RefName: fmt.Sprintf("the same requests of %d clients, answered by the same door, nothing stored", b.command.Clients),
	})
	return nil
}

// forgetful is a memory that stores no hit.
type forgetful struct{ *store.DB }

// AddHits forgets.
func (forgetful) AddHits(_ context.Context, hits []hit.Hit) (int, error) { return len(hits), nil }

// insertFollowed makes messages as they are after their sending, and gives the addresses in them.
func (b *bench) insertFollowed(ctx context.Context, records []ident.Record, signer hit.Signer) (paths []string, err error) {
	err = b.db.Write(ctx, func(tx *store.Tx) error {
		for i, rec := range records {
			id, err := tx.InsertMessage(store.Message{Record: rec, User: b.user.ID, RFCID: fmt.Sprintf("bench.%d@bench.test", i), Follow: true})
			if err != nil {
				return err
			}
			paths = append(paths, "/t/o/"+signer.Token(id, 0)+".gif", "/t/c/"+signer.Token(id, 1))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// The claim of delivery stores the links. No mail server is asked: what is sent is of no matter here.
	for done := 0; done < len(records); {
		pass, looked, err := b.db.ClaimMail(ctx, "bench", 500, func(c *store.MailCandidate, now time.Time) store.Verdict {
			m := c.Message
			m.Tracked, m.AttemptAt = true, now
			return store.Verdict{Kind: store.Pass, Message: m, Links: []string{"https://bench.test/offer"}}
		})
		if err != nil || looked == 0 {
			return nil, fmt.Errorf("claimed %d of %d messages: %w", done, len(records), err)
		}
		results := make([]store.MailResult, len(pass))
		for i, c := range pass {
			results[i] = store.MailResult{Message: c.Message, Kind: store.Delivered}
		}
		if err := b.db.FinishMail(ctx, results); err != nil {
			return nil, err
		}
		done += len(pass)
	}
	return paths, nil
}

// answer lets clients make n hits against a server on loopback, and gives how long that took.
func (b *bench) answer(ctx context.Context, memory track.Memory, signer hit.Signer, paths []string, n int) (took time.Duration, err error) {
	door := track.New(track.Config{Memory: memory, Signer: signer, Log: slog.New(slog.DiscardHandler)})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	server := &http.Server{Handler: door, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	var next atomic.Int64
	failed := make(chan error, b.command.Clients)
	var clients sync.WaitGroup
	started := time.Now()
	for range b.command.Clients {
		clients.Go(func() {
			if err := hitClient(ctx, listener.Addr().String(), paths, &next, int64(n)); err != nil {
				failed <- err
			}
		})
	}
	clients.Wait()
	took = time.Since(started)
	select {
	case err := <-failed:
		return 0, err
	default:
	}
	if lost := door.Figures().Lost; lost > 0 {
		return 0, fmt.Errorf("%d hits were lost", lost)
	}
	return took, nil
}

// hitClient makes hits over one connection. It speaks HTTP by hand, so that more of the machine is left for the server.
func hitClient(ctx context.Context, address string, paths []string, next *atomic.Int64, limit int64) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for n := next.Add(1); n <= limit && ctx.Err() == nil; n = next.Add(1) {
		_, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: bench.test\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0\r\n\r\n", paths[n%int64(len(paths))])
		if err != nil {
			return err
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return err
		}
		if err := answer.Body.Close(); err != nil {
			return err
		}
		if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusFound {
			return fmt.Errorf("the door answered %s", answer.Status)
		}
	}
	return ctx.Err()
}
