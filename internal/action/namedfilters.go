package action

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// maxNamed is how many filters of a sort a refusal lists.
const maxNamed = 20

// NameFilters narrows a query by filters that are given by id or name, the actor's own before everybody's: any number of filters by fields, and
// one saved filter of the page. That one shows what the page shows with it, but for what the query and the order say themselves; its days are
// those of o.Tonight, of the actor's zone without it. values are chosen for rows of the filters, each as FILTER.ROW=VALUE.
func (a *App) NameFilters(ctx context.Context, actor access.Actor, names, values []string, q *store.WorkQuery, o *WorkOrder) error {
	if len(names)+len(values) == 0 {
		return nil
	}
	if err := may(actor, access.DoActivities); err != nil {
		return err
	}
	return a.db.Read(ctx, func(tx *store.Tx) error {
		known, err := readNamed(tx, actor)
		if err != nil {
			return err
		}
		var saved *store.WorkView
		for _, name := range names {
			one, err := known.find(name)
			switch {
			case err != nil:
				return err
			case one.view == nil:
				q.FieldFilters = append(q.FieldFilters, one.field.ID)
			case saved != nil && saved.ID != one.view.ID:
				return fault.Field("filter", "too_many", fmt.Sprintf("%q and %q are both saved filters: give one of them, and filters by fields beside it.", saved.Name, one.view.Name))
			default:
				saved = one.view
			}
		}
		if saved != nil {
			if err := known.apply(*saved, actor, q, o, tonightOf(actor, o.Tonight, tx.Now)); err != nil {
				return err
			}
		}
		return known.choose(values, q)
	})
}

// tonightOf is the end of the actor's today, unless it is given.
func tonightOf(actor access.Actor, given, now time.Time) time.Time {
	if !given.IsZero() {
		return given
	}
	zone, err := time.LoadLocation(actor.Zone)
	if err != nil {
		zone = time.UTC
	}
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

// namedFilters are the filters that an actor may name.
type namedFilters struct {
	fields []store.FieldFilter
	views  []store.WorkView
}

func readNamed(tx *store.Tx, actor access.Actor) (n namedFilters, err error) {
	if n.fields, err = tx.FieldFilters(actor.ID); err != nil {
		return n, err
	}
	n.views, err = tx.WorkViews(actor.ID)
	return n, err
}

// namedFilter is a filter by fields, or a saved one.
type namedFilter struct {
	field store.FieldFilter
	view  *store.WorkView
}

func (f namedFilter) String() string {
	if f.view != nil {
		return "a saved filter (" + f.view.ID.String() + ")"
	}
	return "a filter by fields (" + f.field.ID.String() + ")"
}

// find gives what an id or a name means.
func (n namedFilters) find(text string) (namedFilter, error) {
	text = strings.TrimSpace(text)
	found := n.all(func(id, name string, user ident.User) bool { return id == text })
	for _, own := range []bool{true, false} {
		if len(found) == 0 {
			found = n.all(func(_, name string, user ident.User) bool { return (user != 0) == own && strings.EqualFold(name, text) })
		}
	}
	switch len(found) {
	case 0:
		return namedFilter{}, fault.Field("filter", "unknown", fmt.Sprintf("There is no filter %q. %s", text, n.list()))
	case 1:
		return found[0], nil
	}
	what := make([]string, len(found))
	for i, f := range found {
		what[i] = f.String()
	}
	return namedFilter{}, fault.Field("filter", "ambiguous", fmt.Sprintf("%q is the name of %s. Give the id of the one that you mean.", text, strings.Join(what, " and ")))
}

func (n namedFilters) all(match func(id, name string, user ident.User) bool) (found []namedFilter) {
	for _, f := range n.fields {
		if match(f.ID.String(), f.Name, f.User) {
			found = append(found, namedFilter{field: f})
		}
	}
	for _, v := range n.views {
		if match(v.ID.String(), v.Name, v.User) {
			found = append(found, namedFilter{view: &v})
		}
	}
	return found
}

// list says which filters there are.
func (n namedFilters) list() string {
	var fields, views []string
	for _, f := range n.fields {
		fields = append(fields, f.Name)
	}
	for _, v := range n.views {
		views = append(views, v.Name)
	}
	switch {
	case len(fields)+len(views) == 0:
		return "There is none yet."
	case len(views) == 0:
		return "There are these filters by fields: " + quotedList(fields) + "."
	case len(fields) == 0:
		return "There are these saved filters: " + quotedList(views) + "."
	}
	return "There are these filters by fields: " + quotedList(fields) + "; and these saved filters: " + quotedList(views) + "."
}

func quotedList(names []string) string {
	more := ""
	if n := len(names) - maxNamed; n > 0 {
		names, more = names[:maxNamed], fmt.Sprintf(" and %d more", n)
	}
	said := make([]string, len(names))
	for i, name := range names {
		said[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(said, ", ") + more
}

// apply adds what a saved filter says to what the query says itself. A filter by fields that was deleted since narrows nothing, as on the page.
func (n namedFilters) apply(v store.WorkView, actor access.Actor, q *store.WorkQuery, o *WorkOrder, tonight time.Time) error {
	address, err := url.ParseQuery(v.Query)
	if err != nil {
		return fmt.Errorf("read saved filter %s: %w", v.ID, err)
	}
	f := ReadWorkFilter(address).Known(n.fields)
	says := f.Query(actor.ID, tonight)
	if q.From.IsZero() && q.Until.IsZero() && !q.Later {
		q.From, q.Until, q.Later = says.From, says.Until, says.Later
	}
	if len(q.Kinds) == 0 {
		q.Kinds = says.Kinds
	}
	if len(q.RecordKinds) == 0 {
		q.RecordKinds = says.RecordKinds
	}
	if q.Search == "" {
		q.Search = says.Search
	}
	if q.Unopened = q.Unopened || says.Unopened; q.Followed == 0 {
		q.Followed = says.Followed
	}
	for _, id := range says.FieldFilters {
		if !slices.Contains(q.FieldFilters, id) {
			q.FieldFilters = append(q.FieldFilters, id)
		}
	}
	q.FieldValues = says.FieldValues
	if o.Sort == "" {
		o.Sort = f.Sort
	}
	return nil
}
