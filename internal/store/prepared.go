package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// prepared keeps statements of SQLite's writer parsed from one transaction to the next. PostgreSQL's driver does that by itself.
type prepared struct {
	mu    sync.RWMutex
	known map[string]*sql.Stmt
}

// prepare keeps these statements from now on. It is called outside of transactions, because it takes a turn of the writer where one is new.
func (db *DB) prepare(ctx context.Context, queries ...string) error {
	if db.dialect != sqliteDialect || db.prepared.has(queries) {
		return nil
	}
	db.prepared.mu.Lock()
	defer db.prepared.mu.Unlock()
	for _, query := range queries {
		if db.prepared.known[query] != nil {
			continue
		}
		stmt, err := db.writer.PrepareContext(ctx, query)
		if err != nil {
			return fmt.Errorf("prepare a statement: %w", err)
		}
		if db.prepared.known == nil {
			db.prepared.known = map[string]*sql.Stmt{}
		}
		db.prepared.known[query] = stmt
	}
	return nil
}

func (p *prepared) has(queries []string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, query := range queries {
		if p.known[query] == nil {
			return false
		}
	}
	return true
}

// kept gives the statement as this transaction runs it; nil where it is not kept.
func (tx *Tx) kept(query string) *sql.Stmt {
	if tx.db.dialect != sqliteDialect {
		return nil
	}
	tx.db.prepared.mu.RLock()
	defer tx.db.prepared.mu.RUnlock()
	if stmt := tx.db.prepared.known[query]; stmt != nil {
		return tx.tx.StmtContext(tx.ctx, stmt)
	}
	return nil
}

// execKept is exec by a kept statement, where there is one.
func (tx *Tx) execKept(query string, args ...any) (int64, error) {
	stmt := tx.kept(query)
	if stmt == nil {
		return tx.exec(query, args...)
	}
	tx.worked = tx.worked || changesWork(query)
	result, err := stmt.ExecContext(tx.ctx, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	tx.called = tx.called || n > 0 && changesCalls(query)
	return n, err
}
