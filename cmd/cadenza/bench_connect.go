package main

import (
	"context"
	"fmt"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// connecting puts records on a sequence: each becomes an enrollment with its state and its first line of history. The reference
// inserts the same rows for another sequence.
func (b *bench) connecting(ctx context.Context) error {
	ours, err := b.sequence(ctx, "Ours", waits(1))
	if err != nil {
		return err
	}
	theirs, err := b.sequence(ctx, "Theirs", waits(1))
	if err != nil {
		return err
	}
	records, err := b.fillRecords(ctx, b.size)
	if err != nil {
		return err
	}
	if err := b.settle(ctx); err != nil {
		return err
	}
	took, err := timed(func() error { return b.connect(ctx, ours, records) })
	if err != nil {
		return err
	}
	raw, err := timed(func() error { return b.rawConnect(ctx, theirs, records) })
	if err != nil {
		return fmt.Errorf("raw reference: %w", err)
	}
	b.add(figure{
		Name: "records connected", Value: float64(b.size) / took.Seconds(), Unit: perSecond,
		Reference: float64(b.size) / raw.Seconds(), RefName: "the same rows inserted by plain SQL in batches of 2,000",
	}.atLeast(0.3))
	return nil
}

func (b *bench) rawConnect(ctx context.Context, seq store.Sequence, records []ident.Record) error {
	db, _, err := openRaw(b.address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	now := b.clock().UnixMicro()
	for from := records[0]; from <= records[len(records)-1]; from += rawBatch {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		// Numbers that the database itself has to be told the type of are written out.
		until := min(from+rawBatch, records[len(records)-1]+1)
		for _, statement := range []string{
			fmt.Sprintf(`insert into enrollments (id, sequence_id, version_id, record_id, assignee_id, status, exit_reason, connected_by, connected_at)
				select %d + id, %d, %d, id, owner_id, 1, '', owner_id, %d from records where id >= %d and id < %d`, rawLines, int64(seq.ID), int64(seq.Version), now, int64(from), int64(until)),
			fmt.Sprintf(`insert into enrollment_states (id, version_id, record_id, assignee_id, status, step, visit, since, wait, due_at, timer_at, signalled, done, auto_moves, last_line, rev)
				select %d + id, %d, id, owner_id, 1, '', 0, %d, 1, %d, %d, false, 0, 0, %d + id, 1 from records where id >= %d and id < %d`, rawLines, int64(seq.Version), now, now, now, rawLines, int64(from), int64(until)),
			fmt.Sprintf(`insert into history (id, prev, enrollment_id, kind, step, visit, since, at, outcome, detail, user_id)
				select %d + id, 0, %d + id, 1, '', 0, %d, %d, '', '', owner_id from records where id >= %d and id < %d`, rawLines, rawLines, now, now, int64(from), int64(until)),
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				_ = tx.Rollback()
				return err
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}
