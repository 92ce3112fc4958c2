package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
)

const enrollmentFields = `e.id, e.sequence_id, coalesce(s.name, ''), e.version_id, coalesce(v.number, 0), e.record_id, coalesce(r.name, ''),
	coalesce(r.kind, s.record_kind, ''), coalesce(e.assignee_id, 0), coalesce(u.name, ''), e.status, t.step, t.visit, t.since, t.wait,
	t.timer_at, e.exit_reason, t.done, t.auto_moves, coalesce(e.connected_by, 0), e.connected_at, e.finished_at, t.rev`

const enrollmentTables = ` join enrollment_states t on t.id = e.id left join sequences s on s.id = e.sequence_id left join sequence_versions v on v.id = e.version_id
	left join records r on r.id = e.record_id left join users u on u.id = e.assignee_id `

func scanEnrollment(rows oneRow) (Enrollment, error) {
	var (
		e                Enrollment
		st               = &e.State
		status, wait     int16
		since, connected int64
		timer, finished  sql.NullInt64
	)
	err := rows.Scan(&e.ID, &e.Sequence, &e.SequenceName, &e.Version, &e.VersionNumber, &e.Record, &e.RecordName, &e.RecordKind,
		&e.Assignee, &e.AssigneeName, &status, &st.Step, &st.Visit, &since, &wait, &timer, &st.Exit, &st.Done, &st.AutoMoves,
		&e.ConnectedBy, &connected, &finished, &e.Rev)
	st.Status, st.Wait = statusOf[status], waitOf[wait]
	st.Since, st.DueAt = time.UnixMicro(since).UTC(), moment(timer)
	e.ConnectedAt, e.FinishedAt = time.UnixMicro(connected).UTC(), moment(finished)
	return e, err
}

func (tx *Tx) enrollments(what, condition string, args ...any) ([]Enrollment, error) {
	list, err := collect(tx, scanEnrollment, `select `+enrollmentFields+` from enrollments e`+enrollmentTables+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return list, nil
}

// GetEnrollment gives one enrollment.
func (tx *Tx) GetEnrollment(id ident.Enrollment) (Enrollment, error) {
	list, err := tx.enrollments("get enrollment", `where e.id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("get enrollment: %w", missing(sql.ErrNoRows, "enrollment"))
	}
	if err != nil {
		return Enrollment{}, err
	}
	return list[0], nil
}

// LockEnrollment is GetEnrollment for a change: nobody else moves the enrollment until the transaction ends. Whoever
// changes its activities or messages as well locks it first, as the engine does, so that no two wait for each other.
func (tx *Tx) LockEnrollment(id ident.Enrollment) (Enrollment, error) {
	if tx.db.dialect == postgresDialect {
		if _, err := tx.exec(`select 1 from enrollment_states where id = $1 for update`, int64(id)); err != nil {
			return Enrollment{}, fmt.Errorf("lock enrollment: %w", err)
		}
	}
	return tx.GetEnrollment(id)
}

// EnrollmentsByID gives enrollments by their keys. Unknown keys are left out.
func (tx *Tx) EnrollmentsByID(ids []ident.Enrollment) (map[ident.Enrollment]Enrollment, error) {
	found := make(map[ident.Enrollment]Enrollment, len(ids))
	for _, chunk := range chunks(ids, 500) {
		list, err := tx.enrollments("get enrollments", `where `+tx.in("e.id", 1), tx.list(chunk))
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			found[e.ID] = e
		}
	}
	return found, nil
}

// LiveEnrollments gives what a record is on now, oldest first; Up next asks.
func (tx *Tx) LiveEnrollments(rec ident.Record) ([]Enrollment, error) {
	return tx.enrollments("list live enrollments", `where e.record_id = $1 and e.status < 3 order by e.id`, int64(rec))
}

// WasOn tells of each record that was ever on the sequence whether it still is. Connect asks.
func (tx *Tx) WasOn(sequence ident.Sequence, records []ident.Record) (map[ident.Record]bool, error) {
	live := map[ident.Record]bool{}
	for _, chunk := range chunks(records, 500) {
		rows, err := tx.query(`select record_id, min(status) from enrollments where sequence_id = $1 and `+tx.in("record_id", 2)+
			` group by record_id`, int64(sequence), tx.list(chunk))
		if err != nil {
			return nil, fmt.Errorf("look for enrollments: %w", err)
		}
		for rows.Next() {
			var (
				rec    ident.Record
				status int16
			)
			if err := rows.Scan(&rec, &status); err != nil {
				_ = rows.Close()
				return nil, err
			}
			live[rec] = status < 3
		}
		if err := rows.Close(); err != nil {
			return nil, err
		}
	}
	return live, nil
}

// ListEnrollments gives one page of enrollments, newest first. Each status is read through its own part of the index
// enrollments_sequence_idx, so that a page costs the same however many rows have other statuses.
func (tx *Tx) ListEnrollments(q EnrollmentQuery) (Page[Enrollment], error) {
	after, ok, err := readCursor(q.Cursor, byID)
	if err != nil {
		return Page[Enrollment]{}, err
	}
	f, tables := &filter{}, "enrollments e"
	if q.Sequence != 0 {
		f.and("e.sequence_id = " + f.arg(int64(q.Sequence)))
	}
	if q.Record != 0 {
		f.and("e.record_id = " + f.arg(int64(q.Record)))
	}
	if ok {
		f.and("e.id < " + f.arg(after.ID))
	}
	if strings.TrimSpace(q.Search) != "" {
		tables += " join records r on r.id = e.record_id"
		f.words("r.search", q.Search)
	}
	size := pageSize(q.Limit)
	var parts []string
	for i, status := range statusesOf(q) {
		one := filter{conditions: slices.Clone(f.conditions)}
		one.and(status)
		parts = append(parts, fmt.Sprintf(`select id from (select e.id from %s%s order by e.id desc limit %d) as part_%d`,
			tables, one.where(), size+1, i))
	}
	list, err := tx.enrollments("list enrollments", `where e.id in (`+strings.Join(parts, " union all ")+
		fmt.Sprintf(`) order by e.id desc limit %d`, size+1), f.args...)
	if err != nil {
		return Page[Enrollment]{}, err
	}
	return pageOf(list, size, func(e Enrollment) place { return place{Sort: byID, ID: int64(e.ID)} }), nil
}

// byID is the sort of lists whose newest row comes first.
const byID = "id"

// statusesOf gives the conditions whose rows make up the list. Without a sequence the keys alone give the order, and one
// condition serves all statuses.
func statusesOf(q EnrollmentQuery) []string {
	const active, paused, finished = "e.status = 1", "e.status = 2", "e.status = 3"
	switch {
	case q.Status == "active":
		return []string{active}
	case q.Status == "paused":
		return []string{paused}
	case q.Status == "finished":
		return []string{finished}
	case q.Status == "live" && q.Sequence == 0:
		return []string{"e.status < 3"}
	case q.Status == "live":
		return []string{active, paused}
	case q.Sequence == 0:
		return []string{"e.id > 0"}
	}
	return []string{active, paused, finished}
}

// pageOf makes a page of a list that was read with one row more than fits.
func pageOf[T any](list []T, size int, at func(T) place) Page[T] {
	page := Page[T]{Rows: list, Total: -1}
	if len(list) > size {
		page.Rows = list[:size]
		page.Next = at(list[size-1]).cursor()
	}
	return page
}

// PausedSince gives when an enrollment was paused last; zero when its history does not say.
func (tx *Tx) PausedSince(id ident.Enrollment) (time.Time, error) {
	var at sql.NullInt64
	err := tx.row(linesOf(`t.id = $1`)+`select max(h.at) from lines h where h.kind = $2`, int64(id), lineCodes[flow.LinePaused]).Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("look when it was paused: %w", err)
	}
	return moment(at), nil
}

// HeldBy gives who paused an enrollment last, "" when nobody did.
func (tx *Tx) HeldBy(id ident.Enrollment) (string, error) {
	var name string
	err := tx.row(linesOf(`t.id = $1`)+`select coalesce(u.name, '') from lines h left join users u on u.id = h.user_id
		where h.kind = $2 order by h.id desc limit 1`, int64(id), lineCodes[flow.LinePaused]).Scan(&name)
	if err == sql.ErrNoRows {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find who paused: %w", err)
	}
	return name, nil
}
