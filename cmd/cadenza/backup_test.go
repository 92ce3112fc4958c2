package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"cadenza/internal/store"
)

// TestBackup copies a database that is open elsewhere, and wants a whole one in the file.
func TestBackup(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), t.TempDir()
	address, file := "sqlite:"+filepath.Join(dir, "c.db"), filepath.Join(dir, "backup.db")
	want := func(code int, says string, args ...string) {
		t.Helper()
		var out bytes.Buffer
		if got := run(ctx, args, func(string) string { return "" }, strings.NewReader(""), &out, &out); got != code || !strings.Contains(out.String(), says) {
			t.Fatalf("%s: exit %d, want %d and %q in:\n%s", args, got, code, says, out.String())
		}
	}
	want(1, "There is no database", "backup", file, "--db="+address)
	db, err := store.Open(ctx, address, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	version, err := db.Migrate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want(0, "The key is not in it", "backup", file, "--db="+address)
	want(1, "exists already", "backup", file, "--db="+address)
	want(0, "the whole database", "backup", file, "--db="+address, "--force")
	want(1, "pg_dump --format=custom", "backup", file, "--db=postgres://u:secret@localhost/x")
	copied, err := store.Open(ctx, "sqlite:"+file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = copied.Close() }()
	if current, _, err := copied.SchemaVersions(ctx); err != nil || current != version {
		t.Errorf("the copy has schema %d (%v), want %d", current, err, version)
	}
	if err := copied.CheckIntegrity(ctx); err != nil {
		t.Error(err)
	}
}
