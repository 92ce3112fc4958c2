package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
)

type newOwner struct {
	To   *id[ident.User] `json:"to,omitempty" doc:"The user who is to own it."`
	Team *id[ident.Team] `json:"team,omitempty" doc:"Or the team."`
}

type sharing struct {
	Sharing string          `json:"sharing" enum:"all,team,private"`
	Team    *id[ident.Team] `json:"team,omitempty" doc:"The team that is to see it, with the sharing team."`
}

// managed is an action on sequences whoever may manage them.
type managed func(ctx context.Context, actor access.Actor, ids []ident.Sequence) (int, error)

// oneManaged does it with one sequence and answers with that.
func (d *door) oneManaged(ctx context.Context, actor access.Actor, id ident.Sequence, do managed) (sequenceShape, error) {
	if _, err := do(ctx, actor, []ident.Sequence{id}); err != nil {
		return sequenceShape{}, err
	}
	view, err := d.app.GetSequence(ctx, actor, id)
	return sequenceOf(view), err
}

func (d *door) sequenceOwners() {
	handle(d, with(post("/sequences/{id}/hand-over", "hand-over-sequence", "Give a sequence to another user or to a team"),
		"They are told of it, and may change it. Records and their activities stay with whoever has them, and sharing stays as it is: the answer may be your last look at one that is not shared with you."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Sequence, newOwner]) (sequenceShape, error) {
			to := action.Owner{User: optional(in.Body.To).Key, Team: optional(in.Body.Team).Key}
			view, err := d.app.HandOverSequence(ctx, actor, in.ID.Key, to)
			return sequenceOf(view), err
		})
	handle(d, with(put("/sequences/{id}/sharing", "share-sequence", "Say who sees a sequence"),
		"Its owner, the members of a team that owns it, and admins see it in any case. For others there is no such sequence from then on, in lists and choices, by id (404) and in files. Records that are on it go on, and whoever works on them still sees its steps."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Sequence, sharing]) (sequenceShape, error) {
			view, err := d.app.ShareSequence(ctx, actor, in.ID.Key, action.SharingInput{Sharing: access.Sharing(in.Body.Sharing), Team: optional(in.Body.Team).Key})
			return sequenceOf(view), err
		})
	handle(d, with(post("/sequences/{id}/archive", "archive-sequence", "Take an inactive sequence out of lists and choices"),
		"What it holds and what was counted stays. One that is active, or that paused records are on, is refused (409)."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Sequence]) (sequenceShape, error) {
			return d.oneManaged(ctx, actor, in.ID.Key, d.app.ArchiveSequences)
		})
	handle(d, post("/sequences/{id}/bring-back", "bring-back-sequence", "Make an archived sequence an inactive one again"),
		func(ctx context.Context, actor access.Actor, in *One[ident.Sequence]) (sequenceShape, error) {
			return d.oneManaged(ctx, actor, in.ID.Key, d.app.BringBackSequences)
		})
}
