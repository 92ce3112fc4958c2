package store

import (
	"fmt"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
)

// undoBatch puts the next enrollments back, or ends the undoing. The + keeps the search by enrollment: by state it would read and sort all that
// were moved, in each batch again.
func (tx *Tx) undoBatch(r *MoveRun, limit int) (looked int, err error) {
	rows, err := collect(tx, func(rows oneRow) (MovedRow, error) { return scanMoved(rows) },
		movedFields+`from moved_enrollments x where x.run_id = $1 and +x.state in (1, 2) and x.enrollment_id > $2 order by x.enrollment_id limit $3`,
		int64(r.ID), r.last, limit)
	if err != nil {
		return 0, fmt.Errorf("find what was moved: %w", err)
	}
	if len(rows) == 0 {
		r.State, r.FinishedAt = MoveUndone, tx.Now
		return 0, nil
	}
	// Whoever closes the sequence locks it before its enrollments.
	s, err := tx.all().HoldSequence(r.Sequence)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return 0, err
	}
	r.last = int64(rows[len(rows)-1].Enrollment)
	ids := make([]ident.Enrollment, len(rows))
	for i, row := range rows {
		ids[i] = row.Enrollment
	}
	next, err := tx.playPending(ids)
	if err != nil {
		return 0, fmt.Errorf("play what is pending: %w", err)
	}
	if err := tx.putBack(r, ids, rows, s.Status == Active); err != nil {
		return 0, err
	}
	return len(rows), tx.follow(next)
}

// putBack puts those of the locked enrollments back that stand where the move left them, and notes of the others why not. What says how
// goes with it: one that is back is the run's count alone. open tells that the sequence is active.
func (tx *Tx) putBack(r *MoveRun, ids []ident.Enrollment, rows []MovedRow, open bool) error {
	list, err := tx.toPutBack(*r, ids, rows, open)
	if err != nil {
		return err
	}
	var w writes
	var kept []MovedRow
	var gone []ident.Enrollment
	back := map[ident.Version][]ident.Enrollment{}
	for i := range rows {
		m := list[rows[i].Enrollment]
		if m == nil { // deleted with its record
			rows[i].State, rows[i].Reason = MovedKept, "It is gone."
			r.count(MovedKept, 1)
			kept = append(kept, rows[i])
			continue
		}
		if m.row.State == MovedBack {
			move := flow.Return(m.snap, m.order, m.row.Was, tx.Now)
			if move.Ignored {
				m.row.State, m.row.Reason = MovedKept, flow.OnWireReason
			} else {
				w.add(m.loaded, move, tx.Now)
				back[m.row.From] = append(back[m.row.From], m.snap.Enrollment)
				gone = append(gone, m.snap.Enrollment)
			}
		}
		if m.row.State == MovedKept {
			kept = append(kept, m.row)
		}
		r.count(m.row.State, 1)
	}
	if err := tx.writeMoves(&w, back, kept); err != nil {
		return err
	}
	return tx.forgetMoved(r.ID, gone)
}

// toPutBack reads the locked enrollments, on the versions to which they go back, and says in their rows what becomes of them.
func (tx *Tx) toPutBack(r MoveRun, ids []ident.Enrollment, rows []MovedRow, open bool) (map[ident.Enrollment]*movable, error) {
	all, err := collect(tx, newStateScan().row, stateQuery+` where `+tx.in("id", 1)+` order by id`, tx.list(ids))
	if err != nil {
		return nil, fmt.Errorf("load enrollments: %w", err)
	}
	found := make(map[ident.Enrollment]*movable, len(all))
	for _, l := range all {
		found[l.snap.Enrollment] = &movable{loaded: l}
	}
	ended, err := tx.endedBy(r, rows, open)
	if err != nil {
		return nil, err
	}
	var list []*movable
	var facts []*loaded
	for _, row := range rows {
		m := found[row.Enrollment]
		if m == nil {
			continue
		}
		m.row = row
		if m.row.Reason = notBack(row, m.loaded, r.Version, ended); m.row.Reason != "" {
			m.row.State = MovedKept
			continue
		}
		m.row.State, m.sequence = MovedBack, r.Sequence
		from, err := tx.Version(m.version)
		if err != nil {
			return nil, err
		}
		m.order = flow.Transfer{From: from, By: r.User, Reason: "The move was undone."}
		if m.snap.Version, err = tx.Version(row.From); err != nil {
			return nil, err
		}
		list, facts = append(list, m), append(facts, m.loaded)
	}
	if err := tx.loadFacts(facts); err != nil {
		return nil, fmt.Errorf("load facts: %w", err)
	}
	return found, tx.noteOnWire(list)
}

// notBack says why an enrollment cannot be put back; "" when it can.
func notBack(row MovedRow, l *loaded, to ident.Version, ended map[ident.Enrollment]string) string {
	st := l.snap.State
	switch {
	case row.Final:
		return "The move led it through steps that cannot be taken back."
	case row.State == MovedFinished && ended[row.Enrollment] != "":
		return ended[row.Enrollment]
	case st.Visit != row.AfterVisit || st.Step != row.AfterStep || st.Done != row.AfterDone || row.State == MovedOn && l.version != to:
		return "It has gone on since."
	case st.Status == flow.Finished && row.State == MovedOn:
		return "It has ended since."
	case st.Status != flow.Finished && row.State == MovedFinished:
		return "It goes on already."
	}
	return ""
}

// endedBy says of enrollments that the move finished why they cannot go on again: the sequence or their record is closed, or they are on
// the sequence again. Their records are locked: whoever closes one would not see that its enrollment goes on.
func (tx *Tx) endedBy(r MoveRun, rows []MovedRow, open bool) (map[ident.Enrollment]string, error) {
	var ids []ident.Enrollment
	for _, row := range rows {
		if row.State == MovedFinished {
			ids = append(ids, row.Enrollment)
		}
	}
	why := map[ident.Enrollment]string{}
	if len(ids) == 0 {
		return why, nil
	}
	if !open {
		for _, id := range ids {
			why[id] = "The sequence is not active."
		}
		return why, nil
	}
	type found struct {
		id          ident.Enrollment
		open, again bool
	}
	list, err := collect(tx, func(rows oneRow) (f found, err error) { return f, rows.Scan(&f.id, &f.open, &f.again) },
		`select e.id, r.open, exists (select 1 from enrollments o where o.record_id = e.record_id and o.sequence_id = e.sequence_id and o.status < 3)
		from enrollments e join records r on r.id = e.record_id where e.sequence_id = $2 and `+tx.in("e.id", 1)+` order by r.id`+tx.db.dialect.shareRows("r"),
		tx.list(ids), int64(r.Sequence))
	if err != nil {
		return nil, fmt.Errorf("look at what ended: %w", err)
	}
	for _, id := range ids {
		why[id] = "The record is gone."
	}
	for _, f := range list {
		why[f.id] = ""
		switch {
		case !f.open:
			why[f.id] = "The record was closed."
		case f.again:
			why[f.id] = "The record was connected again."
		}
	}
	return why, nil
}
