package store

import (
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// together runs functions that do not need each other's results, and on PostgreSQL sends what they ask the database together. A question of its own
// costs a way to the server and back, and on a busy machine it waits on both ends for a processor, which takes longer than its answer.
//
// The functions are written as any others: they run by turns, never at once. One that asks a question stands still until all others have asked theirs
// or are done; then all questions leave at once. So there are as many ways as the longest of the functions has questions. Nothing is said about the
// order of questions of different functions, except that the first ones of all run in the order of the functions. A function reads the rows of an answer
// to their end, or closes them, before it asks on. After the first error the others are not finished.
//
// SQLite has no way to save: there they run one after the other, as they do within a function that runs together with others itself.
func (tx *Tx) together(parts ...func() error) error {
	if tx.conn == nil || tx.party != nil || len(parts) == 1 {
		for _, part := range parts {
			if err := part(); err != nil {
				return err
			}
		}
		return nil
	}
	var asking []*party
	for _, part := range parts {
		p := newParty(part)
		defer p.stop()
		asks, err := tx.proceed(p)
		if err != nil {
			return err
		}
		if asks {
			asking = append(asking, p)
		}
	}
	for len(asking) > 0 {
		var err error
		if asking, err = tx.answer(asking); err != nil {
			return err
		}
	}
	return nil
}

// party is one of the functions that run together.
type party struct {
	// ask is what the function gives a question to; it comes back with the answer, or with false when there will be none.
	ask func(*question) bool
	// next lets the function run until it asks or ends, stop ends it.
	next func() (*question, bool)
	stop func()
	// question is what it waits for, err how it ended.
	question *question
	err      error
}

func newParty(part func() error) *party {
	p := &party{}
	p.next, p.stop = iter.Pull(func(yield func(*question) bool) {
		p.ask = yield
		p.err = part()
	})
	return p
}

// proceed lets a party run until it asks, or ends.
func (tx *Tx) proceed(p *party) (asks bool, err error) {
	tx.party = p
	defer func() { tx.party = nil }()
	p.question, asks = p.next()
	return asks, p.err
}

// answer sends the questions of parties together and lets each go on with its answer. It gives those that ask on.
func (tx *Tx) answer(parties []*party) (asking []*party, err error) {
	var panicked any
	err = tx.conn.Raw(func(driverConn any) (err error) {
		defer func() { // a connection that a panic goes through waits for its transaction, which waits for the panic
			if panicked = recover(); panicked != nil {
				err = errStopped
			}
		}()
		conn, ok := driverConn.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("%T is no connection of PostgreSQL", driverConn)
		}
		var batch pgx.Batch
		for _, p := range parties {
			batch.Queue(p.question.query, p.question.args...)
		}
		results := conn.Conn().SendBatch(tx.ctx, &batch)
		defer func() { _ = results.Close() }()
		for _, p := range parties {
			q := p.question
			q.take(results)
			asks, err := tx.proceed(p)
			q.rows.end()
			if err != nil {
				return err
			}
			if asks {
				asking = append(asking, p)
			}
		}
		return results.Close()
	})
	if panicked != nil {
		panic(panicked)
	}
	if err != nil && tx.ctx.Err() != nil {
		err = tx.ctx.Err() // whatever the connection says of it
	}
	return asking, err
}

// question is a query or a statement, and what came of it.
type question struct {
	query string
	args  []any
	// statement tells that it gives no rows.
	statement bool
	rows      answerRows
	changed   int64
	err       error
}

// take reads the next result as the answer.
func (q *question) take(results pgx.BatchResults) {
	if q.statement {
		tag, err := results.Exec()
		q.changed, q.err = tag.RowsAffected(), err
		return
	}
	rows, err := results.Query()
	q.rows, q.err = answerRows{rows: rows}, err
}

// errStopped is what a function gets whose question is not answered any more, because another one failed.
var errStopped = errors.New("another question failed")

// pose has a question of the party answered.
func (p *party) pose(q *question) error {
	if !p.ask(q) {
		return errStopped
	}
	return q.err
}

// answerRows are rows of one of several answers.
type answerRows struct {
	rows pgx.Rows
	late bool
}

// errLate is a mistake in a function: what it did not read is gone.
var errLate = errors.New("rows were not read before the next question")

// end closes the rows; what was not read then is lost, and reading it an error.
func (r *answerRows) end() {
	if r.rows != nil {
		r.late = true
		r.rows.Close()
	}
}

// Next steps to the next row.
func (r *answerRows) Next() bool { return r.rows.Next() }

// Scan reads the columns of a row.
func (r *answerRows) Scan(dest ...any) error { return r.rows.Scan(dest...) }

// Err tells what went wrong.
func (r *answerRows) Err() error {
	if r.late {
		return errLate
	}
	return r.rows.Err()
}

// Close leaves out what was not read.
func (r *answerRows) Close() error {
	r.rows.Close()
	return nil
}

// firstRow is the first row of an answer, as sql.Row is.
type firstRow struct {
	rows resultRows
	err  error
}

// Scan reads the columns of the row; without one it gives sql.ErrNoRows.
func (r firstRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer func() { _ = r.rows.Close() }()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	return r.rows.Scan(dest...)
}
