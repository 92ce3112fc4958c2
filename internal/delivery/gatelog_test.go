package delivery_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// TestLogSaysWhatStands holds that the log says of what is not sent what stands in its row in the end: the limit and the moment that the whole queue
// gives, no moment where a person has to do something, and why it was withdrawn.
func TestLogSaysWhatStands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 2)
		o.level = slog.LevelDebug
		var nobodys ident.Message
		o.change(func(tx *store.Tx) error {
			if err := queueOf(tx, "Ben", "ben@test.local", 5); err != nil {
				return err
			}
			boxes, err := tx.ListMailboxes()
			if err != nil {
				return err
			}
			for _, box := range boxes {
				if box.Address == "ben@test.local" {
					err = tx.SaveLimits(box.ID, &store.SendLimits{Hour: 1, Day: 3})
				} else {
					box.Paused = true
					_, err = tx.UpdateMailbox(box)
				}
				if err != nil {
					return err
				}
			}
			nobodys, err = tx.InsertMessage(store.Message{Record: 999_999, User: boxes[0].User, Recipient: "x@buyer.test", RFCID: "gone@test.local", Subject: "x"})
			return err
		})
		if _, err := o.db.Due(context.Background(), 10); err != nil {
			t.Fatal(err)
		}
		o.open(4)
		time.Sleep(time.Minute)
		o.stop()
		var want []string
		blockers := map[store.Blocker]int{}
		if err := o.db.Read(context.Background(), func(tx *store.Tx) error {
			list, err := tx.ListMessages(store.MessageQuery{Limit: store.MaxPageSize})
			for _, m := range list.Rows {
				blockers[m.Blocker]++
				switch {
				case m.ID == nobodys:
					want = append(want, fmt.Sprintf(`msg="message withdrawn" message=%s reason="The record was deleted."`, m.ID))
				case m.Blocker == store.BlockPaused:
					want = append(want, fmt.Sprintf(`msg="message held up" message=%s blocker=mailbox_paused`, m.ID))
				case m.State == store.MessageQueued:
					want = append(want, fmt.Sprintf(`msg="message held up" message=%s blocker=%s opens_at=%s`, m.ID, m.Blocker, m.NextAt.Format("2006-01-02T15:04:05.000Z07:00")))
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(want) != 7 || blockers[store.BlockHourCap] != 2 || blockers[store.BlockDayCap] != 2 {
			t.Errorf("%d wait by %v, want two each by the hour, the day and a pause", len(want), blockers)
		}
		var got []string
		for line := range strings.Lines(o.text.String()) {
			if _, said, ok := strings.Cut(line, "level=DEBUG "); ok && strings.Contains(said, "message=") {
				got = append(got, strings.TrimSpace(said))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("the log says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}
