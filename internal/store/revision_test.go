package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/testpg"
)

// TestRevisionGuard holds that a move which was decided on an older state of its enrollment is refused as a whole. Locks
// make that impossible from outside of the package.
func TestRevisionGuard(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "guard.db") },
		"postgres": func(t *testing.T) string { return testpg.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, ids := guarded(t, address(t))
			err := db.Write(context.Background(), func(tx *Tx) error {
				list, err := tx.load(stateQuery+` where `+tx.in("id", 1)+` order by id`, tx.list(ids))
				if err != nil {
					return err
				}
				list[1].rev-- // as if somebody had moved it since it was read
				_, err = tx.play(list, func(flow.Snapshot) step.Event { return step.Paused{} })
				return err
			})
			if !errors.Is(err, errLost) {
				t.Errorf("got %v, want %v", err, errLost)
			}
			var moved int
			if err := db.reader.QueryRowContext(context.Background(), `select (select count(*) from enrollment_states where rev <> 1) +
				(select count(*) from history where kind <> 1) + (select count(*) from activities)`).Scan(&moved); err != nil || moved != 0 {
				t.Errorf("%d rows of the refused move are there, %v", moved, err)
			}
		})
	}
}

// guarded gives a database with two new enrollments.
func guarded(t *testing.T, address string) (*DB, []ident.Enrollment) {
	t.Helper()
	ctx := context.Background()
	db, err := Open(ctx, address, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	var ids []ident.Enrollment
	err = db.Write(ctx, func(tx *Tx) error {
		def := flow.Sequence{Name: "Trial", Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{{ID: "call", Type: "task", Config: step.Config{}}}}
		s, err := tx.InsertSequence(def, 0)
		if err != nil {
			return err
		}
		v, err := tx.InsertVersion(s.ID, 1, def, "", 0)
		if err != nil {
			return err
		}
		ids, err = tx.Enroll([]NewEnrollment{{Sequence: s.ID, Version: v, Record: 1}, {Sequence: s.ID, Version: v, Record: 2}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return db, ids
}
