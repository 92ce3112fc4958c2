package store

import (
	"fmt"
	"maps"
	"slices"

	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// setRow sets one field of a record to a canonical value.
type setRow struct {
	record       ident.Record
	field, value string
}

// loadValues reads the fields of the records whose sequences ask for them.
func (tx *Tx) loadValues(list []*loaded) error {
	byRecord := map[ident.Record][]*loaded{}
	for _, l := range list {
		l.snap.Facts.Kind = l.snap.Version.Def.Record
		if l.snap.Version.Asks.Values {
			byRecord[l.record] = append(byRecord[l.record], l)
		}
	}
	if len(byRecord) == 0 {
		return nil
	}
	type row struct {
		id     ident.Record
		fields string
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.id, &r.fields) },
		`select id, fields from records where `+tx.in("id", 1), tx.list(slices.Sorted(maps.Keys(byRecord))))
	if err != nil {
		return fmt.Errorf("read values: %w", err)
	}
	found := make(map[ident.Record]record.Values, len(rows))
	for _, r := range rows {
		if found[r.id], err = decodeValues(r.fields); err != nil {
			return err
		}
		for _, l := range byRecord[r.id] {
			l.snap.Facts.Values = found[r.id]
		}
	}
	return tx.loadRelated(byRecord, found)
}

// setFields writes what is set, on the records as they are now, and gives those that it closed and all that it changed. A record that is gone
// stays gone.
func (tx *Tx) setFields(list []setRow) (closed, changed []ident.Record, err error) {
	if len(list) == 0 {
		return nil, nil, nil
	}
	byRecord := map[ident.Record][]setRow{}
	for _, s := range list {
		byRecord[s.record] = append(byRecord[s.record], s)
	}
	ids := slices.Sorted(maps.Keys(byRecord)) // the order of locks
	if lock := tx.db.dialect.lockRows(); lock != "" {
		if _, err := tx.exec(`select 1 from records where `+tx.in("id", 1)+` order by id`+lock, tx.list(ids)); err != nil {
			return nil, nil, fmt.Errorf("lock records: %w", err)
		}
	}
	found, err := tx.RecordsByID(ids)
	if err != nil {
		return nil, nil, err
	}
	var worth []ident.Record
	for _, id := range ids {
		r, ok := found[id]
		if !ok {
			continue
		}
		before := r.Record
		r.Values = maps.Clone(r.Values)
		if r.Values == nil {
			r.Values = record.Values{}
		}
		for _, s := range byRecord[id] {
			r.Values[s.field] = s.value
			if s.value == "" {
				delete(r.Values, s.field)
			}
		}
		if sameRecord(before, r.Record) {
			continue
		}
		if before.Values["email"] != r.Values["email"] {
			if err := tx.keepFormer(id); err != nil {
				return nil, nil, err
			}
		}
		if _, err := tx.updateRecord(r); err != nil {
			return nil, nil, fmt.Errorf("set fields of record: %w", err)
		}
		changed = append(changed, id)
		if before.Values[worthField] != r.Values[worthField] {
			worth = append(worth, id)
		}
		if before.Open() && !r.Open() {
			closed = append(closed, id)
		}
	}
	return closed, changed, tx.copyWorth(worth)
}
