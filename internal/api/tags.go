package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// tagShape is a tag of sequences.
type tagShape struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Path      string `json:"path" doc:"The names from the top, joined by slashes."`
	Parent    string `json:"parent,omitempty" doc:"The tag above it; absent at the top."`
	Level     int    `json:"level" doc:"1 at the top, 4 at most."`
	Sequences int    `json:"sequences" doc:"How many bear it, without those of the tags below it."`
}

func tagOf(t store.Tag) tagShape {
	out := tagShape{ID: t.ID.String(), Name: t.Name, Path: t.Path, Level: t.Depth + 1, Sequences: t.Sequences}
	if t.Parent != 0 {
		out.Parent = t.Parent.String()
	}
	return out
}

// tagRef is a tag at a sequence.
type tagRef struct {
	ID   string `json:"id"`
	Path string `json:"path"`
}

func tagRefOf(t store.Tag) tagRef { return tagRef{t.ID.String(), t.Path} }

type newTag struct {
	Name   string         `json:"name" doc:"At most 60 characters, without a slash."`
	Parent *id[ident.Tag] `json:"parent,omitempty" doc:"The tag that it stands below; at the top without one."`
}

type tagName struct {
	Name string `json:"name"`
}

type tagging struct {
	Tags []id[ident.Tag] `json:"tags" maxItems:"100" doc:"All of them: others are taken off."`
}

func (d *door) tags() {
	handle(d, get("/tags", "list-tags", "List the tags of sequences, each before those below it"), func(ctx context.Context, actor access.Actor, _ *none) (page[tagShape], error) {
		tree, err := d.app.ListTags(ctx, actor)
		return list(tree, tagOf), err
	})
	handle(d, create("/tags", "create-tag", "Create a tag"), func(ctx context.Context, actor access.Actor, in *body[newTag]) (tagShape, error) {
		t, err := d.app.CreateTag(ctx, actor, optional(in.Body.Parent).Key, in.Body.Name)
		return tagOf(t), err
	})
	handle(d, patch("/tags/{id}", "rename-tag", "Rename a tag"), func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Tag, tagName]) (tagShape, error) {
		t, err := d.app.RenameTag(ctx, actor, in.ID.Key, in.Body.Name)
		return tagOf(t), err
	})
	handleSilent(d, with(remove("/tags/{id}", "delete-tag", "Delete a tag"), "The tags below it move up, and its sequences no longer bear it."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Tag]) error {
			return d.app.DeleteTag(ctx, actor, in.ID.Key)
		})
	handle(d, put("/sequences/{id}/tags", "tag-sequence", "Put tags on a sequence and take others off"), func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Sequence, tagging]) (sequenceShape, error) {
		var ids []ident.Tag
		for _, t := range in.Body.Tags {
			ids = append(ids, t.Key)
		}
		view, err := d.app.SetSequenceTags(ctx, actor, in.ID.Key, ids)
		return sequenceOf(view), err
	})
}
