package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"cadenza/internal/ident"
)

const importColumns = `i.id, i.user_id, coalesce(u.name, ''), i.record_kind, i.file_name, i.file_path, i.size, i.settings, i.state,
	i.progress, i.result, i.created_at, i.finished_at`

const importTables = ` from imports i left join users u on u.id = i.user_id `

func scanImport(row oneRow, more ...any) (i Import, err error) {
	var (
		created  int64
		finished sql.NullInt64
	)
	err = row.Scan(append([]any{
		&i.ID, &i.User, &i.UserName, &i.RecordKind, &i.FileName, &i.FilePath, &i.Size, &i.Settings, &i.State,
		&i.Progress, &i.Result, &created, &finished,
	}, more...)...)
	i.CreatedAt, i.FinishedAt = time.UnixMicro(created).UTC(), moment(finished)
	return i, err
}

// InsertImport writes a new import.
func (tx *Tx) InsertImport(i Import) (Import, error) {
	i.CreatedAt = tx.Now
	id, err := tx.insert(`insert into imports (user_id, record_kind, file_name, file_path, size, settings, state, progress, result, created_at, beat_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, int64(i.User), string(i.RecordKind), i.FileName, i.FilePath, i.Size,
		i.Settings, i.State, i.Progress, i.Result, micros(tx.Now), time.Now().UnixMicro())
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
	list, err := collect(tx, func(rows oneRow) (Import, error) { return scanImport(rows) },
		`select `+importColumns+importTables+where+`order by i.id desc limit $1`, args...)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	return list, nil
}

// MoveImport writes an import over the row that was in the state from. It tells whether that was so: of two who
// begin or cancel one import, one wins.
func (tx *Tx) MoveImport(i Import, from string) (bool, error) {
	n, err := tx.exec(`update imports set settings = $1, state = $2, progress = $3, result = $4, finished_at = $5, beat_at = $6
		where id = $7 and state = $8`, i.Settings, i.State, i.Progress, i.Result, micros(i.FinishedAt), time.Now().UnixMicro(), int64(i.ID), from)
	if err != nil {
		return false, fmt.Errorf("update import: %w", err)
	}
	return n == 1, nil
}

// NoteImportProgress keeps how far an import is, and tells whether it is still in this state. It stands outside of the
// transactions of the rows: progress that is lost harms nobody.
func (db *DB) NoteImportProgress(ctx context.Context, id ident.Import, state, progress string) (alive bool, err error) {
	result, err := db.writer.ExecContext(ctx, `update imports set progress = $1, beat_at = $2 where id = $3 and state = $4`,
		progress, time.Now().UnixMicro(), int64(id), state)
	if err != nil {
		return false, db.explain(fmt.Errorf("note progress of import: %w", err))
	}
	db.changes.Add(1)
	n, err := result.RowsAffected()
	return n == 1, err
}

// BeatImports says that these imports are alive. Beats go by the wall clock: the database's one moves in the demo.
func (db *DB) BeatImports(ctx context.Context, ids []ident.Import) error {
	for _, id := range ids {
		if _, err := db.writer.ExecContext(ctx, `update imports set beat_at = $1 where id = $2`, time.Now().UnixMicro(), int64(id)); err != nil {
			return db.explain(fmt.Errorf("beat of import: %w", err))
		}
	}
	return nil
}

// BuryImports marks imports as failed that are under way but silent for longer than death, or all of them. Those in but
// are alive. It gives how many there were.
func (db *DB) BuryImports(ctx context.Context, but []ident.Import, death time.Duration, all bool, result string) (int, error) {
	count := 0
	err := db.Write(ctx, func(tx *Tx) error {
		for _, state := range []string{"checking", "running"} {
			list, err := tx.importsInState(state)
			if err != nil {
				return err
			}
			for _, i := range list {
				if slices.Contains(but, i.ID) || !all && time.Since(i.beatAt) < death {
					continue
				}
				i.State, i.Result, i.FinishedAt = "failed", result, tx.Now
				if _, err := tx.MoveImport(i.Import, state); err != nil {
					return err
				}
				count++
			}
		}
		return nil
	})
	return count, err
}

// beatingImport is an import with its last sign of life.
type beatingImport struct {
	Import
	beatAt time.Time
}

func (tx *Tx) importsInState(state string) ([]beatingImport, error) {
	list, err := collect(tx, func(rows oneRow) (b beatingImport, err error) {
		var beat int64
		b.Import, err = scanImport(rows, &beat)
		b.beatAt = time.UnixMicro(beat)
		return b, err
	}, `select `+importColumns+`, i.beat_at`+importTables+`where i.state = $1 order by i.id`, state)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	return list, nil
}
