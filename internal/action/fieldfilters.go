package action

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// The limits of filters by fields.
const (
	maxFieldFilters = 50
	maxFilterRows   = 10
)

// shippedFilters are the filters of the work list that are always there, and that can only be hidden.
var shippedFilters = []string{"due", "kind", "record", "unopened", "followed"}

// groupPrefix begins the name under which a whole group of filters is hidden.
const groupPrefix = "group:"

// WorkFilters are the filters that a user finds in the work list: those by fields, and what is hidden.
type WorkFilters struct {
	Fields []store.FieldFilter
	// ForAll are the names that an admin hides from everybody, Own those that the user hides for themself: the id of a filter, the name of
	// a shipped one (due, kind, record, unopened, followed), or group: and the name of a group.
	ForAll, Own []string
}

// Hidden tells whether something is not shown, for whatever reason.
func (f WorkFilters) Hidden(name string) bool {
	return slices.Contains(f.ForAll, name) || slices.Contains(f.Own, name)
}

// Shown are the filters by fields that are not hidden, alone or with their group.
func (f WorkFilters) Shown() []store.FieldFilter {
	return slices.DeleteFunc(slices.Clone(f.Fields), func(one store.FieldFilter) bool {
		return f.Hidden(one.ID.String()) || f.Hidden(GroupName(one.Group))
	})
}

// GroupName is the name under which a group of filters is hidden.
func GroupName(group string) string { return groupPrefix + group }

// WorkFilters gives the filters of the work list that the actor has.
func (a *App) WorkFilters(ctx context.Context, actor access.Actor) (WorkFilters, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return WorkFilters{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (WorkFilters, error) { return workFilters(tx, actor) })
}

func workFilters(tx *store.Tx, actor access.Actor) (f WorkFilters, err error) {
	if f.Fields, err = tx.FieldFilters(actor.ID); err != nil {
		return f, err
	}
	if f.ForAll, err = tx.HiddenFilters(0); err != nil || actor.ID == 0 {
		return f, err
	}
	f.Own, err = tx.HiddenFilters(actor.ID)
	return f, err
}

// chooseFilters reads the filters by fields that a query names, everybody's and the actor's own, with the values that are chosen for them.
func chooseFilters(tx *store.Tx, actor access.Actor, q *store.WorkQuery) error {
	q.Fields = nil
	var problems []fault.Problem
	for _, id := range q.FieldFilters {
		f, err := ownFilter(tx, actor, id)
		if fault.Is(err, fault.NotFound) {
			return fault.Field("filter", "unknown", "There is no such filter; it may have been deleted.")
		}
		if err != nil {
			return err
		}
		f, wrong := chooseValues(f, q.FieldValues)
		problems = append(problems, wrong...)
		q.Fields = append(q.Fields, f)
	}
	return fault.Of(problems...)
}

// GetFieldFilter gives one filter by fields: everybody's, or the actor's own.
func (a *App) GetFieldFilter(ctx context.Context, actor access.Actor, id ident.FieldFilter) (store.FieldFilter, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return store.FieldFilter{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.FieldFilter, error) { return ownFilter(tx, actor, id) })
}

func ownFilter(tx *store.Tx, actor access.Actor, id ident.FieldFilter) (store.FieldFilter, error) {
	f, err := tx.GetFieldFilter(id)
	if err == nil && f.User != 0 && f.User != actor.ID && !actor.System {
		err = fault.New(fault.NotFound, "There is no such filter; it may have been deleted.")
	}
	return f, err
}

// SaveFieldFilter saves a filter for the actor, or for everybody when it is shared, which only admins may: a new one when it has no key. Whose a
// filter is does not change.
func (a *App) SaveFieldFilter(ctx context.Context, actor access.Actor, f store.FieldFilter, shared bool) (store.FieldFilter, error) {
	if err := mayFilter(actor, shared && f.ID == 0); err != nil {
		return f, err
	}
	f.Name, f.Group = oneLine(f.Name), oneLine(f.Group)
	if f.User = actor.ID; shared {
		f.User = 0
	}
	return change(ctx, a, func(tx *store.Tx) (store.FieldFilter, error) {
		if f.ID != 0 {
			old, err := ownFilter(tx, actor, f.ID)
			if err != nil {
				return f, err
			}
			if err := mayFilter(actor, old.User == 0); err != nil {
				return f, err
			}
			f.User = old.User
		}
		known, err := tx.FieldFilters(f.User)
		if err != nil {
			return f, err
		}
		if err := fault.Of(filterProblems(&f, known)...); err != nil {
			return f, err
		}
		return tx.SaveFieldFilter(f)
	})
}

// mayFilter asks whether the actor may change filters of their own, or everybody's.
func mayFilter(actor access.Actor, everybodys bool) error {
	switch {
	case everybodys:
		return may(actor, access.ManageSettings)
	case actor.ID == 0 && !actor.System:
		return may(actor, access.DoActivities)
	case actor.ID == 0:
		return fault.Field("shared", "required", "Only a user has filters of their own. Make it for everybody.")
	}
	return may(actor, access.DoActivities)
}

func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// filterProblems brings the values of a filter into canonical form and lists what is wrong with it.
func filterProblems(f *store.FieldFilter, known []store.FieldFilter) (problems []fault.Problem) {
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	if !slices.Contains(record.Kinds(), f.Kind) {
		add("kind", "unknown", "Choose the kind of records whose fields it asks.")
		return problems
	}
	switch n := len(f.Rows); {
	case n == 0:
		add("rows", "required", "Say at least one thing that the records must fulfil.")
	case n > maxFilterRows:
		add("rows", "too_many", fmt.Sprintf("A filter has at most %d rows.", maxFilterRows))
	default:
		for i, row := range f.Rows {
			for _, p := range rowProblems(row, f.Kind) {
				add(fmt.Sprintf("rows.%d%s", i, strings.Replace(p.Field, "/", ".", 1)), p.Code, strings.TrimSpace(p.Message+" "+p.Hint))
			}
		}
	}
	if f.Name == "" && len(problems) == 0 {
		field, _ := record.FieldAt(f.Kind, f.Rows[0].Field)
		f.Name = f.Kind.Label() + ": " + field.Label
	}
	own := 0
	for _, k := range known {
		if k.User != f.User || k.ID == f.ID {
			continue
		}
		if own++; strings.EqualFold(k.Name, f.Name) && f.Name != "" {
			add("name", "taken", fmt.Sprintf("There is a filter %q already. Give it another name.", k.Name))
		}
	}
	if f.ID == 0 && own >= maxFieldFilters {
		add("name", "too_many", fmt.Sprintf("There are %d filters already. Delete one that is not needed.", own))
	}
	if utf8.RuneCountInString(f.Name) > maxViewName {
		add("name", "too_long", fmt.Sprintf("The name is longer than %d characters.", maxViewName))
	}
	if utf8.RuneCountInString(f.Group) > maxViewName {
		add("group", "too_long", fmt.Sprintf("The name of the group is longer than %d characters.", maxViewName))
	}
	return problems
}

// DeleteFieldFilter removes a filter: one's own, or everybody's by an admin.
func (a *App) DeleteFieldFilter(ctx context.Context, actor access.Actor, id ident.FieldFilter) error {
	if err := may(actor, access.DoActivities); err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		f, err := ownFilter(tx, actor, id)
		if err != nil {
			return err
		}
		if err := mayFilter(actor, f.User == 0); err != nil {
			return err
		}
		return tx.DeleteFieldFilter(id)
	})
}

// DeleteFilterGroup removes a group with its filters: one's own, or everybody's by an admin.
func (a *App) DeleteFilterGroup(ctx context.Context, actor access.Actor, group string, shared bool) error {
	if err := mayFilter(actor, shared); err != nil {
		return err
	}
	user := actor.ID
	if shared {
		user = 0
	}
	return a.db.Write(ctx, func(tx *store.Tx) error { return tx.DeleteFilterGroup(user, group) })
}

// HideFilter hides a filter or a group from the actor, or from everybody, or shows it again. What an admin hides from everybody, nobody else
// shows.
func (a *App) HideFilter(ctx context.Context, actor access.Actor, name string, hide, forAll bool) error {
	if err := mayFilter(actor, forAll); err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		f, err := workFilters(tx, actor)
		if err != nil {
			return err
		}
		if !f.knows(name) {
			return fault.Field("name", "unknown", "There is no such filter or group; it may have been deleted.")
		}
		user, names := actor.ID, f.Own
		if forAll {
			user, names = 0, f.ForAll
		} else if !hide && slices.Contains(f.ForAll, name) {
			return fault.New(fault.Conflict, "An admin hides it from everybody.").WithHint("Ask an admin to show it again.")
		}
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name || !f.knows(n) })
		if hide {
			names = append(names, name)
		}
		return tx.SaveHiddenFilters(user, names)
	})
}

// knows tells whether there is a filter or a group under a name.
func (f WorkFilters) knows(name string) bool {
	return slices.Contains(shippedFilters, name) || slices.ContainsFunc(f.Fields, func(one store.FieldFilter) bool {
		return one.ID.String() == name || GroupName(one.Group) == name
	})
}
