package store

import (
	"errors"
	"fmt"
)

// writeSQLite writes the rows with one prepared statement per table: on the one writer connection that is faster than
// large statements, whose parsing costs more than the calls.
func (tx *Tx) writeSQLite(w *writes) error {
	if err := each(tx, updateEnrollment, w.enrollments, func(r enrollmentRow) []any {
		return []any{r.status, r.step, r.visit, r.since, r.wait, r.due, r.timer, r.done, r.autoMoves, r.exit, r.finish, r.id, r.rev}
	}, true); err != nil {
		return fmt.Errorf("update enrollments: %w", err)
	}
	if err := each(tx, insertHistory, w.history, func(r historyRow) []any {
		return []any{r.enrollment, r.record, r.kind, r.step, r.visit, r.since, r.at, r.outcome, r.detail, r.user}
	}, false); err != nil {
		return fmt.Errorf("insert history: %w", err)
	}
	if err := each(tx, insertActivity, w.activities, func(r activityRow) []any {
		return []any{r.record, r.enrollment, r.step, r.visit, r.kind, r.name, r.description, r.template, r.trouble, r.state, r.assignee, r.due, r.at, r.behalf, r.answers}
	}, false); err != nil {
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

const (
	updateEnrollment = `update enrollments set status = $1, step = $2, visit = $3, since = $4, wait = $5, due_at = $6, timer_at = $7,
		done = $8, auto_moves = $9, exit_reason = $10, finished_at = $11, signalled = false, rev = rev + 1 where id = $12 and rev = $13`
	insertHistory = `insert into history (enrollment_id, record_id, kind, step, visit, since, at, outcome, detail, user_id)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	insertActivity = `insert into activities (record_id, enrollment_id, step, visit, kind, name, description, template, trouble, state,
		assignee_id, proposed_at, due_at, snoozes, outcome, note, duration, created_at, rev, behalf_id, answers)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, 0, '', '', 0, $13, 1, $14, $15)`
	insertMessage = `insert into messages (enrollment_id, step, visit, record_id, user_id, template, rfc_id, state, next_at, created_at,
		variant, channel, thread, any_time, late_after, late_skip, attempts, node, sender, recipient, cc, subject, reason)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13, $14, $15, 0, '', '', '', '', '', '') on conflict do nothing`
)

// errLost says that another writer changed a row meanwhile. Row locks and the one writer make that impossible; the
// check stays because a silent overwrite would break every promise.
var errLost = errors.New("an enrollment was changed by another writer")

// each runs one statement for every row; must tells that each row has to change exactly one.
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
