package store

import (
	"fmt"
	"strings"

	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// importedRecord is a record that rows of a batch are about.
type importedRecord struct {
	Record
	fresh, changed bool
	wasOpen        bool
	wasWorth       string
	wasEmail       string
}

// revalued gives those that are worth something else than before.
func revalued(changed []*importedRecord) (ids []ident.Record) {
	for _, m := range changed {
		if m.Values[worthField] != m.wasWorth {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// readdressed gives those that have another address than before.
func readdressed(changed []*importedRecord) (ids []ident.Record) {
	for _, m := range changed {
		if m.Values["email"] != m.wasEmail {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// register puts a record where rows look for it; it stays where it was found before.
func (b *importBatch) register(m *importedRecord) {
	if m.ExternalKey != "" {
		b.byKey[m.ExternalKey] = m
	}
	if email := strings.ToLower(m.Values["email"]); email != "" {
		b.byEmail[email] = withOne(b.byEmail[email], m)
	}
	b.byName[nameKey(m.Record.Record)] = withOne(b.byName[nameKey(m.Record.Record)], m)
}

func withOne(list []*importedRecord, m *importedRecord) []*importedRecord {
	for _, other := range list {
		if other == m {
			return list
		}
	}
	return append(list, m)
}

// nameKey tells records without an email address apart.
func nameKey(r record.Record) string {
	return strings.ToLower(r.Name()) + "\x00" + strings.ToLower(r.Values["company"])
}

// find reads the records that the rows may be about, by three queries for the whole batch.
func (b *importBatch) find(rows []ImportRow, clean []record.Values, outcomes []ImportOutcome) error {
	var keys, emails, names []string
	for i, row := range rows {
		if outcomes[i].Change == RowRefused {
			continue
		}
		if row.ExternalKey != "" {
			keys = append(keys, row.ExternalKey)
		}
		if email := clean[i]["email"]; email != "" {
			emails = append(emails, strings.ToLower(email))
		} else {
			names = append(names, strings.ToLower(record.DisplayName(b.kind, clean[i])))
		}
	}
	for _, look := range []struct {
		column string
		values []string
	}{{"r.external_key", keys}, {"r.email", emails}, {"r.sort_name", names}} {
		if err := b.look(look.column, look.values); err != nil {
			return fmt.Errorf("look for %s: %w", look.column, err)
		}
	}
	return nil
}

func (b *importBatch) look(column string, values []string) error {
	if len(values) == 0 {
		return nil
	}
	lock := ""
	if b.tx.db.dialect == postgresDialect && !b.dryRun {
		lock = " for update of r"
	}
	// The kind's index on the column serves; "<>" makes the partial index on email usable.
	list, err := collect(b.tx, func(rows oneRow) (Record, error) { return scanRecord(rows) },
		`select `+recordColumns+recordTables+`where r.kind = $1 and `+column+` <> '' and `+b.tx.inTexts(column, 2)+` order by r.id`+lock,
		string(b.kind), b.tx.texts(values))
	if err != nil {
		return err
	}
	for _, r := range list {
		if b.found[r.ID] == nil {
			m := &importedRecord{Record: r, wasOpen: r.Open(), wasWorth: r.Values[worthField], wasEmail: r.Values["email"]}
			b.found[r.ID] = m
			b.order = append(b.order, m)
			b.register(m)
		}
	}
	return nil
}
