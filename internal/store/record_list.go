package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// countLimit bounds the count of a list: nobody needs the exact figure of a longer one, and counting a million rows
// takes longer than reading the page.
const countLimit = 10_000

// filter collects the conditions and arguments of a query.
type filter struct {
	conditions []string
	args       []any
}

// arg adds an argument and gives its placeholder.
func (f *filter) arg(v any) string {
	f.args = append(f.args, v)
	return "$" + strconv.Itoa(len(f.args))
}

func (f *filter) and(condition string) { f.conditions = append(f.conditions, condition) }

// words demands that every word of a search stands in the column.
func (f *filter) words(column, search string) {
	for _, word := range strings.Fields(strings.ToLower(search)) {
		f.and(column + ` like ` + f.arg("%"+escapeLike(word)+"%") + ` escape '\'`)
	}
}

func (f *filter) where() string { return " where " + strings.Join(f.conditions, " and ") }

// escapeLike takes the meaning from the signs of a like pattern.
func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// recordSort is an order of a list of records. Each has an index that begins with the kind.
type recordSort struct {
	column  string
	numeric bool
}

var recordSorts = map[string]recordSort{
	"name":    {column: "r.sort_name"},
	"company": {column: "lower(r.company)"},
	"owner":   {column: "r.sort_owner"},
	"created": {column: "r.created_at", numeric: true},
	"updated": {column: "r.updated_at", numeric: true},
}

// ListRecords gives one page of a list of records. Total is exact up to 10,000 and -1 beyond it.
func (tx *Tx) ListRecords(q RecordQuery) (Page[RecordRow], error) {
	if q.Sort == "" {
		q.Sort = "name"
	}
	name, descending := strings.CutPrefix(q.Sort, "-")
	sort, ok := recordSorts[name]
	if !ok {
		return Page[RecordRow]{}, fault.Field("sort", "unknown", "Records are sorted by name, company, owner, created or updated, with - before it to reverse.")
	}
	f := recordFilter(q)
	page, err := tx.recordPage(q, sort, descending, *f)
	if err != nil {
		return Page[RecordRow]{}, fmt.Errorf("list records: %w", err)
	}
	if q.Cursor == "" && page.Next == "" {
		page.Total = len(page.Rows)
	} else if page.Total, err = tx.countUpTo(`records r`+f.where(), f.args); err != nil {
		return Page[RecordRow]{}, fmt.Errorf("count records: %w", err)
	}
	if err := tx.addSequences(page.Rows); err != nil {
		return Page[RecordRow]{}, fmt.Errorf("list sequences of records: %w", err)
	}
	if err := tx.addNextDue(page.Rows); err != nil {
		return Page[RecordRow]{}, fmt.Errorf("list due times of records: %w", err)
	}
	if q.Activities > 0 {
		if err := tx.addNextActivities(page.Rows, q.Activities); err != nil {
			return Page[RecordRow]{}, err
		}
	}
	linked := make([]*Record, len(page.Rows))
	for i := range page.Rows {
		linked[i] = &page.Rows[i].Record
	}
	return page, tx.nameLinks(linked)
}

func recordFilter(q RecordQuery) *filter {
	f := &filter{}
	f.and("r.kind = " + f.arg(string(q.Kind)))
	if q.Owner != 0 {
		f.and("r.owner_id = " + f.arg(int64(q.Owner)))
	}
	if q.Account != 0 {
		f.and("r.account_id = " + f.arg(int64(q.Account)))
	}
	if q.Contact != 0 {
		f.and("r.contact_id = " + f.arg(int64(q.Contact)))
	}
	if q.Status != "" {
		// The index on the status is sorted by name. For other sorts it must not be taken: most records have one
		// status, and sorting all of them costs more than skipping the others.
		column := "r.status || ''"
		if strings.TrimPrefix(q.Sort, "-") == "name" {
			column = "r.status"
		}
		f.and(column + " = " + f.arg(q.Status))
	}
	if q.Sequence != 0 || q.Connection != "" {
		exists := "exists (select 1 from enrollments e where e.record_id = r.id and e.status < 3"
		if q.Sequence != 0 {
			exists += " and e.sequence_id = " + f.arg(int64(q.Sequence))
		}
		if q.Connection == "unconnected" {
			exists = "not " + exists
		}
		f.and(exists + ")")
	}
	f.words("r.search", q.Search)
	return f
}

func (tx *Tx) recordPage(q RecordQuery, sort recordSort, descending bool, f filter) (Page[RecordRow], error) {
	after, found, err := readCursor(q.Cursor, q.Sort)
	if err != nil {
		return Page[RecordRow]{}, err
	}
	compare, direction := ">", ""
	if descending {
		compare, direction = "<", " desc"
	}
	if found {
		value := any(after.Value)
		if sort.numeric {
			if value, err = after.number(); err != nil {
				return Page[RecordRow]{}, err
			}
		}
		f.and(fmt.Sprintf("(%s, r.id) %s (%s, %s)", sort.column, compare, f.arg(value), f.arg(after.ID)))
	}
	limit := DefaultPageSize
	if q.Limit > 0 {
		limit = min(q.Limit, MaxRecordPage)
	}
	var values []string
	list, err := collect(tx, func(rows oneRow) (RecordRow, error) {
		var value string
		r, err := scanRecord(rows, &value)
		values = append(values, value)
		return RecordRow{Record: r}, err
	}, `select `+recordColumns+`, `+sort.column+recordTables+f.where()+
		` order by `+sort.column+direction+`, r.id`+direction+` limit `+f.arg(limit+1), f.args...)
	if err != nil {
		return Page[RecordRow]{}, err
	}
	page := Page[RecordRow]{Rows: list}
	if len(list) > limit {
		page.Rows = list[:limit]
		last := page.Rows[limit-1]
		page.Next = place{Sort: q.Sort, Value: values[limit-1], ID: int64(last.ID)}.cursor()
	}
	return page, nil
}

// countUpTo counts the rows of "TABLES where …" up to countLimit; -1 when there are more.
func (tx *Tx) countUpTo(tables string, args []any) (int, error) {
	var n int
	err := tx.row(fmt.Sprintf(`select count(*) from (select 1 from %s limit %d) as counted`, tables, countLimit+1), args...).Scan(&n)
	if n > countLimit {
		n = -1
	}
	return n, err
}

// addSequences names the sequences that the records of a page are on, by one query.
func (tx *Tx) addSequences(page []RecordRow) error {
	if len(page) == 0 {
		return nil
	}
	ids, places := placesOf(page)
	rows, err := tx.query(`select e.record_id, s.name from enrollments e join sequences s on s.id = e.sequence_id
		where `+tx.in("e.record_id", 1)+` and e.status < 3 order by e.record_id, e.id`, tx.list(ids))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			id   ident.Record
			name string
		)
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		row := &page[places[id]]
		row.Sequences = append(row.Sequences, name)
	}
	return rows.Err()
}

// addNextDue says when the first open activity of each record of a page is due, by one query.
func (tx *Tx) addNextDue(page []RecordRow) error {
	if len(page) == 0 {
		return nil
	}
	ids, places := placesOf(page)
	rows, err := tx.query(`select a.record_id, min(a.due_at) from activities a
		where `+tx.in("a.record_id", 1)+` and a.state < 3 group by a.record_id`, tx.list(ids))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			id  ident.Record
			due sql.NullInt64
		)
		if err := rows.Scan(&id, &due); err != nil {
			return err
		}
		page[places[id]].NextDueAt = moment(due)
	}
	return rows.Err()
}

// addNextActivities gives each record of a page its first open activities by due time, by one query: what is done is never looked at
// beyond the index by record, and of a record with hundreds of open ones only the first are read in full.
func (tx *Tx) addNextActivities(page []RecordRow, each int) error {
	if len(page) == 0 {
		return nil
	}
	ids, places := placesOf(page)
	list, err := tx.activities("list next activities of records", `where a.id in (
		select n.id from (select o.id, row_number() over (partition by o.record_id order by o.due_at, o.id) as place
			from activities o where `+tx.in("o.record_id", 1)+` and o.state < 3) n where n.place <= $2)
		order by a.due_at, a.id`, tx.list(ids), each)
	for _, a := range list {
		row := &page[places[a.Record]]
		row.Next = append(row.Next, a)
	}
	return err
}

func placesOf(page []RecordRow) ([]ident.Record, map[ident.Record]int) {
	ids := make([]ident.Record, len(page))
	places := make(map[ident.Record]int, len(page))
	for i, r := range page {
		ids[i], places[r.ID] = r.ID, i
	}
	return ids, places
}

// inTexts gives a condition "column is one of the list" for texts; texts makes its argument n.
func (tx *Tx) inTexts(column string, n int) string {
	if tx.db.dialect == postgresDialect {
		return fmt.Sprintf("%s = any($%d::text[])", column, n)
	}
	return fmt.Sprintf("%s in (select value from json_each($%d))", column, n)
}

func (tx *Tx) texts(list []string) any {
	if tx.db.dialect == postgresDialect {
		return list
	}
	text, _ := json.Marshal(list) // texts always marshal
	return string(text)
}
