package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// Link is a record that another one names.
type Link struct {
	ID   ident.Record
	Kind record.Kind
	Name string
}

// Name narrows to records whose lookup names a record.
func (q *RecordQuery) Name(lookup string, id ident.Record) {
	switch lookup {
	case "account":
		q.Account = id
	case "contact":
		q.Contact = id
	}
}

// linkOf gives the record that a lookup of r names, zero for none.
func linkOf(r record.Record, field string) ident.Record {
	id, _ := record.LinkOf(r.Values[field])
	return id
}

// linkKey is linkOf for a column.
func linkKey(r record.Record, field string) any { return key(linkOf(r, field)) }

// nameLinks reads the names of the records that these ones name, by one query.
func (tx *Tx) nameLinks(list []*Record) error {
	var ids []ident.Record
	for _, r := range list {
		for _, f := range record.Lookups(r.Kind) {
			if id := linkOf(r.Record, f.Key); id != 0 {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	links, err := collect(tx, func(rows oneRow) (l Link, err error) { return l, rows.Scan(&l.ID, &l.Kind, &l.Name) },
		`select id, kind, name from records where `+tx.in("id", 1), tx.list(ids))
	if err != nil {
		return fmt.Errorf("name related records: %w", err)
	}
	byID := make(map[ident.Record]Link, len(links))
	for _, l := range links {
		byID[l.ID] = l
	}
	for _, r := range list {
		r.Links = map[string]Link{}
		for _, f := range record.Lookups(r.Kind) {
			if l, ok := byID[linkOf(r.Record, f.Key)]; ok {
				r.Links[f.Key] = l
			}
		}
	}
	return nil
}

// Related gives the records that these ones name, by their keys.
func (tx *Tx) Related(list ...record.Record) (map[ident.Record]record.Record, error) {
	var ids []ident.Record
	for _, r := range list {
		for _, f := range record.Lookups(r.Kind) {
			if id := linkOf(r, f.Key); id != 0 {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := tx.RecordsByID(ids)
	plain := make(map[ident.Record]record.Record, len(found))
	for id, r := range found {
		plain[id] = r.Record
	}
	return plain, err
}

// ShareRecords is RecordsByID for naming these records in others: on PostgreSQL nobody deletes them before this
// transaction ends.
func (tx *Tx) ShareRecords(ids []ident.Record) (map[ident.Record]Record, error) {
	if tx.db.dialect == postgresDialect {
		if _, err := tx.exec(`select 1 from records where `+tx.in("id", 1)+` order by id for key share`, tx.list(ids)); err != nil {
			return nil, fmt.Errorf("hold related records: %w", err)
		}
	}
	return tx.RecordsByID(ids)
}

// dropLinksTo clears what names a record that is about to be deleted.
func (tx *Tx) dropLinksTo(id ident.Record) error {
	if tx.db.dialect == postgresDialect {
		if _, err := tx.exec(`select 1 from records where id = $1 for update`, int64(id)); err != nil {
			return fmt.Errorf("lock record: %w", err)
		}
	}
	for _, field := range []string{"account", "contact"} {
		if _, err := tx.exec(`update records set fields = `+tx.db.dialect.withoutKey("fields", field)+`, `+field+`_id = null,
			rev = rev + 1, updated_at = $2 where `+field+`_id = $1`, int64(id), micros(tx.Now)); err != nil {
			return fmt.Errorf("clear links to record: %w", err)
		}
	}
	return nil
}

// RecordsCalled gives the records of a kind that a text names: by their external key, or else by their whole name. At most
// limit are given.
func (tx *Tx) RecordsCalled(kind record.Kind, text string, limit int) ([]Record, error) {
	scan := func(rows oneRow) (Record, error) { return scanRecord(rows) }
	list, err := collect(tx, scan, `select `+recordColumns+recordTables+`where r.kind = $1 and r.external_key = $2`, string(kind), text)
	if err == nil && len(list) == 0 {
		list, err = collect(tx, scan, `select `+recordColumns+recordTables+`where r.kind = $1 and r.sort_name = $2 order by r.id limit $3`,
			string(kind), strings.ToLower(text), limit)
	}
	if err != nil {
		return nil, fmt.Errorf("find records by name: %w", err)
	}
	return list, nil
}

// loadRelated adds to the values of records those of the records that they name, where a version asks for them.
func (tx *Tx) loadRelated(byRecord map[ident.Record][]*loaded, values map[ident.Record]record.Values) error {
	type ask struct {
		of     ident.Record
		lookup string
	}
	asked := map[ask]ident.Record{}
	for id, list := range byRecord {
		for _, l := range list {
			for _, lookup := range l.snap.Version.Asks.Related {
				if to, ok := record.LinkOf(values[id][lookup]); ok {
					asked[ask{id, lookup}] = to
				}
			}
		}
	}
	if len(asked) == 0 {
		return nil
	}
	found := map[ident.Record]record.Values{}
	type row struct {
		id     ident.Record
		fields string
	}
	ids := slices.Compact(slices.Sorted(maps.Values(asked)))
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.id, &r.fields) },
		`select id, fields from records where `+tx.in("id", 1), tx.list(ids))
	if err != nil {
		return fmt.Errorf("read values of related records: %w", err)
	}
	for _, r := range rows {
		if found[r.id], err = decodeValues(r.fields); err != nil {
			return err
		}
	}
	for a, to := range asked {
		values[a.of].Relate(a.lookup, found[to])
	}
	return nil
}
