package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// TestQueue holds that the queue is listed in the order in which it goes, across channels and pages, and nothing else with it.
func TestQueue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var want []string
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			lead, err := tx.InsertRecord(record.Record{Kind: record.Lead, Values: record.Values{"last_name": "Cole"}})
			if err != nil {
				return err
			}
			for i, channel := range []message.Channel{message.EmailChannel, message.TextChannel, message.EmailChannel, message.TextChannel, message.EmailChannel} {
				id, err := tx.InsertMessage(store.Message{Record: lead.ID, Channel: channel, RFCID: fmt.Sprint("m", i), Subject: fmt.Sprint("m", i)})
				if err != nil {
					return err
				}
				want = append([]string{id.String()}, want...)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		later := func(c *store.MailCandidate, now time.Time) store.Verdict {
			return store.Verdict{Kind: store.Later, At: now.Add(time.Hour - time.Duration(c.Message.ID)*time.Minute), Blocker: store.BlockWindow, Reason: "It is early."}
		}
		if _, _, err := db.ClaimMail(t.Context(), "n", 10, later); err != nil {
			t.Fatal(err)
		}
		if _, _, err := db.Texts().ClaimMail(t.Context(), "n", 10, later); err != nil {
			t.Fatal(err)
		}
		var got []string
		q := store.MessageQuery{Queue: true, Limit: 2}
		for range len(want) {
			var page store.Page[store.Message]
			if err := db.Read(t.Context(), func(tx *store.Tx) (err error) { page, err = tx.ListMessages(q); return err }); err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Rows {
				if m.Blocker != store.BlockWindow || m.Reason != "It is early." {
					t.Errorf("%s waits for %q: %q", m.ID, m.Blocker, m.Reason)
				}
				got = append(got, m.ID.String())
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("queue %v, want %v", got, want)
		}
	})
}
