package main

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

const (
	batchKills = 12
	batchLeads = 400
)

// TestBatchUnderKills kills the server with kill -9 again and again while it completes the activities of a batch, on each
// database. Each of them is completed once: its lead stands at the second task, with one step done.
func TestBatchUnderKills(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := &crash{t: t, site: site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir}, sink: testmail.StartSink(t, testmail.SinkOptions{CountOnly: true})}
			anna, batch := c.prepareBatch()
			done := func() int {
				b, err := c.house.app.GetBatch(context.Background(), anna, batch)
				if err != nil {
					t.Fatal(err)
				}
				return b.Counts[store.RowDone]
			}
			for round := range batchKills {
				p := c.start()
				until := done() + 1 + round*7%20
				c.until("the batch goes on", func() bool { return done() >= until })
				p.kill()
			}
			if done() >= batchLeads {
				t.Errorf("nothing was left to do after %d kills", batchKills)
			}
			p := c.start()
			c.until("the batch is done", func() bool {
				b, err := c.house.app.GetBatch(context.Background(), anna, batch)
				return err == nil && b.State == store.BatchDone
			})
			p.stop(t)
			c.eachDoneOnce(done())
		})
	}
}

// prepareBatch makes leads on a sequence of two tasks, and a batch that completes the first one of each. It is begun an hour ago,
// so that its grace is over.
func (c *crash) prepareBatch() (access.Actor, ident.Batch) {
	ctx, t := context.Background(), c.t
	u := c.open(func() time.Time { return time.Now().Add(-time.Hour) })
	h := c.house
	anna := access.Actor{ID: u.ID, Name: u.Name, Email: u.Email, Role: u.Role}
	var steps []step.Step
	for i := range 2 {
		steps = append(steps, step.Step{ID: fmt.Sprint("task", i), Type: "task", Name: fmt.Sprint("Task ", i), Config: step.Config{}})
	}
	applied, err := h.app.ApplySequence(ctx, access.System(), flow.Sequence{Name: "Crash", Record: record.Lead, Options: flow.DefaultOptions(), Steps: steps}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.app.Activate(ctx, access.System(), applied.Sequence.ID, action.ActivateInput{Rev: applied.Sequence.DraftRev}); err != nil {
		t.Fatal(err)
	}
	c.connectSome(u, applied.Sequence.ID, batchLeads)
	c.advanceAll()
	ids, _, err := h.app.WorkIDs(ctx, anna, store.WorkQuery{Assignee: u.ID, Later: true})
	if err != nil || len(ids) != batchLeads {
		t.Fatalf("%d activities are open, %v", len(ids), err)
	}
	b, err := h.app.StartBatch(ctx, anna, action.Bulk{Verb: action.BulkComplete, Activities: ids})
	if err != nil {
		t.Fatal(err)
	}
	return anna, b.ID
}

// eachDoneOnce wants every lead to stand at the second task, after one step.
func (c *crash) eachDoneOnce(done int) {
	if done != batchLeads {
		c.t.Errorf("the batch completed %d activities, want %d", done, batchLeads)
	}
	seen := 0
	for q := (store.EnrollmentQuery{Limit: store.MaxPageSize}); ; {
		page, err := c.house.app.ListEnrollments(context.Background(), access.System(), q)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, e := range page.Rows {
			seen++
			if e.State.Step != "task1" || e.State.Done != 1 {
				c.t.Errorf("enrollment %s stands at %s with %d steps done, want task1 with 1", e.ID, e.State.Step, e.State.Done)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	load, err := c.house.db.Load(context.Background())
	if err != nil || seen != batchLeads || load.OpenActivities != batchLeads {
		c.t.Errorf("%d enrollments and %d open activities, %v; want %d of each", seen, load.OpenActivities, err, batchLeads)
	}
}
