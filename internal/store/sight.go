package store

import (
	"database/sql"
	"fmt"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// Sight is the sequences that one actor sees: what is not shared with them is not there for them (ADR 0057). Everything that is
// done for somebody reads sequences through it; Tx itself sees all of them, for the server's own work.
type Sight struct {
	tx  *Tx
	who access.Actor
}

// For gives what an actor sees.
func (tx *Tx) For(who access.Actor) Sight { return Sight{tx, who} }

// all is what the server itself sees.
func (tx *Tx) all() Sight { return tx.For(access.System()) }

// seen is access.MaySee as a condition on sequences s, after what args holds already; TestSight holds the two against each other.
func (v Sight) seen(args ...any) (condition string, _ []any) {
	if access.SeesAll(v.who) {
		return ` s.deleted_at is null`, args
	}
	if v.who.ID == 0 || !v.who.Role.Known() {
		return ` 1 = 0`, args
	}
	args = append(args, int64(v.who.ID), v.tx.list(v.who.Teams))
	user, teams := len(args)-1, len(args)
	return fmt.Sprintf(` s.deleted_at is null and (s.sharing = 'all' or s.owner_id = $%d or %s or (s.sharing = 'team' and %s))`,
		user, v.tx.in("s.owner_team_id", teams), v.tx.in("s.shared_team_id", teams)), args
}

// GetSequence gives one sequence that is not deleted.
func (v Sight) GetSequence(id ident.Sequence) (Sequence, error) {
	where, args := v.seen(int64(id))
	s, err := scanSequence(v.tx.row(`select `+sequenceColumns+sequenceTables+`where s.id = $1 and`+where, args...))
	if err != nil {
		return Sequence{}, fmt.Errorf("get sequence: %w", missing(err, "sequence"))
	}
	return s, nil
}

// LockSequence is GetSequence for a change: nobody else changes the sequence, or connects records to it, until the
// transaction ends.
func (v Sight) LockSequence(id ident.Sequence) (Sequence, error) { return v.hold(id, " for update") }

// HoldSequence is GetSequence for connecting records: the sequence stays as it is until the transaction ends.
func (v Sight) HoldSequence(id ident.Sequence) (Sequence, error) { return v.hold(id, " for share") }

// hold locks the row on PostgreSQL; SQLite has one writer.
func (v Sight) hold(id ident.Sequence, lock string) (Sequence, error) {
	if v.tx.db.dialect == postgresDialect {
		if _, err := v.tx.exec(`select 1 from sequences where id = $1`+lock, int64(id)); err != nil {
			return Sequence{}, fmt.Errorf("lock sequence: %w", err)
		}
	}
	return v.GetSequence(id)
}

// SequenceByName gives the sequence of this name in any case of letters.
func (v Sight) SequenceByName(name string) (Sequence, error) {
	where, args := v.seen(name)
	s, err := scanSequence(v.tx.row(`select `+sequenceColumns+sequenceTables+`where lower(s.name) = lower($1) and`+where, args...))
	if err != nil {
		return Sequence{}, fmt.Errorf("get sequence by name: %w", missing(err, "sequence"))
	}
	return s, nil
}

// AllSequences gives every sequence that is not deleted, by name. There are hundreds at most (design, section 7).
func (v Sight) AllSequences() ([]Sequence, error) {
	where, args := v.seen()
	list, err := collect(v.tx, scanSequence,
		`select `+sequenceColumns+sequenceTables+`where`+where+` order by lower(s.name), s.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list sequences: %w", err)
	}
	return list, nil
}

// ActiveSequences gives the active sequences of a kind of record, by name.
func (v Sight) ActiveSequences(kind record.Kind) ([]Sequence, error) {
	where, args := v.seen(string(kind))
	list, err := collect(v.tx, scanSequence,
		`select `+sequenceColumns+sequenceTables+`where s.status = 'active' and s.record_kind = $1 and`+where+` order by lower(s.name), s.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list active sequences: %w", err)
	}
	return list, nil
}

// Sees tells whether there is such a sequence for the actor.
func (v Sight) Sees(id ident.Sequence) (bool, error) {
	where, args := v.seen(int64(id))
	var found int64
	err := v.tx.row(`select s.id from sequences s where s.id = $1 and`+where, args...).Scan(&found)
	if err == sql.ErrNoRows {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for sequence: %w", err)
	}
	return true, nil
}

// Must gives a NotFound fault unless there is such a sequence for the actor.
func (v Sight) Must(id ident.Sequence) error {
	sees, err := v.Sees(id)
	if err == nil && !sees {
		err = fmt.Errorf("get sequence: %w", missing(sql.ErrNoRows, "sequence"))
	}
	return err
}

// Version gives the version of a sequence that was activated last.
func (v Sight) Version(s Sequence) (*flow.Version, error) { return v.tx.Version(s.Version) }
