package store_test

import (
	"bytes"
	"context"
	"os"
	"testing"

	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// TestDamagedPage overwrites a page in the middle of an SQLite file: what meets it says that the file is damaged and what to do, and so does the check at the
// start of a server.
func TestDamagedPage(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h, file := newFile(t)
	h.connected(h.sequence("Trial", task("call")), h.user("Anna").ID, 20)
	h.must(h.db.CheckStart(ctx))
	root, err := h.db.Count(ctx, "select rootpage from sqlite_schema where name = 'records'")
	h.must(err)
	size, err := h.db.Count(ctx, "pragma page_size")
	h.must(err)
	h.must(h.db.Exec(ctx, "pragma wal_checkpoint(truncate)"))
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	h.must(err)
	_, err = f.WriteAt(bytes.Repeat([]byte{'Z'}, int(size)), int64(root-1)*int64(size))
	h.must(err)
	h.must(f.Close())
	again, err := store.Open(ctx, "sqlite:"+file, store.Options{})
	h.must(err)
	defer func() { h.must(again.Close()) }()
	for what, err := range map[string]error{
		"the whole check":      again.CheckIntegrity(ctx),
		"the check at a start": again.CheckStart(ctx),
		"a read": again.Read(ctx, func(tx *store.Tx) error {
			_, err := tx.ListRecords(store.RecordQuery{Kind: "lead"})
			return err
		}),
	} {
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s gives %v, want a fault", what, err)
			continue
		}
		says(t, err, "The database file is damaged: ", "cadenza restore FILE --force")
	}
}
