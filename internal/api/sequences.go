package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// SequenceRow is a sequence in a list.
type SequenceRow struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Record      string     `json:"record" enum:"lead,opportunity,contact,account" doc:"The kind of records that it is for."`
	Status      string     `json:"status" enum:"active,inactive,archived"`
	Owner       *ref       `json:"owner,omitempty" doc:"The user who owns it; absent where a team does, or nobody."`
	OwnerTeam   *ref       `json:"owner_team,omitempty" doc:"The team that owns it: each member may do what an owner may."`
	Sharing     string     `json:"sharing" enum:"all,team,private" doc:"Who sees it besides its owner and admins. For everybody else there is no such sequence."`
	SharedTeam  *ref       `json:"shared_team,omitempty" doc:"The team that sees it, with the sharing team."`
	Tags        []tagRef   `json:"tags"`
	Version     int        `json:"version" doc:"Counts the activations; 0 before the first one."`
	Changed     bool       `json:"changed" doc:"Whether the draft differs from the last version."`
	Connected   int        `json:"connected" doc:"How many records are on it now, paused ones included."`
	Paused      int        `json:"paused" doc:"How many of them are paused."`
	Finished    int        `json:"finished" doc:"How many have ended."`
	Completed   int        `json:"completed" doc:"How many of those ran to the end."`
	Rev         int64      `json:"rev" doc:"The draft's revision; send it with a change to notice those of others."`
	DraftBy     *ref       `json:"draft_by,omitempty"`
	DraftAt     *time.Time `json:"draft_at,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
}

func sequenceRowOf(s store.SequenceRow) SequenceRow {
	return SequenceRow{
		ID: s.ID.String(), Name: s.Name, Description: s.Description, Record: string(s.RecordKind), Status: string(s.Status),
		Owner: refTo(s.Owner, s.OwnerName), OwnerTeam: refTo(s.OwnerTeam, s.OwnerName),
		Sharing: string(s.Sharing), SharedTeam: refTo(s.SharedTeam, s.SharedName), Tags: each(s.Tags, tagRefOf), Version: s.VersionNumber, Changed: s.Changed, Connected: s.Connected, Paused: s.Paused,
		Finished: s.Finished, Completed: s.Completed, Rev: s.DraftRev, DraftBy: refTo(s.DraftBy, s.DraftByName), DraftAt: moment(s.DraftAt),
		CreatedAt: s.CreatedAt.UTC(), UpdatedAt: s.UpdatedAt.UTC(),
	}
}

// sequenceShape is a sequence with its draft.
type sequenceShape struct {
	SequenceRow
	Definition definitionOut `json:"definition" doc:"The draft."`
	Problems   []detail      `json:"problems" doc:"What keeps the draft from being activated; pointers lead into the definition."`
	Warnings   []detail      `json:"warnings" doc:"What does not keep it from being activated, but should be known: no_opt_out_link where its emails offer no way to opt out."`
	MayEdit    bool          `json:"may_edit" doc:"Whether the token's user may change it."`
}

func sequenceOf(v action.SequenceView) sequenceShape {
	return sequenceShape{
		SequenceRow: sequenceRowOf(v.SequenceRow), Definition: definitionOut{flow.Tree(v.Draft)},
		Problems: each(v.Problems, draftProblem), Warnings: each(v.Warnings, draftProblem), MayEdit: v.MayEdit,
	}
}

func draftProblem(p fault.Problem) detail {
	return detail{Pointer: p.Field, Step: p.Step, Code: p.Code, Message: p.Message, Hint: p.Hint}
}

type sequenceQuery struct {
	Search string         `query:"search" doc:"Words that its name must hold."`
	Status string         `query:"status" enum:"active,inactive,archived" doc:"All but the archived ones without it."`
	Record string         `query:"record" enum:"lead,opportunity,contact,account"`
	Owner  id[ident.User] `query:"owner"`
	Team   id[ident.Team] `query:"owner_team" doc:"Those that this team owns."`
	Tag    id[ident.Tag]  `query:"tag" doc:"Those with this tag or one below it."`
	Sort   string         `query:"sort" enum:"name,-name,status,-status,connected,-connected,updated,-updated" default:"name"`
}

type newSequence struct {
	Name        string `json:"name,omitempty" doc:"Required for an empty sequence; one from the library is called as it is there, with a number where that is taken."`
	Description string `json:"description,omitempty"`
	Record      string `json:"record,omitempty" enum:"lead,opportunity,contact,account" doc:"It never changes later. Left out: that of the library's sequence, or lead."`
	FromLibrary string `json:"from_library,omitempty" maxLength:"80" doc:"The key of the library's sequence to begin with. Its templates are made, too; those that are there with the same text are used."`
}

type sequenceDraft struct {
	Definition definition `json:"definition" doc:"The whole draft; it may have problems."`
	Rev        int64      `json:"rev,omitempty" doc:"The rev that was read; a newer draft is not overwritten."`
}

func (d *door) sequences() {
	handle(d, get("/sequences", "list-sequences", "List sequences"), d.listSequences)
	handle(d, with(create("/sequences", "create-sequence", "Create a sequence, empty or from the library"), "To make one with steps of your own, use PUT /sequences/apply."), d.createSequence)
	handle(d, get("/sequences/{id}", "get-sequence", "Get a sequence with its draft"), func(ctx context.Context, actor access.Actor, in *One[ident.Sequence]) (sequenceShape, error) {
		view, err := d.app.GetSequence(ctx, actor, in.ID.Key)
		return sequenceOf(view), err
	})
	handle(d, patch("/sequences/{id}", "save-draft", "Save the draft of a sequence"), d.saveDraft)
	handleSilent(d, with(remove("/sequences/{id}", "delete-sequence", "Delete a sequence"), "The records that are on it end with sequence_closed."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Sequence]) error {
			_, err := d.app.DeleteSequence(ctx, actor, in.ID.Key)
			return err
		})
	handle(d, get("/sequences/{id}/preview", "preview-sequence", "Say what the draft would do with a record, step by step and when; nothing is changed or sent"), d.foresee)
	d.versions()
}

func (d *door) listSequences(ctx context.Context, actor access.Actor, in *sequenceQuery) (page[SequenceRow], error) {
	q := store.SequenceQuery{
		Search: in.Search, Status: store.SequenceStatus(in.Status),
		RecordKind: record.Kind(in.Record), Owner: in.Owner.Key, Tag: in.Tag.Key, Sort: in.Sort,
	}
	if in.Team.Key != 0 {
		q.Teams = []ident.Team{in.Team.Key}
	}
	rows, err := d.app.ListSequences(ctx, actor, q)
	return list(rows, sequenceRowOf), err
}

func (d *door) createSequence(ctx context.Context, actor access.Actor, in *body[newSequence]) (sequenceShape, error) {
	s, err := d.app.CreateSequence(ctx, actor, in.Body.input())
	if err != nil {
		return sequenceShape{}, err
	}
	view, err := d.app.GetSequence(ctx, actor, s.ID)
	return sequenceOf(view), err
}

func (d *door) saveDraft(ctx context.Context, actor access.Actor, in *oneAnd[ident.Sequence, sequenceDraft]) (sequenceShape, error) {
	def, problems := flow.FromTree(in.Body.Definition)
	if err := fault.Of(problems...); err != nil {
		return sequenceShape{}, move(err, under("/definition"))
	}
	view, err := d.app.SaveDraft(ctx, actor, in.ID.Key, in.Body.Rev, def)
	return sequenceOf(view), move(err, under("/definition"))
}
