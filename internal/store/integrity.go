package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cadenza/internal/fault"
)

// CheckIntegrity looks for damage in the database file. PostgreSQL checks its pages as it reads them, so there is
// nothing to do there.
func (db *DB) CheckIntegrity(ctx context.Context) error {
	if db.dialect != sqliteDialect {
		return nil
	}
	var found string
	if err := db.reader.QueryRowContext(ctx, `pragma quick_check(1)`).Scan(&found); err != nil {
		return db.explain(err)
	}
	if found != "ok" {
		return damagedFile(strings.Join(strings.Fields(strings.TrimPrefix(found, "*** in database main ***")), " "))
	}
	return nil
}

// quickSize is how big a file may be to be checked at each start: that many bytes are read within half a second.
const quickSize = 64 << 20

// CheckStart is CheckIntegrity for a server that starts, in a file that is read through at once. In a bigger one damage is said where it is met.
func (db *DB) CheckStart(ctx context.Context) error {
	if db.dialect != sqliteDialect {
		return nil
	}
	var pages, size int64
	if err := errors.Join(db.reader.QueryRowContext(ctx, `pragma page_count`).Scan(&pages), db.reader.QueryRowContext(ctx, `pragma page_size`).Scan(&size)); err != nil {
		return db.explain(fmt.Errorf("measure the file: %w", err))
	}
	if pages*size > quickSize {
		return nil
	}
	return db.CheckIntegrity(ctx)
}

// damagedFile says that pages of an SQLite file do not hold what they must.
func damagedFile(found string) *fault.Error {
	return fault.New(fault.Unavailable, "The database file is damaged: %s.", found).
		WithHint("Stop the server and restore the last backup: cadenza restore FILE --force. The damaged file is kept beside it.")
}
