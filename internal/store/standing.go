package store

import (
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// StandingRow counts the live enrollments of a sequence that stand on one step of one version.
type StandingRow struct {
	Version ident.Version
	// Step is "" for those that have not begun.
	Step string
	// Count is all of them, Paused those of them that are paused.
	Count, Paused int
	// Waits say what they wait for.
	Waits map[step.Wait]int
}

// Standings count where the live enrollments of a sequence stand, by version and step.
func (tx *Tx) Standings(id ident.Sequence) ([]StandingRow, error) {
	rows, err := tx.query(`select t.version_id, t.step, t.status, t.wait, count(*) from enrollments e join enrollment_states t on t.id = e.id
		where e.sequence_id = $1 and e.status < 3 group by t.version_id, t.step, t.status, t.wait order by t.version_id, t.step`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("count where enrollments stand: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var list []StandingRow
	for rows.Next() {
		var (
			version      ident.Version
			at           string
			status, wait int16
			n            int
		)
		if err := rows.Scan(&version, &at, &status, &wait, &n); err != nil {
			return nil, fmt.Errorf("count where enrollments stand: %w", err)
		}
		if last := len(list) - 1; last < 0 || list[last].Version != version || list[last].Step != at {
			list = append(list, StandingRow{Version: version, Step: at, Waits: map[step.Wait]int{}})
		}
		row := &list[len(list)-1]
		row.Count += n
		row.Waits[waitOf[wait]] += n
		if statusOf[status] == flow.Paused {
			row.Paused += n
		}
	}
	return list, rows.Err()
}

// StandingAt is a step of a version.
type StandingAt struct {
	Version ident.Version
	Step    string
}

// EnrollmentsAt gives a page of the live enrollments of a sequence that stand on one of the steps, by their keys. The preview of a move asks.
func (tx *Tx) EnrollmentsAt(id ident.Sequence, at []StandingAt, cursor string, limit int) (Page[Enrollment], error) {
	after, ok, err := readCursor(cursor, byID)
	if err != nil || len(at) == 0 {
		return Page[Enrollment]{}, err
	}
	f := &filter{}
	f.and("e.sequence_id = " + f.arg(int64(id)))
	f.and("e.status < 3")
	if ok {
		f.and("e.id > " + f.arg(after.ID))
	}
	var places []string
	for _, p := range at {
		places = append(places, "t.version_id = "+f.arg(int64(p.Version))+" and t.step = "+f.arg(p.Step))
	}
	f.and("(" + strings.Join(places, " or ") + ")")
	size := pageSize(limit)
	list, err := tx.enrollments("list enrollments to move", f.where()+` order by e.id limit `+f.arg(size+1), f.args...)
	if err != nil {
		return Page[Enrollment]{}, err
	}
	return pageOf(list, size, func(e Enrollment) place { return place{Sort: byID, ID: int64(e.ID)} }), nil
}

// OnTheWire gives those of the enrollments whose message of the present visit is being sent, or may have been.
func (tx *Tx) OnTheWire(list []Enrollment) (map[ident.Enrollment]bool, error) {
	found := map[ident.Enrollment]bool{}
	visits := make(map[ident.Enrollment]int, len(list))
	ids := make([]ident.Enrollment, len(list))
	for i, e := range list {
		ids[i], visits[e.ID] = e.ID, e.State.Visit
	}
	type row struct {
		id    ident.Enrollment
		visit int
	}
	for chunk := range slices.Chunk(ids, 500) {
		rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.id, &r.visit) },
			`select enrollment_id, visit from messages where +state in (3, 7) and `+tx.in("enrollment_id", 1)+`
			union all select a.enrollment_id, a.visit from activities a join messages m on m.id = a.message_id where a.state < 4 and m.state in (3, 7) and `+tx.in("a.enrollment_id", 1),
			tx.list(chunk))
		if err != nil {
			return nil, fmt.Errorf("look for messages on the wire: %w", err)
		}
		for _, r := range rows {
			if visits[r.id] == r.visit {
				found[r.id] = true
			}
		}
	}
	return found, nil
}
