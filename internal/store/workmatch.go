package store

import (
	"fmt"
	"maps"

	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// maxLooked is how many activities a filter by fields looks through, the first by due time.
const maxLooked = 20_000

// lookedAtOnce is how many of them are read by one query.
const lookedAtOnce = 1000

// workCandidate is an activity whose record is asked.
type workCandidate struct {
	id     ident.Activity
	due    int64
	record record.Record
}

// matching gives the activities that the query selects and whose records fulfil its filters by fields, by due time from a place on: at
// most the first so many. looked tells that there was more to look through. What a comparison means is written once, in record.Condition;
// so the records are asked here, and not by the database.
func (tx *Tx) matching(q WorkQuery, due, id int64, most int) (ids []ident.Activity, looked bool, err error) {
	for n := 0; len(ids) < most; n += lookedAtOnce {
		if n >= maxLooked {
			return ids, true, nil
		}
		f := q.filter()
		f.and(fmt.Sprintf("(a.due_at, a.id) > (%s, %s)", f.arg(due), f.arg(id)))
		page, err := collect(tx, scanWorkCandidate, `select a.id, a.due_at, r.id, r.kind, r.fields from activities a join records r on r.id = a.record_id`+
			f.where()+` order by a.due_at, a.id limit `+f.arg(lookedAtOnce), f.args...)
		if err != nil {
			return nil, false, fmt.Errorf("filter work by fields: %w", err)
		}
		if err := tx.relateAsked(q.Fields, page); err != nil {
			return nil, false, err
		}
		for _, c := range page {
			if due, id = c.due, int64(c.id); len(ids) < most && fulfils(q.Fields, c.record) {
				ids = append(ids, c.id)
			}
		}
		if len(page) < lookedAtOnce {
			break
		}
	}
	return ids, false, nil
}

func scanWorkCandidate(rows oneRow) (c workCandidate, err error) {
	var fields string
	if err = rows.Scan(&c.id, &c.due, &c.record.ID, &c.record.Kind, &fields); err == nil {
		c.record.Values, err = decodeValues(fields)
	}
	return c, err
}

// relateAsked adds the values of related records that a filter asks for.
func (tx *Tx) relateAsked(filters []FieldFilter, page []workCandidate) error {
	lookups := map[record.Kind][]string{}
	for _, f := range filters {
		lookups[f.Kind] = append(lookups[f.Kind], f.Condition().Lookups()...)
	}
	var asking []record.Record
	for _, c := range page {
		if len(lookups[c.record.Kind]) > 0 {
			asking = append(asking, c.record)
		}
	}
	related, err := tx.Related(asking...)
	if err != nil {
		return err
	}
	for _, c := range page {
		for _, lookup := range lookups[c.record.Kind] {
			if to, ok := related[linkOf(c.record, lookup)]; ok {
				c.record.Values.Relate(lookup, to.Values)
			}
		}
	}
	return nil
}

// fulfils tells whether a record does what all filters of its kind ask; one of a kind without a filter does not.
func fulfils(filters []FieldFilter, r record.Record) bool {
	asked := false
	for _, f := range filters {
		if f.Kind != r.Kind {
			continue
		}
		asked = true
		if holds, missing := f.Condition().Holds(r.Kind, r.Values); !holds || missing != "" {
			return false
		}
	}
	return asked
}

// Fulfilling gives those of some records that do what all filters ask.
func (tx *Tx) Fulfilling(rows []RecordRow, filters []FieldFilter) ([]RecordRow, error) {
	candidates := make([]workCandidate, len(rows))
	for i, r := range rows {
		candidates[i].record = r.Record.Record
		candidates[i].record.Values = maps.Clone(r.Values) // those of related records are put in
	}
	if err := tx.relateAsked(filters, candidates); err != nil {
		return nil, err
	}
	var found []RecordRow
	for i, r := range rows {
		if fulfils(filters, candidates[i].record) {
			found = append(found, r)
		}
	}
	return found, nil
}
