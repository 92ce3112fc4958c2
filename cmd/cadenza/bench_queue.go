package main

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"time"
)

// The reference of one task for each advance is the fastest plain queue that we could make which keeps its tasks in a table and loses none
// (ADR 0064): many tasks are marked as taken in a commit of their own, so that no other worker takes them as well; then each is done in a
// transaction that moves the enrollment, tells that, writes the task of the next move and deletes this one. All by plain SQL in statements that
// are kept prepared. It has no attempts, no results, no priorities and no way to give back what a dead worker took.
const (
	// queueTime is how long the queue is watched.
	queueTime = time.Second
	// queueTake is how many tasks are taken at a time: more gain nothing.
	queueTake = 1000

	tasksTable = `create table bench_tasks (id %s, enrollment_id bigint not null, run_at bigint not null, taken_at bigint)`
	tasksIndex = `create index bench_tasks_idx on bench_tasks (run_at, id) where taken_at is null`
	tasksFill  = `insert into bench_tasks (enrollment_id, run_at) select id, due_at from enrollment_states where due_at is not null order by id`
	takeTasks  = `update bench_tasks set taken_at = $1 where id in (select id from bench_tasks where taken_at is null order by run_at, id limit $2%s) returning id, enrollment_id`
	moveOne    = `update enrollment_states set due_at = due_at + 3600000000, timer_at = timer_at + 3600000000, since = since + 3600000000,
		visit = visit + 1, rev = rev + 1 where id = $1`
	tellOne = `insert into history (id, prev, enrollment_id, kind, step, visit, since, at, outcome, detail, user_id)
		select cast($2 as bigint) + id * 1000000 + rev, last_line, id, 2, step, visit, since, since, 'waited', '', null from enrollment_states where id = $1`
	nextTask = `insert into bench_tasks (enrollment_id, run_at) select id, due_at from enrollment_states where id = $1`
	taskDone = `delete from bench_tasks where id = $1`
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
	for _, statement := range []string{fmt.Sprintf(tasksTable, key), tasksIndex, tasksFill, "analyze bench_tasks"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return 0, fmt.Errorf("make tasks: %w", err)
		}
	}
	q := &queue{db: db}
	for query, stmt := range map[string]**sql.Stmt{fmt.Sprintf(takeTasks, skip): &q.take, moveOne: &q.move, tellOne: &q.tell, nextTask: &q.next, taskDone: &q.done} {
		if *stmt, err = db.PrepareContext(ctx, query); err != nil {
			return 0, fmt.Errorf("prepare: %w", err)
		}
		defer func() { _ = (*stmt).Close() }()
	}
	var all atomic.Int64
	began := time.Now()
	err = together(connections, func() error {
		for time.Since(began) < queueTime {
			tasks, err := q.takeSome(ctx, began)
			if err != nil || len(tasks) == 0 {
				return err
			}
			for _, t := range tasks {
				if err := q.work(ctx, t); err != nil {
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

type benchTask struct{ id, enrollment int64 }

// takeSome marks tasks as taken.
func (q *queue) takeSome(ctx context.Context, now time.Time) (tasks []benchTask, err error) {
	rows, err := q.take.QueryContext(ctx, now.UnixMicro(), queueTake)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var t benchTask
		if err := rows.Scan(&t.id, &t.enrollment); err != nil {
			return nil, err
		}
		tasks = append(tasks, t)
	}
	return tasks, rows.Err()
}

// work does one task.
func (q *queue) work(ctx context.Context, t benchTask) error {
	tx, err := q.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, one := range []struct {
		stmt *sql.Stmt
		args []any
	}{{q.move, []any{t.enrollment}}, {q.tell, []any{t.enrollment, int64(2 * rawLines)}}, {q.next, []any{t.enrollment}}, {q.done, []any{t.id}}} {
		if _, err := tx.StmtContext(ctx, one.stmt).ExecContext(ctx, one.args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
