package testpg

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

// Dump writes what a database holds at this moment into a file, by PostgreSQL's own pg_dump, as an operator would.
func (c *Cluster) Dump(tb testing.TB, dsn, file string) {
	tb.Helper()
	out, err := os.Create(file)
	c.must(tb, err)
	defer func() { c.must(tb, out.Close()) }()
	// Through pipes: user postgres need not reach the file.
	c.must(tb, c.pipe("pg_dump", nil, out, "--format=custom", "--dbname="+dsn))
}

// Restore puts what Dump wrote into an empty database, by pg_restore.
func (c *Cluster) Restore(tb testing.TB, file, dsn string) {
	tb.Helper()
	in, err := os.Open(file)
	c.must(tb, err)
	defer func() { c.must(tb, in.Close()) }()
	c.must(tb, c.pipe("pg_restore", in, nil, "--exit-on-error", "--no-owner", "--dbname="+dsn))
}

// pipe runs a program of the server between two files; nil stands for none.
func (c *Cluster) pipe(name string, in, out *os.File, args ...string) error {
	cmd, err := c.command(name, args...)
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if in != nil {
		cmd.Stdin = in
	}
	if out != nil {
		cmd.Stdout = out
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}
