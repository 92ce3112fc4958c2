package main

import (
	"context"
	"path/filepath"
	"testing"

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
	moveKills = 3
	moveLeads = 4000
)

// TestMoveUnderKills kills the server with kill -9 while it moves records to a new version, on each database. Each of them is moved once: it stands at
// the new task with one activity open, and what it had before is cancelled.
func TestMoveUnderKills(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := &crash{t: t, site: site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir}, sink: testmail.StartSink(t, testmail.SinkOptions{CountOnly: true})}
			id := c.prepareMove()
			run := func() store.MoveRun {
				r, err := c.house.app.GetMove(context.Background(), access.System(), id)
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			killed := 0
			for range moveKills {
				before := run().Looked
				p := c.start()
				c.until("the move goes on", func() bool { return run().Looked > before })
				p.kill()
				if !run().Over() {
					killed++
				}
			}
			if killed == 0 {
				t.Error("no kill came in the middle of the move")
			}
			p := c.start()
			c.until("the move is over", func() bool { return run().Over() })
			p.stop(t)
			if r := run(); r.Looked != moveLeads || r.Moved != moveLeads || r.Held+r.Finished != 0 {
				t.Errorf("it looked at %d and moved %d, want %d of each", r.Looked, r.Moved, moveLeads)
			}
			c.eachMovedOnce()
		})
	}
}

// prepareMove makes leads on a sequence of one task, and begins to move them to another task of its second version.
func (c *crash) prepareMove() ident.MoveRun {
	ctx, t := context.Background(), c.t
	h, err := build(ctx, blueprint{site: c.site, log: quiet, cost: action.PasswordCost{Memory: 8 << 10, Rounds: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.db.Close() })
	c.house = h
	if _, err := h.db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	anna, err := h.app.CreateUser(ctx, access.System(), action.NewUser{Name: "Anna", Email: "anna@test.local", Password: "a long password", Zone: "UTC", Role: access.Admin})
	if err != nil {
		t.Fatal(err)
	}
	version := func(task string, in action.ActivateInput) store.Sequence {
		def := flow.Sequence{
			Name: "Crash", Record: record.Lead, Options: flow.DefaultOptions(),
			Steps: []step.Step{{ID: task, Type: "task", Name: task, Config: step.Config{}}},
		}
		applied, err := h.app.ApplySequence(ctx, access.System(), def, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.Activate(ctx, access.System(), applied.Sequence.ID, in); err != nil {
			t.Fatal(err)
		}
		return applied.Sequence
	}
	seq := version("old", action.ActivateInput{})
	c.connectSome(anna, seq.ID, moveLeads)
	for n := 1; n > 0; {
		if n, err = h.db.Due(ctx, 1000); err != nil {
			t.Fatal(err)
		}
	}
	version("new", action.ActivateInput{Move: &action.MoveInput{Mapping: flow.Mapping{{Number: 1, Step: "old"}: {Kind: flow.To, Step: "new"}}}})
	list, err := h.app.ListMoves(ctx, access.System(), seq.ID, "", 1)
	if err != nil || len(list.Rows) != 1 || list.Rows[0].Total != moveLeads {
		t.Fatalf("the moves are %+v, %v", list.Rows, err)
	}
	return list.Rows[0].ID
}

// eachMovedOnce wants every lead to stand at the new task, and nothing else to be open.
func (c *crash) eachMovedOnce() {
	seen := 0
	for q := (store.EnrollmentQuery{Limit: store.MaxPageSize}); ; {
		page, err := c.house.app.ListEnrollments(context.Background(), access.System(), q)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, e := range page.Rows {
			seen++
			if e.State.Step != "new" || e.State.Visit != 2 || e.VersionNumber != 2 {
				c.t.Errorf("enrollment %s stands at %s in visit %d on version %d, want new in visit 2 on version 2", e.ID, e.State.Step, e.State.Visit, e.VersionNumber)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	load, err := c.house.db.Load(context.Background())
	if err != nil || seen != moveLeads || load.OpenActivities != moveLeads {
		c.t.Errorf("%d enrollments and %d open activities, %v; want %d of each", seen, load.OpenActivities, err, moveLeads)
	}
}
