package main

import (
	"context"
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

// moveKills is how often the server is killed in the middle of the move.
const moveKills = 3

// TestMoveUnderKills kills the server with kill -9 while it sends the first email to each lead and, at the same time, moves the leads to a new version
// whose task is another one, on each database. Each lead gets the email once, and stands at one task with one activity open: the new one, or the
// old one where the move had to leave it, because nobody knew whether its email was sent. MOVE_RECORDS is how many leads there are (3,000).
func TestMoveUnderKills(t *testing.T) {
	t.Parallel()
	leads := number("MOVE_RECORDS", 3000)
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := &crash{
				t: t, site: site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir},
				sink: testmail.StartSink(t, testmail.SinkOptions{CountOnly: true}), more: time.Duration(leads) * 10 * time.Millisecond,
			}
			m := c.prepareMove(leads)
			p := c.start()
			c.until("some emails arrived", func() bool { return c.sink.Count() > leads/10 })
			m.begin()
			m.killInTheMiddle(p)
			p = c.start()
			c.until("the move is over", func() bool { return m.run().Over() })
			p.stop(t)
			c.finish()
			c.settleRest(leads, c.finish)
			m.eachMovedOnce()
		})
	}
}

// move is a move of leads from a task to another one, under a server that sends them an email first.
type move struct {
	*crash
	leads int
	seq   ident.Sequence
	id    ident.MoveRun
}

// prepareMove makes leads that are due at the first step of a sequence. No server runs yet.
func (c *crash) prepareMove(leads int) *move {
	anna := c.open(nil)
	c.canMail(anna)
	m := &move{crash: c, leads: leads}
	m.activate("old", action.ActivateInput{})
	c.connectSome(anna, m.seq, leads)
	return m
}

// activate makes a version with an email and this task.
func (m *move) activate(task string, in action.ActivateInput) {
	m.t.Helper()
	applied, err := m.house.app.ApplySequence(context.Background(), access.System(), flow.Sequence{
		Name: "Crash", Record: record.Lead, Options: flow.DefaultOptions(),
		Steps: []step.Step{
			{ID: "mail", Type: "automated_email", Name: "Mail", Config: step.Config{"template": "intro"}},
			{ID: task, Type: "task", Name: task, Config: step.Config{}},
		},
	}, false)
	if err != nil {
		m.t.Fatal(err)
	}
	m.seq = applied.Sequence.ID
	if _, err := m.house.app.Activate(context.Background(), access.System(), m.seq, in); err != nil {
		m.t.Fatal(err)
	}
}

// begin activates the second version together with the move.
func (m *move) begin() {
	m.t.Helper()
	m.activate("new", action.ActivateInput{Move: &action.MoveInput{Mapping: flow.Mapping{
		{Number: 1, Step: "mail"}: {Kind: flow.To, Step: "mail"}, {Number: 1, Step: "old"}: {Kind: flow.To, Step: "new"},
	}}})
	list, err := m.house.app.ListMoves(context.Background(), access.System(), m.seq, "", 1)
	if err != nil || len(list.Rows) != 1 || list.Rows[0].Total != m.leads {
		m.t.Fatalf("the moves are %+v, %v", list.Rows, err)
	}
	m.id = list.Rows[0].ID
}

func (m *move) run() store.MoveRun {
	r, err := m.house.app.GetMove(context.Background(), access.System(), m.id)
	if err != nil {
		m.t.Fatal(err)
	}
	return r
}

// killInTheMiddle kills the server, and those that come after it, whenever the move has got on.
func (m *move) killInTheMiddle(p *process) {
	m.t.Helper()
	killed := 0
	for i := range moveKills {
		if i > 0 {
			p = m.start()
		}
		before := m.run().Looked
		m.until("the move goes on", func() bool { return m.run().Looked > before })
		p.kill()
		if !m.run().Over() {
			killed++
		}
	}
	if killed == 0 {
		m.t.Error("no kill came in the middle of the move")
	}
}

// advanceAll plays what is due, without a server.
func (c *crash) advanceAll() {
	c.t.Helper()
	for n := 1; n > 0; {
		var err error
		if n, err = c.house.db.Due(context.Background(), 1000); err != nil {
			c.t.Fatal(err)
		}
	}
}

// enrollments gives every enrollment of the database.
func (c *crash) enrollments() []store.Enrollment {
	var all []store.Enrollment
	for q := (store.EnrollmentQuery{Limit: store.MaxPageSize}); ; {
		page, err := c.house.app.ListEnrollments(context.Background(), access.System(), q)
		if err != nil {
			c.t.Fatal(err)
		}
		all = append(all, page.Rows...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return all
		}
	}
}

// eachMovedOnce wants every lead to have got its email once, and to stand at one task with nothing else open.
func (m *move) eachMovedOnce() {
	r, all, stayed := m.run(), m.enrollments(), 0
	for _, e := range all {
		switch {
		case e.VersionNumber == 2 && e.State.Step == "new":
		case e.VersionNumber == 1 && e.State.Step == "old":
			stayed++
		default:
			m.t.Errorf("enrollment %s stands at %s on version %d", e.ID, e.State.Step, e.VersionNumber)
		}
	}
	if r.Looked != m.leads || r.Moved != m.leads-stayed || r.Held != stayed || r.Finished != 0 {
		m.t.Errorf("the move looked at %d, moved %d and left %d; %d of %d are on the old version", r.Looked, r.Moved, r.Held, stayed, m.leads)
	}
	if most := (moveKills + 1) * crashConnections; stayed > most {
		m.t.Errorf("%d were left, want at most %d", stayed, most)
	}
	load, err := m.house.db.Load(context.Background())
	if err != nil || len(all) != m.leads || load.OpenActivities != int64(m.leads) {
		m.t.Errorf("%d enrollments and %d open activities, %v; want %d of each", len(all), load.OpenActivities, err, m.leads)
	}
	counts := m.sink.Counts()
	for id, n := range counts {
		if n != 1 {
			m.t.Errorf("the email %s arrived %d times", id, n)
		}
	}
	if len(counts) != m.leads {
		m.t.Errorf("%d different emails arrived, want %d", len(counts), m.leads)
	}
}
