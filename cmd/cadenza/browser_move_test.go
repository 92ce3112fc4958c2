//go:build browser

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/testmail"
)

// standingLeads are the leads of one sequence, a sixth of them on each of six steps.
const standingLeads = 1002

// lanes are the steps on which the leads stand; each company has its own lane.
var lanes = []struct {
	id, kind, name string
	// after is what follows in the lane.
	after []step.Step
	// moved is where the leads of the lane stand after the move: on which step, of which version, and whether at all.
	moved   string
	version int
	status  flow.Status
}{
	{id: "card", kind: "task", name: "Write a card", moved: "card", version: 2, status: flow.Active},
	{id: "ring", kind: "phone_call", name: "Ring up", after: []step.Step{{ID: "thanks", Type: "task", Name: "Say thanks"}}, moved: "offer", version: 2, status: flow.Active},
	{id: "offer", kind: "email", name: "Write the offer", moved: "offer", version: 2, status: flow.Active},
	{id: "pause", kind: "wait", after: []step.Step{{ID: "remind", Type: "task", Name: "Remind them"}}, moved: "pause", version: 2, status: flow.Active},
	{id: "visit", kind: "task", name: "Offer a visit", moved: "visit", version: 1, status: flow.Active},
	{id: "bye", kind: "task", name: "Say goodbye", moved: "bye", version: 1, status: flow.Finished},
}

// testMovedByMap edits a sequence with a thousand leads on six steps, moves them by a map, and takes that back: every lead is where the map says, and then
// where it was.
func testMovedByMap(t *testing.T, chrome context.Context, _ string) {
	dir := t.TempDir()
	c := &crash{
		t: t, site: site{database: database{DB: "sqlite:" + filepath.Join(dir, "c.db")}, KeyFile: filepath.Join(dir, "key"), DataDir: dir},
		sink: testmail.StartSink(t, testmail.SinkOptions{CountOnly: true}),
	}
	sequence := c.prepareLanes()
	server := c.start()
	t.Cleanup(func() { server.stop(t) })
	_, address, _ := strings.Cut(server.ready, "listens on ")
	address, _, _ = strings.Cut(address, " ")
	p := newPerson(t, chrome, address)
	p.open("/sign-in")
	p.fills("Email", "anna@test.local", "Password", "a long password")
	p.clicks("button", "Sign in")
	p.at("/work")
	p.open("/sequences/" + sequence.String())
	c.chooseWhere(p)
	p.clicks("button", "Activate version 2 and move 835 records")
	p.sees("Moved records to version 2", "668 records", "167 records", "It can be undone until")
	c.standAt(func(lane int) (string, int, flow.Status) {
		return lanes[lane].moved, lanes[lane].version, lanes[lane].status
	})
	p.clicks("button", "Undo the move")
	p.sees("Records put back from version 2", "835 records")
	p.seesNot("Could not be put back")
	c.standAt(func(lane int) (string, int, flow.Status) { return lanes[lane].id, 1, flow.Active })
}

// chooseWhere takes one step out of the sequence and gives another one a new name, and chooses for each step where its leads go.
func (c *crash) chooseWhere(p *person) {
	c.t.Helper()
	p.clicks("button", "Ring up")
	p.step("Ring up").clicks("button", "Delete step")
	p.clicks("button", "Write a card")
	p.step("Write a card").fills("Name", "Write a letter")
	p.clicks("link", "Activate version 2")
	p.in("dialog", "Activate version 2?").sees("1,002 records stand on older versions")
	p.in("dialog", "Activate version 2?").clicks("link", "choose where they go")
	p.has("heading", "Move records to version 2")
	p.clicks("button", "Move where the step still exists")
	p.chooses("Records on Ring up", "6. Write the offer", "Records on Offer a visit", "Stay on version 1", "Records on Say goodbye", "Finish")
	p.fills("Reason", "A letter works better")
	p.clicks("button", "See who moves")
	p.has("heading", "835 records move")
	p.sees("The same step", "The open activity is cancelled.")
}

// prepareLanes makes the sequence and connects the leads, which then stand on its steps.
func (c *crash) prepareLanes() ident.Sequence {
	ctx, t := context.Background(), c.t
	anna := c.open(nil)
	var steps []step.Step
	for i, lane := range slices.Backward(lanes) {
		here := step.Step{ID: lane.id, Type: lane.kind, Name: lane.name, Config: step.Config{}}
		if lane.kind == "wait" {
			here.Config["for"] = "30d"
		}
		is := &step.When{Field: &record.Condition{Field: "company", Op: record.Equals, Values: []string{fmt.Sprint("Lane ", i)}}}
		steps = []step.Step{{ID: fmt.Sprint("is", i), Type: "condition", When: is, Yes: append([]step.Step{here}, lane.after...), No: steps}}
	}
	applied, err := c.house.app.ApplySequence(ctx, access.System(), flow.Sequence{Name: "Lanes", Record: record.Lead, Options: flow.DefaultOptions(), Steps: steps}, false)
	if err != nil {
		t.Fatal(err)
	}
	seq := applied.Sequence
	if _, err := c.house.app.Activate(ctx, access.System(), seq.ID, action.ActivateInput{Rev: seq.DraftRev}); err != nil {
		t.Fatal(err)
	}
	c.connectSome(anna, seq.ID, standingLeads)
	c.advanceAll()
	c.standAt(func(lane int) (string, int, flow.Status) { return lanes[lane].id, 1, flow.Active })
	return seq.ID
}

// standAt wants each lead where want says for its lane, and no work open but that of the steps.
func (c *crash) standAt(want func(lane int) (stepID string, version int, status flow.Status)) {
	c.t.Helper()
	all, open := c.enrollments(), int64(0)
	if len(all) != standingLeads {
		c.t.Errorf("%d leads are on the sequence, want %d", len(all), standingLeads)
	}
	for _, e := range all {
		var n int
		if _, err := fmt.Sscanf(e.RecordName, "Lead%d", &n); err != nil {
			c.t.Fatalf("the name %q: %v", e.RecordName, err)
		}
		at, version, status := want(n % len(lanes))
		if e.State.Status != status || e.VersionNumber != version || status == flow.Active && e.State.Step != at {
			c.t.Errorf("%s is %s at %s on version %d, want %s at %s on version %d", e.RecordName, e.State.Status, e.State.Step, e.VersionNumber, status, at, version)
		}
		if status == flow.Active && at != "pause" {
			open++
		}
	}
	load, err := c.house.db.Load(context.Background())
	if err != nil || load.OpenActivities != open {
		c.t.Errorf("%d activities are open, %v; want %d", load.OpenActivities, err, open)
	}
}
