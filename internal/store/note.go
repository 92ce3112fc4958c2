package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// keepNotes is how long a deleted note can be brought back.
const keepNotes = 30 * 24 * time.Hour

const noteFields = `n.id, n.record_id, coalesce(n.user_id, 0), coalesce(u.name, ''), n.body, n.created_at, n.edited_at, n.deleted_at
	from notes n left join users u on u.id = n.user_id `

func scanNote(rows oneRow) (Note, error) {
	var n Note
	var created int64
	var edited, deleted sql.NullInt64
	err := rows.Scan(&n.ID, &n.Record, &n.User, &n.UserName, &n.Body, &created, &edited, &deleted)
	n.CreatedAt, n.EditedAt, n.DeletedAt = time.UnixMicro(created).UTC(), moment(edited), moment(deleted)
	return n, err
}

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

// GetNote gives a note, a deleted one too.
func (tx *Tx) GetNote(id ident.Note) (Note, error) {
	n, err := scanNote(tx.row(`select `+noteFields+`where n.id = $1`, int64(id)))
	if err != nil {
		return Note{}, missing(fmt.Errorf("get note: %w", err), "note")
	}
	return n, nil
}

// SaveNote writes what can change of a note: its text, and whether it is deleted.
func (tx *Tx) SaveNote(n Note) error {
	if _, err := tx.exec(`update notes set body = $2, edited_at = $3, deleted_at = $4 where id = $1`,
		int64(n.ID), n.Body, micros(n.EditedAt), micros(n.DeletedAt)); err != nil {
		return fmt.Errorf("save note: %w", err)
	}
	return nil
}

// ListNotes lists the newest notes of a record that are not deleted; its timeline asks.
func (tx *Tx) ListNotes(rec ident.Record, limit int) ([]Note, error) {
	list, err := collect(tx, scanNote,
		`select `+noteFields+`where n.record_id = $1 and n.deleted_at is null order by n.created_at desc, n.id desc limit $2`, int64(rec), limit)
	if err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	return list, nil
}

// tidyNotes removes the notes that were deleted long ago.
func (tx *Tx) tidyNotes() error {
	if _, err := tx.exec(`delete from notes where deleted_at < $1`, tx.Now.Add(-keepNotes).UnixMicro()); err != nil {
		return fmt.Errorf("tidy notes: %w", err)
	}
	return nil
}
