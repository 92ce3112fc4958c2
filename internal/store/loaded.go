package store

import (
	"database/sql"
	"fmt"
	"slices"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// loaded is an enrollment in the middle of an advance: what flow decides on, and what the store needs to write it back.
type loaded struct {
	snap      flow.Snapshot
	version   ident.Version
	sequence  ident.Sequence
	record    ident.Record
	assignee  ident.User
	signalled bool
	rev       int64
	due       int64   // due_at; 0 for never
	lastLine  int64   // key of the newest line of history
	events    []int64 // keys of the pending events
}

// stateQuery reads what the engine needs of an enrollment. It names one table alone: a second one would cost as much again, and
// PostgreSQL, which may wait for a lock here, would join the newest state to what it saw of the other before it waited.
const stateQuery = `select id, version_id, record_id, coalesce(assignee_id, 0), status, step, visit, since, wait, timer_at, done, auto_moves, signalled, last_line, rev, coalesce(due_at, 0) from enrollment_states`

// stateScan reads rows of a stateQuery. Each column goes through an interface, because database/sql brings a number into any type but its own
// by way of a text, and enrollments are made many at a time: together that was a tenth of an advance.
type stateScan struct {
	values [16]any
	places []any
	spare  []loaded
}

func newStateScan() *stateScan {
	s := &stateScan{}
	for i := range s.values {
		s.places = append(s.places, &s.values[i])
	}
	return s
}

func (s *stateScan) row(rows oneRow) (*loaded, error) {
	if err := rows.Scan(s.places...); err != nil {
		return nil, err
	}
	if len(s.spare) == 0 {
		s.spare = make([]loaded, 64)
	}
	l := &s.spare[0]
	s.spare = s.spare[1:]
	st := &l.snap.State
	var ok [16]bool
	l.snap.Enrollment, ok[0] = numberIn[ident.Enrollment](s.values[0])
	l.version, ok[1] = numberIn[ident.Version](s.values[1])
	l.record, ok[2] = numberIn[ident.Record](s.values[2])
	l.assignee, ok[3] = numberIn[ident.User](s.values[3])
	var status, wait, since int64
	status, ok[4] = numberIn[int64](s.values[4])
	st.Step, ok[5] = s.values[5].(string)
	st.Visit, ok[6] = numberIn[int](s.values[6])
	since, ok[7] = numberIn[int64](s.values[7])
	wait, ok[8] = numberIn[int64](s.values[8])
	timer, timed := numberIn[int64](s.values[9])
	ok[9] = timed || s.values[9] == nil
	st.Done, ok[10] = numberIn[int](s.values[10])
	st.AutoMoves, ok[11] = numberIn[int](s.values[11])
	switch v := s.values[12].(type) {
	case bool: // PostgreSQL
		l.signalled, ok[12] = v, true
	case int64: // SQLite
		l.signalled, ok[12] = v != 0, true
	}
	l.lastLine, ok[13] = numberIn[int64](s.values[13])
	l.rev, ok[14] = numberIn[int64](s.values[14])
	l.due, ok[15] = numberIn[int64](s.values[15])
	if i := slices.Index(ok[:], false); i >= 0 {
		return nil, fmt.Errorf("column %d of a state is %T", i, s.values[i])
	}
	st.Status, st.Wait = statusOf[int16(status)], waitOf[int16(wait)]
	st.Since, st.DueAt = time.UnixMicro(since).UTC(), moment(sql.NullInt64{Int64: timer, Valid: timed})
	return l, nil
}

func numberIn[T ~int | ~int64](v any) (T, bool) {
	n, ok := v.(int64)
	return T(n), ok
}

// load reads enrollments by a stateQuery, with their versions, pending events and facts.
func (tx *Tx) load(query string, args ...any) ([]*loaded, error) {
	list, err := collect(tx, newStateScan().row, query, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	for _, l := range list {
		if l.snap.Version, err = tx.Version(l.version); err != nil {
			return nil, err
		}
		l.sequence = l.snap.Version.Sequence
	}
	if err := tx.loadEvents(list); err != nil {
		return nil, fmt.Errorf("load events: %w", err)
	}
	if err := tx.loadFacts(list); err != nil {
		return nil, fmt.Errorf("load facts: %w", err)
	}
	return list, nil
}

// loadEvents reads the pending events of those enrollments that have some.
func (tx *Tx) loadEvents(list []*loaded) error {
	byID := map[ident.Enrollment]*loaded{}
	var ids []ident.Enrollment
	for _, l := range list {
		if l.signalled {
			byID[l.snap.Enrollment] = l
			ids = append(ids, l.snap.Enrollment)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := tx.query(`select id, enrollment_id, kind, step, visit, detail from events where `+tx.in("enrollment_id", 1)+
		` order by enrollment_id, id`, tx.list(ids))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			id     int64
			code   int16
			at     step.Token
			detail string
		)
		if err := rows.Scan(&id, &at.Enrollment, &code, &at.Step, &at.Visit, &detail); err != nil {
			return err
		}
		l := byID[at.Enrollment]
		l.events = append(l.events, id)
		if ev, ok := decodeEvent(code, at, detail); ok {
			l.snap.Events = append(l.snap.Events, ev)
		}
	}
	return rows.Err()
}
