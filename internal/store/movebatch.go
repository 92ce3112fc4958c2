package store

import (
	"fmt"
	"slices"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
)

const (
	// undoFor is how long a move can be undone.
	undoFor = time.Hour
	// movePasses is how often enrollments are looked at again whose email was being sent, each time after a pause: a send takes
	// seconds. One of which nobody knows whether it was sent waits for a person, and a move does not wait for that.
	movePasses = 3
	movePause  = 5 * time.Second
)

// ContinueMove does the next batch of a move that is due and in no other node's hands, in one transaction: at most limit
// enrollments. It gives how many it looked at; ok is false when there was no move. A kill leaves the rest to the next one who asks, at
// the enrollment where it stood.
func (tx *Tx) ContinueMove(limit int) (looked int, ok bool, err error) {
	ids, err := collect(tx, func(rows oneRow) (id int64, err error) { return id, rows.Scan(&id) },
		`select id from move_runs where state in (1, 2, 4) and run_at <= $1 order by run_at, id limit 1`+tx.db.dialect.skipLocked(), tx.Now.UnixMicro())
	if err != nil {
		return 0, false, fmt.Errorf("find a due move: %w", err)
	}
	if len(ids) == 0 {
		return 0, false, nil
	}
	r, err := tx.GetMoveRun(ident.MoveRun(ids[0]))
	if err != nil {
		return 0, false, err
	}
	if r.State == MoveUndoing {
		looked, err = tx.undoBatch(&r, limit)
	} else {
		r.State = MoveRunning
		looked, err = tx.moveBatch(&r, limit)
	}
	if err != nil {
		return 0, false, err
	}
	tx.due = true
	return looked, true, tx.SaveMoveRun(r)
}

// moveBatch moves the next enrollments, or ends a pass over them.
func (tx *Tx) moveBatch(r *MoveRun, limit int) (looked int, err error) {
	ids, err := tx.nextToMove(*r, limit)
	if err != nil {
		return 0, fmt.Errorf("find enrollments to move: %w", err)
	}
	if len(ids) == 0 {
		r.last = 0
		if r.pass++; r.Held > 0 && r.pass <= movePasses {
			r.runAt = tx.Now.Add(time.Duration(r.pass-1) * movePause)
			return 0, nil
		}
		r.State, r.FinishedAt = MoveDone, tx.Now
		if r.Moved+r.Finished > 0 {
			r.UndoUntil = tx.Now.Add(undoFor)
		}
		return 0, nil
	}
	r.last = int64(ids[len(ids)-1])
	if r.pass == 1 {
		r.Looked += len(ids)
	}
	next, err := tx.playPending(ids)
	if err != nil {
		return 0, fmt.Errorf("play what is pending: %w", err)
	}
	more, err := tx.relocate(r, ids)
	if err != nil {
		return 0, err
	}
	next.add(more)
	return len(ids), tx.follow(next)
}

// nextToMove gives the next live enrollments on the versions of the mapping, by their keys; after the first pass those that had to be held.
func (tx *Tx) nextToMove(r MoveRun, limit int) ([]ident.Enrollment, error) {
	if r.pass > 1 {
		return collect(tx, scanEnrollmentID, `select enrollment_id from moved_enrollments where run_id = $1 and state = $2 and enrollment_id > $3
			order by enrollment_id limit $4`, int64(r.ID), int16(MovedHeld), r.last, limit)
	}
	versions, err := tx.versionsOf(r)
	if err != nil {
		return nil, err
	}
	// Each status is read through its own part of the index, as with lists of enrollments.
	part := func(status int) string {
		return fmt.Sprintf(`select id from (select id from enrollments where sequence_id = $1 and status = %d and id > $2 and `+tx.in("version_id", 3)+
			` order by id limit $4) as part_%d`, status, status)
	}
	return collect(tx, scanEnrollmentID, `select id from (`+part(1)+` union all `+part(2)+`) as parts order by id limit $4`,
		int64(r.Sequence), r.last, tx.list(versions), limit)
}

// versionsOf gives the versions that the mapping takes records from.
func (tx *Tx) versionsOf(r MoveRun) ([]ident.Version, error) {
	var numbers []int
	for at, to := range r.Mapping {
		if to.Kind != flow.Stay && !slices.Contains(numbers, at.Number) && at.Number != r.Number {
			numbers = append(numbers, at.Number)
		}
	}
	var list []ident.Version
	for _, n := range numbers {
		v, err := tx.VersionByNumber(r.Sequence, n)
		if err != nil {
			return nil, err
		}
		list = append(list, v.ID)
	}
	return list, nil
}

// playPending locks the enrollments, and plays the events and due times that wait for them on the versions where they are.
func (tx *Tx) playPending(ids []ident.Enrollment) (followUp, error) {
	if tx.db.dialect == postgresDialect {
		if _, err := tx.exec(`select 1 from enrollment_states where `+tx.in("id", 1)+` order by id for update`, tx.list(ids)); err != nil {
			return followUp{}, err
		}
	}
	pending, err := collect(tx, scanEnrollmentID, `select id from enrollment_states where `+tx.in("id", 1)+` and (signalled or due_at <= $2) order by id`,
		tx.list(ids), tx.Now.UnixMicro())
	if err != nil || len(pending) == 0 {
		return followUp{}, err
	}
	_, next, err := tx.advance(pending, nil)
	return next, err
}

// movable is a live enrollment in the middle of a move.
type movable struct {
	*loaded
	order flow.Transfer
	// row is what is kept of it.
	row MovedRow
}

// relocate moves those of the locked enrollments that the mapping names.
func (tx *Tx) relocate(r *MoveRun, ids []ident.Enrollment) (followUp, error) {
	list, err := tx.toRelocate(*r, ids)
	if err != nil {
		return followUp{}, err
	}
	before, err := tx.rowsOfRun(r.ID, ids)
	if err != nil {
		return followUp{}, err
	}
	var w writes
	var rows []MovedRow
	moved := map[ident.Version][]ident.Enrollment{}
	for _, m := range list {
		move := flow.Relocate(m.snap, m.order, tx.Now)
		m.row.became(move)
		if !move.Ignored {
			w.add(m.loaded, move, tx.Now)
			moved[m.snap.Version.ID] = append(moved[m.snap.Version.ID], m.snap.Enrollment)
		}
		if m.order.OnWire && move.Ignored {
			m.row.State, m.row.Reason = MovedHeld, flow.OnWireReason
		}
		if old, ok := before[m.snap.Enrollment]; ok {
			r.count(old.State, -1)
			delete(before, m.snap.Enrollment)
		}
		r.count(m.row.State, 1)
		rows = append(rows, m.row)
	}
	if err := tx.writeMoves(&w, moved, rows); err != nil {
		return followUp{}, err
	}
	if err := tx.letGo(r, before); err != nil {
		return followUp{}, err
	}
	return followUp{connects: w.connects, closed: w.closed, changed: w.changed}, nil
}

// letGo forgets those that were held and have gone, since, where the mapping says nothing.
func (tx *Tx) letGo(r *MoveRun, held map[ident.Enrollment]MovedRow) error {
	if len(held) == 0 {
		return nil
	}
	var ids []ident.Enrollment
	for id, row := range held {
		r.count(row.State, -1)
		ids = append(ids, id)
	}
	return tx.forgetMoved(r.ID, ids)
}

// count notes what became of enrollments.
func (r *MoveRun) count(s MovedState, n int) {
	switch s {
	case MovedOn:
		r.Moved += n
	case MovedFinished:
		r.Finished += n
	case MovedHeld:
		r.Held += n
	case MovedBack:
		r.Undone += n
	case MovedKept:
		r.Kept += n
	}
}

// toRelocate reads the locked enrollments that the mapping names, with what decisions on their new version ask for. Those that are held
// from an earlier pass and have gone where the mapping says nothing are let go.
func (tx *Tx) toRelocate(r MoveRun, ids []ident.Enrollment) ([]*movable, error) {
	all, err := collect(tx, newStateScan().row, stateQuery+` where `+tx.in("id", 1)+` and status < 3 order by id`, tx.list(ids))
	if err != nil {
		return nil, fmt.Errorf("load enrollments: %w", err)
	}
	to, err := tx.Version(r.Version)
	if err != nil {
		return nil, err
	}
	var list []*movable
	var facts []*loaded
	for _, l := range all {
		from, err := tx.Version(l.version)
		if err != nil {
			return nil, err
		}
		order := flow.Transfer{From: from, Destination: r.Mapping.Of(flow.VersionStep{Number: from.Number, Step: l.snap.State.Step}), By: r.User, Reason: r.Reason}
		if order.Kind == flow.Stay || l.version == r.Version {
			continue
		}
		l.snap.Version = from
		if order.Kind == flow.To {
			l.snap.Version = to
			facts = append(facts, l)
		}
		l.sequence = r.Sequence
		list = append(list, &movable{loaded: l, order: order, row: movedRowOf(r.ID, l)})
	}
	if err := tx.loadFacts(facts); err != nil {
		return nil, fmt.Errorf("load facts: %w", err)
	}
	return list, tx.noteOnWire(list)
}

// noteOnWire finds out whose message is being sent, or may have been. On PostgreSQL it locks what is unsent: whoever claims a message
// for sending does not wait for its enrollment. The + keeps the search by enrollment: by state it would read the whole outbox.
func (tx *Tx) noteOnWire(list []*movable) error {
	byID := make(map[ident.Enrollment]*movable, len(list))
	ids := make([]ident.Enrollment, len(list))
	for i, m := range list {
		ids[i], byID[m.snap.Enrollment] = m.snap.Enrollment, m
	}
	type row struct {
		at    ident.Enrollment
		visit int
		state MessageState
	}
	for _, query := range []string{
		`select enrollment_id, visit, state from messages where +state in (1, 2, 3, 7) and ` + tx.in("enrollment_id", 1) + ` order by id` + tx.db.dialect.lockRows(),
		`select a.enrollment_id, a.visit, m.state from activities a join messages m on m.id = a.message_id where a.state < 4 and m.state in (1, 2, 3, 7) and ` +
			tx.in("a.enrollment_id", 1) + ` order by m.id` + tx.db.dialect.lockRows(),
	} {
		found, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.at, &r.visit, &r.state) }, query, tx.list(ids))
		if err != nil {
			return fmt.Errorf("look for messages on the wire: %w", err)
		}
		for _, f := range found {
			if m := byID[f.at]; f.visit == m.snap.State.Visit && (f.state == MessageSending || f.state == MessageUnknown) {
				m.order.OnWire = true
			}
		}
	}
	return nil
}

// writeMoves brings moves into the database, with the versions on which the enrollments are now.
func (tx *Tx) writeMoves(w *writes, moved map[ident.Version][]ident.Enrollment, rows []MovedRow) error {
	if err := tx.write(w); err != nil {
		return err
	}
	for version, ids := range moved {
		for _, table := range []string{"enrollment_states", "enrollments"} {
			if _, err := tx.exec(`update `+table+` set version_id = $2 where version_id <> $2 and `+tx.in("id", 1), tx.list(ids), int64(version)); err != nil {
				return fmt.Errorf("set versions: %w", err)
			}
		}
	}
	return tx.saveMoved(rows)
}
