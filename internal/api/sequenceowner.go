package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
)

type newOwner struct {
	To id[ident.User] `json:"to" doc:"The user who is to own it."`
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
	handle(d, with(post("/sequences/{id}/hand-over", "hand-over-sequence", "Give a sequence to another user"),
		"They are told of it, and may change it. Records and their activities stay with whoever has them."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Sequence, newOwner]) (sequenceShape, error) {
			return d.oneManaged(ctx, actor, in.ID.Key, func(ctx context.Context, actor access.Actor, ids []ident.Sequence) (int, error) {
				return d.app.HandOverSequences(ctx, actor, ids, in.Body.To.Key)
			})
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
