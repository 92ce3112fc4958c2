package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/flow"
)

// Load is how much there is of what keeps the server busy, for operators.
type Load struct {
	Enrollments    map[flow.Status]int64
	Messages       map[MessageState]int64
	OpenActivities int64
	// OldestDue is the earliest due time that the engine has to see to; zero for none.
	OldestDue time.Time
}

// Load counts, for the metrics and doctor. It reads whole indexes: ask for it every few seconds at most.
func (db *DB) Load(ctx context.Context) (Load, error) {
	load := Load{Enrollments: map[flow.Status]int64{}, Messages: map[MessageState]int64{}}
	err := db.Read(ctx, func(tx *Tx) error {
		err := tx.count(`select status, count(*) from enrollments where status < 3 group by status`, func(code int16, n int64) {
			load.Enrollments[statusOf[code]] = n
		})
		if err != nil {
			return fmt.Errorf("count enrollments: %w", err)
		}
		if err := tx.count(`select state, count(*) from messages group by state`, func(code int16, n int64) {
			load.Messages[MessageState(code)] = n
		}); err != nil {
			return fmt.Errorf("count messages: %w", err)
		}
		var due sql.NullInt64
		if err := tx.row(`select (select count(*) from activities where state < 3), (select min(due_at) from enrollment_states where due_at is not null)`).
			Scan(&load.OpenActivities, &due); err != nil {
			return fmt.Errorf("count activities: %w", err)
		}
		load.OldestDue = moment(due)
		return nil
	})
	return load, err
}

func (tx *Tx) count(query string, take func(code int16, n int64)) error {
	rows, err := tx.query(query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			code int16
			n    int64
		)
		if err := rows.Scan(&code, &n); err != nil {
			return err
		}
		take(code, n)
	}
	return rows.Err()
}
