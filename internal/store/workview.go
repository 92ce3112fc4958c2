package store

import (
	"database/sql"
	"fmt"

	"cadenza/internal/ident"
)

// WorkView is a saved filter of the work list. One without a user is everybody's. Query is the query of the list's address.
type WorkView struct {
	ID    ident.WorkView
	User  ident.User
	Name  string
	Query string
}

// WorkViews gives a user's saved filters and everybody's, everybody's first, each by name.
func (tx *Tx) WorkViews(user ident.User) ([]WorkView, error) {
	list, err := collect(tx, scanWorkView, `select id, coalesce(user_id, 0), name, query from work_views where user_id is null or user_id = $1
		order by case when user_id is null then 0 else 1 end, lower(name), id`, int64(user))
	if err != nil {
		return nil, fmt.Errorf("list saved filters: %w", err)
	}
	return list, nil
}

// GetWorkView gives one saved filter.
func (tx *Tx) GetWorkView(id ident.WorkView) (WorkView, error) {
	list, err := collect(tx, scanWorkView, `select id, coalesce(user_id, 0), name, query from work_views where id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = missing(sql.ErrNoRows, "saved filter")
	}
	if err != nil {
		return WorkView{}, fmt.Errorf("get saved filter: %w", err)
	}
	return list[0], nil
}

func scanWorkView(rows oneRow) (v WorkView, err error) {
	return v, rows.Scan(&v.ID, &v.User, &v.Name, &v.Query)
}

// SaveWorkView writes a saved filter: a new one when it has no key, else its name and query.
func (tx *Tx) SaveWorkView(v WorkView) (WorkView, error) {
	if v.ID != 0 {
		_, err := tx.exec(`update work_views set name = $2, query = $3 where id = $1`, int64(v.ID), v.Name, v.Query)
		if err != nil {
			err = fmt.Errorf("save filter: %w", err)
		}
		return v, err
	}
	id, err := tx.insert(`insert into work_views (user_id, name, query, created_at) values ($1, $2, $3, $4)`, key(v.User), v.Name, v.Query, tx.Now.UnixMicro())
	if err != nil {
		return v, fmt.Errorf("save filter: %w", err)
	}
	v.ID = ident.WorkView(id)
	return v, nil
}

// DeleteWorkView removes a saved filter.
func (tx *Tx) DeleteWorkView(id ident.WorkView) error {
	if _, err := tx.exec(`delete from work_views where id = $1`, int64(id)); err != nil {
		return fmt.Errorf("delete saved filter: %w", err)
	}
	return nil
}
