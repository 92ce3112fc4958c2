package store

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// FieldFilter is a filter of the work list by the fields of one kind of records. One without a user is everybody's.
type FieldFilter struct {
	ID   ident.FieldFilter
	User ident.User
	Name string
	// Group is the heading under which it stands; "" for the one that all others share.
	Group string
	Kind  record.Kind
	// Rows are comparisons that must all hold.
	Rows []FilterRow
}

// FilterRow is one comparison of a filter by fields.
type FilterRow struct {
	record.Condition
	// WhenUsed tells that its value is chosen when the filter is used. Its own values are then those that count without a choice; while there
	// are none, it is not asked.
	WhenUsed bool
}

// Asked tells whether the row narrows anything: it has a value, or needs none.
func (r FilterRow) Asked() bool { return !r.WhenUsed || len(r.Values) > 0 }

// FilterPlace is the place of a row: its filter, and how many rows stand before it.
type FilterPlace struct {
	Filter ident.FieldFilter
	Row    int
}

// FilterValues are values that are chosen for rows of filters by fields; none at a place for no value.
type FilterValues map[FilterPlace][]string

// Condition is what a record of the filter's kind must fulfil. Rows that still wait for a value are left out.
func (f FieldFilter) Condition() record.Condition {
	all := make([]record.Condition, 0, len(f.Rows)) // a group, also without rows
	for _, r := range f.Rows {
		if r.Asked() {
			all = append(all, r.Condition)
		}
	}
	return record.Condition{All: all}
}

// filterRow is how a comparison is stored.
type filterRow struct {
	Field  string    `json:"field"`
	Op     record.Op `json:"op"`
	Values []string  `json:"values,omitempty"`
	// WhenUsed is left out where it is not so, as in rows from before there was any.
	WhenUsed bool `json:"when_used,omitempty"`
}

const fieldFilterColumns = `id, coalesce(user_id, 0), name, group_name, kind, rows`

// FieldFilters gives a user's own filters by fields and everybody's, in the order in which they are shown: by group, everybody's first.
func (tx *Tx) FieldFilters(user ident.User) ([]FieldFilter, error) {
	return tx.fieldFilters(`user_id is null or user_id = $1 order by case when group_name = '' then 1 else 0 end, lower(group_name),
		case when user_id is null then 0 else 1 end, lower(name), id`, int64(user))
}

// GetFieldFilter gives one filter by fields.
func (tx *Tx) GetFieldFilter(id ident.FieldFilter) (FieldFilter, error) {
	list, err := tx.fieldFilters(`id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = missing(sql.ErrNoRows, "filter")
	}
	if err != nil {
		return FieldFilter{}, fmt.Errorf("get filter by fields: %w", err)
	}
	return list[0], nil
}

func (tx *Tx) fieldFilters(condition string, args ...any) ([]FieldFilter, error) {
	list, err := collect(tx, scanFieldFilter, `select `+fieldFilterColumns+` from field_filters where `+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("list filters by fields: %w", err)
	}
	return list, nil
}

func scanFieldFilter(rows oneRow) (f FieldFilter, err error) {
	var text string
	if err := rows.Scan(&f.ID, &f.User, &f.Name, &f.Group, &f.Kind, &text); err != nil {
		return f, err
	}
	var stored []filterRow
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return f, fmt.Errorf("read rows of filter %s: %w", f.ID, err)
	}
	for _, r := range stored {
		f.Rows = append(f.Rows, FilterRow{record.Condition{Field: r.Field, Op: r.Op, Values: r.Values}, r.WhenUsed})
	}
	return f, nil
}

// SaveFieldFilter writes a filter: a new one when it has no key.
func (tx *Tx) SaveFieldFilter(f FieldFilter) (FieldFilter, error) {
	stored := make([]filterRow, len(f.Rows))
	for i, r := range f.Rows {
		stored[i] = filterRow{r.Field, r.Op, r.Values, r.WhenUsed}
	}
	text, err := json.Marshal(stored)
	if err != nil {
		return f, err
	}
	if f.ID != 0 {
		_, err = tx.exec(`update field_filters set name = $2, group_name = $3, kind = $4, rows = $5 where id = $1`, int64(f.ID), f.Name, f.Group, string(f.Kind), string(text))
	} else {
		var id int64
		id, err = tx.insert(`insert into field_filters (user_id, name, group_name, kind, rows, created_at) values ($1, $2, $3, $4, $5, $6)`,
			key(f.User), f.Name, f.Group, string(f.Kind), string(text), tx.Now.UnixMicro())
		f.ID = ident.FieldFilter(id)
	}
	if err != nil {
		return f, fmt.Errorf("save filter by fields: %w", err)
	}
	return f, nil
}

// DeleteFieldFilter removes a filter.
func (tx *Tx) DeleteFieldFilter(id ident.FieldFilter) error {
	if _, err := tx.exec(`delete from field_filters where id = $1`, int64(id)); err != nil {
		return fmt.Errorf("delete filter by fields: %w", err)
	}
	return nil
}

// DeleteFilterGroup removes a user's filters of a group, or everybody's without a user.
func (tx *Tx) DeleteFilterGroup(user ident.User, group string) error {
	if _, err := tx.exec(`delete from field_filters where coalesce(user_id, 0) = $1 and group_name = $2`, int64(user), group); err != nil {
		return fmt.Errorf("delete group of filters: %w", err)
	}
	return nil
}

const hiddenFilters = "hidden_filters"

// HiddenFilters gives the names of the filters that a user hides, or that are hidden from everybody without a user.
func (tx *Tx) HiddenFilters(user ident.User) (names []string, err error) {
	var text string
	if user == 0 {
		text, err = tx.setting(hiddenFilters)
	} else {
		text, err = tx.userSetting(user, hiddenFilters)
	}
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &names)
	}
	if err != nil {
		return nil, fmt.Errorf("read hidden filters: %w", err)
	}
	return names, nil
}

// SaveHiddenFilters replaces them.
func (tx *Tx) SaveHiddenFilters(user ident.User, names []string) error {
	text, err := json.Marshal(names)
	switch {
	case err != nil:
		return err
	case user == 0:
		return tx.saveSetting(hiddenFilters, string(text))
	}
	return tx.saveUserSetting(user, hiddenFilters, string(text))
}
