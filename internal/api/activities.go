package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// activityShape is something that a seller does.
type activityShape struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind" doc:"email, phone_call, task or meeting (made by hand only); automated_email or advance when that step failed."`
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	State       string     `json:"state" enum:"open,sending,held,completed,skipped,cancelled"`
	Record      ref        `json:"record"`
	RecordKind  string     `json:"record_kind" enum:"lead,opportunity,contact,account"`
	Company     string     `json:"company,omitempty"`
	Enrollment  string     `json:"enrollment,omitempty" doc:"Absent for an activity made by hand, and for one that is to answer a reply."`
	Sequence    string     `json:"sequence,omitempty" doc:"The sequence's name."`
	Step        string     `json:"step,omitempty" doc:"The step's id."`
	Template    string     `json:"template,omitempty" doc:"The key of the template that its email starts from."`
	Trouble     string     `json:"trouble,omitempty" doc:"Why an automatic step became this activity."`
	Assignee    *ref       `json:"assignee,omitempty"`
	Behalf      *ref       `json:"on_behalf_of,omitempty" doc:"Whose work it is, while the assignee stands in."`
	DueAt       time.Time  `json:"due_at"`
	EndsAt      *time.Time `json:"ends_at,omitempty" doc:"Of a meeting, which begins at due_at."`
	Place       string     `json:"place,omitempty" doc:"Of a meeting: where it is, or a link."`
	People      []string   `json:"people,omitempty" doc:"Of a meeting: names or addresses of who comes."`
	ProposedAt  *time.Time `json:"proposed_at,omitempty" doc:"When the sequence wanted it done, before any snooze."`
	Snoozes     int        `json:"snoozes,omitempty"`
	Outcome     string     `json:"outcome,omitempty" doc:"How a phone call or a meeting ended."`
	Note        string     `json:"note,omitempty"`
	Duration    int        `json:"duration,omitempty" doc:"Of a call, in seconds."`
	Answers     string     `json:"answers,omitempty" doc:"The id of the received mail that it is to answer."`
	Message     string     `json:"message,omitempty" doc:"The id of its email."`
	Scheduled   *time.Time `json:"scheduled_at,omitempty" doc:"When its email goes out, while that waits for its time."`
	CreatedAt   time.Time  `json:"created_at"`
	DoneBy      string     `json:"done_by,omitempty" doc:"The user's id."`
	DoneAt      *time.Time `json:"done_at,omitempty"`
	SeenAt      *time.Time `json:"seen_at,omitempty" doc:"When its assignee first opened it."`

	Ended []enrollmentShape `json:"ended,omitempty" doc:"Only in the answer that creates a meeting: the enrollments that ended by that."`
}

func activityOf(a store.Activity) activityShape {
	return activityShape{
		ID: a.ID.String(), Kind: a.Kind, Name: a.Name, Description: a.Description, State: a.State.String(),
		Record: ref{ID: a.Record.String(), Name: a.RecordName}, RecordKind: string(a.RecordKind), Company: a.Company, Enrollment: a.Enrollment.String(),
		Sequence: a.SequenceName, Step: a.Token.Step, Template: a.Template, Trouble: a.Trouble, Assignee: refTo(a.Assignee, a.AssigneeName), Behalf: refTo(a.Behalf, a.BehalfName),
		DueAt: a.DueAt.UTC(), EndsAt: moment(a.EndsAt()), Place: a.Place, People: a.People, ProposedAt: moment(a.ProposedAt), Snoozes: a.Snoozes, Outcome: a.Outcome, Note: a.Note, Duration: a.Duration,
		Answers: a.Answers.String(), Message: a.Message.String(), Scheduled: moment(a.ScheduledAt), CreatedAt: a.CreatedAt.UTC(), DoneBy: a.DoneBy.String(), DoneAt: moment(a.DoneAt), SeenAt: moment(a.SeenAt),
	}
}

type workQuery struct {
	Paging
	Assignee    id[ident.User] `query:"assignee" doc:"Whose work list; the token's user when it is left out. Those of others are for sales managers and admins."`
	Everybody   bool           `query:"everybody" doc:"What everybody has to do; for sales managers and admins."`
	Until       time.Time      `query:"until" doc:"Only those due before this time."`
	Kinds       []string       `query:"kind" enum:"email,automated_email,text_message,automated_text,phone_call,task,meeting,advance" doc:"Only these kinds, with commas between them."`
	RecordKinds []string       `query:"record_kind" enum:"lead,opportunity,contact,account" doc:"Only those of these kinds of records, with commas between them."`
	Filters     []string       `query:"filter" doc:"Filters by fields, and one saved filter of the work list at most, by id or name, one's own before everybody's, with commas between them. Of filters by fields of one kind all must hold, and other kinds are left out. A saved filter shows what the page shows with it, but for what the request says itself. GET /work-filters and GET /work-views list them; a name with a comma is given by its id."`
	Values      []string       `query:"value,explode" doc:"A value for a row of a filter that is used, where it is chosen then: FILTER.ROW=VALUE with the filter's id or name and its row counted from 0. May be given several times, for one row as for several; nothing after = lets the row ask nothing."`
	Search      string         `query:"search" doc:"Words that its name or its record must hold."`
}

type countQuery struct {
	Assignee id[ident.User] `query:"assignee" doc:"Whose; the token's user when it is left out."`
	Until    time.Time      `query:"until" required:"true" doc:"The end of the user's today."`
}

type workCounts struct {
	Overdue int `json:"overdue" doc:"Open activities that are due already."`
	Today   int `json:"today" doc:"Those due from now until the given time."`
}

type newActivity struct {
	Record      id[ident.Record] `json:"record"`
	Kind        string           `json:"kind" enum:"email,phone_call,task,text_message,meeting"`
	Name        string           `json:"name" doc:"What is to be done."`
	Description string           `json:"description,omitempty"`
	DueAt       time.Time        `json:"due_at,omitzero" doc:"Now when it is left out. When a meeting begins, which must be given."`
	EndsAt      time.Time        `json:"ends_at,omitzero" doc:"Of a meeting, 24 hours after it begins at most; half an hour after when it is left out."`
	Place       string           `json:"place,omitempty" doc:"Of a meeting: where it is, or a link."`
	People      []string         `json:"people,omitempty" doc:"Of a meeting: names or addresses of who comes, 50 at most."`
	Assignee    id[ident.User]   `json:"assignee,omitzero" doc:"The token's user when it is left out."`
}

func (d *door) activities() {
	handle(d, get("/activities", "list-work", "List the open activities of a user, by due time"), d.listWork)
	handle(d, get("/activities/counts", "count-work", "Count the open activities of a user"), func(ctx context.Context, actor access.Actor, in *countQuery) (workCounts, error) {
		user := in.Assignee.Key
		if user == 0 {
			user = actor.ID
		}
		overdue, today, err := d.app.WorkCounts(ctx, actor, user, in.Until)
		return workCounts{Overdue: overdue, Today: today}, err
	})
	handle(d, with(create("/activities", "create-activity", "Create an activity by hand"), "A meeting ends every sequence of its record that ends on one; those are given."), d.createActivity)
	handle(d, get("/activities/{id}", "get-activity", "Get an activity"), func(ctx context.Context, actor access.Actor, in *One[ident.Activity]) (activityShape, error) {
		a, err := d.app.GetActivity(ctx, actor, in.ID.Key)
		return activityOf(a), err
	})
	d.ownActivities()
}

// activityChange is what may change in an activity of the record alone.
type activityChange struct {
	Name        *string    `json:"name,omitempty"`
	Description *string    `json:"description,omitempty"`
	DueAt       *time.Time `json:"due_at,omitempty" doc:"At most one year ahead. It moves the end of a meeting, too, unless that is given."`
	EndsAt      *time.Time `json:"ends_at,omitempty" doc:"Of a meeting."`
	Place       *string    `json:"place,omitempty" doc:"Of a meeting."`
	People      *[]string  `json:"people,omitempty" doc:"Of a meeting."`
}

// ownActivities is what can be done with an activity that no sequence gave.
func (d *door) ownActivities() {
	const whose = "Only one that no sequence gave: made by hand, or to answer a reply. Others are a conflict (409)."
	handle(d, with(patch("/activities/{id}", "edit-activity", "Change an open activity"), whose),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, activityChange]) (activityShape, error) {
			b := in.Body
			return changed(d.app.EditActivity(ctx, actor, in.ID.Key, action.ActivityChange{
				Name: b.Name, Description: b.Description, DueAt: b.DueAt, EndsAt: b.EndsAt, Place: b.Place, People: b.People,
			}))
		})
	handleSilent(d, with(remove("/activities/{id}", "delete-activity", "Delete an open activity"), whose+" It can be brought back within 30 days."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Activity]) error {
			_, err := d.app.DeleteActivity(ctx, actor, in.ID.Key)
			return err
		})
	handle(d, with(post("/activities/{id}/restore", "restore-activity", "Bring a deleted activity back"), "One that is open stays as it is."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Activity]) (activityShape, error) {
			return changed(d.app.RestoreActivity(ctx, actor, in.ID.Key))
		})
}

func (d *door) listWork(ctx context.Context, actor access.Actor, in *workQuery) (page[activityShape], error) {
	q := store.WorkQuery{Assignee: in.Assignee.Key, Everybody: in.Everybody, Until: in.Until, Kinds: in.Kinds, Search: in.Search, Cursor: in.Cursor, Limit: in.Limit}
	for _, kind := range in.RecordKinds {
		q.RecordKinds = append(q.RecordKinds, record.Kind(kind))
	}
	// The order of a saved filter is for the ordered list.
	if err := d.app.NameFilters(ctx, actor, in.Filters, in.Values, &q, &action.WorkOrder{}); err != nil {
		return page[activityShape]{}, err
	}
	p, err := d.app.WorkList(ctx, actor, q)
	return pageOf(p, activityOf), err
}

func (d *door) createActivity(ctx context.Context, actor access.Actor, in *body[newActivity]) (activityShape, error) {
	b := in.Body
	made, err := d.app.MakeActivity(ctx, actor, action.NewActivity{
		Record: b.Record.Key, Kind: b.Kind, Name: b.Name, Description: b.Description,
		DueAt: b.DueAt, Assignee: b.Assignee.Key, Meeting: action.Meeting{EndsAt: b.EndsAt, Place: b.Place, People: b.People},
	})
	if fault.Is(err, fault.NotFound) {
		// The address is right; it is the body that names a record which is not there.
		err = fault.Field("record", "unknown", "There is no such record.")
	}
	shape := activityOf(made.Activity)
	shape.Ended = each(made.Ended, enrollmentOf)
	return shape, err
}
