package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
)

// MoveRunState is where a move of records stands.
type MoveRunState int

// The states. An undoing run puts back what it moved.
const (
	MoveWaiting MoveRunState = 1
	MoveRunning MoveRunState = 2
	MoveDone    MoveRunState = 3
	MoveUndoing MoveRunState = 4
	MoveUndone  MoveRunState = 5
)

// String gives the state as the API and people read it.
func (s MoveRunState) String() string {
	switch s {
	case MoveWaiting:
		return "waiting"
	case MoveRunning:
		return "running"
	case MoveDone:
		return "done"
	case MoveUndoing:
		return "undoing"
	case MoveUndone:
		return "undone"
	}
	return ""
}

// MoveRun is the move of the records on older versions of a sequence to its active one. User is zero for the command line.
type MoveRun struct {
	ID       ident.MoveRun
	Sequence ident.Sequence
	// Version and Number are those to which they move.
	Version  ident.Version
	Number   int
	User     ident.User
	UserName string
	Mapping  flow.Mapping
	// Reason is why, as history tells it; may be empty.
	Reason string
	State  MoveRunState
	// Total counts the records on the versions of the mapping at the beginning, Looked those that were looked at. Of these Moved
	// and Finished are what the mapping says, and Held had to be left where they are; all others stay by the mapping.
	Total, Looked, Moved, Finished, Held int
	// Undone counts those that were put back, Kept those that could not be.
	Undone, Kept int
	CreatedAt    time.Time
	FinishedAt   time.Time
	// UndoUntil is until when it can be undone; zero when it cannot.
	UndoUntil time.Time

	pass  int
	last  int64
	runAt time.Time
}

// Over tells whether nothing is done for it any more.
func (r MoveRun) Over() bool { return r.State == MoveDone || r.State == MoveUndone }

const moveRunFields = `select m.id, m.sequence_id, m.version_id, coalesce(v.number, 0), coalesce(m.user_id, 0), coalesce(u.name, ''), m.mapping, m.reason, m.state,
	m.pass, m.last, m.run_at, m.total, m.looked, m.moved, m.finished, m.held, m.undone, m.kept, m.created_at, m.finished_at, m.undo_until
	from move_runs m left join sequence_versions v on v.id = m.version_id left join users u on u.id = m.user_id `

func scanMoveRun(rows oneRow) (r MoveRun, err error) {
	var (
		run, created   int64
		finished, undo sql.NullInt64
		mapping        string
	)
	err = rows.Scan(&r.ID, &r.Sequence, &r.Version, &r.Number, &r.User, &r.UserName, &mapping, &r.Reason, &r.State, &r.pass, &r.last, &run,
		&r.Total, &r.Looked, &r.Moved, &r.Finished, &r.Held, &r.Undone, &r.Kept, &created, &finished, &undo)
	if err != nil {
		return r, err
	}
	r.runAt, r.CreatedAt = time.UnixMicro(run).UTC(), time.UnixMicro(created).UTC()
	r.FinishedAt, r.UndoUntil = moment(finished), moment(undo)
	r.Mapping, err = decodeMapping(mapping)
	return r, err
}

// mappingRow is one entry of a mapping as it is stored.
type mappingRow struct {
	Number int    `json:"n"`
	Step   string `json:"s"`
	Kind   string `json:"k"`
	To     string `json:"t,omitempty"`
}

func encodeMapping(m flow.Mapping) string {
	rows := make([]mappingRow, 0, len(m))
	for at, to := range m {
		rows = append(rows, mappingRow{at.Number, at.Step, string(to.Kind), to.Step})
	}
	text, _ := json.Marshal(rows) // texts and numbers always marshal
	return string(text)
}

func decodeMapping(text string) (flow.Mapping, error) {
	var rows []mappingRow
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return nil, fmt.Errorf("read mapping: %w", err)
	}
	m := make(flow.Mapping, len(rows))
	for _, r := range rows {
		m[flow.VersionStep{Number: r.Number, Step: r.Step}] = flow.Destination{Kind: flow.DestinationKind(r.Kind), Step: r.To}
	}
	return m, nil
}

func (tx *Tx) moveRuns(rest string, args ...any) ([]MoveRun, error) {
	list, err := collect(tx, scanMoveRun, moveRunFields+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("list moves: %w", err)
	}
	return list, nil
}

// InsertMoveRun begins a move to a version. Another one of the same sequence that is not over is a conflict.
func (tx *Tx) InsertMoveRun(r MoveRun) (ident.MoveRun, error) {
	running, err := tx.moveRuns(`where m.sequence_id = $1 and m.state in (1, 2, 4)`, int64(r.Sequence))
	if err != nil {
		return 0, err
	}
	busy := fault.New(fault.Conflict, "Records of this sequence are being moved already.").WithHint("Wait until that is over.")
	if len(running) > 0 {
		return 0, busy
	}
	// Only the last move can be undone. What the one before it keeps for that is deleted as if its time were over.
	if _, err := tx.exec(`update move_runs set undo_until = $2 where sequence_id = $1 and undo_until > $2`, int64(r.Sequence), tx.Now.UnixMicro()); err != nil {
		return 0, fmt.Errorf("end the undo of a move: %w", err)
	}
	id, err := tx.insert(`insert into move_runs (sequence_id, version_id, user_id, mapping, reason, state, pass, last, run_at, total, looked, moved, finished, held,
		undone, kept, created_at) values ($1, $2, $3, $4, $5, $6, 1, 0, $7, $8, 0, 0, 0, 0, 0, 0, $7)`,
		int64(r.Sequence), int64(r.Version), key(r.User), encodeMapping(r.Mapping), r.Reason, int16(MoveWaiting), tx.Now.UnixMicro(), r.Total)
	if err != nil {
		if unique(err) {
			return 0, busy
		}
		return 0, fmt.Errorf("insert move: %w", err)
	}
	tx.moves = true
	return ident.MoveRun(id), nil
}

// GetMoveRun gives one move.
func (tx *Tx) GetMoveRun(id ident.MoveRun) (MoveRun, error) {
	list, err := tx.moveRuns(`where m.id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("get move: %w", missing(sql.ErrNoRows, "move"))
	}
	if err != nil {
		return MoveRun{}, err
	}
	return list[0], nil
}

// LockMoveRun is GetMoveRun for a change.
func (tx *Tx) LockMoveRun(id ident.MoveRun) (MoveRun, error) {
	if _, err := tx.exec(`update move_runs set state = state where id = $1`, int64(id)); err != nil {
		return MoveRun{}, fmt.Errorf("lock move: %w", err)
	}
	return tx.GetMoveRun(id)
}

// ListMoveRuns gives a page of the moves of a sequence, the newest first.
func (tx *Tx) ListMoveRuns(sequence ident.Sequence, cursor string, limit int) (Page[MoveRun], error) {
	after, ok, err := readCursor(cursor, byID)
	if err != nil {
		return Page[MoveRun]{}, err
	}
	f := &filter{}
	f.and("m.sequence_id = " + f.arg(int64(sequence)))
	if ok {
		f.and("m.id < " + f.arg(after.ID))
	}
	size := pageSize(limit)
	list, err := tx.moveRuns(f.where()+` order by m.id desc limit `+f.arg(size+1), f.args...)
	if err != nil {
		return Page[MoveRun]{}, err
	}
	return pageOf(list, size, func(r MoveRun) place { return place{Sort: byID, ID: int64(r.ID)} }), nil
}

// SaveMoveRun writes how far a locked move is.
func (tx *Tx) SaveMoveRun(r MoveRun) error {
	tx.moves = true
	if _, err := tx.exec(`update move_runs set state = $2, pass = $3, last = $4, run_at = $5, looked = $6, moved = $7, finished = $8, held = $9, undone = $10, kept = $11,
		finished_at = $12, undo_until = $13 where id = $1`, int64(r.ID), int16(r.State), r.pass, r.last, r.runAt.UnixMicro(), r.Looked, r.Moved, r.Finished, r.Held,
		r.Undone, r.Kept, micros(r.FinishedAt), micros(r.UndoUntil)); err != nil {
		return fmt.Errorf("save move: %w", err)
	}
	return nil
}

// BeginUndo has a locked move put back what it moved.
func (tx *Tx) BeginUndo(r MoveRun) error {
	r.State, r.last, r.runAt, r.FinishedAt, r.UndoUntil = MoveUndoing, 0, tx.Now, time.Time{}, time.Time{}
	return tx.SaveMoveRun(r)
}

// MoveSignal is signalled when a move began or is taken back.
func (db *DB) MoveSignal() <-chan struct{} { return db.moveWake }

// NextMoveAt gives when there is something to do for a move; zero for never.
func (tx *Tx) NextMoveAt() (time.Time, error) {
	var run, undo sql.NullInt64
	if err := tx.row(`select (select min(run_at) from move_runs where state in (1, 2, 4)), (select min(undo_until) from move_runs where undo_until is not null)`).
		Scan(&run, &undo); err != nil {
		return time.Time{}, fmt.Errorf("find the next move: %w", err)
	}
	times := slices.DeleteFunc([]time.Time{moment(run), moment(undo)}, time.Time.IsZero)
	if len(times) == 0 {
		return time.Time{}, nil
	}
	return slices.MinFunc(times, time.Time.Compare), nil
}

// keepMoves is how long can be read what became of a move.
const keepMoves = 90 * 24 * time.Hour

// tidyMoves deletes moves that ended long ago, with at most limit of their records first. It gives how many.
func (tx *Tx) tidyMoves(limit int) (int, error) {
	before := tx.Now.Add(-keepMoves).UnixMicro()
	n, err := tx.exec(`delete from moved_enrollments where (run_id, enrollment_id) in (select x.run_id, x.enrollment_id
		from move_runs m join moved_enrollments x on x.run_id = m.id where m.finished_at < $1 limit $2)`, before, limit)
	if err != nil {
		return 0, fmt.Errorf("delete records of moves: %w", err)
	}
	if n == int64(limit) { // there are more
		return limit, nil
	}
	if _, err := tx.exec(`delete from move_runs where finished_at < $1`, before); err != nil {
		return 0, fmt.Errorf("delete moves: %w", err)
	}
	return int(n), nil
}
