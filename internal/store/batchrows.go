package store

import (
	"fmt"
	"strconv"

	"cadenza/internal/ident"
)

const batchRowFields = `select x.batch_id, x.position, x.activity_id, x.verb, x.arguments, x.state, x.reason, x.rev, x.before,
	coalesce(a.name, ''), coalesce(a.kind, ''), coalesce(r.name, ''), coalesce(a.record_id, 0)
	from batch_activities x left join activities a on a.id = x.activity_id left join records r on r.id = a.record_id `

func scanBatchRow(rows oneRow) (r BatchRow, err error) {
	var state int16
	err = rows.Scan(&r.Batch, &r.Position, &r.Activity, &r.Verb, &r.Arguments, &state, &r.Reason, &r.Rev, &r.Before,
		&r.ActivityName, &r.ActivityKind, &r.RecordName, &r.Record)
	r.State = BatchRowState(state)
	return r, err
}

// NextBatchRow gives the first activity of a batch in a state; ok is false when there is none.
func (tx *Tx) NextBatchRow(id ident.Batch, state BatchRowState) (r BatchRow, ok bool, err error) {
	list, err := collect(tx, scanBatchRow, batchRowFields+`where x.batch_id = $1 and x.state = $2 order by x.position limit 1`, int64(id), int16(state))
	if err != nil {
		return BatchRow{}, false, fmt.Errorf("next activity of a batch: %w", err)
	}
	if len(list) == 0 {
		return BatchRow{}, false, nil
	}
	return list[0], true, nil
}

// BatchRows gives a page of the activities of a batch, in their order; in one state, or all when it is zero.
func (tx *Tx) BatchRows(id ident.Batch, state BatchRowState, cursor string, limit int) (Page[BatchRow], error) {
	const sort = "position"
	after, ok, err := readCursor(cursor, sort)
	if err != nil {
		return Page[BatchRow]{}, err
	}
	f := &filter{}
	f.and("x.batch_id = " + f.arg(int64(id)))
	if state != 0 {
		f.and("x.state = " + f.arg(int16(state)))
	}
	if ok {
		n, err := after.number()
		if err != nil {
			return Page[BatchRow]{}, err
		}
		f.and("x.position > " + f.arg(n))
	}
	size := pageSize(limit)
	list, err := collect(tx, scanBatchRow, batchRowFields+f.where()+` order by x.position limit `+f.arg(size+1), f.args...)
	if err != nil {
		return Page[BatchRow]{}, fmt.Errorf("list activities of a batch: %w", err)
	}
	return pageOf(list, size, func(r BatchRow) place { return place{Sort: sort, Value: strconv.Itoa(r.Position)} }), nil
}

// SaveBatchRow writes what became of an activity.
func (tx *Tx) SaveBatchRow(r BatchRow) error {
	if _, err := tx.exec(`update batch_activities set state = $3, reason = $4, rev = $5, before = $6 where batch_id = $1 and position = $2`,
		int64(r.Batch), r.Position, int16(r.State), clip(r.Reason), r.Rev, r.Before); err != nil {
		return fmt.Errorf("save activity of a batch: %w", err)
	}
	return nil
}

// ReleaseBatch takes back what waits in a batch, and counts it.
func (tx *Tx) ReleaseBatch(id ident.Batch) (int, error) {
	n, err := tx.exec(`update batch_activities set state = $2 where batch_id = $1 and state = 1`, int64(id), int16(RowUndone))
	if err != nil {
		return 0, fmt.Errorf("take back a batch: %w", err)
	}
	return int(n), nil
}

// WaitingInBatch gives those of the activities that wait in a batch, with the batch.
func (tx *Tx) WaitingInBatch(ids []ident.Activity) (map[ident.Activity]ident.Batch, error) {
	found := map[ident.Activity]ident.Batch{}
	rows, err := tx.query(`select activity_id, batch_id from batch_activities where state = 1 and `+tx.in("activity_id", 1), tx.list(ids))
	if err != nil {
		return nil, fmt.Errorf("find what waits in a batch: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var a, b int64
		if err := rows.Scan(&a, &b); err != nil {
			return nil, err
		}
		found[ident.Activity(a)] = ident.Batch(b)
	}
	return found, rows.Err()
}
