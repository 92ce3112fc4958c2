package store

import (
	"cmp"
	"fmt"
	"slices"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// NewEnrollment is what Enroll needs of one record to connect.
type NewEnrollment struct {
	Sequence    ident.Sequence
	Version     ident.Version
	Record      ident.Record
	Assignee    ident.User
	ConnectedBy ident.User
	AutoMoves   int
}

// Enroll connects records: each becomes an enrollment that is due at once, with its first line of history. It gives the
// keys in the order of the list, 0 where the record is on the sequence already.
func (tx *Tx) Enroll(list []NewEnrollment) ([]ident.Enrollment, error) {
	live, err := tx.onSequence(list)
	if err != nil {
		return nil, fmt.Errorf("look for enrollments: %w", err)
	}
	ids := make([]ident.Enrollment, len(list))
	var fresh []newRow
	for _, i := range inOrder(list) {
		if n := list[i]; !live[spot{n.Record, n.Sequence}] {
			st := flow.Start(tx.Now, n.AutoMoves)
			fresh = append(fresh, newRow{NewEnrollment: n, place: i, status: statusCodes[st.Status], wait: waitCodes[st.Wait], since: st.Since.UnixMicro(), due: microsOf(st.DueAt)})
		}
	}
	for _, chunk := range chunks(fresh, enrollAtOnce) {
		if chunk, err = tx.insertEnrollments(chunk); err != nil {
			return nil, fmt.Errorf("connect records: %w", err)
		}
		for _, n := range chunk {
			ids[n.place] = n.id
		}
		if err := tx.begin(chunk); err != nil {
			return nil, fmt.Errorf("write first lines: %w", err)
		}
	}
	tx.due = true
	return ids, nil
}

// enrollAtOnce bounds how many rows one statement inserts.
const enrollAtOnce = 2000

// newRow is an enrollment on its way into the database.
type newRow struct {
	NewEnrollment
	id           ident.Enrollment
	place        int // in the caller's list
	status, wait int16
	since        int64
	due          *int64
	line         int64
}

// insertEnrollments inserts those whose record is not on the sequence already, and gives them with their keys.
func (tx *Tx) insertEnrollments(list []newRow) ([]newRow, error) {
	if tx.db.dialect == postgresDialect {
		return tx.insertEnrollmentsPostgres(list)
	}
	inserted := list[:0]
	many := len(list) / group * group
	for _, some := range slices.Concat(chunks(list[:many], group), chunks(list[many:], 1)) {
		var args []any
		for _, n := range some {
			args = append(args, int64(n.Sequence), int64(n.Version), int64(n.Record), key(n.Assignee), n.status, "", key(n.ConnectedBy), tx.Now.UnixMicro())
		}
		type row struct {
			id ident.Enrollment
			at spot
		}
		rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.id, &r.at.record, &r.at.sequence) },
			`insert into enrollments (sequence_id, version_id, record_id, assignee_id, status, exit_reason, connected_by, connected_at)
			values `+places(len(some), 8)+` on conflict do nothing returning id, record_id, sequence_id`, args...)
		if err != nil {
			return nil, err
		}
		ids := make(map[spot]ident.Enrollment, len(rows))
		for _, r := range rows {
			ids[r.at] = r.id
		}
		for _, n := range some {
			at := spot{n.Record, n.Sequence}
			if n.id = ids[at]; n.id != 0 {
				delete(ids, at) // the list may name it twice
				inserted = append(inserted, n)
			}
		}
	}
	return inserted, nil
}

// begin writes the states and the first lines of history of enrollments that were inserted.
func (tx *Tx) begin(list []newRow) error {
	lines, err := tx.lineIDs(len(list))
	if err != nil || len(list) == 0 {
		return err
	}
	now := tx.Now.UnixMicro()
	w := writes{figures: tally{}}
	for i := range list {
		n := &list[i]
		n.line = lines[i]
		w.figures.add(figureKey{version: n.Version, kind: FigureConnected}, 1, 0)
		w.history = append(w.history, historyRow{
			id: n.line, enrollment: int64(n.id), kind: lineCodes[flow.LineConnected], since: now, at: now, user: keyOf(n.ConnectedBy),
		})
	}
	if tx.db.dialect == postgresDialect {
		if err := tx.insertStates(list); err != nil {
			return err
		}
		if err := tx.noteFigures(w.figures); err != nil {
			return err
		}
		return tx.writePostgres(&w)
	}
	if err := inGroups(tx, func(n int) string {
		return `insert into enrollment_states (id, version_id, record_id, assignee_id, status, step, visit, since, wait, due_at, timer_at, signalled, done, auto_moves, last_line, rev)
			values ` + places(n, 16)
	}, list, func(args []any, n newRow) []any {
		return append(args, int64(n.id), int64(n.Version), int64(n.Record), key(n.Assignee), n.status, "", 0, n.since, n.wait, n.due, n.due, false, 0, n.AutoMoves, n.line, 1)
	}); err != nil {
		return err
	}
	if err := tx.noteFigures(w.figures); err != nil {
		return err
	}
	return tx.writeSQLite(&w)
}

// spot is a record's place on a sequence.
type spot struct {
	record   ident.Record
	sequence ident.Sequence
}

// onSequence tells which of the records are on their sequence already. An insert would find that out as well, but it would
// wait for whoever ends such an enrollment at the moment, and that one may wait for us.
func (tx *Tx) onSequence(list []NewEnrollment) (map[spot]bool, error) {
	live := map[spot]bool{}
	if tx.db.dialect != postgresDialect {
		return live, nil
	}
	for _, chunk := range chunks(list, 500) {
		var ids []ident.Record
		for _, n := range chunk {
			ids = append(ids, n.Record)
		}
		found, err := collect(tx, func(rows oneRow) (p spot, err error) { return p, rows.Scan(&p.record, &p.sequence) },
			`select record_id, sequence_id from enrollments where `+tx.in("record_id", 1)+` and status < 3`, tx.list(ids))
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			live[p] = true
		}
	}
	return live, nil
}

// inOrder gives the places in the list by record and sequence: two transactions that meet insert the same ones in the same
// order, so neither waits for the other in turn.
func inOrder(list []NewEnrollment) []int {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(list[a].Record, list[b].Record), cmp.Compare(list[a].Sequence, list[b].Sequence))
	})
	return order
}

// Signal writes events down for the engine and wakes it after the commit. Events of finished enrollments are dropped. Those of
// one enrollment keep their order.
func (tx *Tx) Signal(events ...SignalledEvent) error {
	if len(events) == 0 {
		return nil
	}
	var ids, ending, late []ident.Enrollment
	rows := make([]eventRow, 0, len(events))
	for _, s := range events {
		code, at, detail, ok := encodeEvent(s.Event)
		if !ok {
			return fmt.Errorf("event %T cannot wait for the engine", s.Event)
		}
		ids = append(ids, s.Enrollment)
		if mayEnd(s.Event) {
			ending = append(ending, s.Enrollment)
		}
		if r, ok := s.Event.(step.Replied); ok && r.Mail != 0 && !r.Other {
			late = append(late, s.Enrollment)
		}
		rows = append(rows, eventRow{int64(s.Enrollment), code, at.Step, at.Visit, clip(detail)})
	}
	live, err := tx.wakeEnrollments(ids, ending, late)
	if err != nil {
		return fmt.Errorf("signal enrollments: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(r eventRow) bool { return !live[ident.Enrollment(r.enrollment)] })
	if len(rows) == 0 {
		return nil
	}
	if err := tx.insertEvents(rows); err != nil {
		return fmt.Errorf("store events: %w", err)
	}
	tx.due = true
	return nil
}

// mayEnd tells whether an enrollment can end with the event wherever it stands.
func mayEnd(ev step.Event) bool {
	switch ev.(type) {
	case step.Replied, step.Bounced, step.OptedOut, step.Suppressed, step.MeetingBooked, step.FieldsChanged:
		return true
	}
	return false
}

// wakeEnrollments makes enrollments due, locked by their keys, and gives those that are live. What may end a paused one is
// played at once; everything else waits until it goes on. Those of late are woken when they are over, too: a reply to their mail is to be answered.
func (tx *Tx) wakeEnrollments(ids, ending, late []ident.Enrollment) (live map[ident.Enrollment]bool, err error) {
	args := []any{tx.list(ids), tx.Now.UnixMicro(), tx.list(ending)}
	where := tx.in("id", 1) + ` and status < 3`
	if len(late) > 0 {
		where = tx.in("id", 1) + ` and (status < 3 or ` + tx.in("id", 4) + `)`
		args = append(args, tx.list(late))
	}
	if tx.db.dialect == postgresDialect && !tx.locked {
		where = `id in (select id from enrollment_states where ` + where + ` order by id for update)`
	}
	list, err := collect(tx, scanEnrollmentID, `update enrollment_states set signalled = true, due_at = case when status = 1 or `+tx.in("id", 3)+` then $2 else due_at end
		where `+where+` returning id`, args...)
	live = make(map[ident.Enrollment]bool, len(list))
	for _, id := range list {
		live[id] = true
	}
	return live, err
}

type eventRow struct {
	enrollment int64
	kind       int16
	step       string
	visit      int
	detail     string
}

func (tx *Tx) insertEvents(rows []eventRow) error {
	if tx.db.dialect == sqliteDialect {
		return inGroups(tx, func(n int) string {
			return `insert into events (enrollment_id, kind, step, visit, detail, at) values ` + places(n, 6)
		}, rows,
			func(args []any, r eventRow) []any {
				return append(args, r.enrollment, r.kind, r.step, r.visit, r.detail, tx.Now.UnixMicro())
			})
	}
	_, err := tx.exec(`insert into events (enrollment_id, kind, step, visit, detail, at)
		select a, b, c, d, e, $6 from unnest($1::bigint[], $2::smallint[], $3::text[], $4::int[], $5::text[]) with ordinality as u (a, b, c, d, e, n) order by n`,
		column(rows, func(r eventRow) int64 { return r.enrollment }), column(rows, func(r eventRow) int16 { return r.kind }),
		column(rows, func(r eventRow) string { return r.step }), column(rows, func(r eventRow) int32 { return int32(r.visit) }),
		column(rows, func(r eventRow) string { return r.detail }), tx.Now.UnixMicro())
	return err
}

// SignalledEvent is an event for one enrollment.
type SignalledEvent struct {
	Enrollment ident.Enrollment
	Event      step.Event
}
