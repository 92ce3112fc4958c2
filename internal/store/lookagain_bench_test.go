package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// BenchmarkImportAgain measures an import that changes 10,000 records, for each of which a message waits for a window, or for none.
func BenchmarkImportAgain(b *testing.B) {
	const many = 10_000
	for _, d := range databases {
		for _, waits := range []bool{false, true} {
			b.Run(fmt.Sprint(d.name, "/waiting ", waits), func(b *testing.B) {
				h := newHouse(b, d.open)
				records := h.records(many)
				if waits {
					h.enroll(h.sequence("Trial", mail("intro"), task("call")), h.user("Anna").ID, records...)
					h.drainAll()
					h.claimAll(store.BlockWindow)
				}
				for round := 0; b.Loop(); round++ {
					x := h.db.NewRecordImport(record.Lead, 0, func(ident.User) bool { return true })
					for from := 0; from < many; from += 500 {
						rows := make([]store.ImportRow, 500)
						for i := range rows {
							name := fmt.Sprint("Lead", from+i+1)
							rows[i].Values = record.Values{"last_name": name, "email": name + "@buyer.test", "city": fmt.Sprint("City", round)}
						}
						_, err := x.Apply(context.Background(), rows, false)
						h.must(err)
					}
				}
			})
		}
	}
}

// claimAll has the gate hold up all that is due, and gives how many that were.
func (h *house) claimAll(why store.Blocker) (n int) {
	h.Helper()
	for {
		_, looked, err := h.db.ClaimMail(context.Background(), "test", 500, func(*store.MailCandidate, time.Time) store.Verdict {
			return store.Verdict{Kind: store.Later, Blocker: why, Reason: "It waits.", At: h.now().Add(24 * time.Hour), Turn: why == store.BlockPaused}
		})
		h.must(err)
		if n += looked; looked == 0 {
			return n
		}
	}
}

// BenchmarkPause measures the pause of a mailbox at which 100,000 messages wait: what the person waits for, and what the claims after it take.
func BenchmarkPause(b *testing.B) {
	const many = 100_000
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			h := newHouse(b, d.open)
			anna := h.user("Anna").ID
			h.connected(h.sequence("Trial", mail("intro"), task("call")), anna, many)
			h.drainAll()
			h.claimAll(store.BlockWindow)
			var person, claims time.Duration
			rounds := 0
			for ; b.Loop(); rounds++ {
				began := time.Now()
				h.write(func(tx *store.Tx) error {
					m, err := tx.MailboxOf(anna)
					if err != nil {
						return err
					}
					m.Paused = !m.Paused
					if m, err = tx.UpdateMailbox(m); err != nil {
						return err
					}
					return tx.NotePause(m.ID, anna, m.Paused)
				})
				person += time.Since(began)
				began = time.Now()
				if n := h.claimAll(store.BlockPaused); n != many {
					b.Fatalf("the gate was asked about %d messages, want %d", n, many)
				}
				claims += time.Since(began)
			}
			b.ReportMetric(person.Seconds()/float64(rounds), "s/person")
			b.ReportMetric(claims.Seconds()/float64(rounds), "s/claims")
		})
	}
}
