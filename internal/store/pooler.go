package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cadenza/internal/fault"
)

// probeLimit bounds the look at a pooler.
const probeLimit = 5 * time.Second

// refusePooler refuses an address which leads through a pooler that gives each transaction another connection: prepared statements, LISTEN and
// the lock of migrations would get lost, one by one and under load only. A pooler that keeps a connection for a session is welcome.
func refusePooler(ctx context.Context, config *pgx.ConnConfig) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	one, err := pgx.ConnectConfig(ctx, config.Copy())
	if err != nil {
		return nil // whoever connects next says it better
	}
	defer func() { _ = one.Close(context.WithoutCancel(ctx)) }()
	// PostgreSQL names the process of a connection when it begins; a pooler cannot know which one it will be.
	if pid, err := ask(ctx, one, "select pg_backend_pid()"); err != nil || pid == strconv.FormatUint(uint64(one.PgConn().PID()), 10) {
		return nil
	}
	if shares(ctx, one, config) {
		return fault.New(fault.Unavailable, "PostgreSQL at %s is reached through a pooler that gives each transaction another connection, as PgBouncer does with pool_mode = transaction.", config.Host).
			WithHint("Set pool_mode = session for this database in the pooler, with room for 17 connections of each node, or give the address of PostgreSQL itself.")
	}
	return nil
}

// shares tells that what is set on one connection is seen on another one, or not on its own any more.
func shares(ctx context.Context, one *pgx.Conn, config *pgx.ConnConfig) bool {
	const look = "begin; select coalesce(current_setting('cadenza.probe', true), '')"
	mark := rand.Text()
	if _, err := ask(ctx, one, fmt.Sprintf("set cadenza.probe = '%s'", mark)); err != nil {
		return false
	}
	two, err := pgx.ConnectConfig(ctx, config.Copy())
	if err != nil {
		return false // no room beside the first: it has its connection for itself
	}
	defer func() { _ = two.Close(context.WithoutCancel(ctx)) }()
	// Both are within a transaction, so that each has a connection to the server.
	seen, err := ask(ctx, two, look)
	var refused *pgconn.PgError
	if seen == mark || errors.As(err, &refused) { // no transactions at all: a connection for each statement
		return true
	} else if err != nil {
		return false // no room
	}
	seen, err = ask(ctx, one, look)
	return err == nil && seen != mark
}

// ask sends statements in one message, without preparing them, and gives the last value.
func ask(ctx context.Context, conn *pgx.Conn, query string) (value string, err error) {
	results, err := conn.PgConn().Exec(ctx, query).ReadAll()
	if err != nil || len(results) == 0 {
		return "", err
	}
	if rows := results[len(results)-1].Rows; len(rows) > 0 {
		value = string(rows[0][0])
	}
	return value, nil
}
