package store

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"cadenza/internal/engine"
)

// Lead tells whether this node holds the lease of a chore for the given time from now, and takes it when it is free. It
// is asked for every few seconds: on SQLite, which has one node, nothing is written, and nowhere does it count as a change.
func (db *DB) Lead(ctx context.Context, name, node string, lease time.Duration) (bool, error) {
	if db.dialect == sqliteDialect {
		return db.leases.take(name, node, db.now(), lease), nil
	}
	now := db.leaseClock()
	result, err := db.writer.ExecContext(ctx, `insert into leases (name, node, until) values ($1, $2, `+now+` + $3)
		on conflict (name) do update set node = excluded.node, until = excluded.until
		where leases.node = excluded.node or leases.until < `+now,
		name, node, lease.Microseconds())
	if err != nil {
		return false, db.explain(fmt.Errorf("take lease: %w", err))
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// leaseClock is the time of leases in SQL, in microseconds: that of the database, because the clocks of nodes differ and step. One that is
// an hour ahead would take all others for dead, and be missed for an hour itself. A clock that was given to Open counts for leases as well.
func (db *DB) leaseClock() string {
	if db.ownClock {
		return strconv.FormatInt(db.now().UnixMicro(), 10)
	}
	return "(extract(epoch from clock_timestamp()) * 1000000)::bigint"
}

// gone is a condition on rows that name a node: it has not said for a while that it lives. On SQLite, where there is one node, it is
// every other one. The arguments begin with the place n.
func (tx *Tx) gone(column, node string, n int) (condition string, args []any) {
	if tx.db.dialect == sqliteDialect {
		return fmt.Sprintf("%s <> $%d", column, n), []any{node}
	}
	return `not exists (select 1 from leases where leases.name = '` + engine.NodeLease + `' || ` + column + ` and until >= ` + tx.db.leaseClock() + `)`, nil
}

// tidyLeases deletes those of nodes that are long gone.
func (tx *Tx) tidyLeases() error {
	if tx.db.dialect == sqliteDialect {
		return nil // they are in memory
	}
	if _, err := tx.exec(`delete from leases where until < `+tx.db.leaseClock()+` - $1`, time.Hour.Microseconds()); err != nil {
		return fmt.Errorf("delete leases: %w", err)
	}
	return nil
}

// leases are those of a database with one process. They end with it, as its node does.
type leases struct {
	mu   sync.Mutex
	held map[string]lease
}

type lease struct {
	node  string
	until time.Time
}

func (l *leases) take(name, node string, now time.Time, span time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if held, ok := l.held[name]; ok && held.node != node && !held.until.Before(now) {
		return false
	}
	if l.held == nil {
		l.held = map[string]lease{}
	}
	l.held[name] = lease{node: node, until: now.Add(span)}
	return true
}
