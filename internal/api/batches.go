package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// batchShape is one thing that is done with many activities.
type batchShape struct {
	ID         string      `json:"id,omitempty" doc:"Absent for a dry run."`
	Verb       string      `json:"verb" enum:"complete,skip,snooze,reassign,clean_up,email"`
	State      string      `json:"state" enum:"waiting,running,done,undoing,undone"`
	User       *ref        `json:"user,omitempty" doc:"Who began it; absent for the command line."`
	RunAt      time.Time   `json:"run_at" doc:"When it begins; until then all of it can be taken back."`
	CreatedAt  time.Time   `json:"created_at"`
	FinishedAt *time.Time  `json:"finished_at,omitempty"`
	UndoUntil  *time.Time  `json:"undo_until,omitempty" doc:"Until when it can be taken back, at least in part."`
	Counts     batchCounts `json:"counts"`
}

// batchCounts are the activities of a batch by what became of them.
type batchCounts struct {
	Waiting int `json:"waiting"`
	Done    int `json:"done"`
	Failed  int `json:"failed" doc:"Those that could not be changed."`
	Undone  int `json:"undone" doc:"Those that were taken back."`
	Kept    int `json:"kept" doc:"Those that were done and could not be taken back."`
}

func (d *door) batchOf(b store.Batch) batchShape { return batchOf(b, d.app.DB().Now()) }

func batchOf(b store.Batch, now time.Time) batchShape {
	return batchShape{
		ID: b.ID.String(), Verb: b.Verb, State: b.State.String(), User: refTo(b.User, b.UserName), RunAt: b.RunAt.UTC(), CreatedAt: b.CreatedAt.UTC(),
		FinishedAt: moment(b.FinishedAt), UndoUntil: moment(action.UndoTime(b, now)),
		Counts: batchCounts{
			Waiting: b.Counts[store.RowWaiting], Done: b.Counts[store.RowDone], Failed: b.Counts[store.RowFailed],
			Undone: b.Counts[store.RowUndone], Kept: b.Counts[store.RowKept],
		},
	}
}

// batchRowShape is what became of one activity of a batch.
type batchRowShape struct {
	Activity ref        `json:"activity"`
	Record   *ref       `json:"record,omitempty"`
	Verb     string     `json:"verb"`
	State    string     `json:"state" enum:"waiting,done,failed,undone,kept"`
	Reason   string     `json:"reason,omitempty" doc:"Why it failed or was kept."`
	Until    *time.Time `json:"until,omitempty" doc:"To when it is moved."`
}

func batchRowOf(r store.BatchRow) batchRowShape {
	return batchRowShape{
		Activity: ref{ID: r.Activity.String(), Name: r.ActivityName}, Record: refTo(r.Record, r.RecordName), Verb: r.Verb, State: r.State.String(), Reason: r.Reason,
		Until: moment(action.RowUntil(r)),
	}
}

// startedBatch is the answer to a batch that was begun, or would be.
type startedBatch struct {
	Batch   batchShape      `json:"batch"`
	Refused []batchRowShape `json:"refused" doc:"Those that cannot be changed as things stand, each with its reason."`
}

type newBatch struct {
	Verb       string               `json:"verb" enum:"complete,skip,snooze,reassign,clean_up,email" doc:"clean_up carries a plan out; email writes to the people of one step of one sequence."`
	Activities []id[ident.Activity] `json:"activities,omitempty" doc:"At most 1,000. A clean_up takes plan instead."`
	Outcome    string               `json:"outcome,omitempty" doc:"To complete: how the phone calls among them ended."`
	Note       string               `json:"note,omitempty" doc:"To complete and skip."`
	Until      time.Time            `json:"until,omitzero" doc:"To snooze: at most one year ahead."`
	Assignee   id[ident.User]       `json:"assignee,omitzero" doc:"To reassign."`
	Plan       []planRow            `json:"plan,omitempty" doc:"To clean_up: what is done with each."`
	Email      *bulkEmail           `json:"email,omitempty" doc:"To email."`
}

type planRow struct {
	Activity id[ident.Activity] `json:"activity"`
	Verb     string             `json:"verb" enum:"snooze,skip"`
	Until    time.Time          `json:"until,omitzero" doc:"To snooze."`
	Note     string             `json:"note,omitempty" doc:"To skip."`
}

func (b newBatch) bulk() action.Bulk {
	in := action.Bulk{Verb: b.Verb, Outcome: b.Outcome, Note: b.Note, Until: b.Until, Assignee: b.Assignee.Key}
	for _, a := range b.Activities {
		in.Activities = append(in.Activities, a.Key)
	}
	if b.Verb == action.BulkCleanUp {
		in.Activities, in.Each = nil, map[ident.Activity]action.Bulk{}
		for _, p := range b.Plan {
			in.Activities = append(in.Activities, p.Activity.Key)
			in.Each[p.Activity.Key] = action.Bulk{Verb: p.Verb, Until: p.Until, Note: p.Note}
		}
	}
	if b.Email != nil {
		b.Email.put(&in)
	}
	return in
}

type batchRequest struct {
	DryRun bool `query:"dry_run" doc:"Begin nothing, answer the same."`
	Body   newBatch
}

type batchQuery struct {
	Paging
	User id[ident.User] `query:"user" doc:"Whose; the token's user when it is left out."`
}

type batchRowQuery struct {
	Paging
	ID    id[ident.Batch] `path:"id"`
	State string          `query:"state" enum:"waiting,done,failed,undone,kept" doc:"Only those in this state."`
}

func (d *door) batches() {
	handle(d, with(create("/batches", "start-batch", "Do one thing with many activities"),
		"It begins after a grace of 20 seconds, in which all of it can be taken back; until then its activities are on no work list. "+
			"One that cannot be changed does not hold up the others; refused says why."), d.startBatch)
	handle(d, get("/batches", "list-batches", "List the batches of a user, newest first"), func(ctx context.Context, actor access.Actor, in *batchQuery) (page[batchShape], error) {
		user := in.User.Key
		if user == 0 {
			user = actor.ID
		}
		p, err := d.app.Batches(ctx, actor, user, in.Cursor, in.Limit)
		return pageOf(p, d.batchOf), err
	})
	handle(d, get("/batches/{id}", "get-batch", "Get a batch, with how far it is"), func(ctx context.Context, actor access.Actor, in *One[ident.Batch]) (batchShape, error) {
		b, err := d.app.GetBatch(ctx, actor, in.ID.Key)
		return d.batchOf(b), err
	})
	handle(d, get("/batches/{id}/activities", "list-batch-activities", "List what became of the activities of a batch"), func(ctx context.Context, actor access.Actor, in *batchRowQuery) (page[batchRowShape], error) {
		p, err := d.app.BatchRows(ctx, actor, in.ID.Key, store.BatchRowStateOf(in.State), in.Cursor, in.Limit)
		return pageOf(p, batchRowOf), err
	})
	handle(d, with(post("/batches/{id}/undo", "undo-batch", "Take a batch back"),
		"What has not begun is taken back at once. Moves and hand-overs are put back for an hour after they are done, unless somebody has touched the activity since."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Batch]) (batchShape, error) {
			b, err := d.app.UndoBatch(ctx, actor, in.ID.Key)
			return d.batchOf(b), err
		})
}

func (d *door) startBatch(ctx context.Context, actor access.Actor, in *batchRequest) (startedBatch, error) {
	bulk := in.Body.bulk()
	var b store.Batch
	var rows []store.BatchRow
	var err error
	if in.DryRun {
		b, rows, err = d.app.CheckBatch(ctx, actor, bulk)
		b.State = store.BatchWaiting
	} else if b, err = d.app.StartBatch(ctx, actor, bulk); err == nil {
		rows, err = d.refusedInBatch(ctx, actor, b.ID)
	}
	if fault.Is(err, fault.NotFound) {
		// The address is right; it is the body that names an activity which is not there.
		err = fault.Field("activities", "unknown", "There is no such activity.")
	}
	if err != nil {
		return startedBatch{}, err
	}
	return startedOf(b, rows, d.app.DB().Now()), nil
}

// startedOf gives a batch with those of the rows that were refused.
func startedOf(b store.Batch, rows []store.BatchRow, now time.Time) startedBatch {
	out := startedBatch{Batch: batchOf(b, now), Refused: []batchRowShape{}}
	for _, r := range rows {
		if r.State == store.RowFailed {
			out.Refused = append(out.Refused, batchRowOf(r))
		}
	}
	return out
}

// refusedInBatch gives those of a batch that were refused at once.
func (d *door) refusedInBatch(ctx context.Context, actor access.Actor, id ident.Batch) (rows []store.BatchRow, err error) {
	for cursor := ""; ; {
		p, err := d.app.BatchRows(ctx, actor, id, store.RowFailed, cursor, store.MaxPageSize)
		rows = append(rows, p.Rows...)
		if err != nil || p.Next == "" {
			return rows, err
		}
		cursor = p.Next
	}
}
