package store

import "context"

// Exec runs a statement past every rule of the package, for tests of what the database itself holds.
func (db *DB) Exec(ctx context.Context, query string) error {
	_, err := db.writer.ExecContext(ctx, query)
	return err
}
