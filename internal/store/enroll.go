package store

import (
	"fmt"

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
	ids := make([]ident.Enrollment, len(list))
	var lines []historyRow
	for i, n := range list {
		st := flow.Start(tx.Now, n.AutoMoves)
		rows, err := tx.query(`insert into enrollments (sequence_id, version_id, record_id, assignee_id, status, step, visit, since, wait,
			due_at, timer_at, signalled, done, auto_moves, exit_reason, connected_by, connected_at, rev)
			values ($1, $2, $3, $4, $5, '', 0, $6, $7, $8, $9, false, 0, $10, '', $11, $12, 1)
			on conflict do nothing returning id`,
			int64(n.Sequence), int64(n.Version), int64(n.Record), key(n.Assignee), statusCodes[st.Status], st.Since.UnixMicro(),
			waitCodes[st.Wait], micros(st.DueAt), micros(st.DueAt), st.AutoMoves, key(n.ConnectedBy), tx.Now.UnixMicro())
		if err != nil {
			return nil, fmt.Errorf("connect record: %w", err)
		}
		for rows.Next() {
			if err := rows.Scan(&ids[i]); err != nil {
				_ = rows.Close()
				return nil, err
			}
		}
		if err := rows.Close(); err != nil {
			return nil, fmt.Errorf("connect record: %w", err)
		}
		if ids[i] != 0 {
			lines = append(lines, historyRow{enrollment: int64(ids[i]), record: int64(n.Record), kind: lineCodes[flow.LineConnected],
				since: tx.Now.UnixMicro(), at: tx.Now.UnixMicro(), user: keyOf(n.ConnectedBy)})
		}
	}
	tx.due = true
	w := writes{history: lines}
	if tx.db.dialect == postgresDialect {
		return ids, tx.writePostgres(&w)
	}
	return ids, tx.writeSQLite(&w)
}

// Signal writes events down for the engine and wakes it after the commit. Events of finished enrollments are dropped.
func (tx *Tx) Signal(events ...SignalledEvent) error {
	for _, s := range events {
		code, at, detail, ok := encodeEvent(s.Event)
		if !ok {
			return fmt.Errorf("event %T cannot wait for the engine", s.Event)
		}
		live, err := tx.exec(`update enrollments set signalled = true, due_at = case when status = 1 then $2 else due_at end
			where id = $1 and status < 3`, int64(s.Enrollment), tx.Now.UnixMicro())
		if err != nil {
			return fmt.Errorf("signal enrollment: %w", err)
		}
		if live == 0 {
			continue
		}
		if _, err := tx.exec(`insert into events (enrollment_id, kind, step, visit, detail, at) values ($1, $2, $3, $4, $5, $6)`,
			int64(s.Enrollment), code, at.Step, at.Visit, clip(detail), tx.Now.UnixMicro()); err != nil {
			return fmt.Errorf("store event: %w", err)
		}
		tx.due = true
	}
	return nil
}

// SignalledEvent is an event for one enrollment.
type SignalledEvent struct {
	Enrollment ident.Enrollment
	Event      step.Event
}
