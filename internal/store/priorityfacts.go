package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// What priority counts of an activity beside its own times belongs to its record and its enrollment. It is copied to the activity where it is
// written (docs/adr/0063): so an order by priority reads activities_open_idx and nothing else, however many there are of everything. The copy is
// made when an activity begins or is opened again, when a record is worth something else, and when a customer does something. Whoever copies
// holds the lock of the enrollment, and so does whoever opens an activity: neither misses what the other writes.

// worthField is the field of a record that says what it is worth.
const worthField = "value"

// priorityFacts are the columns that hold the copies.
const priorityFacts = "worth, answered_at, clicked_at, opened_at"

// factsOf gives the values of priorityFacts as they are for a record, an enrollment and the received mail that is to be answered, which are expressions.
func (d dialect) factsOf(rec, enrollment, answers string) []string {
	last := func(results ...step.Result) string {
		codes := make([]string, len(results))
		for i, r := range results {
			codes[i] = fmt.Sprint(resultCodes[r])
		}
		return `(select max(g.at) from engagements g where g.enrollment_id = ` + enrollment + ` and g.result in (` + strings.Join(codes, ", ") + `))`
	}
	return []string{
		`(select ` + d.jsonText("r.fields", worthField) + ` from records r where r.id = ` + rec + `)`,
		`case when ` + answers + ` is null then ` + last(step.Answered) + ` else ` + writtenAt(answers) + ` end`, last(step.LinkOpened, step.Downloaded), last(step.Opened),
	}
}

// writtenAt is when a received mail was written; when it was read where that cannot be, because clocks of others are wrong, or lie.
func writtenAt(received string) string {
	return `(select case when v.written_at between coalesce(m.sent_at, v.created_at) and v.created_at then v.written_at else v.created_at end
		from received v left join messages m on m.id = v.message_id where v.id = ` + received + `)`
}

// setFacts is what sets the copies anew in an update of activities.
func (d dialect) setFacts() string {
	values := d.factsOf("activities.record_id", "activities.enrollment_id", "activities.answers")
	columns := strings.Split(priorityFacts, ", ")
	for i := range columns {
		columns[i] += " = " + values[i]
	}
	return strings.Join(columns, ", ")
}

// holdWorth keeps others from changing what a record is worth until the transaction ends, for an activity without an enrollment, whose lock
// would do that.
func (tx *Tx) holdWorth(rec ident.Record) error {
	if tx.db.dialect != postgresDialect {
		return nil
	}
	if _, err := tx.exec(`select 1 from records where id = $1 for share`, int64(rec)); err != nil {
		return fmt.Errorf("hold what a record is worth: %w", err)
	}
	return nil
}

// worthOf gives what a record is worth, as it stands there, and its address as it is searched for.
func (tx *Tx) worthOf(rec ident.Record) (worth, email string, err error) {
	var text sql.NullString
	err = tx.row(`select `+tx.db.dialect.jsonText("r.fields", worthField)+`, r.email from records r where r.id = $1`, int64(rec)).Scan(&text, &email)
	if err != nil {
		return "", "", fmt.Errorf("read what a record is worth: %w", missing(err, "record"))
	}
	return text.String, email, nil
}

// copyWorth copies what records are worth to their undone activities, after it was changed.
func (tx *Tx) copyWorth(records []ident.Record) error {
	for _, chunk := range chunks(records, 500) {
		if tx.db.dialect == postgresDialect {
			if _, err := tx.exec(`select 1 from enrollment_states where id in (select id from enrollments where status < 3 and `+tx.in("record_id", 1)+`)
				order by id for update`, tx.list(chunk)); err != nil {
				return fmt.Errorf("lock enrollments of records: %w", err)
			}
		}
		if _, err := tx.exec(`update activities set worth = `+tx.db.dialect.factsOf("activities.record_id", "0", "0")[0]+` where state < 4 and `+tx.in("record_id", 1),
			tx.list(chunk)); err != nil {
			return fmt.Errorf("copy what records are worth: %w", err)
		}
	}
	return nil
}

// copyDeeds copies what customers did last to the undone activities of the enrollments, whose locks Signal has taken.
func (tx *Tx) copyDeeds(fresh []Engagement) error {
	ids := column(fresh, func(e Engagement) ident.Enrollment { return e.Enrollment })
	slices.Sort(ids)
	for _, chunk := range chunks(slices.Compact(ids), 500) {
		if _, err := tx.exec(`update activities set `+tx.db.dialect.setFacts()+` where state < 4 and `+tx.in("enrollment_id", 1), tx.list(chunk)); err != nil {
			return fmt.Errorf("copy what customers did: %w", err)
		}
	}
	return nil
}

// WorkTimes gives of everything that the query selects its key and due time and nothing else, by due time: at most the first so many. That is all
// that an order by due time needs, and an index holds both. It takes no filters by fields.
func (tx *Tx) WorkTimes(q WorkQuery, most int) ([]WorkEntry, error) {
	return tx.narrow(q, most, scanWorkTime, "")
}

// WorkFacts gives of everything that the query selects its key and what priority counts, and nothing else, by due time: at most the first so
// many. An index holds all of it. It takes no filters by fields.
func (tx *Tx) WorkFacts(q WorkQuery, most int) ([]WorkEntry, error) {
	return tx.narrow(q, most, scanWorkFacts, ", a.created_at, a.worth, a.answered_at, a.clicked_at, a.opened_at")
}

// narrow reads the key, the due time and further columns of what a query selects.
func (tx *Tx) narrow(q WorkQuery, most int, scan func(oneRow) (factRow, error), columns string) ([]WorkEntry, error) {
	// With records beside them SQLite does not answer from the index alone, even where it leaves the join out.
	tables := ` from activities a`
	if len(q.RecordKinds) > 0 || strings.TrimSpace(q.Search) != "" {
		tables += ` left join records r on r.id = a.record_id`
	}
	f := q.filter()
	rows, err := collect(tx, scan, `select a.id, a.due_at`+columns+tables+f.where()+` order by a.due_at, a.id limit `+f.arg(most), f.args...)
	if err != nil {
		return nil, fmt.Errorf("order work: %w", err)
	}
	list := make([]WorkEntry, len(rows)) // once: an entry is several times as large as its row
	for i, r := range rows {
		list[i].ID = r.id
		r.into(&list[i])
	}
	return list, nil
}

func scanWorkTime(rows oneRow) (r factRow, err error) { return r, rows.Scan(&r.id, &r.due) }

func scanWorkFacts(rows oneRow) (r factRow, err error) {
	return r, rows.Scan(&r.id, &r.due, &r.created, &r.worth, &r.answered, &r.clicked, &r.opened)
}

// factRow is what priority counts, as it is stored.
type factRow struct {
	id                        ident.Activity
	due, created              int64
	worth                     sql.NullString
	answered, clicked, opened sql.NullInt64
}

func (r factRow) into(e *WorkEntry) {
	f := &e.Facts
	f.DueAt, f.CreatedAt = time.UnixMicro(r.due).UTC(), time.UnixMicro(r.created).UTC()
	f.AnsweredAt, f.ClickedAt, f.OpenedAt = moment(r.answered), moment(r.clicked), moment(r.opened)
	f.Value = number(r.worth)
}
