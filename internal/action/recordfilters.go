package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// FilteredRecords gives the first records of a list, at most q.Limit, that do what filters by fields ask; those are given by id or name, as NameFilters
// takes them, and so are values for their rows. Of a saved filter of the work list counts what it says of records. Without filters it is the first page of
// ListRecords. more tells that the list goes on.
func (a *App) FilteredRecords(ctx context.Context, actor access.Actor, q store.RecordQuery, names, values []string) (rows []store.RecordRow, more bool, err error) {
	most := q.Limit
	if most < 1 || most > store.MaxPageSize {
		return nil, false, fault.Field("limit", "range", fmt.Sprintf("The limit must be from 1 to %d.", store.MaxPageSize))
	}
	filters, err := a.recordFilters(ctx, actor, &q, names, values)
	if err != nil {
		return nil, false, err
	}
	if len(filters) > 0 {
		q.Limit = store.MaxPageSize
	}
	for {
		page, err := a.ListRecords(ctx, actor, q)
		if err != nil {
			return nil, false, err
		}
		found := page.Rows
		if len(filters) > 0 {
			if found, err = look(ctx, a, func(tx *store.Tx) ([]store.RecordRow, error) { return tx.Fulfilling(page.Rows, filters) }); err != nil {
				return nil, false, err
			}
		}
		rows = append(rows, found...)
		if len(rows) >= most || page.Next == "" {
			return rows[:min(len(rows), most)], len(rows) > most || page.Next != "", nil
		}
		q.Cursor = page.Next
	}
}

// recordFilters gives the filters by fields that are named, with what is chosen for their rows.
func (a *App) recordFilters(ctx context.Context, actor access.Actor, q *store.RecordQuery, names, values []string) (used []store.FieldFilter, err error) {
	if len(names)+len(values) == 0 {
		return nil, nil
	}
	var work store.WorkQuery
	if err := a.NameFilters(ctx, actor, names, values, &work, &WorkOrder{}); err != nil {
		return nil, err
	}
	if work.Search != "" && q.Search == "" {
		q.Search = work.Search
	}
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		known, err := readNamed(tx, actor)
		if err != nil {
			return err
		}
		for _, f := range known.used(work.FieldFilters) {
			if f.Kind != q.Kind {
				return fault.Field("filter", "kind", fmt.Sprintf("The filter %q is of %s, not of %s.", f.Name, strings.ToLower(f.Kind.Plural()), strings.ToLower(q.Kind.Plural())))
			}
			f, _ = chooseValues(f, work.FieldValues)
			if f.Rows = slices.DeleteFunc(f.Rows, func(r store.FilterRow) bool { return !r.Asked() }); len(f.Rows) > 0 {
				used = append(used, f)
			}
		}
		return nil
	})
	if err == nil && len(work.FieldFilters) == 0 && work.Search == "" {
		err = fault.Field("filter", "activities", fmt.Sprintf("The filter %q says nothing of records, only of what is to do.", strings.Join(names, ", ")))
	}
	return used, err
}
