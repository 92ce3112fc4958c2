package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// InsertNote writes a note on a record.
func (tx *Tx) InsertNote(rec ident.Record, user ident.User, body string) (Note, error) {
	n := Note{Record: rec, User: user, Body: body, CreatedAt: tx.Now}
	id, err := tx.insert(`insert into notes (record_id, user_id, body, created_at) values ($1, $2, $3, $4)`,
		int64(rec), key(user), body, micros(tx.Now))
	if err != nil {
		return Note{}, fmt.Errorf("insert note: %w", err)
	}
	n.ID = ident.Note(id)
	return n, nil
}

// ListNotes lists the newest notes of a record; its timeline asks.
func (tx *Tx) ListNotes(rec ident.Record, limit int) ([]Note, error) {
	list, err := collect(tx, func(rows *sql.Rows) (Note, error) {
		n := Note{Record: rec}
		var created int64
		err := rows.Scan(&n.ID, &n.User, &n.UserName, &n.Body, &created)
		n.CreatedAt = time.UnixMicro(created).UTC()
		return n, err
	}, `select n.id, coalesce(n.user_id, 0), coalesce(u.name, ''), n.body, n.created_at
		from notes n left join users u on u.id = n.user_id
		where n.record_id = $1 order by n.created_at desc, n.id desc limit $2`, int64(rec), limit)
	if err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	return list, nil
}
