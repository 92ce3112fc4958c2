package store

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"cadenza/internal/engine"
	"cadenza/internal/fault"
)

// Restore puts a backup in the place of the SQLite database at address: checked, migrated and mended by Mend before it is moved
// there, so that a crash leaves the old database or the finished new one. A database that is there is kept under the name that is
// given back; without replace it is an error.
func Restore(ctx context.Context, from, address string, replace bool, now time.Time) (doubt int64, kept string, err error) {
	file, lite := strings.CutPrefix(address, "sqlite:")
	if !lite {
		return 0, "", fault.New(fault.Invalid, "Only an SQLite database is restored from a file.").
			WithHint("Use pg_restore, then cadenza restore --after, before the server is started.")
	}
	_, err = os.Stat(file)
	exists := err == nil
	if exists && !replace {
		return 0, "", fault.New(fault.Conflict, "There is a database at %s already.", file).
			WithHint("Put the backup in its place with --force. The old one is kept beside it.")
	}
	if exists {
		if err := freeFile(ctx, file); err != nil {
			return 0, "", err
		}
	}
	part := file + ".part"
	defer func() { _ = os.Remove(part) }()
	if err := copyFile(from, part); err != nil {
		return 0, "", err
	}
	if doubt, err = mendFile(ctx, from, part); err != nil {
		return 0, "", err
	}
	if exists {
		kept = file + ".before-" + now.UTC().Format("20060102T150405")
		if err := moveAside(file, kept); err != nil {
			return 0, "", err
		}
	}
	return doubt, kept, putInPlace(part, file)
}

// mendFile checks a copy of the backup and makes it fit to be run.
func mendFile(ctx context.Context, from, part string) (doubt int64, err error) {
	db, err := Open(ctx, "sqlite:"+part, Options{})
	if err != nil {
		return 0, damaged(from, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.CheckIntegrity(ctx); err != nil {
		return 0, damaged(from, err)
	}
	return db.Mend(ctx)
}

func damaged(file string, err error) error {
	return fault.New(fault.Invalid, "The file %s is damaged, or it is no backup of Cadenza.", file).WithHint("Restore another backup.").WithInner(err)
}

// Mend makes a database that was put back from a backup fit to be run: the newest schema, no message that leaves by itself, sending
// held until ReleaseSending (ADR 0045). It gives how many messages are in doubt.
func (db *DB) Mend(ctx context.Context) (doubt int64, err error) {
	current, newest, err := db.SchemaVersions(ctx)
	switch {
	case err != nil:
		return 0, err
	case current == 0:
		return 0, fault.New(fault.Invalid, "This is no database of Cadenza.").WithHint("Restore another backup.")
	case current > newest:
		return 0, fault.New(fault.Invalid, "The backup has schema %d, this program knows %d.", current, newest).WithHint("Restore it with the version that made it, or a newer one.")
	}
	if _, err := db.Migrate(ctx); err != nil {
		return 0, err
	}
	err = db.Write(ctx, func(tx *Tx) error {
		doubt, err = tx.markRestored()
		return err
	})
	return doubt, err
}

// CheckUnused is an error while a server uses the database.
func CheckUnused(ctx context.Context, address string) error {
	if file, lite := strings.CutPrefix(address, "sqlite:"); lite {
		if _, err := os.Stat(file); err != nil {
			return fault.New(fault.NotFound, "There is no database at %s.", file).WithHint("Name it with --db.")
		}
		return freeFile(ctx, file)
	}
	db, err := Open(ctx, address, Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	current, _, err := db.SchemaVersions(ctx)
	if err != nil || current == 0 {
		return err
	}
	var living int
	err = db.reader.QueryRowContext(ctx, `select count(*) from leases where name like '`+engine.NodeLease+`%' and until >= `+db.leaseClock()).Scan(&living)
	if err == nil && living > 0 {
		err = fault.New(fault.Conflict, "%d servers run on this database, or ran on it some seconds ago.", living).WithHint("Stop them, wait for 15 seconds, and try again.")
	}
	return err
}

// freeFile is an error while another process has an SQLite database open. It asks by leaving the write-ahead log, for which a process must be
// alone, and so puts all that stands there into the file. Of one that is damaged nothing can be said.
func freeFile(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?_pragma=busy_timeout(200)")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var mode string
	err = db.QueryRowContext(ctx, `pragma journal_mode = delete`).Scan(&mode)
	var lite *sqlite.Error
	if errors.As(err, &lite) && (lite.Code()&0xff == sqlitelib.SQLITE_BUSY || lite.Code()&0xff == sqlitelib.SQLITE_LOCKED) {
		return fault.New(fault.Conflict, "The database %s is in use.", file).WithHint("Stop the server first.")
	}
	return nil
}

// moveAside renames a database with what belongs to it.
func moveAside(file, kept string) error {
	for _, end := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(file+end, kept+end); err != nil && !os.IsNotExist(err) {
			return cannotWrite(kept, err)
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return fault.New(fault.NotFound, "The backup %s cannot be read.", from).WithHint("Check its name, and that this user may read it.").WithInner(err)
	}
	defer func() { _ = in.Close() }()
	if err := emptyFile(to); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY, 0o600)
	if err != nil {
		return cannotWrite(to, err)
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return cannotWrite(to, err)
	}
	return nil
}
