package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// keepVisits is how long it is known that somebody looked at a record.
const keepVisits = 90 * 24 * time.Hour

// Visit is when a user looked at a record. Zero times are never.
type Visit struct {
	// At is the last look, Before the end of the visit before the one that At belongs to.
	At, Before time.Time
	// Unread tells that notifications of the record are unread.
	Unread bool
}

// VisitOf gives when a user looked at a record.
func (tx *Tx) VisitOf(user ident.User, rec ident.Record) (v Visit, err error) {
	var at int64
	var before sql.NullInt64
	err = tx.row(`select at, before_at from record_visits where user_id = $1 and record_id = $2`, int64(user), int64(rec)).Scan(&at, &before)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return v, fmt.Errorf("read visit: %w", err)
	default:
		v.At, v.Before = time.UnixMicro(at).UTC(), moment(before)
	}
	unread, err := tx.UnreadOf(user, []ident.Record{rec})
	v.Unread = unread[rec]
	return v, err
}

// SaveVisit writes when a user looked at a record, who has read what there was to tell of it by that.
func (tx *Tx) SaveVisit(user ident.User, rec ident.Record, v Visit) error {
	_, err := tx.exec(`insert into record_visits (user_id, record_id, at, before_at) values ($1, $2, $3, $4)
		on conflict (user_id, record_id) do update set at = excluded.at, before_at = excluded.before_at`,
		int64(user), int64(rec), v.At.UnixMicro(), micros(v.Before))
	if err == nil && v.Unread {
		_, err = tx.exec(`update notifications set read_at = $3 where user_id = $1 and record_id = $2 and read_at is null`, int64(user), int64(rec), tx.Now.UnixMicro())
	}
	if err != nil {
		return fmt.Errorf("save visit: %w", err)
	}
	return nil
}

// UnreadOf gives those of the records of which a user has notifications to read.
func (tx *Tx) UnreadOf(user ident.User, records []ident.Record) (map[ident.Record]bool, error) {
	unread := map[ident.Record]bool{}
	if len(records) == 0 {
		return unread, nil
	}
	list, err := collect(tx, func(rows oneRow) (id ident.Record, err error) { return id, rows.Scan(&id) },
		`select distinct record_id from notifications where user_id = $1 and read_at is null and `+tx.in("record_id", 2), int64(user), tx.list(records))
	if err != nil {
		return nil, fmt.Errorf("read records with news: %w", err)
	}
	for _, id := range list {
		unread[id] = true
	}
	return unread, nil
}

// tidyVisits removes the visits of long ago.
func (tx *Tx) tidyVisits() error {
	if _, err := tx.exec(`delete from record_visits where at < $1`, tx.Now.Add(-keepVisits).UnixMicro()); err != nil {
		return fmt.Errorf("tidy visits: %w", err)
	}
	return nil
}
