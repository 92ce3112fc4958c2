package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"modernc.org/sqlite" // the embedded database, in pure Go
	sqlitelib "modernc.org/sqlite/lib"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
)

// Options are what Open needs beside the address.
type Options struct {
	// Now is the clock; nil for time.Now. The demo moves it.
	Now func() time.Time
	// FilesDir is the folder in which files that go with mail are kept; "" for the database.
	FilesDir string
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect dialect
	reader  *sql.DB
	// writer has one connection on SQLite, so that writers wait in Go and not on the file's lock.
	writer *sql.DB
	pool   *pgxpool.Pool // PostgreSQL only
	now    func() time.Time
	// ownClock tells that now was given to Open.
	ownClock bool
	// filesDir is Options.FilesDir as a full path.
	filesDir string
	wake     chan struct{}

	mu       sync.RWMutex
	versions map[ident.Version]*flow.Version
	leases   leases // SQLite only
	// mailWake is signalled when an email was queued, textWake when a text message was.
	mailWake, textWake chan struct{}
	// work is told when an activity was changed.
	work audience
	// calls tells phones that a call of some node was changed.
	calls audience
	// boxWake is signalled when a mailbox was changed, or found to work.
	boxWake chan struct{}
	// batchWake is signalled when a batch began or is taken back.
	batchWake chan struct{}
	// moveWake is signalled when a move of records began or is taken back.
	moveWake chan struct{}
	// full tells that the last claim was: more is due then, and there is no need to look for it.
	full atomic.Bool
	// changes counts commits that people may see, for pages that follow along.
	changes atomic.Int64
	// figures are the counts of all sequences where counting takes long.
	figures figures
	// holidays are those of regions by year: regionYear to a map of calendar.Date.
	holidays sync.Map
	// zones keeps time zones by name.
	zones sync.Map
	// aheads are portions of due enrollments that were read before their turn, on SQLite.
	aheads aheads
}

// mostWriters bounds Writers: each takes one of the pool's connections as long as a backlog lasts.
const mostWriters = 4

// Writers is how many writers get more done at once than one alone: as many as there are processors on PostgreSQL, which does
// a part of the work itself, but no more than 4; on SQLite, which has one writer, 1.
func (db *DB) Writers() int {
	if db.dialect == sqliteDialect {
		return 1
	}
	return min(runtime.GOMAXPROCS(0), mostWriters)
}

// TakesNodes tells whether other nodes can work on the database beside this one.
func (db *DB) TakesNodes() bool { return db.dialect == postgresDialect }

// Open opens a database by its address: "sqlite:FILE" or "postgres://…". It does not change the schema.
func Open(ctx context.Context, address string, o Options) (*DB, error) {
	db := &DB{
		now: o.Now, wake: make(chan struct{}, 1), mailWake: make(chan struct{}, 1), textWake: make(chan struct{}, 1), boxWake: make(chan struct{}, 1), batchWake: make(chan struct{}, 1),
		moveWake: make(chan struct{}, 1),
		versions: map[ident.Version]*flow.Version{},
	}
	db.ownClock = o.Now != nil
	if db.now == nil {
		db.now = time.Now
	}
	var err error
	if o.FilesDir != "" {
		if db.filesDir, err = filepath.Abs(o.FilesDir); err != nil {
			return nil, fmt.Errorf("find the folder of files: %w", err)
		}
	}
	switch {
	case strings.HasPrefix(address, "sqlite:"):
		err = db.openSQLite(ctx, strings.TrimPrefix(address, "sqlite:"))
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		err = db.openPostgres(ctx, address)
	default:
		return nil, fault.New(fault.Invalid, "The database address is not understood.").
			WithHint("Use sqlite:FILE, for instance sqlite:cadenza.db, or postgres://user:password@host/database.")
	}
	if err != nil {
		return nil, err
	}
	return db, nil
}

var sqlitePragmas = []string{"busy_timeout(5000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(1)", "temp_store(memory)"}

// The caches of a connection, in KiB. A commit of SQLite that has split a page goes through all pages that its connection has cached, which takes a
// millisecond for 64 MiB of them; readers commit nothing.
const (
	writerCache = "cache_size(-16384)"
	readerCache = "cache_size(-65536)"
)

func (db *DB) openSQLite(ctx context.Context, file string) error {
	if file == "" {
		return fault.New(fault.Invalid, "The database address names no file.").WithHint("Use sqlite:FILE, for instance sqlite:cadenza.db.")
	}
	db.dialect = sqliteDialect
	pragmas := url.Values{"_txlock": {"immediate"}, "_pragma": append(sqlitePragmas, writerCache)}
	dsn := "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + pragmas.Encode()
	writer, err := openKeeping(dsn)
	if err != nil {
		return fmt.Errorf("open %s: %w", file, err)
	}
	writer.SetMaxOpenConns(1)
	if err := writer.PingContext(ctx); err != nil {
		return errors.Join(explainSQLite(file, err), writer.Close())
	}
	pragmas.Set("_txlock", "deferred")
	pragmas["_pragma"] = append(sqlitePragmas, readerCache, "query_only(1)")
	reader, err := openKeeping("file:" + (&url.URL{Path: file}).EscapedPath() + "?" + pragmas.Encode())
	if err != nil {
		return errors.Join(err, writer.Close())
	}
	reader.SetMaxOpenConns(8)
	reader.SetMaxIdleConns(8)
	db.writer, db.reader = writer, reader
	return nil
}

// explainSQLite says what to do about a file that cannot be opened.
func explainSQLite(file string, err error) error {
	f := fault.New(fault.Unavailable, "The database file %s cannot be opened for writing.", file).WithInner(err)
	if info, statErr := os.Stat(file); statErr == nil && info.IsDir() {
		return f.WithHint("It is a folder: name a file in it.")
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) && (lite.Code()&0xff == sqlitelib.SQLITE_CORRUPT || lite.Code()&0xff == sqlitelib.SQLITE_NOTADB) {
		return fault.New(fault.Unavailable, "The file %s is damaged, or it is no database.", file).WithInner(err).
			WithHint("Restore the last backup, or name another file.")
	}
	return f.WithHint("Check that its folder exists, that both may be written by this user, and that the disk is not full.")
}

// Close closes every connection.
func (db *DB) Close() error {
	err := db.writer.Close()
	if db.reader != db.writer {
		err = errors.Join(err, db.reader.Close())
	}
	if db.pool != nil {
		db.pool.Close()
	}
	return err
}

// Now gives the moment by the database's clock.
func (db *DB) Now() time.Time { return db.now() }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.reader.PingContext(ctx) }

// Dialect gives "sqlite" or "postgres".
func (db *DB) Dialect() string { return string(db.dialect) }

// Changes gives a number that grows with each commit of this node that people may see.
func (db *DB) Changes() int64 { return db.changes.Load() }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
