package store

import (
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/ident"
)

// writePostgres writes the rows with one statement per table from arrays: one round trip moves a whole batch.
func (tx *Tx) writePostgres(w *writes) error {
	for _, part := range []struct {
		what string
		run  func(*writes) error
	}{
		{"update states", tx.updateStates},
		{"update enrollments", tx.updateEnrollments},
		{"insert history", tx.insertHistory},
		{"insert activities", tx.insertActivities},
		{"insert messages", tx.insertMessages},
	} {
		if err := part.run(w); err != nil {
			return fmt.Errorf("%s: %w", part.what, err)
		}
	}
	if len(w.events) == 0 {
		return nil
	}
	if _, err := tx.exec(`delete from events where id = any($1::bigint[])`, w.events); err != nil {
		return fmt.Errorf("consume events: %w", err)
	}
	return nil
}

func (tx *Tx) updateStates(w *writes) error {
	rows := w.states
	if len(rows) == 0 {
		return nil
	}
	n, err := tx.exec(`update enrollment_states e set status = u.status, step = u.step, visit = u.visit, since = u.since, wait = u.wait,
		due_at = u.due, timer_at = u.timer, done = u.done, auto_moves = u.auto_moves, signalled = false, last_line = u.line, rev = e.rev + 1
		from unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::text[], $5::int[], $6::bigint[], $7::smallint[], $8::bigint[],
			$9::bigint[], $10::int[], $11::int[], $12::bigint[])
			as u (id, rev, status, step, visit, since, wait, due, timer, done, auto_moves, line)
		where e.id = u.id and e.rev = u.rev`,
		column(rows, func(r stateRow) int64 { return r.id }), column(rows, func(r stateRow) int64 { return r.rev }),
		column(rows, func(r stateRow) int16 { return r.status }), column(rows, func(r stateRow) string { return r.step }),
		column(rows, func(r stateRow) int32 { return int32(r.visit) }), column(rows, func(r stateRow) int64 { return r.since }),
		column(rows, func(r stateRow) int16 { return r.wait }), column(rows, func(r stateRow) *int64 { return r.due }),
		column(rows, func(r stateRow) *int64 { return r.timer }), column(rows, func(r stateRow) int32 { return int32(r.done) }),
		column(rows, func(r stateRow) int32 { return int32(r.autoMoves) }), column(rows, func(r stateRow) int64 { return r.lastLine }))
	if err == nil && n != int64(len(rows)) {
		err = errLost
	}
	return err
}

func (tx *Tx) updateEnrollments(w *writes) error {
	rows := w.statuses
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.exec(`update enrollments e set status = u.status, exit_reason = u.exit, finished_at = u.finish
		from unnest($1::bigint[], $2::smallint[], $3::text[], $4::bigint[]) as u (id, status, exit, finish) where e.id = u.id`,
		column(rows, func(r stateRow) int64 { return r.id }), column(rows, func(r stateRow) int16 { return r.status }),
		column(rows, func(r stateRow) string { return r.exit }), column(rows, func(r stateRow) *int64 { return r.finish }))
	return err
}

func (tx *Tx) insertHistory(w *writes) error {
	rows := w.history
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.exec(`insert into history (id, prev, enrollment_id, kind, step, visit, since, at, outcome, detail, user_id)
		select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::int[], $7::bigint[], $8::bigint[],
			$9::text[], $10::text[], $11::bigint[])`,
		column(rows, func(r historyRow) int64 { return r.id }), column(rows, func(r historyRow) int64 { return r.prev }),
		column(rows, func(r historyRow) int64 { return r.enrollment }),
		column(rows, func(r historyRow) int16 { return r.kind }), column(rows, func(r historyRow) string { return r.step }),
		column(rows, func(r historyRow) int32 { return int32(r.visit) }), column(rows, func(r historyRow) int64 { return r.since }),
		column(rows, func(r historyRow) int64 { return r.at }), column(rows, func(r historyRow) string { return r.outcome }),
		column(rows, func(r historyRow) string { return r.detail }), column(rows, func(r historyRow) *int64 { return r.user }))
	return err
}

func (tx *Tx) insertActivities(w *writes) error {
	rows := w.activities
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.exec(`insert into activities (record_id, enrollment_id, step, visit, kind, name, description, template, trouble, state,
		assignee_id, proposed_at, due_at, snoozes, outcome, note, duration, created_at, rev, behalf_id, answers, `+priorityFacts+`)
		select a, b, c, d, e, f, g, h, i, j, k, l, l, 0, '', '', 0, m, 1, n, o, `+strings.Join(tx.db.dialect.factsOf("u.a", "u.b", "u.o"), ", ")+`
		from unnest($1::bigint[], $2::bigint[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
			$10::smallint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[]) as u (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o)`,
		column(rows, func(r activityRow) int64 { return r.record }), column(rows, func(r activityRow) *int64 { return r.enrollment }),
		column(rows, func(r activityRow) string { return r.step }), column(rows, func(r activityRow) int32 { return int32(r.visit) }),
		column(rows, func(r activityRow) string { return r.kind }), column(rows, func(r activityRow) string { return r.name }),
		column(rows, func(r activityRow) string { return r.description }), column(rows, func(r activityRow) string { return r.template }),
		column(rows, func(r activityRow) string { return r.trouble }), column(rows, func(r activityRow) int16 { return r.state }),
		column(rows, func(r activityRow) *int64 { return r.assignee }), column(rows, func(r activityRow) int64 { return r.due }),
		column(rows, func(r activityRow) int64 { return r.at }), column(rows, func(r activityRow) *int64 { return r.behalf }),
		column(rows, func(r activityRow) *int64 { return r.answers }))
	return err
}

func (tx *Tx) insertMessages(w *writes) error {
	rows := w.messages
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.exec(`insert into messages (enrollment_id, step, visit, record_id, user_id, template, rfc_id, state, next_at, created_at,
		variant, channel, thread, any_time, late_after, late_skip, attempts, node, sender, recipient, cc, subject, reason)
		select a, b, c, d, e, f, g, h, i, i, j, k, l, o, p, q, 0, '', '', '', '', '', ''
		from unnest($1::bigint[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::smallint[], $9::bigint[],
			$10::smallint[], $11::smallint[], $12::boolean[], $13::boolean[], $14::bigint[], $15::boolean[])
			as u (a, b, c, d, e, f, g, h, i, j, k, l, o, p, q) on conflict do nothing`,
		column(rows, func(r messageRow) int64 { return r.enrollment }), column(rows, func(r messageRow) string { return r.step }),
		column(rows, func(r messageRow) int32 { return int32(r.visit) }), column(rows, func(r messageRow) int64 { return r.record }),
		column(rows, func(r messageRow) *int64 { return r.user }), column(rows, func(r messageRow) string { return r.template }),
		column(rows, func(r messageRow) string { return r.rfcID }), column(rows, func(r messageRow) int16 { return r.state }),
		column(rows, func(r messageRow) int64 { return r.next }), column(rows, func(r messageRow) int16 { return r.variant }),
		column(rows, func(r messageRow) int16 { return r.channel }), column(rows, func(r messageRow) bool { return r.thread }),
		column(rows, func(r messageRow) bool { return r.anyTime }), column(rows, func(r messageRow) int64 { return r.lateAfter }),
		column(rows, func(r messageRow) bool { return r.lateSkip }))
	return err
}

func (tx *Tx) insertEnrollmentsPostgres(list []newRow) ([]newRow, error) {
	places := make(map[spot]newRow, len(list))
	for _, n := range slices.Backward(list) { // of two that are the same, the first is inserted
		places[spot{n.Record, n.Sequence}] = n
	}
	return collect(tx, func(rows oneRow) (n newRow, err error) {
		var id ident.Enrollment
		var at spot
		err = rows.Scan(&id, &at.record, &at.sequence)
		n = places[at]
		n.id = id
		return n, err
	}, `insert into enrollments (sequence_id, version_id, record_id, assignee_id, status, exit_reason, connected_by, connected_at)
		select a, b, c, d, e, '', f, $7 from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::bigint[])
			with ordinality as u (a, b, c, d, e, f, n) order by n
		on conflict do nothing returning id, record_id, sequence_id`,
		column(list, func(n newRow) int64 { return int64(n.Sequence) }), column(list, func(n newRow) int64 { return int64(n.Version) }),
		column(list, func(n newRow) int64 { return int64(n.Record) }), column(list, func(n newRow) *int64 { return keyOf(n.Assignee) }),
		column(list, func(n newRow) int16 { return n.status }), column(list, func(n newRow) *int64 { return keyOf(n.ConnectedBy) }), tx.Now.UnixMicro())
}

func (tx *Tx) insertStates(list []newRow) error {
	_, err := tx.exec(`insert into enrollment_states (id, version_id, record_id, assignee_id, status, step, visit, since, wait, due_at, timer_at, signalled, done, auto_moves, last_line, rev)
		select a, h, i, j, b, '', 0, c, d, e, e, false, 0, f, g, 1
		from unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::int[], $7::bigint[],
			$8::bigint[], $9::bigint[], $10::bigint[]) as u (a, b, c, d, e, f, g, h, i, j)`,
		column(list, func(n newRow) int64 { return int64(n.id) }), column(list, func(n newRow) int16 { return n.status }),
		column(list, func(n newRow) int64 { return n.since }), column(list, func(n newRow) int16 { return n.wait }),
		column(list, func(n newRow) *int64 { return n.due }), column(list, func(n newRow) int32 { return int32(n.AutoMoves) }),
		column(list, func(n newRow) int64 { return n.line }), column(list, func(n newRow) int64 { return int64(n.Version) }),
		column(list, func(n newRow) int64 { return int64(n.Record) }), column(list, func(n newRow) *int64 { return keyOf(n.Assignee) }))
	return err
}

// column gives one value of each row.
func column[R, V any](rows []R, value func(R) V) []V {
	out := make([]V, len(rows))
	for i, r := range rows {
		out[i] = value(r)
	}
	return out
}
