package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

const importColumns = `i.id, i.user_id, coalesce(u.name, ''), i.record_kind, i.file_name, i.file_path, i.size, i.settings, i.state,
	i.progress, i.result, i.created_at, i.finished_at`

const importTables = ` from imports i left join users u on u.id = i.user_id `

func scanImport(row interface{ Scan(...any) error }) (i Import, err error) {
	var (
		created  int64
		finished sql.NullInt64
	)
	err = row.Scan(&i.ID, &i.User, &i.UserName, &i.RecordKind, &i.FileName, &i.FilePath, &i.Size, &i.Settings, &i.State,
		&i.Progress, &i.Result, &created, &finished)
	i.CreatedAt, i.FinishedAt = time.UnixMicro(created).UTC(), moment(finished)
	return i, err
}

// InsertImport writes a new import.
func (tx *Tx) InsertImport(i Import) (Import, error) {
	i.CreatedAt = tx.Now
	id, err := tx.insert(`insert into imports (user_id, record_kind, file_name, file_path, size, settings, state, progress, result, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, int64(i.User), string(i.RecordKind), i.FileName, i.FilePath, i.Size,
		i.Settings, i.State, i.Progress, i.Result, micros(tx.Now))
	if err != nil {
		return Import{}, fmt.Errorf("insert import: %w", err)
	}
	i.ID = ident.Import(id)
	return i, nil
}

// GetImport gives one import.
func (tx *Tx) GetImport(id ident.Import) (Import, error) {
	i, err := scanImport(tx.row(`select `+importColumns+importTables+`where i.id = $1`, int64(id)))
	if err != nil {
		return Import{}, fmt.Errorf("get import: %w", missing(err, "import"))
	}
	return i, nil
}

// ListImports lists the newest imports of a user, of all when user is zero.
func (tx *Tx) ListImports(user ident.User, limit int) ([]Import, error) {
	where, args := "", []any{limit}
	if user != 0 {
		where, args = "where i.user_id = $2 ", append(args, int64(user))
	}
	list, err := collect(tx, func(rows *sql.Rows) (Import, error) { return scanImport(rows) },
		`select `+importColumns+importTables+where+`order by i.id desc limit $1`, args...)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	return list, nil
}

// ImportsInState lists the imports in a state, oldest first; the runner looks for its work with it.
func (tx *Tx) ImportsInState(state string) ([]Import, error) {
	list, err := collect(tx, func(rows *sql.Rows) (Import, error) { return scanImport(rows) },
		`select `+importColumns+importTables+`where i.state = $1 order by i.id`, state)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	return list, nil
}

// MoveImport writes an import over the row that was in the state from. It tells whether that was so: of two who
// begin or cancel one import, one wins.
func (tx *Tx) MoveImport(i Import, from string) (bool, error) {
	n, err := tx.exec(`update imports set settings = $1, state = $2, progress = $3, result = $4, finished_at = $5 where id = $6 and state = $7`,
		i.Settings, i.State, i.Progress, i.Result, micros(i.FinishedAt), int64(i.ID), from)
	if err != nil {
		return false, fmt.Errorf("update import: %w", err)
	}
	return n == 1, nil
}

// NoteImportProgress keeps how far an import is. It stands outside of the transactions of the rows: progress that is
// lost harms nobody.
func (db *DB) NoteImportProgress(ctx context.Context, id ident.Import, progress string) error {
	if _, err := db.writer.ExecContext(ctx, `update imports set progress = $1 where id = $2`, progress, int64(id)); err != nil {
		return db.explain(fmt.Errorf("note progress of import: %w", err))
	}
	db.changes.Add(1)
	return nil
}

// errDryRun rolls the transaction of a dry run back.
var errDryRun = errors.New("dry run")

// DryRun runs fn in a transaction that is never committed.
func (db *DB) DryRun(ctx context.Context, fn func(*Tx) error) error {
	err := db.Write(ctx, func(tx *Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return errDryRun
	})
	if errors.Is(err, errDryRun) {
		return nil
	}
	return err
}
