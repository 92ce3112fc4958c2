package store

import "context"

// Exec runs a statement past every rule of the package, for tests of what the database itself holds.
func (db *DB) Exec(ctx context.Context, query string) error {
	_, err := db.writer.ExecContext(ctx, query)
	return err
}

// Count gives the number that a query answers, past every rule of the package.
func (db *DB) Count(ctx context.Context, query string) (n int64, err error) {
	err = db.reader.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

// KeepFilesIn makes a folder the one of files from now on, as another start of the server would; "" is the database.
func (db *DB) KeepFilesIn(dir string) { db.filesDir = dir }

// MigrateTo brings the schema to a version of the past, for tests of what a migration does to rows.
func (db *DB) MigrateTo(ctx context.Context, version int64) error {
	provider, err := db.migrations()
	if err == nil {
		_, err = provider.UpTo(ctx, version)
	}
	return err
}

// LeaseByDatabase has the leases of a database with a clock of its own go by that of the database, as without one.
func (db *DB) LeaseByDatabase() { db.ownClock = false }

// CopyFacts makes the copies of what priority counts anew, as the migration made the first ones.
func (db *DB) CopyFacts(ctx context.Context) error {
	return db.Exec(ctx, `update activities set `+db.dialect.setFacts()+` where state < 4`)
}

// ReadAheadAgain has the next portion read ahead of its successor, whatever became of those before.
func (db *DB) ReadAheadAgain() { db.aheads.used(true) }

// Together runs functions in one transaction as a claim runs its lookups; each asks through the Asker that it is given.
func (db *DB) Together(ctx context.Context, parts ...func(Asker) error) error {
	return db.Write(ctx, func(tx *Tx) error {
		list := make([]func() error, len(parts))
		for i, part := range parts {
			list[i] = func() error { return part(Asker{tx}) }
		}
		return tx.together(list...)
	})
}

// Asker asks the database within a transaction.
type Asker struct{ tx *Tx }

// Number gives the number that a query answers.
func (a Asker) Number(query string, args ...any) (n int64, err error) {
	return n, a.tx.row(query, args...).Scan(&n)
}

// Numbers gives the numbers of all rows.
func (a Asker) Numbers(query string, args ...any) ([]int64, error) {
	return collect(a.tx, scanKey, query, args...)
}

// Do runs a statement.
func (a Asker) Do(statement string, args ...any) (int64, error) { return a.tx.exec(statement, args...) }

// Leave asks for rows and gives what reads the rest of them later.
func (a Asker) Leave(query string) (rest func() error, err error) {
	rows, err := a.tx.query(query)
	if err != nil {
		return nil, err
	}
	return func() error {
		for rows.Next() {
		}
		return rows.Err()
	}, nil
}
