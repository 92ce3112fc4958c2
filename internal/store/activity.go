package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

const activityFields = `a.id, a.record_id, coalesce(r.name, ''), coalesce(r.kind, ''), coalesce(r.company, ''), coalesce(a.enrollment_id, 0),
	a.step, a.visit, coalesce(s.name, ''), a.kind, a.name, a.description, a.template, a.trouble, a.state, coalesce(a.assignee_id, 0),
	coalesce(u.name, ''), a.proposed_at, a.due_at, a.snoozes, a.outcome, a.note, a.duration, coalesce(a.message_id, 0), a.created_at,
	coalesce(a.done_by, 0), a.done_at, a.rev, coalesce(a.behalf_id, 0), coalesce(w.name, ''), coalesce(a.answers, 0), a.seen_at, a.due_before, a.moved_at,
	a.length, a.place, a.people,
	case when a.state = 2 then (select m.scheduled_at from messages m where m.id = a.message_id and m.state in (1, 2)) end`

const activityTables = ` from activities a left join records r on r.id = a.record_id left join users u on u.id = a.assignee_id
	left join enrollments e on e.id = a.enrollment_id left join sequences s on s.id = e.sequence_id
	left join users w on w.id = a.behalf_id `

func scanActivity(rows oneRow) (Activity, error) {
	var (
		a                      Activity
		state                  int16
		proposed, due, created int64
		done, seen             sql.NullInt64
		before, moved          sql.NullInt64
		scheduled              sql.NullInt64
		length                 int64
		people                 string
	)
	err := rows.Scan(&a.ID, &a.Record, &a.RecordName, &a.RecordKind, &a.Company, &a.Enrollment, &a.Token.Step, &a.Token.Visit,
		&a.SequenceName, &a.Kind, &a.Name, &a.Description, &a.Template, &a.Trouble, &state, &a.Assignee, &a.AssigneeName, &proposed, &due,
		&a.Snoozes, &a.Outcome, &a.Note, &a.Duration, &a.Message, &created, &a.DoneBy, &done, &a.Rev, &a.Behalf, &a.BehalfName, &a.Answers, &seen,
		&before, &moved, &length, &a.Place, &people, &scheduled)
	a.State, a.Token.Enrollment = ActivityState(state), a.Enrollment
	a.ProposedAt, a.DueAt, a.CreatedAt = time.UnixMicro(proposed).UTC(), time.UnixMicro(due).UTC(), time.UnixMicro(created).UTC()
	a.DoneAt, a.SeenAt, a.DueBefore, a.MovedAt = moment(done), moment(seen), moment(before), moment(moved)
	a.ScheduledAt, a.Length, a.People = moment(scheduled), time.Duration(length)*time.Second, lines(people)
	return a, err
}

// lines gives the lines of a text, none for the empty one.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func (tx *Tx) activities(what, condition string, args ...any) ([]Activity, error) {
	list, err := collect(tx, scanActivity, `select `+activityFields+activityTables+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return list, nil
}

// GetActivity gives one activity.
func (tx *Tx) GetActivity(id ident.Activity) (Activity, error) {
	list, err := tx.activities("get activity", `where a.id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("get activity: %w", missing(sql.ErrNoRows, "activity"))
	}
	if err != nil {
		return Activity{}, err
	}
	return list[0], nil
}

// LockActivity is GetActivity for a change: nobody else changes the activity until the transaction ends. Its enrollment
// is locked first, as the engine does, so that no two wait for each other.
func (tx *Tx) LockActivity(id ident.Activity) (Activity, error) {
	if tx.db.dialect == postgresDialect {
		for _, query := range []string{
			`select 1 from enrollment_states where id = (select enrollment_id from activities where id = $1) for update`,
			`select 1 from activities where id = $1 for update`,
		} {
			if _, err := tx.exec(query, int64(id)); err != nil {
				return Activity{}, fmt.Errorf("lock activity: %w", err)
			}
		}
	}
	return tx.GetActivity(id)
}

// UndoneActivities gives the activities of a record that are not done, held ones included, by due time.
func (tx *Tx) UndoneActivities(rec ident.Record) ([]Activity, error) {
	return tx.activities("list undone activities", `where a.record_id = $1 and a.state < 4 order by a.due_at, a.id`, int64(rec))
}

// ActivitiesOf gives the newest activities of a record; its timeline asks.
func (tx *Tx) ActivitiesOf(rec ident.Record, limit int) ([]Activity, error) {
	return tx.activities("list activities of record", `where a.record_id = $1 order by a.id desc limit $2`, int64(rec), limit)
}

// InsertActivity writes an activity made by hand.
func (tx *Tx) InsertActivity(a Activity, by ident.User) (ident.Activity, error) {
	if err := tx.holdWorth(a.Record); err != nil {
		return 0, err
	}
	id, err := tx.insert(`insert into activities (record_id, step, visit, kind, name, description, template, trouble, state, assignee_id,
		proposed_at, due_at, snoozes, outcome, note, duration, created_by, created_at, rev, length, place, people, worth)
		values ($1, '', 0, $2, $3, $4, '', '', $5, $6, $7, $7, 0, '', '', 0, $8, $9, 1, $10, $11, $12, `+tx.db.dialect.factsOf("$1", "0", "0")[0]+`)`,
		int64(a.Record), a.Kind, a.Name, a.Description, int16(ActivityOpen), key(a.Assignee), a.DueAt.UnixMicro(), key(by), tx.Now.UnixMicro(),
		int64(a.Length/time.Second), a.Place, strings.Join(a.People, "\n"))
	if err != nil {
		return 0, fmt.Errorf("insert activity: %w", err)
	}
	return ident.Activity(id), nil
}

// RenameActivity writes the words of an activity, and those of a meeting with how long it lasts. SaveActivity, which follows, guards the
// revision.
func (tx *Tx) RenameActivity(a Activity) error {
	if _, err := tx.exec(`update activities set name = $2, description = $3, length = $4, place = $5, people = $6 where id = $1`,
		int64(a.ID), a.Name, a.Description, int64(a.Length/time.Second), a.Place, strings.Join(a.People, "\n")); err != nil {
		return fmt.Errorf("rename activity: %w", err)
	}
	return nil
}

// SaveActivity writes what a person can change of an activity over revision a.Rev.
func (tx *Tx) SaveActivity(a Activity) error {
	again := ""
	if a.State < ActivityCompleted { // it may have been done, and what priority counts went on without it
		again = ", " + tx.db.dialect.setFacts()
		if a.Enrollment == 0 {
			if err := tx.holdWorth(a.Record); err != nil {
				return err
			}
		}
	}
	n, err := tx.exec(`update activities set state = $3, assignee_id = $4, due_at = $5, snoozes = $6, outcome = $7, note = $8, duration = $9,
		message_id = $10, done_by = $11, done_at = $12, trouble = $13, rev = rev + 1, behalf_id = $14, due_before = $15, moved_at = $16,
		seen_at = case when assignee_id = $4 then seen_at end`+again+` where id = $1 and rev = $2`,
		int64(a.ID), a.Rev, int16(a.State), key(a.Assignee), a.DueAt.UnixMicro(), a.Snoozes, a.Outcome, a.Note, a.Duration,
		key(a.Message), key(a.DoneBy), micros(a.DoneAt), clip(a.Trouble), key(a.Behalf), micros(a.DueBefore), micros(a.MovedAt))
	if err != nil {
		return fmt.Errorf("save activity: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Stale, "Somebody else changed this activity meanwhile.").WithHint("Load it again.")
	}
	return nil
}
