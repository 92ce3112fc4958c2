package store

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"cadenza/internal/fault"
)

// A node that is paused or cut off tells nobody, and the server would keep its transaction, and with it the locks of what it had in hand, for
// hours. So each connection asks to be forgotten (docs/adr/0047). Whoever sets one of these in the address is left alone.
var sessionSettings = []struct{ name, value string }{
	{"idle_in_transaction_session_timeout", "8s"}, // nothing of ours computes as long within a transaction
	{"tcp_keepalives_idle", "10"},
	{"tcp_keepalives_interval", "5"},
	{"tcp_keepalives_count", "3"},
	{"tcp_user_timeout", "20s"},
}

// unheardFor is how long this side waits for the server's machine to say that it got what was sent.
const unheardFor = 20 * time.Second

func (db *DB) openPostgres(ctx context.Context, address string) error {
	db.dialect = postgresDialect
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return fault.New(fault.Invalid, "The PostgreSQL address cannot be read.").WithHint("Use postgres://user:password@host:5432/database.")
	}
	config.MaxConns = 16
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3}, Control: giveUpSending}
	config.ConnConfig.DialFunc = dialer.DialContext
	if config.ConnConfig.ConnectTimeout > connectLimit {
		config.ConnConfig.ConnectTimeout = connectLimit
	}
	if err := refusePooler(ctx, config.ConnConfig); err != nil {
		return err
	}
	given := config.ConnConfig.RuntimeParams
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return settle(ctx, conn, given) }
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("open postgres: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return fault.New(fault.Unavailable, "PostgreSQL at %s does not answer.", config.ConnConfig.Host).
			WithHint("Check that the server runs and that user, password and database name are right.").WithInner(err)
	}
	db.pool = pool
	db.writer = stdlib.OpenDBFromPool(pool)
	db.reader = db.writer
	return nil
}

// connectLimit bounds the making of a connection, where the address says nothing or more.
const connectLimit = 10 * time.Second

// settle asks the server to forget this connection soon after nothing is heard of it.
func settle(ctx context.Context, conn *pgx.Conn, given map[string]string) error {
	batch := ""
	for _, s := range sessionSettings {
		if _, ok := given[s.name]; !ok {
			batch += "set " + s.name + " = '" + s.value + "'; "
		}
	}
	_, err := conn.PgConn().Exec(ctx, batch).ReadAll()
	return err
}
