package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of the raw reference
)

// rawLines is where the keys of the reference's lines of history begin: far above ours.
const rawLines = 1 << 40

// rawBatch is the size of the reference's transactions.
const rawBatch = 2000

// rawAdvances measures what the database does without Cadenza: the same update of n enrollments and insert of n lines of
// history, set-based in batches, with the same durability.
func rawAdvances(ctx context.Context, address string, n int) (perSecond float64, err error) {
	db, _, err := openRaw(address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	var first int64
	if err := db.QueryRowContext(ctx, `select min(id) from enrollment_states`).Scan(&first); err != nil {
		return 0, err
	}
	started := time.Now()
	for from := first; from < first+int64(n); from += rawBatch {
		if err := rawStep(ctx, db, from, min(from+rawBatch, first+int64(n))); err != nil {
			return 0, fmt.Errorf("batch at %d: %w", from, err)
		}
	}
	return float64(n) / time.Since(started).Seconds(), nil
}

// openRaw opens the database as a reference does: with the same durability, and nothing of ours.
func openRaw(address string) (db *sql.DB, postgres bool, err error) {
	driver, dsn := "pgx", address
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver = "sqlite"
		dsn = "file:" + (&url.URL{Path: file}).EscapedPath() + "?_txlock=immediate&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(5000)"
	}
	db, err = sql.Open(driver, dsn)
	return db, driver == "pgx", err
}

func rawStep(ctx context.Context, db *sql.DB, from, to int64) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `update enrollment_states set step = 'raw', visit = visit + 1, due_at = 9000000000000000 + id, timer_at = null,
		since = since + 1, done = done + 1, rev = rev + 1 where id >= $1 and id < $2`, from, to); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `insert into history (id, prev, enrollment_id, kind, step, visit, since, at, outcome, detail, user_id)
		select $3 + id, last_line, id, 2, step, visit, since, since, 'waited', '', null from enrollment_states where id >= $1 and id < $2`, from, to, rawLines); err != nil {
		return err
	}
	return tx.Commit()
}
