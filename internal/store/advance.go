package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/portion"
	"cadenza/internal/step"
)

// The order of locks, which keeps writers on PostgreSQL from waiting for each other in a circle: first enrollments, by
// their keys (the row of enrollment_states is what is locked of one); then their activities and messages, which nobody changes without the lock of their enrollment, or else only
// without waiting for one; then the records whose fields a step sets, by their keys; new enrollments last, by record and
// sequence. What a step that closes a record ends comes after that, in the same order once more. A person's change locks the
// record first: where these meet, PostgreSQL ends one of them, and it is tried again. Due and ClaimMail skip what others hold.

// Play plays what is due: pending events and due times of a portion of the enrollments, in one transaction. It gives how many
// enrollments were looked at. The engine calls it until it gives less than it may. On SQLite it reads the next portion meanwhile.
func (db *DB) Play(ctx context.Context, p *portion.Portion) (int, error) {
	if db.dialect == sqliteDialect {
		return db.playAhead(ctx, p)
	}
	return db.WriteSome(ctx, p, func(tx *Tx, most int) (int, error) {
		list, err := tx.loadDue(most)
		if err != nil {
			return 0, err
		}
		next, err := tx.play(list, nil)
		if err != nil {
			return 0, err
		}
		return len(list), tx.follow(next)
	})
}

// loadDue reads the next enrollments that are due, locked on PostgreSQL.
func (tx *Tx) loadDue(most int) ([]*loaded, error) {
	list, err := tx.load(dueQuery+dueOrder+tx.db.dialect.skipLocked(), tx.Now.UnixMicro(), most)
	if err != nil {
		return nil, fmt.Errorf("claim due enrollments: %w", err)
	}
	return list, nil
}

const (
	dueQuery = stateQuery + ` where due_at is not null and due_at <= $1`
	dueOrder = ` order by due_at, id limit $2`
)

// Due is Play for so many enrollments, however long they take. Benchmarks and tests call it.
func (db *DB) Due(ctx context.Context, limit int) (int, error) {
	return db.Play(ctx, portion.New(limit, limit, limit))
}

// NextDue gives when the engine has to look again; zero when nothing is due ever.
func (db *DB) NextDue(ctx context.Context) (time.Time, error) {
	var due sql.NullInt64
	err := db.reader.QueryRowContext(ctx, `select min(due_at) from enrollment_states where due_at is not null`).Scan(&due)
	return moment(due), db.explain(err)
}

// Advance plays an event on the enrollments with these ids, in this transaction, after whatever is pending for them. A
// nil event plays only what is pending or due. It gives how many of them moved.
func (tx *Tx) Advance(ids []ident.Enrollment, event func(flow.Snapshot) step.Event) (int, error) {
	moved := 0
	var next followUp
	for _, chunk := range chunks(slices.Sorted(slices.Values(ids)), 500) {
		n, more, err := tx.advance(chunk, event)
		if err != nil {
			return moved, err
		}
		moved += n
		next.add(more)
	}
	return moved, tx.follow(next)
}

// advance is Advance for one chunk. The caller carries out what follows once it needs no more enrollments.
func (tx *Tx) advance(ids []ident.Enrollment, event func(flow.Snapshot) step.Event) (moved int, next followUp, err error) {
	list, err := tx.load(stateQuery+` where `+tx.in("id", 1)+` order by id`+tx.db.dialect.lockRows(), tx.list(ids))
	if err != nil {
		return 0, next, fmt.Errorf("load enrollments: %w", err)
	}
	before := make([]int64, len(list))
	for i, l := range list {
		before[i] = l.rev
	}
	if next, err = tx.play(list, event); err != nil {
		return 0, next, err
	}
	for i, l := range list {
		if l.rev != before[i] {
			moved++
		}
	}
	// A person's action may leave something due earlier than what the engine sleeps for.
	tx.due = tx.due || moved > 0
	return moved, next, nil
}

// AdvanceSequence plays one event on every live enrollment of a sequence, by their keys.
func (tx *Tx) AdvanceSequence(id ident.Sequence, event step.Event) (int, error) {
	moved, after := 0, int64(0)
	var next followUp
	for {
		ids, err := collect(tx, scanEnrollmentID, `select id from enrollments where sequence_id = $1 and status < 3 and id > $2 order by id limit 500`,
			int64(id), after)
		if err != nil {
			return moved, err
		}
		if len(ids) == 0 {
			return moved, tx.follow(next)
		}
		n, more, err := tx.advance(ids, func(flow.Snapshot) step.Event { return event })
		if err != nil {
			return moved, err
		}
		moved += n
		next.add(more)
		after = int64(ids[len(ids)-1])
	}
}

// EndEnrollmentsOf plays one event on every live enrollment of the records.
func (tx *Tx) EndEnrollmentsOf(records []ident.Record, event step.Event) (int, error) {
	ids, err := tx.liveOf(records)
	if err != nil {
		return 0, err
	}
	return tx.Advance(ids, func(flow.Snapshot) step.Event { return event })
}

func scanEnrollmentID(rows oneRow) (id ident.Enrollment, err error) { return id, rows.Scan(&id) }

// play asks flow for each enrollment's move and writes all of them. What concerns other enrollments is left to the caller.
func (tx *Tx) play(list []*loaded, event func(flow.Snapshot) step.Event) (followUp, error) {
	w := decideAll(list, event, tx.Now)
	return tx.perform(&w)
}

// decideAll asks flow for each enrollment's move and gives what all of them write.
func decideAll(list []*loaded, event func(flow.Snapshot) step.Event, now time.Time) (w writes) {
	for _, l := range list {
		move := flow.DecideAll(l.snap, now)
		if event != nil {
			move = then(l.snap, move, event, now)
		}
		if move.Ignored && !l.signalled {
			continue
		}
		w.add(l, move, now)
		l.rev++
	}
	return w
}

// perform writes what moves write.
func (tx *Tx) perform(w *writes) (followUp, error) {
	err := tx.write(w)
	return followUp{connects: w.connects, closed: w.closed, changed: w.changed}, err
}

// then plays the event after the move that the pending events gave.
func then(s flow.Snapshot, before flow.Move, event func(flow.Snapshot) step.Event, now time.Time) flow.Move {
	s = s.After(before)
	ev := event(s)
	if ev == nil {
		return before
	}
	after := flow.Decide(s, ev, now)
	if after.Ignored {
		return before
	}
	after.Effects = append(before.Effects, after.Effects...)
	after.Lines = append(before.Lines, after.Lines...)
	return after
}

// Version gives a frozen version. Versions never change, so they are kept for ever once read.
func (tx *Tx) Version(id ident.Version) (*flow.Version, error) {
	tx.db.mu.RLock()
	v, ok := tx.db.versions[id]
	tx.db.mu.RUnlock()
	if ok {
		return v, nil
	}
	var (
		sequence   ident.Sequence
		number     int
		definition string
	)
	err := tx.row(`select sequence_id, number, definition from sequence_versions where id = $1`, int64(id)).Scan(&sequence, &number, &definition)
	if err != nil {
		return nil, fmt.Errorf("read version %d: %w", int64(id), missing(err, "version"))
	}
	// A definition that this program cannot read has no steps for it: flow then ends the enrollment with a reason, and
	// one broken row does not hold up all others.
	def, _, err := flow.Decode([]byte(definition))
	if err != nil {
		def = flow.Sequence{}
	}
	v = flow.NewVersion(id, sequence, number, def)
	if id == tx.frozen {
		return v, nil // a rollback would give its key to another version
	}
	tx.db.mu.Lock()
	tx.db.versions[id] = v
	tx.db.mu.Unlock()
	return v, nil
}

// in gives a condition "column is one of the list" whose list is argument n, made by list.
func (tx *Tx) in(column string, n int) string { return inKeys(tx.db.dialect, column, n) }

func inKeys(d dialect, column string, n int) string {
	if d == postgresDialect {
		return fmt.Sprintf("%s = any($%d::bigint[])", column, n)
	}
	return fmt.Sprintf("%s in (select value from json_each($%d))", column, n)
}

// list gives keys as the argument for in.
func (tx *Tx) list(ids any) any { return listArg(tx.db.dialect, ids) }

func listArg(d dialect, ids any) any {
	keys := keysOf(ids)
	if d == postgresDialect {
		return keys
	}
	text, _ := json.Marshal(keys) // numbers always marshal
	return string(text)
}

func keysOf(ids any) []int64 {
	switch list := ids.(type) {
	case []int64:
		return list
	case []ident.Enrollment:
		return plain(list)
	case []ident.Record:
		return plain(list)
	case []ident.User:
		return plain(list)
	case []ident.Activity:
		return plain(list)
	case []ident.Message:
		return plain(list)
	case []ident.Sequence:
		return plain(list)
	case []ident.File:
		return plain(list)
	case []ident.Version:
		return plain(list)
	case []ident.Mailbox:
		return plain(list)
	case []ident.Received:
		return plain(list)
	case []ident.Team:
		return plain(list)
	}
	panic(fmt.Sprintf("no list of keys: %T", ids))
}

func plain[T ~int64](ids []T) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

func chunks[T any](list []T, size int) [][]T {
	var out [][]T
	for len(list) > size {
		out = append(out, list[:size:size])
		list = list[size:]
	}
	if len(list) > 0 {
		out = append(out, list)
	}
	return out
}
