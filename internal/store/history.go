package store

import (
	"fmt"
	"time"

	"cadenza/internal/ident"
)

const historyFields = `h.id, h.enrollment_id, coalesce(s.name, ''), h.kind, h.step, h.visit, h.since, h.at, h.outcome, h.detail,
	coalesce(h.user_id, 0), coalesce(u.name, '')
	from lines h left join enrollments e on e.id = h.enrollment_id left join sequences s on s.id = e.sequence_id
	left join users u on u.id = h.user_id `

func scanHistory(rows oneRow) (HistoryRow, error) {
	var (
		h         HistoryRow
		kind      int16
		since, at int64
	)
	err := rows.Scan(&h.ID, &h.Enrollment, &h.SequenceName, &kind, &h.Step, &h.Visit, &since, &at, &h.Outcome, &h.Detail, &h.By, &h.ByName)
	h.Kind, h.Since, h.At = lineOf[kind], time.UnixMicro(since).UTC(), time.UnixMicro(at).UTC()
	return h, err
}

// linesOf begins a query of lines, which are the lines of history of the enrollments that the condition on their states t names.
// History has no index of its own for that: each line names the one before it.
func linesOf(condition string) string {
	return `with recursive lines as (
		select h.* from enrollment_states t join history h on h.id = t.last_line where ` + condition + `
		union all select h.* from lines l join history h on h.id = l.prev) `
}

// HistoryOf gives what happened to an enrollment, oldest first.
func (tx *Tx) HistoryOf(id ident.Enrollment) ([]HistoryRow, error) {
	list, err := collect(tx, scanHistory, linesOf(`t.id = $1`)+`select `+historyFields+`order by h.id`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("list history: %w", err)
	}
	return list, nil
}

// HistoryOfRecord gives the newest lines of all enrollments of a record; its timeline asks.
func (tx *Tx) HistoryOfRecord(rec ident.Record, limit int) ([]HistoryRow, error) {
	list, err := collect(tx, scanHistory, linesOf(`t.id in (select id from enrollments where record_id = $1)`)+
		`select `+historyFields+`order by h.id desc limit $2`, int64(rec), limit)
	if err != nil {
		return nil, fmt.Errorf("list history of record: %w", err)
	}
	return list, nil
}
