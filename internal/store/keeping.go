package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// Statements of SQLite are kept from one transaction to the next: to read and plan one takes longer than to run it for a few rows, and
// the writer has its turn meanwhile. database/sql forgets those of a transaction at its end, so the driver's connection keeps them.
// (pgx does that by itself.)

// keptMost bounds the statements that a connection keeps, keptLength the length of each, in bytes.
const (
	keptMost   = 500
	keptLength = 20_000
)

// openKeeping opens SQLite with connections that keep their statements.
func openKeeping(dsn string) (*sql.DB, error) {
	plain, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keeper{plain.Driver(), dsn}), plain.Close()
}

// keeper is the connector of such connections.
type keeper struct {
	driver driver.Driver
	dsn    string
}

// Driver gives the driver that opens the connections.
func (k keeper) Driver() driver.Driver { return k.driver }

// Connect opens a connection.
func (k keeper) Connect(context.Context) (driver.Conn, error) {
	c, err := k.driver.Open(k.dsn)
	if err != nil {
		return nil, err
	}
	inner, ok := c.(plainConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("%T misses what database/sql may ask of a connection", c), c.Close())
	}
	return &keepingConn{plainConn: inner, kept: map[string]*keptStmt{}}, nil
}

// plainConn is what a connection of the driver can do.
type plainConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	runner
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// runner runs statements that nobody has prepared.
type runner interface {
	driver.ExecerContext
	driver.QueryerContext
}

// plainStmt is what a statement of the driver can do.
type plainStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// keepingConn keeps statements that are asked for a second time. database/sql lets one goroutine at a time use a connection.
type keepingConn struct {
	plainConn
	// kept holds a statement by its text; nil for one that was asked for once.
	kept map[string]*keptStmt
}

// keptStmt is a statement that outlives its use. busy tells that somebody uses it.
type keptStmt struct {
	plainStmt
	busy bool
}

// use gives the statement of a text, busy until somebody is done with it; nil when it is not kept, or in use.
func (c *keepingConn) use(ctx context.Context, query string) (*keptStmt, error) {
	s, known := c.kept[query]
	switch {
	case !known:
		if len(c.kept) < keptMost && len(query) <= keptLength {
			c.kept[query] = nil
		}
		return nil, nil
	case s == nil:
		made, err := c.plainConn.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		inner, ok := made.(plainStmt)
		if !ok {
			return nil, errors.Join(fmt.Errorf("%T misses what database/sql may ask of a statement", made), made.Close())
		}
		s = &keptStmt{plainStmt: inner}
		c.kept[query] = s
	case s.busy:
		return nil, nil
	}
	s.busy = true
	return s, nil
}

// ExecContext runs a statement that gives no rows.
func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.use(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.plainConn.ExecContext(ctx, query, args)
	}
	defer s.done()
	return s.ExecContext(ctx, args)
}

// QueryContext runs a statement that gives rows, which use it until they are closed.
func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.use(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.plainConn.QueryContext(ctx, query, args)
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		s.done()
		return nil, err
	}
	return &keptRows{rows, s}, nil
}

// PrepareContext gives a statement that is kept when it is closed.
func (c *keepingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.use(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.plainConn.PrepareContext(ctx, query)
	}
	return s, nil
}

// Close ends the connection and its statements.
func (c *keepingConn) Close() error {
	var err error
	for _, s := range c.kept {
		if s != nil {
			err = errors.Join(err, s.plainStmt.Close())
		}
	}
	clear(c.kept)
	return errors.Join(err, c.plainConn.Close())
}

func (s *keptStmt) done() { s.busy = false }

// Close gives the statement back.
func (s *keptStmt) Close() error {
	s.done()
	return nil
}

// keptRows are the rows of a statement that is kept.
type keptRows struct {
	driver.Rows
	stmt *keptStmt
}

// Close ends the rows and gives their statement back.
func (r *keptRows) Close() error {
	defer r.stmt.done()
	return r.Rows.Close()
}
