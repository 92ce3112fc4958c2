package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// waits gives n waits of an hour and a call at the end.
func waits(n int) (steps []step.Step) {
	for i := range n {
		steps = append(steps, step.Step{ID: fmt.Sprintf("wait%d", i), Type: "wait", Config: step.Config{"for": "1h"}})
	}
	return append(steps, step.Step{ID: "call", Type: "phone_call", Name: "Call", Config: step.Config{}})
}

// sequence makes and activates a sequence.
func (b *bench) sequence(ctx context.Context, name string, steps []step.Step) (store.Sequence, error) {
	def := flow.Sequence{Name: name, Record: record.Lead, Options: flow.DefaultOptions(), Steps: steps}
	applied, err := b.app.ApplySequence(ctx, access.System(), def, false)
	if err != nil {
		return store.Sequence{}, err
	}
	view, err := b.app.Activate(ctx, access.System(), applied.Sequence.ID, action.ActivateInput{Rev: applied.Sequence.DraftRev})
	return view.Sequence, err
}

// hour lets an hour pass.
func (b *bench) hour() { b.now.Add(int64(time.Hour / time.Microsecond)) }

// drain plays what is due, batches of the engine's size, until nothing is.
func (b *bench) drain(ctx context.Context) error { return b.drainBy(ctx, b.workers()) }

func (b *bench) drainBy(ctx context.Context, workers int) error {
	var all sync.WaitGroup
	failed := make(chan error, workers)
	for range workers {
		all.Go(func() { failed <- b.drainAlone(ctx) })
	}
	all.Wait()
	for range workers {
		if err := <-failed; err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) drainAlone(ctx context.Context) error {
	for batch := 500; ; batch = min(2*batch, 2000) {
		n, err := b.db.Due(ctx, batch)
		if err != nil || n < batch {
			return err
		}
	}
}

// insertRecords makes leads as people make them, one by one.
func (b *bench) insertRecords(ctx context.Context, n int) ([]ident.Record, error) {
	ids := make([]ident.Record, 0, n)
	for len(ids) < n {
		err := b.db.Write(ctx, func(tx *store.Tx) error {
			for range min(2000, n-len(ids)) {
				i := len(ids)
				r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Owner: b.user.ID, Values: record.Values{
					"first_name": "Lead", "last_name": fmt.Sprint(i),
					"company": "Company", "email": fmt.Sprintf("lead%d@buyer.test", i), "status": "open",
				}})
				if err != nil {
					return err
				}
				ids = append(ids, r.ID)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("insert records: %w", err)
		}
	}
	return ids, nil
}

// fillRecords makes n more leads by plain SQL: what they look like matters, how they came does not.
func (b *bench) fillRecords(ctx context.Context, n int) ([]ident.Record, error) {
	have, err := b.keysAfter(ctx, 0)
	if err != nil {
		return nil, err
	}
	err = b.plain(ctx, fmt.Sprintf(`insert into records (kind, name, sort_name, company, email, phone, status, open, owner_id, fields, search, rev, created_at, updated_at)
		%s select 'lead', 'Lead ' || i, 'lead ' || i, 'Company ' || (i %% 1000), 'lead' || i || '@buyer.test', '', 'open', true, %d,
		'{"first_name":"Lead","last_name":"' || i || '","company":"Company","email":"lead' || i || '@buyer.test","status":"open"}', 'lead ' || i || ' company', 1, 1, 1
		from n order by i`, counting(n), int64(b.user.ID)))
	if err != nil {
		return nil, err
	}
	return b.keysAfter(ctx, len(have))
}

// counting begins a statement that has the numbers 1 to many in n (i).
func counting(many int) string {
	return fmt.Sprintf("with recursive n (i) as (select cast(1 as bigint) union all select i + 1 from n where i < %d) ", many)
}

// plain runs statements on a connection of their own.
func (b *bench) plain(ctx context.Context, statements ...string) error {
	db, _, err := openRaw(b.address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.60s…: %w", statement, err)
		}
	}
	return nil
}

// connect puts records on a sequence.
func (b *bench) connect(ctx context.Context, seq store.Sequence, records []ident.Record) error {
	for len(records) > 0 {
		n := min(2000, len(records))
		list := make([]store.NewEnrollment, n)
		for i, id := range records[:n] {
			list[i] = store.NewEnrollment{Sequence: seq.ID, Version: seq.Version, Record: id, Assignee: b.user.ID, ConnectedBy: b.user.ID}
		}
		err := b.db.Write(ctx, func(tx *store.Tx) error { _, err := tx.Enroll(list); return err })
		if err != nil {
			return err
		}
		records = records[n:]
	}
	return nil
}

// waiting makes n enrollments of a sequence of waits, in the first of them; vacuumed and analysed, as a database that has run for long is.
func (b *bench) waiting(ctx context.Context, n, steps int) error {
	seq, err := b.sequence(ctx, "Waits", waits(steps))
	if err != nil {
		return err
	}
	records, err := b.fillRecords(ctx, n)
	if err != nil {
		return err
	}
	if err := b.connect(ctx, seq, records); err != nil {
		return err
	}
	if err := b.drain(ctx); err != nil {
		return err
	}
	return b.settle(ctx)
}

// settle does what a database does by itself in time.
func (b *bench) settle(ctx context.Context) error {
	if b.command.DB == "" {
		return b.plain(ctx, "pragma wal_checkpoint(truncate)", "analyze")
	}
	return b.plain(ctx, "vacuum analyze", "checkpoint")
}

// keysAfter gives the keys of the records that came after the first ones.
func (b *bench) keysAfter(ctx context.Context, first int) (ids []ident.Record, err error) {
	db, _, err := openRaw(b.address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(ctx, `select id from records order by id limit 1000000000 offset `+fmt.Sprint(first))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id ident.Record
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
