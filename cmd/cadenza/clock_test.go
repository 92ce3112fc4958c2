package main

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

// clockLeads is how many leads are connected after each step of the clock.
const clockLeads = 40

// TestClockSteps steps the clock of a working server back and ahead by an hour and more, on each database. What is due by the clock goes out at once, what is not
// stays, and nothing goes out a second time or is in doubt.
func TestClockSteps(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := &crash{
				t: t, site: site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir},
				sink: testmail.StartSink(t, testmail.SinkOptions{CountOnly: true}),
			}
			var ahead atomic.Int64
			now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			anna := c.open(now)
			c.canMail(anna)
			applied, err := c.house.app.ApplySequence(context.Background(), access.System(), flow.Sequence{
				Name: "Clock", Record: record.Lead, Options: flow.DefaultOptions(),
				Steps: []step.Step{automated("mail0"), {ID: "rest", Type: "wait", Config: step.Config{"for": "30m"}}, automated("mail1"), task("call")},
			}, false)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.house.app.Activate(context.Background(), access.System(), applied.Sequence.ID, action.ActivateInput{Rev: applied.Sequence.DraftRev}); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(context.Background())
			ended := make(chan struct{})
			go func() { defer close(ended); c.house.run(ctx) }()
			defer func() { stop(); <-ended }()

			// Each row: how far the clock is ahead then, and how many emails have gone out in all when everything due by it has.
			for _, s := range []struct {
				ahead  time.Duration
				emails int
			}{
				{0, clockLeads},
				{-time.Hour, 2 * clockLeads},
				{time.Hour, 5 * clockLeads},     // the first two have waited long enough
				{-time.Hour, 6 * clockLeads},    // and the third has not
				{2 * time.Hour, 9 * clockLeads}, // now all but the fifth
			} {
				ahead.Store(int64(s.ahead))
				c.connectSome(anna, applied.Sequence.ID, clockLeads)
				c.until("all that is due has gone out", twice(func() bool {
					load, err := c.house.db.Load(context.Background())
					if err != nil {
						t.Fatal(err)
					}
					return load.Messages[store.MessageSent] >= int64(s.emails) && (load.OldestDue.IsZero() || load.OldestDue.After(now()))
				}))
				if n := c.sink.Count(); n != s.emails {
					t.Fatalf("%d emails have gone out with the clock %s ahead, want %d", n, s.ahead, s.emails)
				}
			}
			for id, n := range c.sink.Counts() {
				if n != 1 {
					t.Errorf("the email %s arrived %d times", id, n)
				}
			}
			if load, err := c.house.db.Load(context.Background()); err != nil || load.Messages[store.MessageUnknown] != 0 || load.OpenActivities != 4*clockLeads {
				t.Errorf("%d emails are in doubt and %d leads stand at the task (%v), want 0 and %d", load.Messages[store.MessageUnknown], load.OpenActivities, err, 4*clockLeads)
			}
		})
	}
}
