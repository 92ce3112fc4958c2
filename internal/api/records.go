package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// RecordShape is a record. Values are canonical text by the field's key; see GET /fields/{kind}.
type RecordShape struct {
	ID          string            `json:"id"`
	Kind        string            `json:"kind" enum:"lead,opportunity,contact,account"`
	Name        string            `json:"name" doc:"What people call it, made of its values."`
	Open        bool              `json:"open" doc:"Whether work on it goes on."`
	Owner       *ref              `json:"owner,omitempty"`
	ExternalKey string            `json:"external_key,omitempty" doc:"Its id in the system that it was imported from."`
	Values      map[string]string `json:"values" doc:"Its fields as text; a field without a value is left out. A lookup holds the id of a record."`
	Related     map[string]linked `json:"related,omitempty" doc:"The records that its lookups name, by the field's key."`
	Rev         int64             `json:"rev" doc:"Counts its changes; send it with a change to notice those of others."`
	CreatedAt   time.Time         `json:"created_at"`
	UpdatedAt   time.Time         `json:"updated_at"`
}

// linked is a record that another one names.
type linked struct {
	ID   string `json:"id"`
	Kind string `json:"kind" enum:"lead,opportunity,contact,account"`
	Name string `json:"name"`
}

func recordOf(r store.Record) RecordShape {
	related := map[string]linked{}
	for key, l := range r.Links {
		related[key] = linked{ID: l.ID.String(), Kind: string(l.Kind), Name: l.Name}
	}
	values := map[string]string(r.Values)
	if values == nil {
		values = map[string]string{}
	}
	return RecordShape{
		ID: r.ID.String(), Kind: string(r.Kind), Name: r.Name(), Open: r.Open(), Owner: refTo(r.Owner, r.OwnerName),
		ExternalKey: r.ExternalKey, Values: values, Related: related, Rev: r.Rev, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

// recordRow is a record in a list.
type recordRow struct {
	RecordShape
	Sequences []string   `json:"sequences" doc:"The names of the sequences that it is on."`
	NextDueAt *time.Time `json:"next_due_at,omitempty" doc:"When its first open activity is due."`

	NextActivities *[]activityShape `json:"next_activities,omitempty" doc:"Its first two open activities by due time, with include=next_activities."`
}

func recordRowOf(r store.RecordRow) recordRow {
	return recordRow{RecordShape: recordOf(r.Record), Sequences: texts(r.Sequences), NextDueAt: moment(r.NextDueAt)}
}

// withActivities is recordRowOf for a list that asked for the next activities.
func withActivities(r store.RecordRow) recordRow {
	row, next := recordRowOf(r), make([]activityShape, len(r.Next))
	for i, a := range r.Next {
		next[i] = activityOf(a)
	}
	row.NextActivities = &next
	return row
}

type recordQuery struct {
	Paging
	Search     string             `query:"search" doc:"Words that its name, company, email or phone must hold."`
	Owner      id[ident.User]     `query:"owner" doc:"Only those of this user."`
	Status     string             `query:"status" doc:"Only those with this value of the field status."`
	Account    id[ident.Record]   `query:"account" doc:"Only those whose field account names this record."`
	Contact    id[ident.Record]   `query:"contact" doc:"Only those whose field contact names this record."`
	Connection string             `query:"connection" enum:"connected,unconnected" doc:"Only those that are on a sequence, or on none."`
	Sequence   id[ident.Sequence] `query:"sequence" doc:"Only those on this sequence; with connection=unconnected, those that are not on it."`
	Sort       string             `query:"sort" enum:"name,-name,company,-company,owner,-owner,created,-created,updated,-updated" default:"name"`
	Include    []string           `query:"include" enum:"next_activities" doc:"What comes with each of them: its next activities."`
}

type newRecord struct {
	Values      map[string]string `json:"values"`
	Owner       *id[ident.User]   `json:"owner,omitempty" doc:"The token's user when it is left out."`
	ExternalKey string            `json:"external_key,omitempty"`
}

type recordChange struct {
	Values map[string]string `json:"values,omitempty" doc:"Only the fields to change; \"\" clears one."`
	Owner  *id[ident.User]   `json:"owner,omitempty" doc:"The new owner; \"\" for none."`
	Rev    int64             `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

func (d *door) records() {
	for _, kind := range record.Kinds() {
		path, plural := "/records/"+string(kind), strings.ToLower(kind.Plural())
		handle(d, get(path, "list-"+kind.Path(), "List "+plural), func(ctx context.Context, actor access.Actor, in *recordQuery) (page[recordRow], error) {
			q := store.RecordQuery{
				Kind: kind, Search: in.Search, Owner: in.Owner.Key, Status: in.Status, Account: in.Account.Key, Contact: in.Contact.Key,
				Connection: in.Connection, Sequence: in.Sequence.Key, Sort: in.Sort, Cursor: in.Cursor, Limit: in.Limit,
			}
			shape := recordRowOf
			if slices.Contains(in.Include, "next_activities") {
				q.Activities, shape = action.NextOnCard, withActivities
			}
			p, err := d.app.ListRecords(ctx, actor, q)
			return pageOf(p, shape), err
		})
		op := create(path, "create-"+string(kind), "Create one of the "+plural)
		op.RequestBody = d.describeRecord(kind)
		handle(d, op, func(ctx context.Context, actor access.Actor, in *body[newRecord]) (RecordShape, error) {
			input := action.RecordInput{Kind: kind, Values: in.Body.Values, ExternalKey: in.Body.ExternalKey}
			if in.Body.Owner != nil {
				input.Owner = in.Body.Owner.Key
			}
			r, err := d.app.CreateRecord(ctx, actor, input)
			return recordOf(r), move(err, valueField)
		})
	}
	handle(d, get("/records/{id}", "get-record", "Get a record of any kind"), func(ctx context.Context, actor access.Actor, in *One[ident.Record]) (RecordShape, error) {
		r, err := d.app.GetRecord(ctx, actor, in.ID.Key)
		return recordOf(r), err
	})
	handle(d, with(patch("/records/{id}", "update-record", "Change fields or the owner of a record"),
		"Closing a record (its status is not the open one any more) ends its sequences."), d.updateRecord)
	handleSilent(d, with(remove("/records/{id}", "delete-record", "Delete a record"), "Its sequences end first; what was sent and done for it stays countable."), d.deleteRecord)
}

func (d *door) updateRecord(ctx context.Context, actor access.Actor, in *oneAnd[ident.Record, recordChange]) (RecordShape, error) {
	change := action.RecordChange{Values: in.Body.Values, Rev: in.Body.Rev}
	if in.Body.Owner != nil {
		change.Owner = &in.Body.Owner.Key
	}
	r, err := d.app.UpdateRecord(ctx, actor, in.ID.Key, change)
	return recordOf(r), move(err, valueField)
}

func (d *door) deleteRecord(ctx context.Context, actor access.Actor, in *One[ident.Record]) error {
	_, refused, err := d.app.DeleteRecords(ctx, actor, []ident.Record{in.ID.Key})
	if err == nil && len(refused) > 0 {
		err = refusalFault(refused[0])
	}
	return err
}

// valueField finds a record's field in the body: all but owner and key stand in values.
func valueField(p fault.Problem) string {
	if p.Field == "owner" || p.Field == "external_key" || p.Field == "kind" {
		return "/" + p.Field
	}
	return "/values/" + pointerKey(p.Field)
}

// refusalShape says why one record of several was left out.
type refusalShape struct {
	Record string `json:"record,omitempty"`
	Name   string `json:"name,omitempty"`
	Code   string `json:"code" doc:"Stable: already_connected, record_closed, wrong_kind, not_found, forbidden, finished_before, …"`
	Reason string `json:"reason" doc:"A sentence for people."`
}

func refusalOf(r action.Refusal) refusalShape {
	return refusalShape{Record: r.Record.String(), Name: r.Name, Code: r.Code, Reason: r.Reason}
}

// refusalFault makes the answer to a request about one thing of a refusal.
func refusalFault(r action.Refusal) error {
	code := fault.Conflict
	switch r.Code {
	case "not_found":
		code = fault.NotFound
	case "forbidden":
		code = fault.Forbidden
	}
	return fault.New(code, "%s", r.Reason)
}
