package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// BatchState is where a batch stands.
type BatchState int

// The states. An undoing batch puts back what it did.
const (
	BatchWaiting BatchState = 1
	BatchRunning BatchState = 2
	BatchDone    BatchState = 3
	BatchUndoing BatchState = 4
	BatchUndone  BatchState = 5
)

// String gives the state as the API and people read it.
func (s BatchState) String() string {
	switch s {
	case BatchWaiting:
		return "waiting"
	case BatchRunning:
		return "running"
	case BatchDone:
		return "done"
	case BatchUndoing:
		return "undoing"
	case BatchUndone:
		return "undone"
	}
	return ""
}

// BatchRowState is what became of one activity of a batch.
type BatchRowState int

// The states. One that is kept was done, and could not be put back.
const (
	RowWaiting BatchRowState = 1
	RowDone    BatchRowState = 2
	RowFailed  BatchRowState = 3
	RowUndone  BatchRowState = 4
	RowKept    BatchRowState = 5
)

// String gives the state as the API and people read it.
func (s BatchRowState) String() string {
	switch s {
	case RowWaiting:
		return "waiting"
	case RowDone:
		return "done"
	case RowFailed:
		return "failed"
	case RowUndone:
		return "undone"
	case RowKept:
		return "kept"
	}
	return ""
}

// BatchRowStateOf gives the state that is called so; zero for none.
func BatchRowStateOf(name string) BatchRowState {
	for s := RowWaiting; s <= RowKept; s++ {
		if s.String() == name {
			return s
		}
	}
	return 0
}

// Batch is what is to be done with many activities. User is zero for the command line.
type Batch struct {
	ID       ident.Batch
	User     ident.User
	UserName string
	// Verb is what is done, and Arguments how, as JSON of the action.
	Verb      string
	Arguments string
	State     BatchState
	// RunAt is when it begins; until then all of it can be taken back.
	RunAt      time.Time
	CreatedAt  time.Time
	FinishedAt time.Time
	// Counts are its activities by what became of them.
	Counts map[BatchRowState]int
}

// Total counts its activities.
func (b Batch) Total() (n int) {
	for _, c := range b.Counts {
		n += c
	}
	return n
}

// BatchRow is one activity of a batch. Verb and Arguments are its own where they differ from the batch's.
type BatchRow struct {
	Batch     ident.Batch
	Position  int
	Activity  ident.Activity
	Verb      string
	Arguments string
	State     BatchRowState
	// Reason says why it failed or was kept.
	Reason string
	// Rev is the activity's revision after it was done, Before what undoing puts back, as JSON of the action.
	Rev    int64
	Before string
	// ActivityName and RecordName are only read by BatchRows.
	ActivityName, ActivityKind, RecordName string
	Record                                 ident.Record
}

// WaitsInBatch tells whether an activity waits in a batch.
func (tx *Tx) WaitsInBatch(id ident.Activity) (bool, error) {
	var n int
	if err := tx.row(`select count(*) from batch_activities where activity_id = $1 and state = 1`, int64(id)).Scan(&n); err != nil {
		return false, fmt.Errorf("look for a batch: %w", err)
	}
	return n > 0, nil
}

// notWaiting leaves out what waits in a batch: it is as good as done.
const notWaiting = `not exists (select 1 from batch_activities x where x.activity_id = a.id and x.state = 1)`

const batchFields = `select b.id, coalesce(b.user_id, 0), coalesce(u.name, ''), b.verb, b.arguments, b.state, b.run_at, b.created_at, b.finished_at
	from batches b left join users u on u.id = b.user_id `

func scanBatch(rows oneRow) (b Batch, err error) {
	var state int16
	var run, created int64
	var finished sql.NullInt64
	err = rows.Scan(&b.ID, &b.User, &b.UserName, &b.Verb, &b.Arguments, &state, &run, &created, &finished)
	b.State, b.RunAt, b.CreatedAt, b.FinishedAt = BatchState(state), time.UnixMicro(run).UTC(), time.UnixMicro(created).UTC(), moment(finished)
	return b, err
}

func (tx *Tx) batches(rest string, args ...any) ([]Batch, error) {
	list, err := collect(tx, scanBatch, batchFields+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	for i := range list {
		if list[i].Counts, err = tx.batchCounts(list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (tx *Tx) batchCounts(id ident.Batch) (map[BatchRowState]int, error) {
	rows, err := tx.query(`select state, count(*) from batch_activities where batch_id = $1 group by state`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("count a batch: %w", err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[BatchRowState]int{}
	for rows.Next() {
		var state, n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, err
		}
		counts[BatchRowState(state)] = n
	}
	return counts, rows.Err()
}

// insertRows is how many activities one statement writes into a batch: SQLite takes some 32,000 arguments, of which each has eight.
const insertRows = 500

// InsertBatch writes a batch with its activities. One that waits in another batch is refused by the index, so the caller asks
// WaitingInBatch first; whoever comes second by a moment is told to try again.
func (tx *Tx) InsertBatch(b Batch, rows []BatchRow) (ident.Batch, error) {
	id, err := tx.insert(`insert into batches (user_id, verb, arguments, state, run_at, created_at) values ($1, $2, $3, $4, $5, $6)`,
		key(b.User), b.Verb, b.Arguments, int16(BatchWaiting), b.RunAt.UnixMicro(), tx.Now.UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("insert batch: %w", err)
	}
	tx.batch = true
	for from := 0; from < len(rows); from += insertRows {
		var places []string
		var args []any
		for i, r := range rows[from:min(from+insertRows, len(rows))] {
			n := len(args)
			places = append(places, fmt.Sprintf("($%d, $%d, $%d, $%d, $%d, $%d, $%d, 0, '')", n+1, n+2, n+3, n+4, n+5, n+6, n+7))
			args = append(args, id, from+i, int64(r.Activity), r.Verb, r.Arguments, int16(r.State), clip(r.Reason))
		}
		if _, err := tx.exec(`insert into batch_activities (batch_id, position, activity_id, verb, arguments, state, reason, rev, before) values `+
			strings.Join(places, ", "), args...); err != nil {
			if unique(err) {
				return 0, fault.New(fault.Conflict, "One of these activities has just been put into another batch.").WithHint("Load the list again.")
			}
			return 0, fmt.Errorf("insert activities of a batch: %w", err)
		}
	}
	return ident.Batch(id), nil
}

// GetBatch gives one batch.
func (tx *Tx) GetBatch(id ident.Batch) (Batch, error) {
	list, err := tx.batches(`where b.id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("get batch: %w", missing(sql.ErrNoRows, "batch"))
	}
	if err != nil {
		return Batch{}, err
	}
	return list[0], nil
}

// LockBatch is GetBatch for a change.
func (tx *Tx) LockBatch(id ident.Batch) (Batch, error) {
	if _, err := tx.exec(`update batches set state = state where id = $1`, int64(id)); err != nil {
		return Batch{}, fmt.Errorf("lock batch: %w", err)
	}
	return tx.GetBatch(id)
}

// Batches gives a page of batches, the newest first; a user's, or all when user is zero.
func (tx *Tx) Batches(user ident.User, cursor string, limit int) (Page[Batch], error) {
	const sort = "newest"
	after, ok, err := readCursor(cursor, sort)
	if err != nil {
		return Page[Batch]{}, err
	}
	f := &filter{conditions: []string{"true"}}
	if user != 0 {
		f.and("b.user_id = " + f.arg(int64(user)))
	}
	if ok {
		f.and("b.id < " + f.arg(after.ID))
	}
	size := pageSize(limit)
	list, err := tx.batches(f.where()+` order by b.id desc limit `+f.arg(size+1), f.args...)
	if err != nil {
		return Page[Batch]{}, err
	}
	return pageOf(list, size, func(b Batch) place { return place{Sort: sort, ID: int64(b.ID)} }), nil
}

// DueBatch locks the batch that is to go on now, which no other node has in hand; ok is false when there is none.
func (tx *Tx) DueBatch() (b Batch, ok bool, err error) {
	ids, err := collect(tx, func(rows oneRow) (id int64, err error) { return id, rows.Scan(&id) },
		`select id from batches where state in (1, 2, 4) and run_at <= $1 order by run_at, id limit 1`+tx.db.dialect.skipLocked(), tx.Now.UnixMicro())
	if err != nil {
		return Batch{}, false, fmt.Errorf("find a due batch: %w", err)
	}
	if len(ids) == 0 {
		return Batch{}, false, nil
	}
	list, err := collect(tx, scanBatch, batchFields+`where b.id = $1`, ids[0])
	if err != nil || len(list) == 0 {
		return Batch{}, false, fmt.Errorf("read a due batch: %w", err)
	}
	return list[0], true, nil
}

// BatchSignal is signalled when a batch began or is taken back.
func (db *DB) BatchSignal() <-chan struct{} { return db.batchWake }

// NextBatchAt gives when a batch is to go on; zero for never.
func (tx *Tx) NextBatchAt() (time.Time, error) {
	var at sql.NullInt64
	if err := tx.row(`select min(run_at) from batches where state in (1, 2, 4)`).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("find the next batch: %w", err)
	}
	return moment(at), nil
}

// MoveBatch writes the state of a batch, which is locked.
func (tx *Tx) MoveBatch(b Batch) error {
	tx.batch = true
	if _, err := tx.exec(`update batches set state = $2, run_at = $3, finished_at = $4 where id = $1`,
		int64(b.ID), int16(b.State), b.RunAt.UnixMicro(), micros(b.FinishedAt)); err != nil {
		return fmt.Errorf("move batch: %w", err)
	}
	return nil
}

// keepBatches is how long what became of a batch can be read.
const keepBatches = 90 * 24 * time.Hour

// tidyBatches deletes batches that ended long ago.
func (tx *Tx) tidyBatches() error {
	before := tx.Now.Add(-keepBatches).UnixMicro()
	if _, err := tx.exec(`delete from batch_activities where batch_id in (select id from batches where finished_at < $1)`, before); err != nil {
		return fmt.Errorf("delete activities of batches: %w", err)
	}
	if _, err := tx.exec(`delete from batches where finished_at < $1`, before); err != nil {
		return fmt.Errorf("delete batches: %w", err)
	}
	return nil
}
