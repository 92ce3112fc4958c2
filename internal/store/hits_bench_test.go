package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// BenchmarkAddHits measures what a group of hits costs, each on another message.
func BenchmarkAddHits(b *testing.B) {
	for _, d := range databases {
		for _, size := range []int{1, 64, 250} {
			b.Run(fmt.Sprintf("%s/%d", d.name, size), func(b *testing.B) {
				h := newHouse(b, d.open)
				ids := h.followed(10000)
				h.pass(time.Hour)
				n := 0
				for b.Loop() {
					list := make([]hit.Hit, size)
					for i := range list {
						n++
						list[i] = hit.Hit{Message: ids[n/2%len(ids)], Link: n % 2, At: h.now(), Agent: "Mozilla/5.0 (Windows NT 10.0)"}
					}
					if _, err := h.db.AddHits(context.Background(), list); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/hit")
			})
		}
	}
}

// followed makes n messages that were sent with one link.
func (h *house) followed(n int) (ids []ident.Message) {
	h.Helper()
	u := h.user("Anna")
	h.write(func(tx *store.Tx) error {
		for i := range n {
			id, err := tx.InsertMessage(store.Message{Record: ident.Record(i + 1), User: u.ID, RFCID: fmt.Sprint("followed.", i), Follow: true})
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	h.send(func(c *store.MailCandidate) []string {
		return []string{fmt.Sprint("https://buyer.test/", c.Message.ID)}
	})
	return ids
}

// send claims all that is due and says that it was sent, followed by the links that are given.
func (h *house) send(links func(*store.MailCandidate) []string) {
	h.Helper()
	ctx := context.Background()
	for {
		pass, _, err := h.db.ClaimMail(ctx, "test", 500, func(c *store.MailCandidate, now time.Time) store.Verdict {
			m := c.Message
			m.Tracked, m.AttemptAt = true, now
			return store.Verdict{Kind: store.Pass, Message: m, Links: links(c)}
		})
		h.must(err)
		if len(pass) == 0 {
			return
		}
		results := make([]store.MailResult, len(pass))
		for i, c := range pass {
			results[i] = store.MailResult{Message: c.Message, Kind: store.Delivered}
		}
		h.must(h.db.FinishMail(ctx, results))
	}
}
