package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/priority"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// priorityShape says how much an activity matters now, and why.
type priorityShape struct {
	Total   int              `json:"total" doc:"From 0 to 100: the weighted mean of the reasons."`
	Level   string           `json:"level" enum:"high,medium,low"`
	Reasons []priorityReason `json:"reasons"`
}

type priorityReason struct {
	Name   string `json:"name" enum:"due,engagement,value,age"`
	Points int    `json:"points" doc:"From 0 to 100."`
	Weight int    `json:"weight"`
	Why    string `json:"why"`
}

func priorityOf(s priority.Score) priorityShape {
	p := priorityShape{Total: s.Total, Level: string(s.Level()), Reasons: []priorityReason{}}
	for i, name := range []string{"due", "engagement", "value", "age"} {
		part := s.Parts[i]
		p.Reasons = append(p.Reasons, priorityReason{Name: name, Points: part.Points, Weight: part.Weight, Why: part.Why})
	}
	return p
}

// ActivityShape is activityShape, to be embedded: what OpenAPI is made of does not look into fields that are not exported.
type ActivityShape = activityShape

// workRowShape is an activity as it stands in an ordered list.
type workRowShape struct {
	ActivityShape
	Group    string        `json:"group" doc:"The name of its group in this order."`
	Priority priorityShape `json:"priority"`
	Followed bool          `json:"followed" doc:"Whether the token's user follows its record."`
}

type orderedQuery struct {
	Paging
	Assignee    id[ident.User] `query:"assignee" doc:"Whose work list; the token's user when it is left out. Those of others are for sales managers and admins."`
	Everybody   bool           `query:"everybody" doc:"What everybody has to do; for sales managers and admins."`
	Sort        string         `query:"sort" doc:"due, priority, score, name, kind, record_kind, sequence or assignee, or a field of the records as field:close_date; with - before it to reverse. The organisation's order when it is left out. Records without a value come last."`
	From        time.Time      `query:"from" doc:"Only those due at or after this time."`
	Until       time.Time      `query:"until" doc:"Only those due before this time."`
	Tonight     time.Time      `query:"tonight" doc:"The end of the reader's today, by which due work is grouped."`
	Kinds       []string       `query:"kind" doc:"Only these kinds, with commas between them."`
	RecordKinds []string       `query:"record_kind" enum:"lead,opportunity,contact,account" doc:"Only those of these kinds of records, with commas between them."`
	Unopened    bool           `query:"unopened" doc:"Only those that their assignee has not opened yet."`
	Followed    bool           `query:"followed" doc:"Only those of records that the token's user follows."`
	Filters     []string       `query:"filter" doc:"Filters by fields, and one saved filter of the work list at most, by id or name, one's own before everybody's, with commas between them. Of filters by fields of one kind all must hold, and other kinds are left out. A saved filter shows what the page shows with it, but for what the request says itself. GET /work-filters and GET /work-views list them; a name with a comma is given by its id."`
	Values      []string       `query:"value,explode" doc:"A value for a row of a filter that is used, where it is chosen then: FILTER.ROW=VALUE with the filter's id or name and its row counted from 0. May be given several times, for one row as for several; nothing after = lets the row ask nothing."`
	Search      string         `query:"search" doc:"Words that its name or its record must hold."`
}

type workSettingsShape struct {
	Sort       string                        `json:"sort" doc:"The order of those who have chosen none: one of those of GET /activities/ordered."`
	Weights    workWeights                   `json:"weights" doc:"What counts for the priority, from 0 to 100 each."`
	Cards      map[record.Kind]workCardShape `json:"cards,omitempty" doc:"What stands on cards, for each kind of records; a kind that is left out stays as it is."`
	AfterDone  *string                       `json:"after_done,omitempty" enum:"next,stay,ask" doc:"What the pages show when an activity is completed or skipped, for those who have chosen nothing else; left out, it stays as it is."`
	Fixed      *bool                         `json:"after_done_fixed,omitempty" doc:"Whether that counts for everybody, whatever they have chosen; left out, it stays as it is."`
	IconsFixed *bool                         `json:"icons_fixed,omitempty" doc:"Whether the icons of cards count for everybody, whatever they have chosen; left out, it stays as it is."`
	Rev        int64                         `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

type workWeights struct {
	Due        int     `json:"due"`
	Engagement int     `json:"engagement"`
	Value      int     `json:"value"`
	Age        int     `json:"age"`
	FullValue  float64 `json:"full_value" doc:"The value of a record that gets all points for it."`
}

type workCardShape struct {
	Second []string `json:"second,omitempty" doc:"activity, sequence, priority, company or keys of fields; at most four."`
	Third  []string `json:"third,omitempty"`
	Icon   string   `json:"icon,omitempty" doc:"What the icon shows: activity (the usual), initials or record."`
}

func workSettingsOf(s store.WorkSettings, err error) (workSettingsShape, error) {
	w := s.Weights
	out := workSettingsShape{
		Sort: s.Sort, Rev: s.Rev, Cards: map[record.Kind]workCardShape{}, AfterDone: &s.AfterDone, Fixed: &s.AfterDoneFixed, IconsFixed: &s.IconsFixed,
		Weights: workWeights{Due: w.Due, Engagement: w.Engagement, Value: w.Value, Age: w.Age, FullValue: w.FullValue},
	}
	for k, c := range s.Cards {
		out.Cards[k] = workCardShape(c)
	}
	return out, err
}

// workViewShape is a saved filter of the work list.
type workViewShape struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Query  string `json:"query" doc:"The query of the work list's address."`
	Shared bool   `json:"shared" doc:"Whether everybody has it."`
}

func workViewOf(v store.WorkView) workViewShape {
	return workViewShape{ID: v.ID.String(), Name: v.Name, Query: v.Query, Shared: v.User == 0}
}

type newWorkView struct {
	Name   string `json:"name" doc:"One of the same name is replaced."`
	Query  string `json:"query" doc:"The query of the work list's address, such as kind=phone_call&due=today."`
	Shared bool   `json:"shared,omitempty" doc:"For everybody; admins only."`
}

type following struct {
	Followed bool `json:"followed"`
}

func (d *door) workLists() {
	handle(d, with(get("/activities/ordered", "list-ordered-work", "List the open activities of a user in an order, with their priority"),
		"At most the first 5,000 by due time are put in order."), d.listOrdered)
	handle(d, get("/activities/{id}/priority", "get-priority", "Say how much an activity matters now, and why"), func(ctx context.Context, actor access.Actor, in *One[ident.Activity]) (priorityShape, error) {
		s, err := d.app.PriorityOf(ctx, actor, in.ID.Key)
		if err != nil {
			return priorityShape{}, err
		}
		return priorityOf(s), nil
	})
	handle(d, get("/work-views", "list-work-views", "List the saved filters of the work list"), func(ctx context.Context, actor access.Actor, _ *none) (page[workViewShape], error) {
		rows, err := d.app.WorkViews(ctx, actor)
		return list(rows, workViewOf), err
	})
	handle(d, create("/work-views", "save-work-view", "Save a filter of the work list"), func(ctx context.Context, actor access.Actor, in *body[newWorkView]) (workViewShape, error) {
		v, err := d.app.SaveWorkView(ctx, actor, in.Body.Name, in.Body.Query, in.Body.Shared)
		return workViewOf(v), err
	})
	handleSilent(d, remove("/work-views/{id}", "delete-work-view", "Delete a saved filter"), func(ctx context.Context, actor access.Actor, in *One[ident.WorkView]) error {
		return d.app.DeleteWorkView(ctx, actor, in.ID.Key)
	})
	handle(d, get("/settings/work-list", "get-work-settings", "Get what counts in work lists"), func(ctx context.Context, actor access.Actor, _ *none) (workSettingsShape, error) {
		return workSettingsOf(d.app.WorkSettings(ctx, actor))
	})
	handle(d, put("/settings/work-list", "set-work-settings", "Say what counts in work lists"), func(ctx context.Context, actor access.Actor, in *body[workSettingsShape]) (workSettingsShape, error) {
		b, w := in.Body, in.Body.Weights
		next := store.WorkSettings{
			Sort: b.Sort, Rev: b.Rev, Cards: map[record.Kind]store.Card{},
			Weights: priority.Weights{Due: w.Due, Engagement: w.Engagement, Value: w.Value, Age: w.Age, FullValue: w.FullValue},
		}
		for k, c := range b.Cards {
			next.Cards[k] = store.Card(c)
		}
		old, err := d.app.WorkSettings(ctx, actor)
		if err != nil {
			return workSettingsShape{}, err
		}
		next.AfterDone, next.AfterDoneFixed = old.AfterDone, old.AfterDoneFixed
		next.IconsFixed = old.IconsFixed
		overlay(&next.IconsFixed, b.IconsFixed)
		overlay(&next.AfterDone, b.AfterDone)
		overlay(&next.AfterDoneFixed, b.Fixed)
		return workSettingsOf(d.app.SaveWorkSettings(ctx, actor, next))
	})
	for verb, on := range map[string]bool{"follow": true, "unfollow": false} {
		summary := "Follow a record: one's work list can be filtered by it"
		if !on {
			summary = "Follow a record no longer"
		}
		handle(d, post("/records/{id}/"+verb, verb+"-record", summary), func(ctx context.Context, actor access.Actor, in *One[ident.Record]) (following, error) {
			return following{on}, d.app.Follow(ctx, actor, in.ID.Key, on)
		})
	}
}

func (d *door) listOrdered(ctx context.Context, actor access.Actor, in *orderedQuery) (page[workRowShape], error) {
	q := store.WorkQuery{
		Assignee: in.Assignee.Key, Everybody: in.Everybody, From: in.From, Until: in.Until, Kinds: in.Kinds, Unopened: in.Unopened, Search: in.Search, Cursor: in.Cursor, Limit: in.Limit,
	}
	if in.Followed {
		q.Followed = actor.ID
	}
	for _, kind := range in.RecordKinds {
		q.RecordKinds = append(q.RecordKinds, record.Kind(kind))
	}
	order := action.WorkOrder{Sort: action.WorkSort(in.Sort), Tonight: in.Tonight}
	if err := d.app.NameFilters(ctx, actor, in.Filters, in.Values, &q, &order); err != nil {
		return page[workRowShape]{}, err
	}
	p, err := d.app.Work(ctx, actor, q, order)
	if err != nil {
		return page[workRowShape]{}, err
	}
	return pageOf(store.Page[action.WorkRow]{Rows: p.Rows, Next: p.Next}, func(r action.WorkRow) workRowShape { return workRowOf(r, p.Groups[r.Group]) }), nil
}

func workRowOf(r action.WorkRow, group action.WorkGroup) workRowShape {
	return workRowShape{activityOf(r.Activity), group.Label, priorityOf(r.Priority), r.Followed}
}
