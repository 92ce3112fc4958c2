package api

import (
	"context"
	"maps"
	"slices"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// moveRule says where the records of one step of an older version go.
type moveRule struct {
	Version int    `json:"version" doc:"The number of the older version."`
	Step    string `json:"step,omitempty" doc:"The step on which they stand; left out for those that have not begun."`
	Do      string `json:"do" enum:"stay,to,finish"`
	To      string `json:"to,omitempty" doc:"With to: the step of the new version with which they go on; left out for its beginning."`
}

// moving is the body of a move, and part of an activation.
type moving struct {
	Moves  []moveRule `json:"moves" doc:"Records on steps that are not named stay where they are."`
	Reason string     `json:"reason,omitempty" maxLength:"500" doc:"Why, for the history of each record."`
}

func (m moving) input() action.MoveInput {
	in := action.MoveInput{Mapping: flow.Mapping{}, Reason: m.Reason}
	for _, r := range m.Moves {
		in.Mapping[flow.VersionStep{Number: r.Version, Step: r.Step}] = flow.Destination{Kind: flow.DestinationKind(r.Do), Step: r.To}
	}
	return in
}

func rulesOf(m flow.Mapping) []moveRule {
	rules := make([]moveRule, 0, len(m))
	for _, at := range slices.SortedFunc(maps.Keys(m), flow.VersionStep.Compare) {
		rules = append(rules, moveRule{Version: at.Number, Step: at.Step, Do: string(m[at].Kind), To: m[at].Step})
	}
	return rules
}

// standingShape says where the records on older versions stand.
type standingShape struct {
	Version int                `json:"version" doc:"The number of the version to which they would be moved."`
	Draft   bool               `json:"draft" doc:"Whether that is the draft, which the next activation makes this version."`
	Steps   []standingStep     `json:"steps" doc:"The steps of that version."`
	Rows    []standingRowShape `json:"rows"`
	Running *moveShape         `json:"running,omitempty" doc:"A move that is not over yet."`
}

type standingStep struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

type standingRowShape struct {
	Version   int      `json:"version"`
	Step      string   `json:"step,omitempty" doc:"Absent for records that have not begun."`
	Name      string   `json:"name"`
	Type      string   `json:"type,omitempty"`
	Count     int      `json:"count" doc:"How many records stand there, paused ones included."`
	Paused    int      `json:"paused"`
	WaitTime  int      `json:"wait_time" doc:"How many wait for time."`
	WaitMail  int      `json:"wait_mail" doc:"How many wait for a message to be sent."`
	WaitHuman int      `json:"wait_person" doc:"How many wait for a person."`
	Suggested moveRule `json:"suggested" doc:"What is suggested for them."`
	Same      bool     `json:"same" doc:"Whether that is the very same step, so that they keep their activity, mail or wait."`
}

func standingOf(s action.Standing) standingShape {
	shape := standingShape{Version: s.Number, Draft: s.Draft, Steps: []standingStep{}, Rows: []standingRowShape{}}
	for _, st := range s.Steps {
		shape.Steps = append(shape.Steps, standingStep(st))
	}
	for _, r := range s.Rows {
		suggested := moveRule{Version: r.Number, Step: r.Step, Do: string(flow.Stay)}
		if r.GoesOn {
			suggested.Do, suggested.To = string(flow.To), r.Onward
		}
		shape.Rows = append(shape.Rows, standingRowShape{
			Version: r.Number, Step: r.Step, Name: r.Name, Type: r.Type, Count: r.Count, Paused: r.Paused, WaitTime: r.Time, WaitMail: r.Mail, WaitHuman: r.Person,
			Suggested: suggested, Same: r.Same,
		})
	}
	if s.Running != nil {
		running := moveOf(*s.Running)
		shape.Running = &running
	}
	return shape
}

// moveShape is a move of records with how far it is.
type moveShape struct {
	ID         string     `json:"id,omitempty" doc:"Absent for a dry run."`
	Version    int        `json:"version" doc:"The number of the version to which records are moved."`
	State      string     `json:"state,omitempty" enum:"waiting,running,done,undoing,undone" doc:"Absent for a dry run."`
	Moves      []moveRule `json:"moves"`
	Reason     string     `json:"reason,omitempty"`
	User       *ref       `json:"user,omitempty" doc:"Who began it; absent for the command line."`
	Total      int        `json:"total" doc:"How many records there were on the versions of the moves; of a dry run, how many would be moved."`
	Looked     int        `json:"looked" doc:"How many of them were looked at."`
	Moved      int        `json:"moved"`
	Finished   int        `json:"finished"`
	Held       int        `json:"held" doc:"Those that had to be left, because their email is being sent."`
	Undone     int        `json:"undone" doc:"Those that were put back."`
	Kept       int        `json:"kept" doc:"Those that could not be put back."`
	CreatedAt  *time.Time `json:"created_at,omitempty"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	UndoUntil  *time.Time `json:"undo_until,omitempty" doc:"Until when it can be undone."`
}

func moveOf(r store.MoveRun) moveShape {
	return moveShape{
		ID: r.ID.String(), Version: r.Number, State: r.State.String(), Moves: rulesOf(r.Mapping), Reason: r.Reason, User: refTo(r.User, r.UserName),
		Total: r.Total, Looked: r.Looked, Moved: r.Moved, Finished: r.Finished, Held: r.Held, Undone: r.Undone, Kept: r.Kept,
		CreatedAt: moment(r.CreatedAt), FinishedAt: moment(r.FinishedAt), UndoUntil: moment(r.UndoUntil),
	}
}

// movePreviewShape is what a move would do with one record.
type movePreviewShape struct {
	Enrollment string     `json:"enrollment"`
	Record     *ref       `json:"record"`
	From       moveRule   `json:"rule" doc:"Where it stands, and what is done with it."`
	StepName   string     `json:"step_name"`
	ToName     string     `json:"to_name"`
	Same       bool       `json:"same"`
	Blocked    string     `json:"blocked,omitempty" doc:"Why it cannot be moved now."`
	Cancels    string     `json:"cancels,omitempty" doc:"What is called off."`
	Then       string     `json:"then,omitempty" doc:"What happens to it next."`
	At         *time.Time `json:"at,omitempty" doc:"When that happens, as far as it can be foreseen."`
}

func movePreviewOf(r action.MovePreviewRow) movePreviewShape {
	return movePreviewShape{
		Enrollment: r.ID.String(), Record: refTo(r.Record, r.RecordName), From: moveRule{Version: r.VersionNumber, Step: r.State.Step, Do: string(r.Kind), To: r.Step},
		StepName: r.StepName, ToName: r.ToName, Same: r.Same, Blocked: r.Blocked, Cancels: r.Cancels, Then: r.Then, At: moment(r.At),
	}
}

// startedMove is the answer to a move that was begun, or would be.
type startedMove struct {
	Move       moveShape          `json:"move"`
	Preview    []movePreviewShape `json:"preview,omitempty" doc:"Of a dry run: a page of the records, and what would happen to each."`
	NextCursor string             `json:"next_cursor,omitempty"`
}

type moveRequest struct {
	ID     id[ident.Sequence] `path:"id"`
	DryRun bool               `query:"dry_run" doc:"Move nothing, and say what would happen: to the draft where that has changes, else to the active version."`
	Cursor string             `query:"cursor" doc:"With dry_run: next_cursor of the page before."`
	Limit  int                `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Body   moving
}

type moveList struct {
	ID     id[ident.Sequence] `path:"id"`
	Cursor string             `query:"cursor"`
	Limit  int                `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type leftList struct {
	ID     id[ident.MoveRun] `path:"id"`
	Cursor string            `query:"cursor"`
	Limit  int               `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// leftShape is a record that a move left where it was, or that could not be put back.
type leftShape struct {
	Enrollment string `json:"enrollment"`
	Record     *ref   `json:"record,omitempty"`
	State      string `json:"state" enum:"held,kept"`
	Reason     string `json:"reason"`
}

func leftOf(r store.MovedRow) leftShape {
	return leftShape{Enrollment: r.Enrollment.String(), Record: refTo(r.Record, r.RecordName), State: r.State.String(), Reason: r.Reason}
}

func (d *door) moves() {
	handle(d, with(get("/sequences/{id}/standing", "sequence-standing", "Count where the records on older versions stand"),
		"Older than the draft where that has changes, else than the newest version."), func(ctx context.Context, actor access.Actor, in *One[ident.Sequence]) (standingShape, error) {
		s, err := d.app.StandOf(ctx, actor, in.ID.Key)
		return standingOf(s), err
	})
	handle(d, with(create("/sequences/{id}/moves", "move-records", "Move the records on older versions to the active one"),
		"It is done in the background; ask for the move to follow it. Each record goes by the step on which it stands when its turn comes."), d.move)
	handle(d, get("/sequences/{id}/moves", "list-moves", "List the moves of a sequence, newest first"), func(ctx context.Context, actor access.Actor, in *moveList) (page[moveShape], error) {
		list, err := d.app.ListMoves(ctx, actor, in.ID.Key, in.Cursor, in.Limit)
		return pageOf(list, moveOf), err
	})
	handle(d, get("/moves/{id}", "get-move", "Get a move, with how far it is"), func(ctx context.Context, actor access.Actor, in *One[ident.MoveRun]) (moveShape, error) {
		r, err := d.app.GetMove(ctx, actor, in.ID.Key)
		return moveOf(r), err
	})
	handle(d, get("/moves/{id}/left", "list-left-behind", "List the records that a move left, or could not put back"), func(ctx context.Context, actor access.Actor, in *leftList) (page[leftShape], error) {
		list, err := d.app.LeftBehind(ctx, actor, in.ID.Key, in.Cursor, in.Limit)
		return pageOf(list, leftOf), err
	})
	handle(d, with(post("/moves/{id}/undo", "undo-move", "Put back what a move did"),
		"Within one hour of its end, in the background. Records that have gone on since stay as they are."), func(ctx context.Context, actor access.Actor, in *One[ident.MoveRun]) (moveShape, error) {
		r, err := d.app.UndoMove(ctx, actor, in.ID.Key)
		return moveOf(r), err
	})
}

func (d *door) move(ctx context.Context, actor access.Actor, in *moveRequest) (startedMove, error) {
	if !in.DryRun {
		r, err := d.app.StartMove(ctx, actor, in.ID.Key, in.Body.input())
		return startedMove{Move: moveOf(r)}, err
	}
	p, err := d.app.PreviewMove(ctx, actor, in.ID.Key, in.Body.input(), in.Cursor, in.Limit)
	if err != nil {
		return startedMove{}, err
	}
	return startedPreview(p, in.Body.input()), nil
}

func startedPreview(p action.MovePreview, in action.MoveInput) startedMove {
	return startedMove{
		Move:    moveShape{Version: p.Number, Total: p.Total, Moves: rulesOf(in.Mapping), Reason: in.Reason},
		Preview: each(p.Rows, movePreviewOf), NextCursor: p.Next,
	}
}
