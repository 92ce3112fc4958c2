// Package store is the memory: the SQL for SQLite and PostgreSQL, transactions with a fixed moment, and everything that
// is written by one advance of the engine.
//
// One SQL text with $1 placeholders serves both databases; what differs is a named fragment in dialect.go, and the
// engine's hot path (write_sqlite.go, write_postgres.go). The package must never touch the network other than the
// database, decide what an enrollment does, or ask for rights.
//
// Start reading at DB, Tx and then advance.go.
package store
