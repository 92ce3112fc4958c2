package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// arrivals counts the sent mails by when they arrived, in UTC.
func (o *office) arrivals(layout string) map[string]int {
	o.Helper()
	counts := map[string]int{}
	if err := o.db.Read(context.Background(), func(tx *store.Tx) error {
		list, err := tx.ListMessages(store.MessageQuery{State: store.MessageSent, Limit: store.MaxPageSize})
		for _, m := range list.Rows {
			counts[m.SentAt.UTC().Format(layout)]++
		}
		return err
	}); err != nil {
		o.Fatal(err)
	}
	return counts
}

func (o *office) change(fn func(*store.Tx) error) {
	o.Helper()
	if err := o.db.Write(context.Background(), fn); err != nil {
		o.Fatal(err)
	}
}

// TestDaysOfSending plays a week of a mailbox with a cap, a gap and send windows, in a zone whose clocks change in it.
func TestDaysOfSending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 3, 27, 20, 0, 0, 0, time.UTC))) // Friday evening; on Sunday Berlin's clocks change
		o := newOffice(t, 25)
		o.change(func(tx *store.Tx) error {
			var w store.SendWindows
			w.On = true
			for day := time.Monday; day <= time.Friday; day++ {
				w.Days[day] = calendar.Span{From: 8 * time.Hour, To: 10 * time.Hour}
			}
			if err := tx.SaveSendWindows(w); err != nil {
				return err
			}
			if err := tx.SaveSendLimits(store.SendLimits{Day: 10, Gap: 5 * time.Minute, Jitter: time.Minute}); err != nil {
				return err
			}
			for _, r := range o.records(tx) {
				if err := setZone(tx, r, "Europe/Berlin"); err != nil {
					return err
				}
			}
			return nil
		})
		o.open(4)
		time.Sleep(4 * 24 * time.Hour) // Tuesday evening
		o.states("queued 5, sent 20")
		time.Sleep(24 * time.Hour)
		o.states("sent 25")
		days := o.arrivals(time.DateOnly)
		if days["2026-03-30"] != 10 || days["2026-03-31"] != 10 || days["2026-04-01"] != 5 {
			t.Errorf("they went on %v, want 10 on Monday, 10 on Tuesday and 5 on Wednesday", days)
		}
		for hour := range o.arrivals("15") { // 08:00 in Berlin is 06:00 UTC by now
			if hour != "06" && hour != "07" {
				t.Errorf("one went at %s o'clock UTC", hour)
			}
		}
		o.stop()
	})
}

// TestOldBackup holds that a mail which was queued more than a week ago is not sent by a server that has slept, or runs from
// a backup: a person decides.
func TestOldBackup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 3)
		time.Sleep(8 * 24 * time.Hour)
		o.open(2)
		time.Sleep(time.Minute)
		o.states("failed 3")
		if n := len(o.sink.Counts()); n != 0 {
			t.Errorf("%d mails went out", n)
		}
		o.stop()
	})
}

// TestThread holds that a follow-up that belongs into the thread answers the mail before it, from the same mailbox.
func TestThread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 0)
		o.change(func(tx *store.Tx) error {
			return connectLeads(tx, "Thread", step.Step{ID: "first", Type: "automated_email", Name: "First", Config: step.Config{"template": "intro"}}, 1, 1,
				step.Step{ID: "second", Type: "automated_email", Name: "Second", Config: step.Config{"template": "intro", "thread": true}})
		})
		if _, err := o.db.Due(context.Background(), 10); err != nil {
			t.Fatal(err)
		}
		o.open(2)
		time.Sleep(time.Minute)
		if _, err := o.db.Due(context.Background(), 10); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		o.answered("lead0@buyer.test", "Re: Hello Lead0")
		o.stop()
	})
}

func (o *office) records(tx *store.Tx) []store.Record {
	o.Helper()
	list, err := tx.ListRecords(store.RecordQuery{Kind: record.Lead, Limit: store.MaxPageSize})
	if err != nil {
		o.Fatal(err)
	}
	var out []store.Record
	for _, r := range list.Rows {
		out = append(out, r.Record)
	}
	return out
}

func setZone(tx *store.Tx, r store.Record, zone string) error {
	r.Values["time_zone"] = zone
	_, err := tx.UpdateRecord(r)
	return err
}

// TestThreadByHand holds the same for an email that a seller has written.
func TestThreadByHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 0)
		o.change(func(tx *store.Tx) error {
			return connectLeads(tx, "Thread", step.Step{ID: "first", Type: "automated_email", Name: "First", Config: step.Config{"template": "intro"}}, 1, 1,
				step.Step{ID: "second", Type: "email", Name: "Second", Config: step.Config{"template": "intro", "thread": true}})
		})
		due := func() {
			if _, err := o.db.Due(context.Background(), 10); err != nil {
				t.Fatal(err)
			}
		}
		due()
		o.open(2)
		time.Sleep(time.Minute)
		due()
		o.change(func(tx *store.Tx) error {
			open, err := tx.UndoneActivities(o.records(tx)[0].ID)
			if err != nil || len(open) != 1 {
				return fmt.Errorf("open activities: %d, %w", len(open), err)
			}
			a := open[0]
			a.State = store.ActivitySending
			a.Message, err = tx.InsertMessage(store.Message{
				Activity: a.ID, Record: a.Record, User: a.Assignee, RFCID: "by-hand@example.com", Thread: true,
				Recipient: "lead0@buyer.test", Subject: "Re: Hello Lead0", HTML: "<p>And now?</p>", Text: "And now?",
			})
			if err != nil {
				return err
			}
			return tx.SaveActivity(a)
		})
		time.Sleep(time.Minute)
		o.answered("lead0@buyer.test", "Re: Hello Lead0")
		o.stop()
	})
}

// answered checks that the second of two mails answers the first.
func (o *office) answered(to, subject string) {
	o.Helper()
	o.states("sent 2")
	list := o.sink.MessagesTo(to)
	if len(list) != 2 {
		o.Fatalf("%d mails arrived, want 2", len(list))
	}
	first, err := message.Parse(list[0].Raw)
	if err != nil {
		o.Fatal(err)
	}
	raw := string(list[1].Raw)
	for _, want := range []string{"In-Reply-To: <" + first.MessageID + ">", "References: <" + first.MessageID + ">", "Subject: " + subject} {
		if !strings.Contains(strings.ReplaceAll(raw, "\r\n ", " "), want) {
			o.Errorf("the second mail has no %q:\n%s", want, raw)
		}
	}
}
