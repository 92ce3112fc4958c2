package store

import (
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/priority"
	"cadenza/internal/record"
)

// WorkQuery selects a seller's work list, or what everybody has to do.
type WorkQuery struct {
	Assignee ident.User
	// Everybody selects whatever assignee an activity has, and without one.
	Everybody bool
	// Until is the end of the seller's today; activities due later are left out unless Later. From leaves out what is due before it.
	From, Until time.Time
	Later       bool
	// Kinds and RecordKinds narrow; empty for all.
	Kinds       []string
	RecordKinds []record.Kind
	// Unopened leaves only what its assignee never opened, Followed what is about a record that this user follows.
	Unopened bool
	Followed ident.User
	// FieldFilters are the filters by fields that doors ask for, FieldValues what is chosen for their rows. Whoever asks the store sets
	// Fields by them.
	FieldFilters []ident.FieldFilter
	FieldValues  FilterValues
	// Fields leaves what is about records that fulfil all filters of their kind; records of other kinds are left out.
	Fields []FieldFilter
	// Field is the field of the records that WorkEntries reads, "" for none.
	Field  string
	Search string
	Cursor string
	Limit  int
}

// filter gives the conditions of the query, which the tables of activityTables are read with.
func (q WorkQuery) filter() *filter {
	f := &filter{}
	if !q.Everybody {
		f.and("a.assignee_id = " + f.arg(int64(q.Assignee)))
	}
	f.and("a.state < 3")
	f.and(notWaiting)
	if !q.Later && !q.Until.IsZero() {
		f.and("a.due_at < " + f.arg(q.Until.UnixMicro()))
	}
	if !q.From.IsZero() {
		f.and("a.due_at >= " + f.arg(q.From.UnixMicro()))
	}
	if q.Unopened {
		f.and("a.seen_at is null")
	}
	if q.Followed != 0 {
		f.and("exists (select 1 from follows w where w.user_id = " + f.arg(int64(q.Followed)) + " and w.record_id = a.record_id)")
	}
	oneOf(f, "a.kind", q.Kinds)
	oneOf(f, "r.kind", q.RecordKinds)
	var asked []record.Kind
	for _, own := range q.Fields {
		asked = append(asked, own.Kind)
	}
	oneOf(f, "r.kind", asked)
	f.words("(lower(a.name) || ' ' || coalesce(r.search, ''))", q.Search)
	return f
}

// WorkList gives one page of a seller's work by due time, from the index activities_open_idx; everybody's from activities_due_idx.
func (tx *Tx) WorkList(q WorkQuery) (Page[Activity], error) {
	const sort = "due"
	after, ok, err := readCursor(q.Cursor, sort)
	if err != nil {
		return Page[Activity]{}, err
	}
	due := int64(math.MinInt64)
	if ok {
		if due, err = after.number(); err != nil {
			return Page[Activity]{}, err
		}
	}
	size := pageSize(q.Limit)
	list, err := tx.workFrom(q, due, after.ID, size+1)
	if err != nil {
		return Page[Activity]{}, err
	}
	return pageOf(list, size, func(a Activity) place {
		return place{Sort: sort, Value: strconv.FormatInt(a.DueAt.UnixMicro(), 10), ID: int64(a.ID)}
	}), nil
}

// workFrom gives the activities that a query selects, by due time from a place on: at most the first so many.
func (tx *Tx) workFrom(q WorkQuery, due, id int64, most int) ([]Activity, error) {
	if len(q.Fields) > 0 {
		ids, _, err := tx.matching(q, due, id, most)
		if err != nil {
			return nil, err
		}
		return tx.ActivitiesByID(ids)
	}
	f := q.filter()
	if due > math.MinInt64 {
		f.and(fmt.Sprintf("(a.due_at, a.id) > (%s, %s)", f.arg(due), f.arg(id)))
	}
	return tx.activities("list work", f.where()+` order by a.due_at, a.id limit `+f.arg(most), f.args...)
}

// WorkEntry is what the order of a work list needs of an activity.
type WorkEntry struct {
	ID         ident.Activity
	Kind       string
	Record     ident.Record
	RecordName string
	RecordKind record.Kind
	Sequence   string
	Assignee   string
	// Score is the record's, -1 for none.
	Score float64
	// Value is what the record has in the field of the query.
	Value string
	Facts priority.Facts
}

// WorkEntries gives everything that the query selects, whatever its cursor and limit, by due time: at most the first so many. more tells
// that a filter by fields did not look through all of it.
func (tx *Tx) WorkEntries(q WorkQuery, most int) (list []WorkEntry, more bool, err error) {
	if len(q.Fields) > 0 {
		ids, more, err := tx.matching(q, math.MinInt64, 0, most)
		if err != nil {
			return nil, false, err
		}
		list, err := tx.workEntries(q.Field, ` where `+tx.in("a.id", 1)+` order by a.due_at, a.id`, tx.list(ids))
		return list, more, err
	}
	f := q.filter()
	list, err = tx.workEntries(q.Field, f.where()+` order by a.due_at, a.id limit `+f.arg(most), f.args...)
	return list, false, err
}

// WorkEntriesByID gives the entries of activities, open or not.
func (tx *Tx) WorkEntriesByID(ids []ident.Activity) (map[ident.Activity]WorkEntry, error) {
	list, err := tx.workEntries("", ` where `+tx.in("a.id", 1), tx.list(ids))
	if err != nil {
		return nil, err
	}
	byID := make(map[ident.Activity]WorkEntry, len(list))
	for _, e := range list {
		byID[e.ID] = e
	}
	return byID, nil
}

// WorkEntry is WorkEntries for one activity, open or not.
func (tx *Tx) WorkEntry(id ident.Activity) (WorkEntry, error) {
	list, err := tx.workEntries("", ` where a.id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("order work: %w", missing(sql.ErrNoRows, "activity"))
	}
	if err != nil {
		return WorkEntry{}, err
	}
	return list[0], nil
}

func (tx *Tx) workEntries(field, condition string, args ...any) ([]WorkEntry, error) {
	value := "''"
	if known(field) {
		value = tx.db.dialect.jsonText("r.fields", field)
	}
	list, err := collect(tx, scanWorkEntry, `select a.id, a.kind, a.record_id, coalesce(r.name, ''), coalesce(r.kind, ''), coalesce(s.name, ''), coalesce(u.name, ''),
		a.due_at, a.created_at, `+tx.db.dialect.jsonText("r.fields", "score")+`, coalesce(`+value+`, ''), a.worth, a.answered_at, a.clicked_at, a.opened_at
		from activities a left join records r on r.id = a.record_id left join users u on u.id = a.assignee_id
		left join enrollments e on e.id = a.enrollment_id left join sequences s on s.id = e.sequence_id`+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("order work: %w", err)
	}
	return list, nil
}

// known tells whether some kind of records has a field: nothing else becomes part of a query.
func known(field string) bool {
	return slices.ContainsFunc(record.Kinds(), func(k record.Kind) bool {
		_, ok := record.FieldOf(k, field)
		return ok
	})
}

func scanWorkEntry(rows oneRow) (e WorkEntry, err error) {
	var facts factRow
	var score sql.NullString
	err = rows.Scan(&e.ID, &e.Kind, &e.Record, &e.RecordName, &e.RecordKind, &e.Sequence, &e.Assignee, &facts.due, &facts.created, &score, &e.Value,
		&facts.worth, &facts.answered, &facts.clicked, &facts.opened)
	facts.into(&e)
	if e.Score = number(score); e.Score < 0 || !score.Valid || score.String == "" {
		e.Score = -1
	}
	return e, err
}

// number reads a number out of a record's text; what is none counts as none.
func number(text sql.NullString) float64 {
	if text.String == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text.String, 64)
	if err != nil {
		return 0
	}
	return n
}

// ActivitiesByID gives activities in the order of their ids; what is not there is left out.
func (tx *Tx) ActivitiesByID(ids []ident.Activity) ([]Activity, error) {
	list, err := tx.activities("read work", `where `+tx.in("a.id", 1), tx.list(ids))
	if err != nil {
		return nil, err
	}
	byID := make(map[ident.Activity]Activity, len(list))
	for _, a := range list {
		byID[a.ID] = a
	}
	list = list[:0]
	for _, id := range ids {
		if a, ok := byID[id]; ok {
			list = append(list, a)
		}
	}
	return list, nil
}

// oneOf demands that a column has one of the values, unless there are none.
func oneOf[T ~string](f *filter, column string, values []T) {
	if len(values) == 0 {
		return
	}
	var places []string
	for _, v := range values {
		places = append(places, f.arg(string(v)))
	}
	f.and(column + " in (" + strings.Join(places, ", ") + ")")
}

// WorkCounts counts a seller's work that was due before now, and that is due from now until the given moment.
func (tx *Tx) WorkCounts(user ident.User, until time.Time) (overdue, today int, err error) {
	var all int
	err = tx.row(`select count(*), coalesce(sum(case when a.due_at < $3 then 1 else 0 end), 0) from activities a
		where a.assignee_id = $1 and a.state < 3 and a.due_at < $2 and `+notWaiting, int64(user), max(until.UnixMicro(), tx.Now.UnixMicro()), tx.Now.UnixMicro()).Scan(&all, &overdue)
	if err != nil {
		return 0, 0, fmt.Errorf("count work: %w", err)
	}
	return overdue, all - overdue, nil
}

// WorkMark gives a text that changes when an open activity that a user has to do until a moment comes, goes or is changed, and counts them.
// activities_open_idx holds what it is made of.
func (tx *Tx) WorkMark(user ident.User, until time.Time) (mark string, count int, err error) {
	var revs, last int64
	if err := tx.row(`select count(*), coalesce(sum(a.rev), 0), coalesce(max(a.id), 0) from activities a where a.assignee_id = $1 and a.state < 3 and a.due_at < $2 and `+notWaiting,
		int64(user), until.UnixMicro()).Scan(&count, &revs, &last); err != nil {
		return "", 0, fmt.Errorf("mark work: %w", err)
	}
	return fmt.Sprintf("%d-%d-%d", count, revs, last), count, nil
}
