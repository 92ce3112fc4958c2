package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// MovedState is what a move made of an enrollment.
type MovedState int16

// The states. Held ones were left where they are; kept ones could not be put back.
const (
	MovedOn       MovedState = 1
	MovedFinished MovedState = 2
	MovedHeld     MovedState = 3
	MovedBack     MovedState = 4
	MovedKept     MovedState = 5
)

// String gives the state as the API and people read it.
func (s MovedState) String() string {
	switch s {
	case MovedOn:
		return "moved"
	case MovedFinished:
		return "finished"
	case MovedHeld:
		return "held"
	case MovedBack:
		return "undone"
	case MovedKept:
		return "kept"
	}
	return ""
}

// MovedRow is what a move made of one enrollment.
type MovedRow struct {
	Run        ident.MoveRun
	Enrollment ident.Enrollment
	State      MovedState
	// From is the version and Was the state in which the move found it.
	From ident.Version
	Was  flow.State
	// AfterStep, AfterVisit and AfterDone are where the move left it.
	AfterStep             string
	AfterVisit, AfterDone int
	// Final tells that the move set fields or ended the enrollment by a step, which cannot be taken back.
	Final bool
	// Reason says why it was held or kept.
	Reason string
	// Record and RecordName are only read by MovedRows.
	Record     ident.Record
	RecordName string
}

// movedRowOf begins the row of an enrollment as it was found.
func movedRowOf(run ident.MoveRun, l *loaded) MovedRow {
	return MovedRow{Run: run, Enrollment: l.snap.Enrollment, State: MovedOn, From: l.version, Was: l.snap.State}
}

// became notes where a move left the enrollment.
func (r *MovedRow) became(m flow.Move) {
	r.AfterStep, r.AfterVisit, r.AfterDone = m.State.Step, m.State.Visit, m.State.Done
	for _, p := range m.Effects {
		switch p.Effect.(type) {
		case step.SetField, step.ConnectTo:
			r.Final = true
		}
	}
	if m.State.Status == flow.Finished {
		if m.State.Exit == step.ExitDisconnected {
			r.State = MovedFinished
		} else {
			r.Final = true
		}
	}
}

const movedFields = `select x.run_id, x.enrollment_id, x.state, x.version_id, x.status, x.step, x.visit, x.since, x.wait, x.timer_at, x.done,
	x.after_step, x.after_visit, x.after_done, x.final, x.reason `

func movedPlaces(r *MovedRow, status, wait *int16, since *int64, timer *sql.NullInt64) []any {
	return []any{
		&r.Run, &r.Enrollment, &r.State, &r.From, status, &r.Was.Step, &r.Was.Visit, since, wait, timer, &r.Was.Done,
		&r.AfterStep, &r.AfterVisit, &r.AfterDone, &r.Final, &r.Reason,
	}
}

func scanMoved(rows oneRow, more ...func(*MovedRow) any) (r MovedRow, err error) {
	var (
		status, wait int16
		since        int64
		timer        sql.NullInt64
	)
	into := movedPlaces(&r, &status, &wait, &since, &timer)
	for _, m := range more {
		into = append(into, m(&r))
	}
	err = rows.Scan(into...)
	r.Was.Status, r.Was.Wait = statusOf[status], waitOf[wait]
	r.Was.Since, r.Was.DueAt = time.UnixMicro(since).UTC(), moment(timer)
	return r, err
}

// rowsOfRun gives what a move made of enrollments so far.
func (tx *Tx) rowsOfRun(run ident.MoveRun, ids []ident.Enrollment) (map[ident.Enrollment]MovedRow, error) {
	list, err := collect(tx, func(rows oneRow) (MovedRow, error) { return scanMoved(rows) },
		movedFields+`from moved_enrollments x where x.run_id = $2 and `+tx.in("x.enrollment_id", 1), tx.list(ids), int64(run))
	if err != nil {
		return nil, fmt.Errorf("read what was moved: %w", err)
	}
	found := make(map[ident.Enrollment]MovedRow, len(list))
	for _, r := range list {
		found[r.Enrollment] = r
	}
	return found, nil
}

// MovedRows gives a page of what became of the enrollments of a move, by their keys: of those in one state.
func (tx *Tx) MovedRows(run ident.MoveRun, state MovedState, cursor string, limit int) (Page[MovedRow], error) {
	after, ok, err := readCursor(cursor, byID)
	if err != nil {
		return Page[MovedRow]{}, err
	}
	f := &filter{}
	f.and("x.run_id = " + f.arg(int64(run)))
	f.and("x.state = " + f.arg(int16(state)))
	if ok {
		f.and("x.enrollment_id > " + f.arg(after.ID))
	}
	size := pageSize(limit)
	list, err := collect(tx, func(rows oneRow) (MovedRow, error) {
		return scanMoved(rows, func(r *MovedRow) any { return &r.Record }, func(r *MovedRow) any { return &r.RecordName })
	}, movedFields+`, coalesce(e.record_id, 0), coalesce(r.name, '') from moved_enrollments x left join enrollments e on e.id = x.enrollment_id
		left join records r on r.id = e.record_id`+f.where()+` order by x.enrollment_id limit `+f.arg(size+1), f.args...)
	if err != nil {
		return Page[MovedRow]{}, fmt.Errorf("list what was moved: %w", err)
	}
	return pageOf(list, size, func(r MovedRow) place { return place{Sort: byID, ID: int64(r.Enrollment)} }), nil
}

const (
	movedColumns = `run_id, enrollment_id, state, version_id, status, step, visit, since, wait, timer_at, done, after_step, after_visit, after_done, final, reason`
	movedAgain   = ` on conflict (run_id, enrollment_id) do update set state = excluded.state, version_id = excluded.version_id, status = excluded.status, step = excluded.step,
		visit = excluded.visit, since = excluded.since, wait = excluded.wait, timer_at = excluded.timer_at, done = excluded.done,
		after_step = excluded.after_step, after_visit = excluded.after_visit, after_done = excluded.after_done, final = excluded.final, reason = excluded.reason`
)

// saveMoved writes the rows of a batch.
func (tx *Tx) saveMoved(rows []MovedRow) error {
	if len(rows) == 0 {
		return nil
	}
	var err error
	if tx.db.dialect == postgresDialect {
		_, err = tx.exec(`insert into moved_enrollments (`+movedColumns+`) select * from unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::smallint[],
			$6::text[], $7::int[], $8::bigint[], $9::smallint[], $10::bigint[], $11::int[], $12::text[], $13::int[], $14::int[], $15::boolean[], $16::text[])`+movedAgain,
			column(rows, func(r MovedRow) int64 { return int64(r.Run) }), column(rows, func(r MovedRow) int64 { return int64(r.Enrollment) }),
			column(rows, func(r MovedRow) int16 { return int16(r.State) }), column(rows, func(r MovedRow) int64 { return int64(r.From) }),
			column(rows, func(r MovedRow) int16 { return statusCodes[r.Was.Status] }), column(rows, func(r MovedRow) string { return r.Was.Step }),
			column(rows, func(r MovedRow) int32 { return int32(r.Was.Visit) }), column(rows, func(r MovedRow) int64 { return r.Was.Since.UnixMicro() }),
			column(rows, func(r MovedRow) int16 { return waitCodes[r.Was.Wait] }), column(rows, func(r MovedRow) *int64 { return microsOf(r.Was.DueAt) }),
			column(rows, func(r MovedRow) int32 { return int32(r.Was.Done) }), column(rows, func(r MovedRow) string { return r.AfterStep }),
			column(rows, func(r MovedRow) int32 { return int32(r.AfterVisit) }), column(rows, func(r MovedRow) int32 { return int32(r.AfterDone) }),
			column(rows, func(r MovedRow) bool { return r.Final }), column(rows, func(r MovedRow) string { return r.Reason }))
	} else {
		err = inGroups(tx, func(n int) string {
			return `insert into moved_enrollments (` + movedColumns + `) values ` + places(n, 16) + movedAgain
		}, rows,
			func(args []any, r MovedRow) []any {
				return append(args, int64(r.Run), int64(r.Enrollment), int16(r.State), int64(r.From), statusCodes[r.Was.Status], r.Was.Step, r.Was.Visit,
					r.Was.Since.UnixMicro(), waitCodes[r.Was.Wait], microsOf(r.Was.DueAt), r.Was.Done, r.AfterStep, r.AfterVisit, r.AfterDone, r.Final, r.Reason)
			})
	}
	if err != nil {
		return fmt.Errorf("write what was moved: %w", err)
	}
	return nil
}

// forgetMoved deletes what is kept of enrollments.
func (tx *Tx) forgetMoved(run ident.MoveRun, ids []ident.Enrollment) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.exec(`delete from moved_enrollments where run_id = $2 and `+tx.in("enrollment_id", 1), tx.list(ids), int64(run)); err != nil {
		return fmt.Errorf("forget what was moved: %w", err)
	}
	return nil
}

// DropUndo deletes at most limit rows by which a move could be undone until now, of a move that is in no other node's hands. It gives
// how many; ok is false when there was no such move. Nobody can undo it from the first row on, whatever the time on another
// node is: its end goes with the row.
func (tx *Tx) DropUndo(limit int) (dropped int, ok bool, err error) {
	ids, err := collect(tx, func(rows oneRow) (id int64, err error) { return id, rows.Scan(&id) },
		`select id from move_runs where undo_until <= $1 order by undo_until limit 1`+tx.db.dialect.skipLocked(), tx.Now.UnixMicro())
	if err != nil {
		return 0, false, fmt.Errorf("find a move that is over: %w", err)
	}
	if len(ids) == 0 {
		return 0, false, nil
	}
	r, err := tx.GetMoveRun(ident.MoveRun(ids[0]))
	if err != nil {
		return 0, false, err
	}
	n, err := tx.exec(`delete from moved_enrollments where run_id = $1 and enrollment_id in
		(select enrollment_id from moved_enrollments where run_id = $1 and state in (1, 2) limit $2)`, ids[0], limit)
	if err != nil {
		return 0, false, fmt.Errorf("delete what was moved: %w", err)
	}
	r.UndoUntil = r.CreatedAt // long ago for every node: the rest is to be deleted
	if n < int64(limit) {
		r.UndoUntil = time.Time{}
	}
	return int(n), true, tx.SaveMoveRun(r)
}
