package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// fieldFilterShape is a filter of the work list by the fields of one kind of records.
type fieldFilterShape struct {
	ID     string           `json:"id"`
	Name   string           `json:"name"`
	Group  string           `json:"group" doc:"The heading under which it stands; empty for the one that all others share."`
	Kind   record.Kind      `json:"kind" enum:"lead,opportunity,contact,account"`
	Rows   []filterRowShape `json:"rows" doc:"All of them must hold."`
	Shared bool             `json:"shared" doc:"Whether everybody has it."`
	Shown  bool             `json:"shown" doc:"Whether the token's user sees it: it is hidden neither by an admin nor by the user, alone or with its group."`
}

type filterRowShape struct {
	Field  string   `json:"field" doc:"The key of a field, or of one of a related record: account.country."`
	Op     string   `json:"op" enum:"=,!=,>,>=,<,<=,in,not_in,contains,lacks,begins_with,empty,filled"`
	Values []string `json:"values,omitempty" doc:"One value, or several for in and not_in; none for empty and filled."`
	Chosen bool     `json:"chosen_when_used,omitempty" doc:"Whether the value is chosen when the filter is used. values are then what counts without a choice; while there are none, the row is not asked."`
}

func fieldFilterOf(f store.FieldFilter, shown bool) fieldFilterShape {
	out := fieldFilterShape{ID: f.ID.String(), Name: f.Name, Group: f.Group, Kind: f.Kind, Rows: []filterRowShape{}, Shared: f.User == 0, Shown: shown}
	for _, r := range f.Rows {
		out.Rows = append(out.Rows, filterRowShape{r.Field, string(r.Op), r.Values, r.WhenUsed})
	}
	return out
}

func rowsOf(rows []filterRowShape) (list []store.FilterRow) {
	for _, r := range rows {
		list = append(list, store.FilterRow{Condition: record.Condition{Field: r.Field, Op: record.Op(r.Op), Values: r.Values}, WhenUsed: r.Chosen})
	}
	return list
}

type newFieldFilter struct {
	Name   string           `json:"name,omitempty" doc:"Made of the kind and the first field when it is left out."`
	Group  string           `json:"group,omitempty"`
	Kind   record.Kind      `json:"kind" enum:"lead,opportunity,contact,account"`
	Rows   []filterRowShape `json:"rows"`
	Shared bool             `json:"shared,omitempty" doc:"For everybody; admins only."`
}

type fieldFilterChange struct {
	Name  *string           `json:"name,omitempty"`
	Group *string           `json:"group,omitempty"`
	Rows  *[]filterRowShape `json:"rows,omitempty"`
}

type filterHiding struct {
	Name   string `json:"name" doc:"The id of a filter, due, kind, record, unopened or followed for those that are always there, or group: and the name of a group."`
	Hidden bool   `json:"hidden"`
	ForAll bool   `json:"for_all,omitempty" doc:"For everybody; admins only. Nobody else shows what is hidden so."`
}

type hiddenFilters struct {
	ForAll []string `json:"for_all" doc:"What an admin hides from everybody."`
	Own    []string `json:"own" doc:"What the token's user hides."`
}

func hiddenOf(f action.WorkFilters) hiddenFilters {
	return hiddenFilters{append([]string{}, f.ForAll...), append([]string{}, f.Own...)}
}

func shownIn(f action.WorkFilters, id ident.FieldFilter) bool {
	for _, one := range f.Shown() {
		if one.ID == id {
			return true
		}
	}
	return false
}

func (d *door) fieldFilters() {
	handle(d, get("/work-filters", "list-work-filters", "List the filters of the work list by fields of records"), func(ctx context.Context, actor access.Actor, _ *none) (page[fieldFilterShape], error) {
		f, err := d.app.WorkFilters(ctx, actor)
		return list(f.Fields, func(one store.FieldFilter) fieldFilterShape { return fieldFilterOf(one, shownIn(f, one.ID)) }), err
	})
	handle(d, create("/work-filters", "create-work-filter", "Make a filter of the work list by fields of records"), func(ctx context.Context, actor access.Actor, in *body[newFieldFilter]) (fieldFilterShape, error) {
		b := in.Body
		f, err := d.app.SaveFieldFilter(ctx, actor, store.FieldFilter{Name: b.Name, Group: b.Group, Kind: b.Kind, Rows: rowsOf(b.Rows)}, b.Shared)
		return fieldFilterOf(f, true), err
	})
	handle(d, patch("/work-filters/{id}", "change-work-filter", "Change a filter of the work list"), d.changeFieldFilter)
	handleSilent(d, remove("/work-filters/{id}", "delete-work-filter", "Delete a filter of the work list"), func(ctx context.Context, actor access.Actor, in *One[ident.FieldFilter]) error {
		return d.app.DeleteFieldFilter(ctx, actor, in.ID.Key)
	})
	handle(d, get("/work-filters/hidden", "list-hidden-work-filters", "List which filters of the work list are hidden"), func(ctx context.Context, actor access.Actor, _ *none) (hiddenFilters, error) {
		f, err := d.app.WorkFilters(ctx, actor)
		return hiddenOf(f), err
	})
	handle(d, put("/work-filters/hidden", "hide-work-filter", "Hide a filter of the work list or a group of them, or show it again"), func(ctx context.Context, actor access.Actor, in *body[filterHiding]) (hiddenFilters, error) {
		if err := d.app.HideFilter(ctx, actor, in.Body.Name, in.Body.Hidden, in.Body.ForAll); err != nil {
			return hiddenFilters{}, err
		}
		f, err := d.app.WorkFilters(ctx, actor)
		return hiddenOf(f), err
	})
}

func (d *door) changeFieldFilter(ctx context.Context, actor access.Actor, in *oneAnd[ident.FieldFilter, fieldFilterChange]) (fieldFilterShape, error) {
	f, err := d.app.GetFieldFilter(ctx, actor, in.ID.Key)
	if err != nil {
		return fieldFilterShape{}, err
	}
	if in.Body.Name != nil {
		f.Name = *in.Body.Name
	}
	if in.Body.Group != nil {
		f.Group = *in.Body.Group
	}
	if in.Body.Rows != nil {
		f.Rows = rowsOf(*in.Body.Rows)
	}
	if f, err = d.app.SaveFieldFilter(ctx, actor, f, f.User == 0); err != nil {
		return fieldFilterShape{}, err
	}
	all, err := d.app.WorkFilters(ctx, actor)
	return fieldFilterOf(f, shownIn(all, f.ID)), err
}
