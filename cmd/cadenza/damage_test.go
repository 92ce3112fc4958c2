package main

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cadenza/internal/testmail"
)

// TestDamagedFile overwrites a page in the middle of an SQLite database: doctor says which check failed and what to do, the server refuses to work on it, and
// a backup puts it right.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, backup := filepath.Join(dir, "cadenza.db"), filepath.Join(dir, "backup.db")
	c := &crash{
		t: t, site: site{database: database{DB: "sqlite:" + file}, KeyFile: filepath.Join(dir, "key"), DataDir: dir},
		sink: testmail.StartSink(t, testmail.SinkOptions{CountOnly: true}),
	}
	c.prepareSome(restoredLeads)
	c.want(0, "the whole database", "backup", backup)
	if err := c.house.db.Close(); err != nil { // what stands in the write-ahead log is in the file then
		t.Fatal(err)
	}
	overwritePage(t, file, "records")

	c.want(1, "BAD  integrity    The database file is damaged: ", "doctor")
	c.want(1, "restore the last backup: cadenza restore FILE --force", "doctor")
	c.want(1, "The database file is damaged: ", "serve", "--listen=127.0.0.1:0")
	c.want(0, "is kept as", "restore", backup, "--force")
	var out bytes.Buffer
	run(context.Background(), c.withSite("doctor"), func(string) string { return "" }, strings.NewReader(""), &out, &out)
	if !strings.Contains(out.String(), "ok   integrity    no damage found") {
		t.Errorf("after the restore doctor says:\n%s", out.String())
	}
}

// overwritePage writes nonsense over the first page of a table.
func overwritePage(t *testing.T, file, table string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	var page, size int64
	err = db.QueryRow("select rootpage, (select page_size from pragma_page_size) from sqlite_schema where name = $1", table).Scan(&page, &size)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.WriteAt(bytes.Repeat([]byte("Z"), int(size)), (page-1)*size); err != nil {
		t.Fatal(err)
	}
}
