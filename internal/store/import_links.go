package store

import (
	"fmt"
	"maps"
	"strings"

	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// linkIndex finds the records of one kind that the rows of a batch name in a column.
type linkIndex struct {
	byKey  map[string]ident.Record
	byName map[string][]ident.Record
}

// resolveLinks puts ids in place of what rows write into columns of related records: an external key, or else a whole
// name. Rows that name nobody, or several, are refused. The rows given are left alone.
func (b *importBatch) resolveLinks(rows []ImportRow) ([]ImportRow, []ImportOutcome, error) {
	outcomes := make([]ImportOutcome, len(rows))
	for _, f := range record.Lookups(b.kind) {
		var texts []string
		for _, row := range rows {
			if text := row.Values[f.Key]; text != "" {
				texts = append(texts, text)
			}
		}
		if len(texts) == 0 {
			continue
		}
		x, err := b.tx.readLinks(f.Names, texts)
		if err != nil {
			return nil, nil, fmt.Errorf("look for related records: %w", err)
		}
		resolved := make([]ImportRow, len(rows))
		for i, row := range rows {
			resolved[i] = row
			if text := row.Values[f.Key]; text != "" {
				id, o := x.find(f, text)
				if o.Change == RowRefused {
					outcomes[i] = o
					continue
				}
				resolved[i].Values = maps.Clone(row.Values)
				resolved[i].Values[f.Key] = id.String()
			}
		}
		rows = resolved
	}
	return rows, outcomes, nil
}

// readLinks reads the records of a kind with these external keys or names.
func (tx *Tx) readLinks(kind record.Kind, texts []string) (linkIndex, error) {
	x := linkIndex{byKey: map[string]ident.Record{}, byName: map[string][]ident.Record{}}
	lower := make([]string, len(texts))
	for i, text := range texts {
		lower[i] = strings.ToLower(text)
	}
	type row struct {
		id        ident.Record
		key, name string
	}
	scan := func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.id, &r.key, &r.name) }
	const columns = `select id, coalesce(external_key, ''), sort_name from records where kind = $1 and `
	keyed, err := collect(tx, scan, columns+tx.inTexts("external_key", 2), string(kind), tx.texts(texts))
	if err != nil {
		return x, err
	}
	named, err := collect(tx, scan, columns+tx.inTexts("sort_name", 2)+` order by id`, string(kind), tx.texts(lower))
	if err != nil {
		return x, err
	}
	for _, r := range keyed {
		x.byKey[r.key] = r.id
	}
	for _, r := range named {
		x.byName[r.name] = append(x.byName[r.name], r.id)
	}
	return x, nil
}

// find gives the record that a text names, or why the row is refused.
func (x linkIndex) find(f record.Field, text string) (ident.Record, ImportOutcome) {
	if id, ok := x.byKey[text]; ok {
		return id, ImportOutcome{}
	}
	switch list := x.byName[strings.ToLower(text)]; len(list) {
	case 0:
		return 0, refuseRow("unknown_record", f.Key, fmt.Sprintf("There is no %s with the external key or name %q. Import %s first, or map the column to another field.",
			f.Names, text, strings.ToLower(f.Names.Plural())))
	case 1:
		return list[0], ImportOutcome{}
	default:
		return 0, refuseRow("ambiguous", f.Key, fmt.Sprintf("There are %d %s with the name %q, so it is not clear which one is meant. Use the external key.",
			len(list), strings.ToLower(f.Names.Plural()), text))
	}
}
