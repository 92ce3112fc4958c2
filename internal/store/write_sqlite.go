package store

import (
	"errors"
	"fmt"
	"strings"
)

// writeSQLite writes the rows with prepared statements, of which those for states and history write several rows each.
func (tx *Tx) writeSQLite(w *writes) error {
	if err := inGroups(tx, updateStates, w.states, func(args []any, r stateRow) []any {
		return append(args, r.status, r.step, r.visit, r.since, r.wait, r.due, r.timer, r.done, r.autoMoves, r.lastLine, r.id, r.rev)
	}); err != nil {
		return fmt.Errorf("update states: %w", err)
	}
	if err := each(tx, updateEnrollment, w.statuses, func(r stateRow) []any {
		return []any{r.status, r.exit, r.finish, r.id}
	}, true); err != nil {
		return fmt.Errorf("update enrollments: %w", err)
	}
	if err := inGroups(tx, insertHistory, w.history, func(args []any, r historyRow) []any {
		return append(args, r.id, r.prev, r.enrollment, r.kind, r.step, r.visit, r.since, r.at, r.outcome, r.detail, r.user)
	}); err != nil {
		return fmt.Errorf("insert history: %w", err)
	}
	if err := tx.insertEachActivity(w.activities); err != nil {
		return fmt.Errorf("insert activities: %w", err)
	}
	if err := each(tx, insertMessage, w.messages, func(r messageRow) []any {
		return []any{r.enrollment, r.step, r.visit, r.record, r.user, r.template, r.rfcID, r.state, r.next, r.variant, r.channel, r.thread, r.anyTime, r.lateAfter, r.lateSkip}
	}, false); err != nil {
		return fmt.Errorf("insert messages: %w", err)
	}
	if err := each(tx, `delete from events where id = $1`, w.events, func(id int64) []any { return []any{id} }, false); err != nil {
		return fmt.Errorf("consume events: %w", err)
	}
	return nil
}

// updateStates and insertHistory give the statement that writes n rows.
func updateStates(n int) string {
	return `update enrollment_states set status = v.column1, step = v.column2, visit = v.column3, since = v.column4, wait = v.column5,
		due_at = v.column6, timer_at = v.column7, done = v.column8, auto_moves = v.column9, signalled = false, last_line = v.column10, rev = rev + 1
		from (values ` + places(n, 12) + `) v where enrollment_states.id = v.column11 and enrollment_states.rev = v.column12`
}

func insertHistory(n int) string {
	return `insert into history (id, prev, enrollment_id, kind, step, visit, since, at, outcome, detail, user_id) values ` + places(n, 11)
}

// places gives n rows of places for arguments: (?, ?), (?, ?).
func places(n, width int) string {
	row := "(?" + strings.Repeat(", ?", width-1) + ")"
	return row + strings.Repeat(", "+row, n-1)
}

// group is how many rows one statement writes where many are written: its call costs about as much as a row of it does, and
// larger groups gain nothing (BenchmarkDue).
const group = 25

// inGroups runs the statement that query gives for every row, a group at a time. Each row has to change exactly one.
func inGroups[T any](tx *Tx, query func(n int) string, rows []T, add func([]any, T) []any) error {
	many := len(rows) / group * group
	for _, part := range []struct {
		size int
		rows []T
	}{{group, rows[:many]}, {1, rows[many:]}} {
		if err := groupsOf(tx, part.size, query, part.rows, add); err != nil {
			return err
		}
	}
	return nil
}

func groupsOf[T any](tx *Tx, size int, query func(n int) string, rows []T, add func([]any, T) []any) error {
	if len(rows) == 0 {
		return nil
	}
	stmt, err := tx.tx.PrepareContext(tx.ctx, query(size))
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	var args []any
	for _, some := range chunks(rows, size) {
		args = args[:0]
		for _, r := range some {
			args = add(args, r)
		}
		result, err := stmt.ExecContext(tx.ctx, args...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != int64(size) {
			return errors.Join(errLost, err)
		}
	}
	return nil
}

const (
	updateEnrollment = `update enrollments set status = $1, exit_reason = $2, finished_at = $3 where id = $4`
	insertMessage    = `insert into messages (enrollment_id, step, visit, record_id, user_id, template, rfc_id, state, next_at, created_at,
		variant, channel, thread, any_time, late_after, late_skip, attempts, node, sender, recipient, cc, subject, reason)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13, $14, $15, 0, '', '', '', '', '', '') on conflict do nothing`
)

func (tx *Tx) insertEachActivity(rows []activityRow) error {
	return each(tx, insertActivity(tx.db.dialect), rows, func(r activityRow) []any {
		return []any{r.record, r.enrollment, r.step, r.visit, r.kind, r.name, r.description, r.template, r.trouble, r.state, r.assignee, r.due, r.at, r.behalf, r.answers}
	}, false)
}

func insertActivity(d dialect) string {
	return `insert into activities (record_id, enrollment_id, step, visit, kind, name, description, template, trouble, state,
		assignee_id, proposed_at, due_at, snoozes, outcome, note, duration, created_at, rev, behalf_id, answers, ` + priorityFacts + `)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, 0, '', '', 0, $13, 1, $14, $15, ` + strings.Join(d.factsOf("$1", "$2", "$15"), ", ") + `)`
}

// errLost says that another writer changed a row meanwhile. Row locks and the one writer make that impossible; the
// check stays because a silent overwrite would break every promise.
var errLost = errors.New("an enrollment was changed by another writer")

// each runs one statement for every row: on the one writer connection that is faster than large statements, whose parsing costs
// more than the calls, where rows are few. must tells that each row has to change exactly one.
func each[T any](tx *Tx, query string, rows []T, args func(T) []any, must bool) error {
	if len(rows) == 0 {
		return nil
	}
	tx.worked = tx.worked || changesWork(query)
	stmt, err := tx.tx.PrepareContext(tx.ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	for _, r := range rows {
		result, err := stmt.ExecContext(tx.ctx, args(r)...)
		if err != nil {
			return err
		}
		if !must {
			continue
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errors.Join(errLost, err)
		}
	}
	return nil
}
