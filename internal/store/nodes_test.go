package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// newNodes gives several nodes on one PostgreSQL database, and a house that works through the first of them.
func newNodes(t *testing.T, n int) (*house, []*store.DB) {
	t.Helper()
	var nodes []*store.DB
	var h *house
	open := func(tb testing.TB, o store.Options) *store.DB {
		nodes = storetest.Nodes(tb, n, o)
		return nodes[0]
	}
	h = newHouse(t, open)
	return h, nodes
}

// count wants a number from the database.
func (h *house) count(want int64, query string) {
	h.Helper()
	n, err := h.db.Count(context.Background(), query)
	if err != nil || n != want {
		h.Errorf("%s: %d, %v, want %d", query, n, err, want)
	}
}

// TestNodesShareDueWork lets two nodes drain one backlog: each enrollment moves once, and each step mails once.
func TestNodesShareDueWork(t *testing.T) {
	t.Parallel()
	const many = 5000
	h, nodes := newNodes(t, 2)
	s := h.sequence("Trial", pause("rest", "1h"), mail("intro"))
	h.connected(s, h.user("Anna").ID, many)
	var looked [2]atomic.Int64
	drainAll := func() {
		var wg sync.WaitGroup
		for i, db := range nodes {
			wg.Go(func() {
				for {
					n, err := db.Due(context.Background(), 300)
					if err != nil {
						t.Errorf("node %d: %v", i, err)
						return
					}
					looked[i].Add(int64(n))
					if n == 0 { // what is left is in the other's hands
						return
					}
				}
			})
		}
		wg.Wait()
	}
	drainAll()
	h.count(many, `select count(*) from enrollment_states where wait = 1 and visit = 1 and rev = 2`)
	h.pass(time.Hour)
	drainAll()
	if n := looked[0].Load() + looked[1].Load(); n != 2*many || looked[0].Load() == 0 || looked[1].Load() == 0 {
		t.Errorf("the nodes looked at %d and %d, want both at work and %d together", looked[0].Load(), looked[1].Load(), 2*many)
	}
	h.count(many, `select count(*) from enrollment_states where wait = 2 and visit = 2 and rev = 3`)
	h.count(2*many, `select count(*) from history`)
	h.count(many, `select count(distinct enrollment_id) from history where kind = 2`)
	h.count(many, `select count(*) from messages`)
}

// TestNodesShareMail lets two nodes claim one queue: no message is taken twice.
func TestNodesShareMail(t *testing.T) {
	t.Parallel()
	const many = 1000
	h, nodes := newNodes(t, 2)
	h.connected(h.sequence("Trial", mail("intro")), h.user("Anna").ID, many)
	h.due(many, many)
	var (
		mu    sync.Mutex
		taken = map[ident.Message]string{}
		wg    sync.WaitGroup
	)
	for i, db := range nodes {
		node := fmt.Sprint("node", i)
		wg.Go(func() {
			for {
				pass, looked, err := db.ClaimMail(context.Background(), node, 25, func(c *store.MailCandidate, _ time.Time) store.Verdict { return passing(c) })
				if err != nil || looked == 0 {
					if err != nil {
						t.Errorf("%s: %v", node, err)
					}
					return
				}
				mu.Lock()
				for _, c := range pass {
					if other := taken[c.Message.ID]; other != "" {
						t.Errorf("message %s was taken by %s and by %s", c.Message.ID, other, node)
					}
					taken[c.Message.ID] = node
				}
				mu.Unlock()
				var results []store.MailResult
				for _, c := range pass {
					results = append(results, store.MailResult{Message: c.Message, Kind: store.Delivered})
				}
				if err := db.FinishMail(context.Background(), results); err != nil {
					t.Errorf("%s: %v", node, err)
				}
			}
		})
	}
	wg.Wait()
	if len(taken) != many {
		t.Errorf("%d messages were taken, want %d", len(taken), many)
	}
	h.count(many, `select count(*) from messages where state = 4 and attempts = 1`)
	h.count(many, `select count(*) from events`)
	h.due(2*many, many)
	h.count(many, `select count(*) from enrollments where status = 3`)
}

// TestNodesRaceForOne lets two nodes play the same event on one enrollment: one of them moves it.
func TestNodesRaceForOne(t *testing.T) {
	t.Parallel()
	h, nodes := newNodes(t, 2)
	var steps []step.Step
	for i := range flow.MaxSteps {
		steps = append(steps, task(fmt.Sprint("s", i)))
	}
	id := h.connected(h.sequence("Trial", steps...), h.user("Anna").ID, 1)[0]
	h.due(10, 1)
	for i := range flow.MaxSteps {
		token := step.Token{Enrollment: id, Step: fmt.Sprint("s", i), Visit: i + 1}
		var moved atomic.Int64
		var wg sync.WaitGroup
		for _, db := range nodes {
			wg.Go(func() {
				err := db.Write(context.Background(), func(tx *store.Tx) error {
					n, err := tx.Advance([]ident.Enrollment{id}, func(flow.Snapshot) step.Event { return step.ActivityDone{Token: token} })
					moved.Add(int64(n))
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if moved.Load() != 1 {
			t.Fatalf("step %d was done %d times", i, moved.Load())
		}
	}
	h.stands(id, "finished completed")
	h.count(flow.MaxSteps, `select count(*) from history where kind = 2`)
	h.count(flow.MaxSteps+2, `select rev from enrollment_states`)
}

// TestNodesDoNotBlockEachOther races everything that locks enrollments, activities and messages against everything else
// on two nodes. A deadlock would cost one of them its transaction.
func TestNodesDoNotBlockEachOther(t *testing.T) {
	t.Parallel()
	h, nodes := newNodes(t, 2)
	ctx := context.Background()
	var steps []step.Step
	for i := range 13 {
		steps = append(steps, mail(fmt.Sprint("m", i)), step.Step{ID: fmt.Sprint("w", i), Type: "email", Config: step.Config{}}, task(fmt.Sprint("t", i)))
	}
	anna := h.user("Anna").ID
	first, second := h.sequence("First", append(steps, advance("go", "Second"))...), h.sequence("Second", append(steps, advance("go", "First"))...)
	recs := h.records(60)
	ids := h.enroll(first, anna, recs...)
	const rounds = 60
	var wg sync.WaitGroup
	// race runs a part on both nodes, again and again.
	race := func(name string, part func(r *rand.Rand, db *store.DB, node string) error) {
		for i, db := range nodes {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), uint64(len(name))))
				for range rounds {
					if err := part(r, db, fmt.Sprint("node", i)); err != nil && !errors.Is(err, errNothing) {
						t.Errorf("%s on node %d: %v", name, i, err)
						return
					}
				}
			})
		}
	}
	race("due", func(_ *rand.Rand, db *store.DB, _ string) error { _, err := db.Due(ctx, 500); return err })
	race("mail", func(r *rand.Rand, db *store.DB, node string) error {
		pass, _, err := db.ClaimMail(ctx, node, 20, func(c *store.MailCandidate, now time.Time) store.Verdict {
			switch r.IntN(4) {
			case 0:
				return store.Verdict{Kind: store.Fail, Reason: "No address."}
			case 1:
				return store.Verdict{Kind: store.Refuse, Reason: "Not wanted."}
			}
			return passing(c)
		})
		if err != nil {
			return err
		}
		results := make([]store.MailResult, len(pass))
		for i, at := range r.Perm(len(pass)) {
			results[i] = store.MailResult{Message: pass[at].Message, Kind: store.ResultKind(r.IntN(4)), Reason: "x", Again: h.now()}
		}
		return db.FinishMail(ctx, results)
	})
	race("pause", func(r *rand.Rand, db *store.DB, _ string) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.AdvanceSequence([]ident.Sequence{first.ID, second.ID}[r.IntN(2)], []step.Event{step.Paused{}, step.Resumed{}, step.Resumed{}}[r.IntN(3)])
			return err
		})
	})
	race("end", func(r *rand.Rand, db *store.DB, _ string) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.EndEnrollmentsOf([]ident.Record{recs[r.IntN(len(recs))], recs[r.IntN(len(recs))], recs[r.IntN(len(recs))]}, step.RecordClosed{})
			return err
		})
	})
	race("connect", func(r *rand.Rand, db *store.DB, _ string) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			var list []store.NewEnrollment
			for _, at := range r.Perm(len(recs))[:10] {
				list = append(list, store.NewEnrollment{Sequence: first.ID, Version: first.Version, Record: recs[at], Assignee: anna})
			}
			_, err := tx.Enroll(list)
			return err
		})
	})
	race("work", func(r *rand.Rand, db *store.DB, _ string) error { return workOne(ctx, r, db, anna) })
	race("settle", func(r *rand.Rand, db *store.DB, _ string) error { return settleOne(ctx, r, db) })
	wg.Wait()
	if h.enrollment(ids[0]).ID != ids[0] {
		t.Error("the database does not answer any more")
	}
}

// errNothing says that a part of the race found nothing to do.
var errNothing = errors.New("nothing to do")

// workOne does one activity of the work list as a person does: by hand, or by mail.
func workOne(ctx context.Context, r *rand.Rand, db *store.DB, user ident.User) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		page, err := tx.WorkList(store.WorkQuery{Assignee: user, Later: true})
		if err != nil || len(page.Rows) == 0 {
			return errors.Join(err, errNothing)
		}
		a, err := tx.LockActivity(page.Rows[r.IntN(len(page.Rows))].ID)
		if err != nil || a.State != store.ActivityOpen {
			return errors.Join(err, errNothing)
		}
		if a.Kind == "email" {
			a.State = store.ActivitySending
			if a.Message, err = tx.InsertMessage(store.Message{Activity: a.ID, Record: a.Record, User: user, RFCID: fmt.Sprintf("%s.%d@x", a.ID, a.Rev)}); err != nil {
				return err
			}
			return tx.SaveActivity(a)
		}
		a.State = store.ActivityCompleted
		if err := tx.SaveActivity(a); err != nil {
			return err
		}
		_, err = tx.Advance([]ident.Enrollment{a.Enrollment}, func(flow.Snapshot) step.Event { return step.ActivityDone{Token: a.Token, By: user} })
		return err
	})
}

// settleOne says of a message whose fate is unknown that it was sent, or has it sent again.
func settleOne(ctx context.Context, r *rand.Rand, db *store.DB) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		page, err := tx.ListMessages(store.MessageQuery{State: store.MessageUnknown})
		if err != nil || len(page.Rows) == 0 {
			return errors.Join(err, errNothing)
		}
		m, err := tx.LockMessage(page.Rows[r.IntN(len(page.Rows))].ID)
		if err != nil || m.State != store.MessageUnknown {
			return errors.Join(err, errNothing)
		}
		if r.IntN(2) == 0 {
			return tx.RequeueMessage(m)
		}
		return tx.MarkSent(m)
	})
}
