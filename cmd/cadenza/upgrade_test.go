package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cadenza/internal/testpg"
)

// TestOlderNodesEnd upgrades the database under a running node, as a newer one does that joins: the node ends by itself and says why, and
// neither it nor a command of its version works on that database again.
func TestOlderNodesEnd(t *testing.T) {
	t.Parallel()
	dir, address := t.TempDir(), testpg.Database(t)
	flags := []string{"--db=" + address, "--key-file=" + filepath.Join(dir, "key"), "--data-dir=" + dir}
	p := start(t, "listens on", append([]string{"serve", "--listen=127.0.0.1:0"}, flags...)...)
	conn, err := pgx.Connect(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(context.Background(), `insert into goose_db_version (version_id, is_applied) values (9999, true)`); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err == nil {
		t.Error("the node ended without an error")
	}
	const why, remedy = "The database has schema 9999: a newer Cadenza upgraded it", "Start the version of Cadenza that upgraded it"
	said := func(command, log string) {
		if !strings.Contains(log, why) || !strings.Contains(log, remedy) {
			t.Errorf("%s said:\n%s", command, log)
		}
	}
	said("the node", p.log.String())
	for _, command := range [][]string{{"serve", "--listen=127.0.0.1:0"}, {"migrate"}, {"user", "list"}} {
		out, err := runOnce(append(command, flags...)...)
		if err == nil {
			t.Errorf("%v works on a newer schema", command)
		}
		said(strings.Join(command, " "), out)
	}
}
