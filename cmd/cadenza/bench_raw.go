package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of the raw reference
)

// rawLines is where the keys of the reference's lines of history begin: far above ours.
const rawLines = 1 << 40

// rawBatch is the size of the reference's transactions.
const rawBatch = 2000

// rawAdvances measures what the database does without Cadenza: the same update of n enrollments and insert of n lines of
// history, set-based in batches, with the same durability, over that many connections at once. What it changes stays due
// when it was, so that ours can go on.
func rawAdvances(ctx context.Context, address string, n, connections int) (perSecond float64, err error) {
	db, _, err := openRaw(address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(connections)
	var first, top int64
	if err := db.QueryRowContext(ctx, `select (select min(id) from enrollment_states), (select max(id) from history)`).Scan(&first, &top); err != nil {
		return 0, err
	}
	top = max(top, rawLines)
	var next atomic.Int64
	next.Store(first)
	took, err := timed(func() error {
		return together(connections, func() error {
			for {
				from := next.Add(rawBatch) - rawBatch
				if from >= first+int64(n) {
					return nil
				}
				if err := rawStep(ctx, db, top, from, min(from+rawBatch, first+int64(n))); err != nil {
					return fmt.Errorf("batch at %d: %w", from, err)
				}
			}
		})
	})
	return float64(n) / took.Seconds(), err
}

// together runs fn that many times at once and gives the first error.
func together(n int, fn func() error) error {
	failed := make(chan error, n)
	for range n {
		go func() { failed <- fn() }()
	}
	var first error
	for range n {
		if err := <-failed; err != nil && first == nil {
			first = err
		}
	}
	return first
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

func rawStep(ctx context.Context, db *sql.DB, top, from, to int64) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `update enrollment_states set visit = visit + 1, due_at = due_at + 1, timer_at = timer_at + 1,
		since = since + 1, rev = rev + 1 where id >= $1 and id < $2`, from, to); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `insert into history (id, prev, enrollment_id, kind, step, visit, since, at, outcome, detail, user_id)
		select $3 + id, last_line, id, 2, step, visit, since, since, 'waited', '', null from enrollment_states where id >= $1 and id < $2`, from, to, top); err != nil {
		return err
	}
	return tx.Commit()
}
