package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"cadenza/internal/ident"
	"cadenza/internal/testpg"
)

// before43 are enrollments as they stood before their states had a table of their own: one waits, one is finished, and their lines
// of history are mixed.
var before43 = []string{
	`insert into enrollments (id, sequence_id, version_id, record_id, assignee_id, status, step, visit, since, wait, due_at, timer_at, signalled, done,
		auto_moves, exit_reason, connected_by, connected_at, finished_at, rev)
		values (1, 3, 5, 7, 4, 1, 'w', 2, 300, 1, 900, 900, false, 1, 0, '', 4, 100, null, 6),
			(2, 3, 5, 7, null, 3, 'b', 2, 400, 0, null, null, false, 2, 0, 'completed', null, 100, 500, 9)`,
	`insert into history (id, enrollment_id, record_id, kind, step, visit, since, at, outcome, detail, user_id)
		values (10, 1, 7, 1, '', 0, 100, 100, '', '', 4), (11, 2, 7, 1, '', 0, 100, 100, '', '', null), (12, 2, 7, 2, 'a', 1, 100, 200, 'done', '', null),
			(13, 1, 7, 2, 'a', 1, 100, 300, 'done', 'on time', 4), (14, 2, 7, 2, 'b', 2, 200, 500, 'done', '', null)`,
}

// TestUpgradeTo43 holds that enrollments of an older database stand where they stood, with all of their history.
func TestUpgradeTo43(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "old.db") },
		"postgres": func(t *testing.T) string { return testpg.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := at(t, address(t), 42, before43)
			ctx := context.Background()
			if _, err := db.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			err := db.Write(ctx, func(tx *Tx) error {
				for id, want := range map[ident.Enrollment]string{
					1: "active w 2 1 0 rev 6 since 300 due 900: connected by 4 | step a done on time by 4",
					2: "finished b 2 2 0 rev 9 since 400 due 0: connected by 0 | step a done  by 0 | step b done  by 0",
				} {
					if got := told(t, tx, id); got != want {
						t.Errorf("enrollment %d reads %q, want %q", id, got, want)
					}
				}
				ids, err := tx.lineIDs(2)
				if err == nil && (ids[0] < 15 || ids[1] <= ids[0]) {
					t.Errorf("new lines have the keys %v, want such that are above those in use", ids)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// at gives a database as an older program left it: with the schema of a version, and rows.
func at(t *testing.T, address string, version int64, rows []string) *DB {
	t.Helper()
	ctx := context.Background()
	db, err := Open(ctx, address, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	provider, err := db.migrations()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if _, err := db.writer.ExecContext(ctx, row); err != nil {
			t.Fatalf("%v in %s", err, row)
		}
	}
	return db
}

// told gives an enrollment with its history in one line.
func told(t *testing.T, tx *Tx, id ident.Enrollment) string {
	t.Helper()
	e, err := tx.GetEnrollment(id)
	if err != nil {
		t.Fatal(err)
	}
	due := int64(0)
	if !e.State.DueAt.IsZero() {
		due = e.State.DueAt.UnixMicro()
	}
	said := fmt.Sprintf("%s %s %d %d %d rev %d since %d due %d:", e.State.Status, e.State.Step, e.State.Visit, e.State.Done, e.State.AutoMoves, e.Rev,
		e.State.Since.UnixMicro(), due)
	lines, err := tx.HistoryOf(id)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range lines {
		if i > 0 {
			said += " |"
		}
		said += " " + string(h.Kind)
		if h.Step != "" {
			said += fmt.Sprintf(" %s %s %s", h.Step, h.Outcome, h.Detail)
		}
		said += fmt.Sprintf(" by %d", int64(h.By))
	}
	return said
}

// TestUpgradeFromEach holds that a database of every schema so far is brought to the newest one.
func TestUpgradeFromEach(t *testing.T) {
	t.Parallel()
	probe := at(t, "sqlite:"+filepath.Join(t.TempDir(), "probe.db"), 1, nil)
	provider, err := probe.migrations()
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range provider.ListSources() {
		db := at(t, "sqlite:"+filepath.Join(t.TempDir(), "old.db"), source.Version, nil)
		if _, err := db.Migrate(context.Background()); err != nil {
			t.Fatalf("from version %d: %v", source.Version, err)
		}
		current, newest, err := db.SchemaVersions(context.Background())
		if err != nil || current != newest {
			t.Fatalf("from version %d the schema is at %d of %d, %v", source.Version, current, newest, err)
		}
	}
}
