package main

import "context"

// moves is how many steps the enrollments of the disk scenario take.
const moves = 6

// disk measures what an enrollment takes with its state, its history and all indexes after six steps, vacuumed.
func (b *bench) disk(ctx context.Context) error {
	seq, err := b.sequence(ctx, "Disk", waits(moves+1))
	if err != nil {
		return err
	}
	records, err := b.fillRecords(ctx, b.size)
	if err != nil {
		return err
	}
	before, err := b.bytes(ctx)
	if err != nil {
		return err
	}
	if err := b.connect(ctx, seq, records); err != nil {
		return err
	}
	if err := b.drain(ctx); err != nil {
		return err
	}
	if err := b.moveOn(ctx, moves, b.workers()); err != nil {
		return err
	}
	after, err := b.bytes(ctx)
	if err != nil {
		return err
	}
	goal := 1536.0
	if b.command.DB == "" {
		goal = 600
	}
	b.add(figure{Name: "enrollment with its history after six steps", Value: float64(after-before) / float64(b.size), Unit: bytesEach}.atMost(goal))
	return nil
}

// bytes gives what the tables and indexes of enrollments take once they are tidied up; on SQLite what the file takes.
func (b *bench) bytes(ctx context.Context) (n int64, err error) {
	db, postgres, err := openRaw(b.address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	tidy, size := []string{"vacuum"}, `select page_count * page_size from pragma_page_count(), pragma_page_size()`
	if postgres {
		tidy = []string{"vacuum full enrollments", "vacuum full enrollment_states", "vacuum full history"}
		size = `select pg_total_relation_size('enrollments') + pg_total_relation_size('enrollment_states') + pg_total_relation_size('history')`
	}
	for _, statement := range tidy {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return 0, err
		}
	}
	return n, db.QueryRowContext(ctx, size).Scan(&n)
}
