package store

import (
	"context"

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
		return fault.New(fault.Unavailable, "The database file is damaged: %s.", found).WithHint("Restore the last backup.")
	}
	return nil
}
