// Package testpg gives a test its own database on a throwaway PostgreSQL.
//
// It holds one shared server for each test process (Server, Database, DatabaseFrom), and servers of a test's
// own that may be stopped and started again (Start). A server is Debian's initdb and postgres on a Unix socket
// in a temporary folder, so packages tested side by side never meet. It is up in about two seconds and goes
// away with the test process, however that ends.
//
// It must never be imported by code that ships, never open a network port, and never touch a PostgreSQL that
// it did not start.
//
// Start reading at Database, then Cluster.
package testpg
