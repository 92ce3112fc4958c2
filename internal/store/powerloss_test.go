package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"cadenza/internal/store"
)

// TestPowerLoss cuts the power at many places. What the disk holds then is the database file, of whose pages any may have been overwritten
// by a checkpoint, and the log up to what was synced last, with anything behind it. Whatever it is, it opens without damage and holds
// every commit that was acknowledged before.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	h, file := newFile(t)
	ctx := context.Background()
	seq, anna := h.sequence("Way", task("call")), h.user("Anna").ID
	leads := h.records(40)
	h.must(h.db.Exec(ctx, "pragma wal_autocheckpoint = 0"))
	h.must(h.db.Exec(ctx, "pragma wal_checkpoint(truncate)"))
	before := readFile(t, file)
	var synced []int64 // the length of the log when each commit was acknowledged
	for _, lead := range leads {
		h.enroll(seq, anna, lead)
		info, err := os.Stat(file + "-wal")
		h.must(err)
		synced = append(synced, info.Size())
	}
	wal := readFile(t, file+"-wal")
	h.must(h.db.Exec(ctx, "pragma wal_checkpoint(full)"))
	after := readFile(t, file)

	const seed = 20261128
	chance := rand.New(rand.NewPCG(seed, 1))
	for round := range 30 {
		cut := chance.Int64N(int64(len(wal)) + 1)
		kept, disk := wal[:cut], before
		if round%3 == 0 { // in the middle of a checkpoint, before which the whole log is synced
			cut, kept, disk = int64(len(wal)), wal, mixed(chance, before, after)
		} else if round%3 == 1 { // what was written last is torn
			kept = append(append([]byte(nil), kept...), noise(chance, 5000)...)
		}
		acknowledged := int64(0)
		for _, size := range synced {
			if size <= cut {
				acknowledged++
			}
		}
		if err := holds(t, disk, kept, acknowledged); err != nil {
			t.Fatalf("round %d, seed %d, the log cut at %d of %d: %v", round, seed, cut, len(wal), err)
		}
	}
}

// holds opens what a disk held, and wants no damage and as many enrollments as were acknowledged; one more may have been on its way.
func holds(t *testing.T, disk, wal []byte, acknowledged int64) error {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string][]byte{"left.db": disk, "left.db-wal": wal} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "left.db"), store.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := db.CheckIntegrity(ctx); err != nil {
		return err
	}
	found, err := db.Count(ctx, "select count(*) from enrollments")
	if err != nil {
		return err
	}
	lines, err := db.Count(ctx, "select count(*) from enrollment_states t join history h on h.id = t.last_line")
	if err == nil && (found < acknowledged || found > acknowledged+1 || lines != found) {
		err = fmt.Errorf("%d enrollments with %d lines, and %d were acknowledged", found, lines, acknowledged)
	}
	return err
}

// mixed gives a file of which some pages are still the old ones.
func mixed(chance *rand.Rand, before, after []byte) []byte {
	const page = 4096
	disk := append([]byte(nil), after...)
	for at := 0; at < len(before); at += page {
		if chance.IntN(2) == 0 {
			copy(disk[at:at+page], before[at:at+page])
		}
	}
	return disk
}

func noise(chance *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(chance.Uint32())
	}
	return b
}

func readFile(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
