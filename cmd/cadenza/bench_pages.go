package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

const (
	// perSeller is how many activities a user has, the one whose pages are looked at among them: whatever the size of the scenario, a work
	// list has as much on it.
	perSeller = 50_000
	// activitiesEach is how many activities a record has, openOf of how many one is open, and recordsOn of how many records one is on the sequence.
	activitiesEach, openOf, recordsOn = 10, 10, 10
	// looks is how often each page is looked at.
	looks = 200
)

// pages fills a database as years of work do and looks at what a seller has open all day: once through the store alone and
// once as whole pages of a server in a process of its own.
func (b *bench) pages(ctx context.Context) (err error) {
	seq, record, err := b.years(ctx)
	if err != nil {
		return err
	}
	if err := b.lookInStore(ctx, seq, record); err != nil {
		return err
	}
	server, err := b.startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	for _, p := range []struct{ name, path string }{
		{"work list", "/work"},
		{"work list by priority", "/work?sort=priority"},
		{"record", "/records/" + record.String()},
		{"list of leads", "/leads"},
		{"list of sequences", "/sequences"},
		{"connected records", "/sequences/" + seq.ID.String() + "/connected"},
	} {
		if err := b.lookAt(p.name+", as a page,", 100, func() error { _, err := server.page(ctx, p.path); return err }); err != nil {
			return err
		}
	}
	memory, err := server.peak()
	b.add(figure{Name: "most memory of the server", Value: memory, Unit: megabytes}.atMost(300))
	return err
}

// lookInStore asks the store for what stands on those pages.
func (b *bench) lookInStore(ctx context.Context, seq store.Sequence, record ident.Record) error {
	work := func(tx *store.Tx) store.WorkQuery {
		return store.WorkQuery{Assignee: b.user.ID, Until: tx.Now.Add(24 * time.Hour)}
	}
	for _, q := range []struct {
		name string
		ask  func(tx *store.Tx) error
	}{
		{"work list", func(tx *store.Tx) error { return firstRows(tx, tx.WorkTimes, work(tx)) }},
		{"work list by priority", func(tx *store.Tx) error { return firstRows(tx, tx.WorkFacts, work(tx)) }},
		{"record", func(tx *store.Tx) error {
			if _, err := tx.GetRecord(record); err != nil {
				return err
			}
			_, err := tx.ActivitiesOf(record, 50)
			return err
		}},
		{"list of leads", func(tx *store.Tx) error {
			_, err := tx.ListRecords(store.RecordQuery{Kind: "lead", Owner: b.user.ID, Limit: 50})
			return err
		}},
		{"list of sequences", func(tx *store.Tx) error {
			_, err := tx.For(access.System()).ListSequences(store.SequenceQuery{})
			return err
		}},
		{"connected records", func(tx *store.Tx) error {
			_, err := tx.ListEnrollments(store.EnrollmentQuery{Sequence: seq.ID, Limit: 50})
			return err
		}},
	} {
		if err := b.lookAt(q.name+", in the store,", 20, func() error { return b.db.Read(ctx, q.ask) }); err != nil {
			return err
		}
	}
	return nil
}

// firstRows reads what an order needs of everything that is due, and what the rows of a page show.
func firstRows(tx *store.Tx, order func(store.WorkQuery, int) ([]store.WorkEntry, error), q store.WorkQuery) error {
	list, err := order(q, 5001)
	if err != nil || len(list) == 0 {
		return err
	}
	_, err = tx.WorkEntriesByID(idsOf(list[:min(len(list), store.DefaultPageSize)]))
	return err
}

func idsOf(list []store.WorkEntry) []ident.Activity {
	ids := make([]ident.Activity, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	return ids
}

// lookAt measures how long a look takes. The first few are not counted: they bring in what is looked at all day.
func (b *bench) lookAt(name string, limit float64, look func() error) error {
	many := looks
	if b.trial() {
		many = 1
	}
	took := make([]time.Duration, 0, many)
	for i := range many + 5 {
		began := time.Now()
		if err := look(); err != nil {
			return fmt.Errorf("%s %w", name, err)
		}
		if i >= 5 {
			took = append(took, time.Since(began))
		}
	}
	p50, p99, _ := spread(name, took)
	b.add(p50, p99.atMost(limit))
	return nil
}

// sellers counts the users that share the activities: 200 at full size.
func (b *bench) sellers() int { return max(b.size/perSeller, 1) }

// years makes as many activities as the scenario is large, of which one in ten is open, with their records, users and a sequence on
// which one record in ten is. It gives the sequence and a record in the middle.
func (b *bench) years(ctx context.Context) (seq store.Sequence, middle ident.Record, err error) {
	if seq, err = b.sequence(ctx, "Waits", waits(1)); err != nil {
		return seq, 0, err
	}
	for i := 1; i < b.sellers(); i++ {
		if _, err := b.app.CreateUser(ctx, access.System(), action.NewUser{
			Name: fmt.Sprintf("Seller %d", i), Email: fmt.Sprintf("seller%d@bench.test", i), Password: benchPassword, Zone: "UTC", Role: access.Seller,
		}); err != nil {
			return seq, 0, err
		}
	}
	records, err := b.fillRecords(ctx, max(b.size/activitiesEach, 1))
	if err != nil {
		return seq, 0, err
	}
	on := make([]ident.Record, 0, len(records)/recordsOn+1)
	for i := 0; i < len(records); i += recordsOn {
		on = append(on, records[i])
	}
	if err := b.connect(ctx, seq, on); err != nil {
		return seq, 0, err
	}
	if err := b.drain(ctx); err != nil {
		return seq, 0, err
	}
	if err := b.fillActivities(ctx, records); err != nil {
		return seq, 0, err
	}
	return seq, records[len(records)/2], b.settle(ctx)
}

// fillActivities makes them by plain SQL, spread over records, sellers and two years; the open ones are due within ten days before and after now.
func (b *bench) fillActivities(ctx context.Context, records []ident.Record) error {
	const most = 1_000_000 // of one statement
	now, day := b.clock().UnixMicro(), (24 * time.Hour).Microseconds()
	first := int64(records[0])
	for made := 0; made < b.size; made += most {
		n := min(most, b.size-made)
		at := fmt.Sprintf("%d - (i * 7919 %% 730) * %d - i %% 86400 * 1000000", now, day)
		open := fmt.Sprintf("%d + (i * 7919 %% 20 - 10) * %d", now, day)
		due := fmt.Sprintf("case when i %% %d = 0 then %s else %s end", openOf, open, at)
		err := b.plain(ctx, fmt.Sprintf(`insert into activities (record_id, step, visit, kind, name, description, template, trouble, state, assignee_id, proposed_at, due_at,
			snoozes, outcome, note, duration, created_at, done_at, rev) %s select %d + (i + %d) * 7919 %% %d, '', 0, case when i %% 3 = 0 then 'phone_call' else 'task' end,
			'Call about the offer', '', '', '', case when i %% %d = 0 then 1 else 4 end, %d + i / %d * 31 %% %d, %s, %s, 0, '', '', 0, %s,
			case when i %% %d = 0 then null else %s end, 1 from n`,
			counting(n), first, made, len(records), openOf, int64(b.user.ID), openOf, b.sellers(), due, due, at, openOf, at))
		if err != nil {
			return err
		}
	}
	return nil
}
