package main

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"time"
)

// The reference of one job for each advance is the fastest plain queue that we could make which keeps its jobs in a table and loses none
// (ADR 0064): many jobs are marked as taken in a commit of their own, so that no other worker takes them as well; then each is done in a
// transaction that moves the enrollment, tells that, writes the job of the next move and deletes this one. All by plain SQL in statements that
// are kept prepared. It has no attempts, no results, no priorities and no way to give back what a dead worker took.
const (
	// queueTime is how long the queue is watched.
	queueTime = 2 * time.Second
	// queueTake is how many jobs are taken at a time: more gain nothing.
	queueTake = 1000

	jobsTable = `create table bench_jobs (id %s, enrollment_id bigint not null, run_at bigint not null, taken_at bigint)`
	jobsIndex = `create index bench_jobs_idx on bench_jobs (run_at, id) where taken_at is null`
	jobsFill  = `insert into bench_jobs (enrollment_id, run_at) select id, due_at from enrollment_states where due_at is not null order by id`
	takeJobs  = `update bench_jobs set taken_at = $1 where id in (select id from bench_jobs where taken_at is null order by run_at, id limit $2%s) returning id, enrollment_id`
	moveOne   = `update enrollment_states set due_at = due_at + 3600000000, timer_at = timer_at + 3600000000, since = since + 3600000000,
		visit = visit + 1, rev = rev + 1 where id = $1`
	tellOne = `insert into history (id, prev, enrollment_id, kind, step, visit, since, at, outcome, detail, user_id)
		select cast($2 as bigint) + id * 1000000 + rev, last_line, id, 2, step, visit, since, since, 'waited', '', null from enrollment_states where id = $1`
	nextJob = `insert into bench_jobs (enrollment_id, run_at) select id, due_at from enrollment_states where id = $1`
	jobDone = `delete from bench_jobs where id = $1`
)

// rawQueue measures that queue over so many connections.
func rawQueue(ctx context.Context, address string, connections int) (perSecond float64, err error) {
	db, postgres, err := openRaw(address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(connections)
	key, skip := "integer primary key", ""
	if postgres {
		key, skip = "bigint generated always as identity primary key", " for update skip locked"
	}
	for _, statement := range []string{fmt.Sprintf(jobsTable, key), jobsIndex, jobsFill, "analyze bench_jobs"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return 0, fmt.Errorf("make jobs: %w", err)
		}
	}
	q := &queue{db: db}
	for query, stmt := range map[string]**sql.Stmt{fmt.Sprintf(takeJobs, skip): &q.take, moveOne: &q.move, tellOne: &q.tell, nextJob: &q.next, jobDone: &q.done} {
		if *stmt, err = db.PrepareContext(ctx, query); err != nil {
			return 0, fmt.Errorf("prepare: %w", err)
		}
		defer func() { _ = (*stmt).Close() }()
	}
	var all atomic.Int64
	began := time.Now()
	err = together(connections, func() error {
		for time.Since(began) < queueTime {
			jobs, err := q.takeSome(ctx, began)
			if err != nil || len(jobs) == 0 {
				return err
			}
			for _, j := range jobs {
				if err := q.work(ctx, j); err != nil {
					return err
				}
				all.Add(1)
				if time.Since(began) >= queueTime {
					break
				}
			}
		}
		return nil
	})
	return float64(all.Load()) / time.Since(began).Seconds(), err
}

// queue is the statements of that queue.
type queue struct {
	db                           *sql.DB
	take, move, tell, next, done *sql.Stmt
}

type benchJob struct{ id, enrollment int64 }

// takeSome marks jobs as taken.
func (q *queue) takeSome(ctx context.Context, now time.Time) (jobs []benchJob, err error) {
	rows, err := q.take.QueryContext(ctx, now.UnixMicro(), queueTake)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var j benchJob
		if err := rows.Scan(&j.id, &j.enrollment); err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	return jobs, rows.Err()
}

// work does one job.
func (q *queue) work(ctx context.Context, j benchJob) error {
	tx, err := q.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, one := range []struct {
		stmt *sql.Stmt
		args []any
	}{{q.move, []any{j.enrollment}}, {q.tell, []any{j.enrollment, int64(2 * rawLines)}}, {q.next, []any{j.enrollment}}, {q.done, []any{j.id}}} {
		if _, err := tx.StmtContext(ctx, one.stmt).ExecContext(ctx, one.args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
