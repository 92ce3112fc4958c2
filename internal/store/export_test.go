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
