package action

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// The limits of saved filters.
const (
	maxViewName  = 60
	maxViewQuery = 2000
	maxViews     = 50
)

// WorkViews lists the saved filters of the work list: everybody's, then the actor's own.
func (a *App) WorkViews(ctx context.Context, actor access.Actor) ([]store.WorkView, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.WorkView, error) { return tx.WorkViews(actor.ID) })
}

// SaveWorkView saves a filter for the actor, or for everybody when shared, which only admins may. One of the same name is replaced.
func (a *App) SaveWorkView(ctx context.Context, actor access.Actor, name, query string, shared bool) (store.WorkView, error) {
	right := access.DoActivities
	if shared {
		right = access.ManageSettings
	}
	if err := may(actor, right); err != nil {
		return store.WorkView{}, err
	}
	if actor.ID == 0 && !shared {
		return store.WorkView{}, fault.Field("shared", "required", "Only a user has filters of their own. Save it for everybody.")
	}
	name = strings.Join(strings.Fields(clean(name)), " ")
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return store.WorkView{}, fault.Field("name", "required", "Give the filter a name.")
	case n > maxViewName:
		return store.WorkView{}, fault.Field("name", "too_long", fmt.Sprintf("The name is longer than %d characters.", maxViewName))
	}
	if _, err := url.ParseQuery(query); err != nil || len(query) > maxViewQuery {
		return store.WorkView{}, fault.Field("query", "invalid", "The query must be that of the work list's address, of at most 2,000 characters.")
	}
	return change(ctx, a, func(tx *store.Tx) (store.WorkView, error) {
		v := store.WorkView{User: actor.ID, Name: name, Query: query}
		if shared {
			v.User = 0
		}
		known, err := tx.WorkViews(v.User)
		if err != nil {
			return v, err
		}
		own := 0
		for _, k := range known {
			if k.User != v.User {
				continue
			}
			if own++; strings.EqualFold(k.Name, name) {
				v.ID = k.ID
			}
		}
		if v.ID == 0 && own >= maxViews {
			return v, fault.New(fault.Conflict, "There are %d saved filters already.", own).WithHint("Delete one that is not needed.")
		}
		return tx.SaveWorkView(v)
	})
}

// DeleteWorkView removes a saved filter: one's own, or everybody's by an admin.
func (a *App) DeleteWorkView(ctx context.Context, actor access.Actor, id ident.WorkView) error {
	if err := may(actor, access.DoActivities); err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		v, err := tx.GetWorkView(id)
		if err != nil {
			return err
		}
		if v.User == 0 {
			if err := may(actor, access.ManageSettings); err != nil {
				return err
			}
		} else if v.User != actor.ID {
			return fault.New(fault.NotFound, "There is no such saved filter; it may have been deleted.")
		}
		return tx.DeleteWorkView(id)
	})
}
