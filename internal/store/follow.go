package store

import (
	"fmt"

	"cadenza/internal/ident"
)

// Follow has a user follow a record, or not any more. Doing so twice changes nothing.
func (tx *Tx) Follow(user ident.User, rec ident.Record, on bool) error {
	query := `delete from follows where user_id = $1 and record_id = $2`
	args := []any{int64(user), int64(rec)}
	if on {
		query = `insert into follows (user_id, record_id, created_at) values ($1, $2, $3) on conflict do nothing`
		args = append(args, tx.Now.UnixMicro())
	}
	if _, err := tx.exec(query, args...); err != nil {
		return fmt.Errorf("follow record: %w", err)
	}
	return nil
}

// FollowedOf gives those of the records that a user follows.
func (tx *Tx) FollowedOf(user ident.User, records []ident.Record) (map[ident.Record]bool, error) {
	followed := map[ident.Record]bool{}
	if len(records) == 0 {
		return followed, nil
	}
	list, err := collect(tx, func(rows oneRow) (id ident.Record, err error) { return id, rows.Scan(&id) },
		`select record_id from follows where user_id = $1 and `+tx.in("record_id", 2), int64(user), tx.list(records))
	if err != nil {
		return nil, fmt.Errorf("read followed records: %w", err)
	}
	for _, id := range list {
		followed[id] = true
	}
	return followed, nil
}

// SeeActivity notes that its assignee has opened an activity, or that it counts as not opened again.
func (tx *Tx) SeeActivity(id ident.Activity, seen bool) error {
	query, args := `update activities set seen_at = null where id = $1`, []any{int64(id)}
	if seen {
		query, args = `update activities set seen_at = $2 where id = $1 and seen_at is null`, append(args, tx.Now.UnixMicro())
	}
	if _, err := tx.exec(query, args...); err != nil {
		return fmt.Errorf("note activity as opened: %w", err)
	}
	return nil
}
