package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"cadenza/internal/fault"
)

// Backup writes a consistent copy of an SQLite database into a file, while others read and write it. The file is there whole or
// not at all: it is written beside its place, made lasting, and put there. It gives the size in bytes.
func (db *DB) Backup(ctx context.Context, file string, overwrite bool) (size int64, err error) {
	if db.dialect != sqliteDialect {
		return 0, fault.New(fault.Invalid, "PostgreSQL has its own tools for backups.").WithHint("Use pg_dump.")
	}
	if _, err := os.Stat(file); err == nil && !overwrite {
		return 0, fault.New(fault.Conflict, "The file %s exists already.", file).WithHint("Name another, or overwrite it with --force.")
	}
	part := file + ".part"
	if err := emptyFile(part); err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(part) }()
	if _, err := db.writer.ExecContext(ctx, `vacuum into $1`, part); err != nil {
		return 0, db.explain(err)
	}
	info, err := os.Stat(part)
	if err != nil {
		return 0, err
	}
	return info.Size(), putInPlace(part, file)
}

// emptyFile makes an empty file that only this user reads, in place of what an interrupted run left there.
func emptyFile(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cannotWrite(file, err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return cannotWrite(file, err)
	}
	return f.Close()
}

// putInPlace makes a finished file lasting and gives it its name.
func putInPlace(part, file string) error {
	if err := makeLasting(part); err != nil {
		return cannotWrite(part, err)
	}
	if err := os.Rename(part, file); err != nil {
		return cannotWrite(file, err)
	}
	if err := makeLasting(filepath.Dir(file)); err != nil {
		return cannotWrite(file, err)
	}
	return nil
}

func makeLasting(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func cannotWrite(file string, err error) error {
	return fault.New(fault.Unavailable, "The file %s cannot be written.", file).
		WithHint("Check that its folder exists, that this user may write there, and that the disk is not full.").WithInner(err)
}
