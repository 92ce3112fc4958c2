package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/portion"
)

// Tx is one transaction. Now is fixed at its begin: everything that happens in it happens at that moment.
type Tx struct {
	Now time.Time

	ctx context.Context
	tx  *sql.Tx
	db  *DB
	// conn is its connection on PostgreSQL, party the function of together that runs now; nil for none.
	conn  *sql.Conn
	party *party
	// settings are those that are known already, by their names; see knowSettings.
	settings map[string]string
	// due, mail, text, boxes, batch and moves say whom to wake after the commit.
	due, mail, text, boxes, batch, moves bool
	// worked tells that an activity was changed: work lists look again after the commit.
	worked bool
	// called tells that a call was changed, or something asked of one.
	called bool
	// after runs once the commit is done, undo when there is none.
	after, undo []func()
	// locked tells that the enrollments which are told something are locked already, by their keys.
	locked bool
	// frozen is the version that this transaction inserted; it must not be kept before the commit.
	frozen ident.Version
	// own and leaves are read once: the organisation's own holidays, and who is away.
	own    []calendar.OwnHoliday
	leaves *calendar.Roster
	// recalled tells that what goes by the calendar is looked at again already.
	recalled bool
}

// Read runs fn in a read-only transaction.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return db.run(ctx, db.reader, &sql.TxOptions{ReadOnly: true}, fn)
}

// Write runs fn in a transaction and commits it when fn gives no error. Whoever waits for due work or queued mail is
// woken after the commit.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.run(ctx, db.writer, nil, fn)
}

// WriteSome is Write for work in the background that takes so many rows at a time: fn is told how many it may take and gives how many it took.
// The portion learns how long the others were kept waiting, which is without the time for which this one waited for its turn.
func (db *DB) WriteSome(ctx context.Context, p *portion.Portion, fn func(tx *Tx, most int) (int, error)) (took int, err error) {
	var begun time.Time
	err = db.Write(ctx, func(tx *Tx) error {
		begun = time.Now()
		took, err = fn(tx, p.Size())
		return err
	})
	if err != nil {
		return 0, err
	}
	p.Took(took, time.Since(begun))
	return took, nil
}

// whileFull does work in the background, one portion in each transaction, until one has less to do than it may take.
func (db *DB) whileFull(ctx context.Context, p *portion.Portion, fn func(tx *Tx, most int) (int, error)) error {
	for ctx.Err() == nil {
		most := p.Size()
		if took, err := db.WriteSome(ctx, p, fn); err != nil || took < most {
			return err
		}
	}
	return ctx.Err()
}

func (db *DB) run(ctx context.Context, on *sql.DB, o *sql.TxOptions, fn func(*Tx) error) error {
	sqlTx, conn, err := db.begin(ctx, on, o)
	if err != nil {
		return db.explain(fmt.Errorf("begin: %w", err))
	}
	defer func() {
		_ = sqlTx.Rollback() // what panicked ends, too; after a commit it says so, and no more
		if conn != nil {
			_ = conn.Close()
		}
	}()
	tx := &Tx{Now: db.now().Truncate(time.Microsecond), ctx: ctx, tx: sqlTx, conn: conn, db: db}
	committed := false
	defer func() {
		for _, undo := range tx.undo {
			if !committed {
				undo()
			}
		}
	}()
	if err := fn(tx); err != nil {
		_ = sqlTx.Rollback()
		return db.explain(err)
	}
	if o != nil && o.ReadOnly {
		return db.explain(sqlTx.Rollback())
	}
	if said := tx.said(); said != "" && db.dialect == postgresDialect {
		// pg_notify is transactional: the other nodes hear it after the commit.
		if _, err := tx.exec("select pg_notify('cadenza', $1)", said); err != nil {
			_ = sqlTx.Rollback()
			return db.explain(err)
		}
	}
	for _, quiet := range []struct {
		said bool
		what string
	}{{tx.boxes, boxesChanged}, {tx.called, callsChanged}} {
		if !quiet.said || db.dialect != postgresDialect {
			continue
		}
		if _, err := tx.exec("select pg_notify('cadenza', '" + quiet.what + "')"); err != nil {
			_ = sqlTx.Rollback()
			return db.explain(err)
		}
	}
	if err := sqlTx.Commit(); err != nil {
		return db.explain(fmt.Errorf("commit: %w", err))
	}
	committed = true
	for _, after := range tx.after {
		after()
	}
	db.changes.Add(1)
	if tx.due {
		signal(db.wake)
	}
	if tx.mail {
		signal(db.mailWake)
	}
	if tx.text {
		signal(db.textWake)
	}
	if tx.worked {
		db.work.tell()
	}
	if tx.called {
		db.calls.tell()
	}
	if tx.boxes {
		signal(db.boxWake)
	}
	if tx.batch {
		signal(db.batchWake)
	}
	if tx.moves {
		signal(db.moveWake)
	}
	return nil
}

// begin begins a transaction. A PostgreSQL that was started again has left dead connections in the pool, and the pool finds that out of those alone that
// were idle for a second. Where nothing was begun nothing is done twice: so all are dropped, and a new one is tried.
func (db *DB) begin(ctx context.Context, on *sql.DB, o *sql.TxOptions) (*sql.Tx, *sql.Conn, error) {
	if db.pool == nil {
		tx, err := on.BeginTx(ctx, o)
		return tx, nil, err
	}
	tx, conn, err := beginOn(ctx, on, o)
	var away *pgconn.ConnectError
	if err == nil || ctx.Err() != nil || errors.As(err, &away) {
		return tx, conn, err
	}
	db.pool.Reset()
	return beginOn(ctx, on, o)
}

// beginOn begins a transaction on a connection that is known.
func beginOn(ctx context.Context, on *sql.DB, o *sql.TxOptions) (*sql.Tx, *sql.Conn, error) {
	conn, err := on.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	tx, err := conn.BeginTx(ctx, o)
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	return tx, conn, nil
}

// said is what other nodes are told of this transaction: "" for nothing.
func (tx *Tx) said() string {
	switch {
	case tx.due || tx.mail || tx.text:
		return saidDue
	case tx.worked:
		return saidWork
	}
	return ""
}

// explain turns the database's own troubles into faults that say what to do; other errors pass.
func (db *DB) explain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || fault.CodeOf(err) != "" {
		return err
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlitelib.SQLITE_READONLY:
			return fault.New(fault.Unavailable, "The database is read-only, so nothing was saved.").
				WithHint("Give the server write access to the database file and its folder.").WithInner(err)
		case sqlitelib.SQLITE_FULL:
			return fault.New(fault.Unavailable, "The disk is full, so nothing was saved.").WithHint("Free some space; nothing else is needed.").WithInner(err)
		case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
			return fault.New(fault.Unavailable, "The database is busy, so nothing was saved.").WithHint("Try again in a moment.").WithInner(err)
		case sqlitelib.SQLITE_CORRUPT, sqlitelib.SQLITE_NOTADB:
			return damagedFile(lite.Error()).WithInner(err)
		case sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_IOERR:
			return fault.New(fault.Unavailable, "The database file cannot be used, so nothing was saved.").WithHint("Ask an operator to run cadenza doctor.").WithInner(err)
		}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001" || pg.Code == "55P03") {
		return fault.New(fault.Unavailable, "The database is busy, so nothing was saved.").WithHint("Try again in a moment.").WithInner(err)
	}
	if errors.As(err, &pg) && (pg.Code == "25006" || pg.Code[:2] == "53" || pg.Code[:2] == "57") {
		return fault.New(fault.Unavailable, "The database does not take changes at this moment, so nothing was saved.").
			WithHint("Try again in a moment; an operator can run cadenza doctor.").WithInner(err)
	}
	if db.dialect == postgresDialect && broken(err) {
		return fault.New(fault.Unavailable, "The database does not answer, so nothing was saved.").
			WithHint("Try again in a moment; an operator can run cadenza doctor.").WithInner(err)
	}
	return err
}

// broken tells that the connection to the server could not be made, broke, or was found to be broken.
func broken(err error) bool {
	var connect *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || pgconn.SafeToRetry(err)
}

func (tx *Tx) exec(query string, args ...any) (int64, error) {
	tx.worked = tx.worked || changesWork(query)
	n, err := tx.execute(query, args)
	if err != nil {
		return 0, err
	}
	tx.called = tx.called || n > 0 && changesCalls(query) // the chore that looks for calls of dead nodes mostly finds none
	return n, nil
}

func (tx *Tx) execute(query string, args []any) (int64, error) {
	if tx.party != nil {
		q := &question{query: query, args: args, statement: true}
		err := tx.party.pose(q)
		return q.changed, err
	}
	result, err := tx.tx.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (tx *Tx) query(query string, args ...any) (resultRows, error) {
	if tx.party != nil {
		q := &question{query: query, args: args}
		err := tx.party.pose(q)
		return &q.rows, err
	}
	return tx.tx.QueryContext(tx.ctx, query, args...)
}

func (tx *Tx) row(query string, args ...any) oneRow {
	if tx.party != nil {
		rows, err := tx.query(query, args...)
		return firstRow{rows, err}
	}
	return tx.tx.QueryRowContext(tx.ctx, query, args...)
}

// insert runs an insert that ends without "returning" and gives the new key.
func (tx *Tx) insert(query string, args ...any) (int64, error) {
	tx.worked, tx.called = tx.worked || changesWork(query), tx.called || changesCalls(query)
	var id int64
	err := tx.row(query+" returning id", args...).Scan(&id)
	return id, err
}

// missing turns "no rows" into a not-found fault that names the thing.
func missing(err error, thing string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "There is no such %s; it may have been deleted.", thing)
	}
	return err
}

// unique tells whether an error is the refusal of a second row where one is allowed.
func unique(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlitelib.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}

// micros and moment are the stored form of times: microseconds since 1970; null for the zero time.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func moment(v sql.NullInt64) time.Time {
	if !v.Valid {
		return time.Time{}
	}
	return time.UnixMicro(v.Int64).UTC()
}

// key gives an id as an argument; null for none.
func key[T ~int64](id T) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}

// Try carries fn out and takes back what it wrote when it fails; the transaction goes on.
func (tx *Tx) Try(fn func() error) error {
	if _, err := tx.exec(`savepoint attempt`); err != nil {
		return fmt.Errorf("begin an attempt: %w", err)
	}
	after, undo := len(tx.after), len(tx.undo)
	failed := fn()
	if failed == nil {
		_, err := tx.exec(`release savepoint attempt`)
		return err
	}
	if _, err := tx.exec(`rollback to savepoint attempt`); err != nil {
		return fmt.Errorf("take back an attempt: %w", err)
	}
	for _, u := range tx.undo[undo:] {
		u()
	}
	tx.after, tx.undo = tx.after[:after], tx.undo[:undo]
	return tx.db.explain(failed)
}
